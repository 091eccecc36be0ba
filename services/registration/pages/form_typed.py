"""What was sent of a page of the form, question by question as one reads it, for who has to send it again."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from services.registration.domain import labels
from services.registration.pages.form_fields import NO, YES, Box, YesNo
from services.registration.pages.form_places import CHOSEN_BIRTH, CHOSEN_HOME
from services.registration.pages.form_steps import STEPS
from services.registration.pages.room import french, said, told
from services.registration.settings import Settings

LABELS: Mapping[str, str] = {path.replace("/", "."): label for path, label in labels.FIELDS.items()} | {
    CHOSEN_HOME: "Commune",
    CHOSEN_BIRTH: "Commune de naissance",
    "employer": "Employeur",
    "job": "Emploi occupé",
    "starts_on": "Début",
    "ends_on": "Fin",
    "still": "J’y travaille encore",
    "qualified_level": "Était-ce un emploi d’ouvrier ou d’employé qualifié, ou plus ?",
    "related_field": "L’emploi a-t-il un rapport avec la spécialité du diplôme ?",
    "kind": "Acquis",
    "mark": "Note",
    "year": "Année",
    "title": "Diplôme ou titre",
}
KINDS: Mapping[str, str] = {"aucun": "aucun", "note": "bénéfice de note", "dispense": "dispense"}
_BOXES = ("-day", "-month", "-year")
_TICKED = frozenset(
    {one.path for step in STEPS for one in step.fields if isinstance(one, YesNo | Box)}
    | {"still", "qualified_level", "related_field"}
)


def typed(sent: Sequence[tuple[str, str]], settings: Settings) -> list[tuple[str, Markup]]:
    """The label of each question, in French, and its answer; what is empty or technical is left out."""
    found: dict[str, list[str]] = {}
    dates = set()
    for name, text in sent:
        path = _path(name)
        if path in LABELS:
            found.setdefault(path, []).append(text.strip())
        if name.endswith(_BOXES):
            dates.add(path)
    return [
        (LABELS[path], _date(parts) if path in dates else _listed(path, parts, settings))
        for path, parts in found.items()
        if any(parts)
    ]


def _path(name: str) -> str:
    """Of the question that a field belongs to: a date has three, an address several lines."""
    if name.endswith(_BOXES):
        return name.rpartition("-")[0]
    path, _, last = name.rpartition(".")
    return path if last.isdigit() else name


def _date(parts: Sequence[str]) -> Markup:
    return Markup("/").join(part or "?" for part in parts)


def _listed(path: str, parts: Sequence[str], settings: Settings) -> Markup:
    return Markup(", ").join(_shown(path, part, settings) for part in parts if part)


def _shown(path: str, text: str, settings: Settings) -> str:
    slashed = path.replace(".", "/")
    if path in (CHOSEN_HOME, CHOSEN_BIRTH):
        commune = settings.places.commune(text)
        return told("Aucune de celles-ci") if commune is None else labels.commune(commune.name, commune.code)
    if slashed == labels.SPECIALITY:
        speciality = settings.configuration.speciality(text)
        return french(speciality.title if speciality else text)
    if slashed in labels.COUNTRIES:
        return french(text)
    if path == "kind":
        return told(KINDS.get(text, text))
    if path in _TICKED and text in (YES, NO):
        return told(text)
    return said(labels.value(slashed, text))
