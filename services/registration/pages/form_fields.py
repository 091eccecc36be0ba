"""The fields of a step: how an answer stands in the content, and what a browser sends of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.chassis.site.form import Form
from services.registration.domain.checks import Complaint
from services.registration.pages.form_content import Content, get, put
from services.registration.pages.room import told

YES, NO = "oui", "non"
_VAGUE = frozenset(
    {
        "Ce champ est obligatoire.",
        "Ce champ ne peut pas être vide.",
        "Cette valeur n’est pas acceptée.",
        "Cette valeur n’est pas dans la liste.",
        "Écrivez la date sous la forme AAAA-MM-JJ.",
    }
)
"""What the form says for programs, where a field has a better sentence for people."""


@dataclass(frozen=True)
class Text:
    """`asked`: what to do when nothing is there; None: it may stay empty."""

    path: str
    asked: str | None = None

    def read(self, form: Form) -> object:
        return form.value(self.path).strip()

    def shown(self, value: Any) -> dict[str, Any]:
        return {} if value is None else {self.path: value}

    def unreadable(self, form: Form) -> str | None:
        """What is wrong with what was typed, if it cannot be told from the content."""
        return None

    def name(self, pointer: str) -> str:
        """Where on the page an error of `pointer` belongs."""
        return self.path


class Number(Text):
    """Whole, where it can be read as such."""

    def read(self, form: Form) -> object:
        typed = form.value(self.path).strip()
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else typed


class Mark(Text):
    """With a comma or a point."""

    def read(self, form: Form) -> object:
        return form.value(self.path).strip().replace(",", ".")

    def shown(self, value: Any) -> dict[str, Any]:
        return {} if value is None else {self.path: str(value).replace(".", ",")}


class Lines(Text):
    """An address: three fields for one list."""

    def read(self, form: Form) -> object:
        typed = (form.value(f"{self.path}.{number}").strip() for number in range(3))
        return [line for line in typed if line]

    def shown(self, value: Any) -> dict[str, Any]:
        lines = value if isinstance(value, list) else []
        return {f"{self.path}.{number}": line for number, line in enumerate(lines)}

    def name(self, pointer: str) -> str:
        last = pointer.rsplit("/", 1)[-1]
        return f"{self.path}.{last if last.isdigit() else 0}"


class YesNo(Text):
    """Two radios; not answered is not no."""

    def read(self, form: Form) -> object:
        return {YES: True, NO: False}.get(form.value(self.path))

    def shown(self, value: Any) -> dict[str, Any]:
        return {self.path: YES if value else NO} if isinstance(value, bool) else {}


class Box(Text):
    """One box; not ticked is no."""

    def read(self, form: Form) -> object:
        return form.value(self.path) == YES

    def shown(self, value: Any) -> dict[str, Any]:
        return {self.path: YES} if value is True else {}


class Several(Text):
    """Boxes of one question."""

    def read(self, form: Form) -> object:
        return form.values_of(self.path)

    def shown(self, value: Any) -> dict[str, Any]:
        return {self.path: value} if isinstance(value, list) else {}


class Day(Text):
    """Three fields. What is no date is kept as it was typed."""

    def read(self, form: Form) -> object:
        try:
            return form.day(self.path).isoformat()
        except ValueError:
            typed = [form.value(f"{self.path}-{part}").strip() for part in ("year", "month", "day")]
            return "-".join(part.replace("-", "") for part in typed) if any(typed) else None

    def shown(self, value: Any) -> dict[str, Any]:
        parts = str(value).split("-") if value else []
        if len(parts) != 3:
            return {}
        if _is_date(str(value)):
            parts = [part.lstrip("0") for part in parts]
        return {
            f"{self.path}-{name}": part for name, part in zip(("year", "month", "day"), parts, strict=True)
        }

    def unreadable(self, form: Form) -> str | None:
        value = self.read(form)
        if value is None or _is_date(str(value)):
            return None
        year, month, day = str(value).split("-")
        if not all(part.isascii() and part.isdigit() for part in (year, month, day)):
            return "Écrivez le jour, le mois et l’année en chiffres, par exemple 27 3 1999."
        if len(year) != 4:
            return "Écrivez l’année en quatre chiffres."
        return "Cette date n’existe pas : vérifiez le jour et le mois."


Field = Text


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


def answered(content: Content, fields: Sequence[Field], form: Form) -> None:
    """Write what was sent into the content."""
    for field in fields:
        put(content, field.path, field.read(form))


def showing(content: Content, fields: Sequence[Field]) -> Form:
    """The form as the content has it."""
    values: dict[str, Any] = {}
    for field in fields:
        values |= field.shown(get(content, field.path))
    return Form(values)


def refuse(form: Form, fields: Sequence[Field], found: Iterable[Complaint]) -> None:
    """Tell on the page what is to be corrected in these fields, in their order."""
    complaints = list(found)
    for field in fields:
        if (sentence := field.unreadable(form)) is not None:
            form.refuse(field.name(""), told(sentence))
        elif field.asked is not None and field.read(form) in (None, "", []):
            form.refuse(field.name(""), told(field.asked))
        for one in complaints:
            if about(one.pointer, field.path):
                vague = field.asked is not None and one.detail in _VAGUE
                form.refuse(
                    field.name(one.pointer), told(field.asked if vague and field.asked else one.detail)
                )


def about(pointer: str, path: str) -> bool:
    """Whether a complaint is about this field, or about something within it."""
    at = "/" + path.replace(".", "/")
    return pointer == at or pointer.startswith(f"{at}/")
