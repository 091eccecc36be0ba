"""What the form must satisfy besides its shape: by the configuration, by the dates, between two parts.

One complaint for a field: the first thing to correct there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.registration.domain.form import Acquis, Form, RetainedMark
from services.registration.domain.rules import AcquisRules, Configuration, Rules, Spared

SPARED: Mapping[Spared, str] = {
    "sport": "Vous gardez un acquis pour l’EPS : n’indiquez ni épreuve ni inaptitude.",
    "options/language": "Vous gardez un acquis pour l’épreuve facultative de langue : ne la demandez pas.",
    "options/mobility": "Vous gardez un acquis pour l’évaluation de la mobilité : ne la demandez pas.",
    "options/sport": "Vous gardez un acquis pour l’épreuve facultative d’EPS : ne la demandez pas.",
}
_YOUNGEST = 14
_NAMES = ("birth_name", "usage_name", "forenames", "parents/first", "parents/second")


@dataclass(frozen=True, slots=True)
class Complaint:
    """A JSON pointer into the form and what to do, in French; never the value."""

    pointer: str
    detail: str


def complaints(form: Form, configuration: Configuration, last_day: date) -> list[Complaint]:
    """All that is to be corrected; `last_day` is the window's last civil day."""
    return [
        *_identity(form, last_day),
        *_speciality(form, configuration),
        *unanswered(form.candidature.model_dump(), configuration.rules),
        *_asked_in_vain(form, configuration.rules),
        *_optional_sport(form),
        *acquis_complaints(form.candidature.acquis, configuration.rules, last_day),
    ]


def birth_complaints(born: date, last_day: date) -> Iterator[Complaint]:
    """Of the date of birth alone, for who asks before the rest is there."""
    if born.year > last_day.year - _YOUNGEST:
        yield Complaint(
            "/identification/birth_date", "Vérifiez l’année de naissance : elle est trop récente."
        )


def name_complaints(identification: Mapping[str, Any]) -> Iterator[Complaint]:
    """Of the names alone, as they were typed: a figure is a slip of a phone's keys, and would be printed."""
    for path in _NAMES:
        part, _, of_part = path.partition("/")
        name = identification.get(part)
        if of_part:
            name = name.get(of_part) if isinstance(name, Mapping) else None
        if isinstance(name, str) and any(sign.isdigit() for sign in name):
            yield Complaint(f"/identification/{path}", "Un nom s’écrit sans chiffre : vérifiez-le.")


def unanswered(candidature: Mapping[str, Any], rules: Rules) -> Iterator[Complaint]:
    """EPS, asked of who keeps no acquis for it; of the part as it was typed, whatever the rest lacks."""
    if candidature.get("sport") is None and "sport" not in spared(candidature, rules):
        yield Complaint("/candidature/sport", "Dites si vous pouvez passer l’épreuve d’EPS.")


def spared(candidature: object, rules: Rules) -> frozenset[Spared]:
    """What the acquis of the part leave unasked, as it was typed."""
    kept = candidature.get("acquis") if isinstance(candidature, Mapping) else None
    entries = kept if isinstance(kept, list | tuple) else ()
    return rules.spared(one.get("paper") for one in entries if isinstance(one, Mapping))


def _asked_in_vain(form: Form, rules: Rules) -> Iterator[Complaint]:
    """A paper is kept or sat, not both."""
    part = form.candidature
    answers: dict[Spared, object] = {
        "sport": part.sport,
        "options/language": part.options.language,
        "options/mobility": part.options.mobility,
        "options/sport": part.options.sport,
    }
    kept = rules.spared(one.paper for one in part.acquis)
    for place, answer in answers.items():
        if answer and place in kept:
            yield Complaint(f"/candidature/{place}", SPARED[place])


def acquis_complaints(kept: Sequence[Acquis], rules: Rules, last_day: date) -> Iterator[Complaint]:
    """R9, of the acquis alone."""
    known = {paper.id for paper in rules.papers}
    taken: set[str] = set()
    for index, acquis in enumerate(kept):
        at = f"/candidature/acquis/{index}"
        if acquis.paper not in known:
            yield Complaint(f"{at}/paper", "Cette épreuve n’est pas dans la liste.")
        elif acquis.paper in taken:
            yield Complaint(f"{at}/paper", "Une épreuve ne peut avoir qu’un seul acquis.")
        taken.add(acquis.paper)
        if isinstance(acquis, RetainedMark):
            yield from _mark(acquis, at, rules.acquis, last_day)


def _mark(kept: RetainedMark, at: str, rules: AcquisRules, last_day: date) -> Iterator[Complaint]:
    if kept.mark < rules.minimum_mark:
        yield Complaint(f"{at}/mark", f"Une note n’est conservée qu’à partir de {rules.minimum_mark} sur 20.")
    if kept.year > last_day.year:
        yield Complaint(f"{at}/year", "Vérifiez l’année : elle n’est pas encore venue.")
    elif kept.year < last_day.year - rules.years:
        yield Complaint(f"{at}/year", f"Une note n’est conservée que {rules.years} ans.")


def _identity(form: Form, last_day: date) -> Iterator[Complaint]:
    born = form.identification.birth_date
    yield from birth_complaints(born, last_day)
    yield from name_complaints(form.identification.model_dump())
    for index, period in enumerate(form.modalities.experience):
        if period.starts_on <= born:
            yield Complaint(
                f"/modalities/experience/{index}/starts_on", "Cette période commence avant votre naissance."
            )


def _speciality(form: Form, configuration: Configuration) -> Iterator[Complaint]:
    if configuration.speciality(form.candidature.speciality) is None:
        yield Complaint("/candidature/speciality", "Cette spécialité n’est pas dans la liste.")


def _optional_sport(form: Form) -> Iterator[Complaint]:
    if form.candidature.options.sport and form.candidature.unfit:
        yield Complaint(
            "/candidature/options/sport", "Inapte en EPS : l’épreuve facultative d’EPS n’est pas possible."
        )
