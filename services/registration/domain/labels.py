"""The form's fields and values in the words a candidate reads: ours as `Words`, what was typed as it is."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from services.registration.domain.places import department_of
from services.registration.domain.words import Words

Told = str | Words
"""`str`: what somebody typed, or a figure; it is not put into another language."""

FIELDS: Mapping[str, str] = {
    "modalities/form": "Forme de l’examen",
    "modalities/route": "Voie",
    "modalities/preparation/kind": "Préparation : type",
    "modalities/preparation/establishment": "Préparation : établissement",
    "modalities/preparation/ends_on": "Préparation : fin",
    "modalities/preparation/complete": "Préparation complète",
    "modalities/experience": "Période de travail",
    "modalities/handicap/declared": "Handicap",
    "modalities/handicap/existing": "Aménagement déjà accordé",
    "modalities/handicap/requested": "Aménagement demandé",
    "identification/birth_name": "Nom de naissance",
    "identification/usage_name": "Nom d’usage",
    "identification/forenames": "Prénoms",
    "identification/sex": "Sexe",
    "identification/birth_date": "Date de naissance",
    "identification/birth_country": "Pays de naissance",
    "identification/birth_commune": "Commune de naissance",
    "identification/birth_commune_code": "Code de la commune de naissance",
    "identification/nationality": "Nationalité",
    "identification/address/lines": "Adresse",
    "identification/address/country": "Pays",
    "identification/address/postcode": "Code postal",
    "identification/address/commune": "Commune",
    "identification/address/commune_code": "Code de la commune",
    "identification/phone": "Téléphone",
    "identification/email": "Adresse e-mail",
    "identification/parents/first": "Premier parent",
    "identification/parents/second": "Second parent",
    "identification/ine": "INE",
    "candidature/speciality": "Spécialité",
    "candidature/sport/fit": "Apte en EPS",
    "candidature/sport/tests": "Épreuves d’EPS",
    "candidature/options/language": "Épreuve facultative de langue",
    "candidature/options/mobility": "Évaluation facultative de la mobilité",
    "candidature/options/sport": "Épreuve facultative d’EPS",
    "candidature/acquis": "Acquis",
}
CHOICES: Mapping[str, str] = {
    "globale": "globale",
    "progressive": "progressive",
    "preparation": "préparation du diplôme",
    "experience": "expérience professionnelle",
    "lycee": "lycée",
    "apprentissage": "apprentissage (CFA)",
    "distance": "enseignement à distance",
    "formation_continue": "formation professionnelle continue",
    "francaise": "française",
    "union_europeenne": "d’un autre pays de l’Union européenne",
    "autre": "d’un autre pays",
    "danse": "danse",
    "tennis_de_table": "tennis de table",
    "demi_fond": "demi-fond",
    "F": "féminin",
    "M": "masculin",
}
SPECIALITY = "candidature/speciality"
COUNTRIES = ("identification/birth_country", "identification/address/country")
"""Fields whose values are names in French, whatever the language of the reader."""
_CHOSEN = frozenset(
    {
        "modalities/form",
        "modalities/route",
        "modalities/preparation/kind",
        "identification/sex",
        "identification/nationality",
        "candidature/sport/tests",
    }
)
"""Fields whose values are chosen; what is typed elsewhere is shown as it was typed."""
NOTHING = Words("rien")


def value(path: str, found: Any) -> Told:
    """A value as one reads it; `rien` for none."""
    match found:
        case None | "" | [] | ():
            return NOTHING
        case bool():
            return Words("oui" if found else "non")
        case list() | tuple():
            return _listed([value(path, one) for one in found])
        case str() if path in _CHOSEN:
            return Words(CHOICES[found]) if found in CHOICES else found
        case str() if path == "identification/phone":
            return phone(found)
        case str():
            return _day(found) or found
        case _:
            return str(found)


def _listed(parts: Sequence[Told]) -> Told:
    typed = [one for one in parts if isinstance(one, str)]
    if len(typed) == len(parts):
        return ", ".join(typed)
    names = [f"one{number}" for number in range(len(parts))]
    return Words(", ".join(f"%({name})s" for name in names), dict(zip(names, parts, strict=True)))


def commune(name: str, code: object) -> str:
    """« Saint-Denis (974) »: the département of the INSEE code tells communes of one name apart. Without a
    code, as it was written."""
    return f"{name} ({department_of(code)})" if isinstance(code, str) else name


def phone(digits: str) -> str:
    """« 06 39 98 12 34 »; a number with its country’s code, or one that is no number, stays as it is."""
    if not digits.isdecimal():
        return digits
    return " ".join(digits[place : place + 2] for place in range(0, len(digits), 2))


def period(found: Mapping[str, Any]) -> Words:
    """« Serveur, Les Pins, depuis le 01/02/2018 (emploi qualifié : oui, lié à la spécialité : oui) »."""
    start, end = (_day(found.get(name)) or found.get(name) for name in ("starts_on", "ends_on"))
    level, field = (
        "?" if found.get(name) is None else value("", bool(found[name]))
        for name in ("qualified_level", "related_field")
    )
    who = ", ".join(str(found[name]) for name in ("job", "employer") if found.get(name))
    told = {"who": who or "?", "start": str(start or "?"), "level": level, "field": field}
    if end is None:
        return Words(
            "%(who)s, depuis le %(start)s (emploi qualifié : %(level)s, lié à la spécialité : %(field)s)",
            told,
        )
    return Words(
        "%(who)s, du %(start)s au %(end)s (emploi qualifié : %(level)s, lié à la spécialité : %(field)s)",
        told | {"end": str(end)},
    )


def acquis(found: Mapping[str, Any]) -> Words:
    """« E5 : dispense (Baccalauréat général) »."""
    return Words("%(paper)s : %(kept)s", {"paper": str(found.get("paper") or "?"), "kept": kept(found)})


def kept(found: Mapping[str, Any]) -> Words:
    """« dispense (Baccalauréat général) »: an acquis where the paper is named beside it."""
    if found.get("kind") == "dispense":
        return Words("dispense (%(title)s)", {"title": str(found.get("title") or "?")})
    return Words(
        "bénéfice de note, %(mark)s sur 20 (%(year)s)",
        {"mark": _mark(found.get("mark")), "year": str(found.get("year") or "?")},
    )


def _mark(found: Any) -> str:
    try:
        return f"{Decimal(str(found)).normalize():f}".replace(".", ",")
    except ArithmeticError:
        return str(found) if found else "?"


def _day(found: Any) -> str | None:
    try:
        return (
            f"{date.fromisoformat(found):%d/%m/%Y}" if isinstance(found, str) and len(found) == 10 else None
        )
    except ValueError:
        return None
