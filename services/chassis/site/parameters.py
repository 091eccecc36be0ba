"""What the component macros cannot write themselves: the nested parameters of govuk-frontend's macros."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from services.chassis.site import language
from services.chassis.site.form import Form

_TAGS = {
    "neutral": "govuk-tag--grey",
    "todo": "govuk-tag--blue",
    "progress": "govuk-tag--teal",
    "success": "govuk-tag--green",
    "error": "govuk-tag--red",
    "warning": "govuk-tag--yellow",
}


def error_of(form: Form, name: str) -> dict[str, str] | None:
    sentence = form.error(name)
    before = "Erreur\u00a0" if language.current.get() == "fr" else "Error"
    return {"text": sentence, "visuallyHiddenText": before} if sentence else None


def attributes_of(
    form: Form, name: str, attributes: Mapping[str, Any], maxlength: int | None
) -> dict[str, Any]:
    """A field's own attributes, and that it is wrong, for screen readers."""
    found = dict(attributes)
    if maxlength is not None:
        found["maxlength"] = str(maxlength)
    if form.error(name):
        found["aria-invalid"] = "true"
    return found


def choices(items: Iterable[tuple[Any, ...]], chosen: Collection[str]) -> list[dict[str, Any]]:
    return [
        {
            "value": value,
            "text": text,
            "checked": str(value) in chosen,
            "hint": {"text": hint[0]} if hint and hint[0] else None,
        }
        for value, text, *hint in items
    ]


def legend_of(text: str, heading: bool, size: str = "s") -> dict[str, Any]:
    """`heading`: the legend is the page's h1."""
    return {
        "text": text,
        "isPageHeading": heading,
        "classes": f"govuk-fieldset__legend--{'l' if heading else size}",
    }


def tag_class(kind: str) -> str:
    return _TAGS[kind]


HELPERS: dict[str, Callable[..., Any]] = {
    "error_of": error_of,
    "attributes_of": attributes_of,
    "choices": choices,
    "legend_of": legend_of,
    "tag_class": tag_class,
}
