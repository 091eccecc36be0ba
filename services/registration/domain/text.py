"""What the parts of a form are made of. Errors are French and are shown as they are.

Text is kept in NFC with single spaces and is limited to Latin letters, figures and usual signs: what the
registration confirmation can print, and what an état civil is written in.
"""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


class Part(BaseModel):
    """A part of the form: nothing but what is named is accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_SIGNS = frozenset("’–—…«»°€\u00a0\u202f")
_PHONE = re.compile(r"0[1-9][0-9]{8}|\+[0-9]{8,15}")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
_EARLIEST_YEAR = 1900


def _clean(value: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", value).split())
    if not text:
        raise ValueError("Ce champ ne peut pas être vide.")
    if not all(_printable(character) for character in text):
        raise ValueError("Écrivez en lettres latines, chiffres et signes usuels.")
    return text


def _printable(character: str) -> bool:
    if character in _SIGNS or (character.isascii() and character.isprintable()):
        return True
    code = ord(character)
    latin = 0xC0 <= code <= 0x24F or 0x1E00 <= code <= 0x1EFF
    return latin and character.isalpha()


def _phone(value: str) -> str:
    digits = re.sub(r"[\s.\-()]", "", value)
    if not _PHONE.fullmatch(digits):
        raise ValueError("Écrivez un numéro à 10 chiffres, ou avec l’indicatif du pays (+33…).")
    return digits


def _email(value: str) -> str:
    found = value.strip()
    if not _EMAIL.fullmatch(found):
        raise ValueError("Écrivez une adresse e-mail complète, par exemple nom@exemple.fr.")
    return found


def _ine(value: str) -> str:
    found = re.sub(r"\s", "", value).upper()
    if not re.fullmatch(r"[0-9A-Z]{11}", found):
        raise ValueError("L’INE compte 11 caractères, chiffres et lettres.")
    if not (re.search(r"[0-9]{3}", found) and re.search(r"[A-Z]", found)):
        raise ValueError("Un INE compte des chiffres et au moins une lettre : recopiez-le de votre relevé.")
    return found


def _commune_code(value: str) -> str:
    found = value.strip().upper()
    if not re.fullmatch(r"[0-9][0-9AB][0-9]{3}", found):
        raise ValueError("Le code INSEE d’une commune compte 5 caractères.")
    return found


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("Écrivez la date sous la forme AAAA-MM-JJ.")
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise ValueError("Cette date n’existe pas.") from None
    if found.year < _EARLIEST_YEAR:
        raise ValueError("Cette date est trop ancienne.")
    return found


Words = Annotated[str, StringConstraints(max_length=80), AfterValidator(_clean)]
"""A name or a short text."""
Line = Annotated[str, StringConstraints(max_length=160), AfterValidator(_clean)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[\w-]+$")]
"""An id of the configuration."""
Phone = Annotated[str, StringConstraints(max_length=30), AfterValidator(_phone)]
Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_email)]
"""As the confirmation prints it; nothing is sent to it."""
Ine = Annotated[str, StringConstraints(max_length=20), AfterValidator(_ine)]
"""The shape alone: the several generations of INE have different keys."""
CommuneCode = Annotated[str, StringConstraints(max_length=10), AfterValidator(_commune_code)]
"""An INSEE code (code officiel géographique)."""
Day = Annotated[date, BeforeValidator(_day)]
"""A civil date."""
Year = Annotated[int, Field(strict=True, ge=1950, le=2100)]
