"""Reads the lists of places: communes, as `deploy.communes` made them from etalab's découpage administratif,
and the French names of countries (CLDR, through babel)."""

import gzip
from functools import cache
from pathlib import Path
from typing import cast

from babel import Locale

from services.registration.domain.places import FRANCE, Commune, Kind, Places, plain

_NO_COUNTRIES = frozenset({"AQ", "BV", "EU", "EZ", "HM", "QO", "UM", "UN", "XA", "XB", "ZZ"})
"""Nobody's, or no country: not offered."""
_PARTS_OF_OTHERS = frozenset({"AC", "CP", "DG", "EA", "IC", "TA"})
_FRENCH = frozenset({"BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"})
"""France: their communes are in the list of communes."""


class CommunesMissing(Exception):
    """The list of communes is not built."""


@cache
def places(communes_file: Path) -> Places:
    """Both lists.

    Raises:
        CommunesMissing: with what to do, in French.
    """
    try:
        with gzip.open(communes_file, "rt", encoding="utf-8") as stream:
            communes = tuple(_commune(line) for line in stream if not line.startswith("#"))
    except FileNotFoundError:
        raise CommunesMissing(
            f"La liste des communes ({communes_file}) n’est pas construite : lancez « candidat-libre site »."
        ) from None
    return Places(communes, countries())


@cache
def countries() -> tuple[str, ...]:
    """France first, then the others in French order."""
    known = Locale("fr").territories
    left_out = _NO_COUNTRIES | _PARTS_OF_OTHERS | _FRENCH | {"FR"}
    codes = [code for code in map(str, known) if len(code) == 2 and code not in left_out]
    return (FRANCE, *sorted((str(known[code]) for code in codes), key=plain))


def _commune(line: str) -> Commune:
    code, kind, department, postcodes, name = line.rstrip("\n").split("\t")
    return Commune(code, name.replace("'", "’"), department, tuple(postcodes.split()), cast(Kind, kind))
