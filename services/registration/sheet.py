"""The contents of the registration confirmation: every field of a version, in the words of the paper."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.chassis.times import paris_date, paris_limit, paris_minute
from services.contracts.events import Calendar
from services.contracts.stages import Stage
from services.registration.domain import labels
from services.registration.domain.form import Acquis, Form, Identification, RetainedMark, Sport
from services.registration.domain.modalities import Modalities, Period
from services.registration.domain.rules import Configuration, Rules
from services.registration.domain.window import last_day
from services.registration.queries import Version

Field = tuple[str, str]
_ENDED = {
    Stage.WITHDRAWN: "CANDIDATURE RETIRÉE : ne signez pas ce document.",
    Stage.CANCELLED: "CANDIDATURE ANNULÉE : ne signez ce document que si « Mes documents » vous y invite.",
}
"""In place of the order to sign. Some of the cancelled may be reinstated by a complete file."""
_INSTANT = timedelta(microseconds=1)
_NONE = "néant"
_FORMS = {"globale": "globale (toutes les épreuves)", "progressive": "progressive (sur plusieurs sessions)"}
_KINDS = {
    "lycee": "lycée",
    "apprentissage": "apprentissage (CFA)",
    "distance": "enseignement à distance",
    "formation_continue": "formation professionnelle continue",
}
_NATIONALITIES = {
    "francaise": "française",
    "union_europeenne": "d’un autre pays de l’Union européenne",
    "autre": "d’un autre pays",
}
_TESTS = {"danse": "danse", "tennis_de_table": "tennis de table", "demi_fond": "demi-fond"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one confirmation is drawn from.

    latest: the number of the version in force.
    closes_at, deadline_at: the candidature's own, later than the session's where an officer said so.
    """

    version: Version
    latest: int
    stage: Stage
    calendar: Calendar
    closes_at: datetime
    deadline_at: datetime
    configuration: Configuration

    def data(self) -> dict[str, Any]:
        """Everything the template shows, as strings."""
        form, rules, office = self.version.form, self.configuration.rules, self.configuration.office
        closes = last_day(self.calendar.closes_at)
        return {
            "session": self.calendar.label,
            "number": self.version.version,
            "made": paris_minute(self.version.saved_at),
            "stale": None if self.version.version == self.latest else str(self.latest),
            "ended": _ENDED.get(self.stage),
            "code": self.version.code,
            "deadline": paris_limit(self.deadline_at),
            "red_pen": "Rectifications au stylo rouge uniquement, aucune après le "
            f"{_without_weekday(paris_date(self.closes_at - _INSTANT))}.",
            "sections": [
                {"title": "Identification", "fields": _identification(form.identification)},
                {"title": "Modalités", "fields": _modalities(form.modalities, closes)},
                {"title": "Candidature", "fields": self._candidature(form, rules)},
            ],
            "conditions": list(self.version.reasons),
            "pieces": [{"title": piece.title, "reason": piece.reason} for piece in self.version.checklist],
            "office": {
                "name": office.name,
                "line": f"{office.division}, {office.academy}",
                "address": ", ".join(office.address),
                "contact": f"{office.email}, {office.phone}",
            },
        }

    def _candidature(self, form: Form, rules: Rules) -> list[Field]:
        wanted = form.candidature
        speciality = self.configuration.speciality(wanted.speciality)
        options = [
            f"langue : {wanted.options.language}" if wanted.options.language else "",
            "évaluation de la mobilité" if wanted.options.mobility else "",
            "EPS" if wanted.options.sport else "",
        ]
        return [
            ("Spécialité", speciality.title if speciality else wanted.speciality),
            *([] if wanted.sport is None else [("EPS", _sport(wanted.sport))]),
            ("Épreuves facultatives", ", ".join(filter(None, options)) or _NONE),
            *(_acquis(one, rules) for one in wanted.acquis),
            *([] if wanted.acquis else [("Acquis", "aucun bénéfice de note, aucune dispense")]),
        ]


def _identification(who: Identification) -> list[Field]:
    return [
        ("Nom de naissance", who.birth_name),
        ("Nom d’usage", who.usage_name or _NONE),
        ("Prénoms", who.forenames),
        ("Sexe", "féminin" if who.sex == "F" else "masculin"),
        ("Naissance", f"{_day(who.birth_date)}, {_birthplace(who)}"),
        ("Nationalité", _NATIONALITIES[who.nationality]),
        ("Adresse", _address(who)),
        ("Téléphone", labels.phone(who.phone)),
        ("Adresse e-mail", who.email),
        ("INE", who.ine or "non indiqué"),
        *_parents(who),
    ]


def _birthplace(who: Identification) -> str:
    return f"{labels.commune(who.birth_commune, who.birth_commune_code)}, {who.birth_country}"


def _parents(who: Identification) -> list[Field]:
    if who.parents is None:
        return []
    names = [who.parents.first, who.parents.second]
    return [("Parents", " et ".join(filter(None, names)))]


def _address(who: Identification) -> str:
    address = who.address
    town = " ".join(filter(None, (address.postcode, address.commune)))
    return ", ".join([*address.lines, town, address.country])


def _modalities(chosen: Modalities, closes: date) -> list[Field]:
    return [
        ("Forme de l’examen", _FORMS[chosen.form]),
        *_route(chosen, closes),
        ("Handicap", _handicap(chosen)),
    ]


def _route(chosen: Modalities, closes: date) -> list[Field]:
    followed = chosen.preparation
    if followed is not None:
        complete = "complète" if followed.complete else "incomplète"
        until = f"jusqu’au {_day(followed.ends_on)}"
        return [
            ("Voie", "préparation du diplôme"),
            ("Préparation", f"{_KINDS[followed.kind]}, {followed.establishment}, {until}, {complete}"),
        ]
    return [
        ("Voie", f"expérience professionnelle (comptée jusqu’au {_day(closes)})"),
        *((f"Période {number}", _period(one)) for number, one in enumerate(chosen.experience, start=1)),
    ]


def _period(one: Period) -> str:
    level = "ouvrier qualifié au moins" if one.qualified_level else "niveau inférieur"
    field = "domaine de la spécialité" if one.related_field else "autre domaine"
    if one.ends_on is None:
        when = f"depuis le {_day(one.starts_on)}"
    else:
        when = f"du {_day(one.starts_on)} au {_day(one.ends_on)}"
    return f"{one.job}, {one.employer}, {when} ({level}, {field})"


def _handicap(chosen: Modalities) -> str:
    if not chosen.handicap.declared:
        return "NON"
    details = [
        "aménagement déjà accordé" if chosen.handicap.existing else "",
        "aménagement demandé" if chosen.handicap.requested else "",
    ]
    return f"OUI : {', '.join(filter(None, details))}"


def _sport(sport: Sport) -> str:
    if not sport.fit:
        return "inapte, certificat médical à joindre"
    return " et ".join(_TESTS[test] for test in sport.tests)


def _acquis(one: Acquis, rules: Rules) -> Field:
    paper = rules.paper(one.paper)
    title = paper.title if paper else one.paper
    if isinstance(one, RetainedMark):
        kept = f"bénéfice de note, {_mark(one)} sur 20 obtenus en {one.year}"
    else:
        kept = f"dispense ({one.title})"
    return (f"Acquis {one.paper}", f"{title} : {kept}")


def _mark(one: RetainedMark) -> str:
    return f"{one.mark.normalize():f}".replace(".", ",")


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _without_weekday(words: str) -> str:
    return words.split(" ", 1)[1]
