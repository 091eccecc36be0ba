"""What a password must be (CNIL 2022-100, ASVS 5.0 §6.2): long, not well known, nothing else.

Twelve characters are over the 50 bits that the CNIL asks where tries are limited, as they are here
(`services.accounts.throttle`), without any rule on their kinds.
"""

import unicodedata

from services.accounts.domain.common_passwords import COMMON
from services.accounts.domain.errors import WeakPassword

SHORTEST = 12
LONGEST = 128
_FEWEST_DIFFERENT = 5
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
    "0123456789",
)


def normalised(password: str) -> str:
    """The same password typed on another keyboard: composed accents (NFC). Nothing else is changed."""
    return unicodedata.normalize("NFC", password)


def check(password: str, address: str) -> None:
    """Refuse a password that is easy to guess.

    Raises:
        WeakPassword: with the reason for the reader.
    """
    if len(password) < SHORTEST:
        raise WeakPassword(
            f"Choisissez un mot de passe d’au moins {SHORTEST} caractères. Le plus simple : "
            "une phrase de plusieurs mots."
        )
    if len(password) > LONGEST:
        raise WeakPassword(f"Le mot de passe ne peut pas dépasser {LONGEST} caractères.")
    plain = password.casefold()
    local = address.casefold().partition("@")[0]
    if plain in (address.casefold(), local) or (len(local) >= 6 and local in plain):
        raise WeakPassword("Le mot de passe ne doit pas contenir votre adresse e-mail.")
    if plain in COMMON or _is_monotonous(plain):
        raise WeakPassword(
            "Ce mot de passe est trop courant ou trop simple à deviner. Choisissez-en un autre."
        )


def _is_monotonous(plain: str) -> bool:
    if len(set(plain)) < _FEWEST_DIFFERENT:
        return True
    return any(plain in ring or plain[::-1] in ring for ring in (row * 14 for row in _ROWS))
