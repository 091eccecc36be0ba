"""Communes and countries: what a place written in the form must be (R7: residence is judged by the commune).

A postcode crosses the border of a département in a dozen places, so the département is the commune's, never
the postcode's where the commune is known. The lists come from outside (`services.registration.places`).
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Literal

FRANCE = "France"
Kind = Literal["C", "A", "D"]
_LONG = {"st": "saint", "ste": "sainte", "s": "sur"}


@dataclass(frozen=True, slots=True)
class Commune:
    """`kind`: C a commune, A an arrondissement of Paris, Lyon or Marseille, D a former commune, not lived in
    but born in."""

    code: str
    name: str
    department: str
    postcodes: tuple[str, ...] = ()
    kind: Kind = "C"


def plain(name: str) -> str:
    """A name as it is compared: no accents, case, hyphens or apostrophes; « st » is « saint »."""
    letters = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE")).casefold()
    words = re.findall(r"[a-z0-9]+", "".join(one for one in letters if not unicodedata.combining(one)))
    return " ".join(_LONG.get(word, word) for word in words)


def department_of(code: str) -> str:
    """The département in an INSEE code: two characters, three overseas."""
    return code[:3] if code.startswith(("97", "98")) else code[:2]


@dataclass(frozen=True)
class Places:
    """All communes and the countries' French names, searched in memory."""

    communes: tuple[Commune, ...]
    countries: tuple[str, ...]
    _by_code: dict[str, Commune] = field(init=False, repr=False, compare=False, default_factory=dict)
    _former: dict[tuple[str, str], Commune] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    _by_postcode: dict[str, list[Commune]] = field(
        init=False, repr=False, compare=False, default_factory=lambda: defaultdict(list)
    )
    _names: dict[bool, list[tuple[str, Commune]]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    _countries: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for commune in self.communes:
            if commune.kind != "D" or commune.code not in self._by_code:
                self._by_code[commune.code] = commune
            if commune.kind == "D":
                self._former[commune.code, plain(commune.name)] = commune
            for postcode in commune.postcodes:
                if commune.kind == "C":
                    self._by_postcode[postcode].append(commune)
        for whole in (True, False):
            named = [(plain(one.name), one) for one in self.communes if (one.kind == "C") is whole]
            self._names[whole] = sorted(named, key=lambda pair: (pair[0], pair[1].code))
        self._countries.update({plain(name): name for name in self.countries})

    def commune(self, code: str) -> Commune | None:
        return self._by_code.get(code)

    def birthplace(self, code: str, name: str) -> Commune | None:
        """The commune of this code; a former one that has it too where that is the one so named."""
        return self._former.get((code, plain(name))) or self.commune(code)

    def at(self, postcode: str, first: Iterable[str] = ()) -> tuple[Commune, ...]:
        """The communes of a postcode, those of the départements `first` before the others."""
        near = frozenset(first)
        found = self._by_postcode.get(postcode, ())
        return tuple(sorted(found, key=lambda one: (one.department not in near, plain(one.name))))

    def named(self, postcode: str, name: str) -> Commune | None:
        """The commune of this postcode and name, if there is just one."""
        found = [one for one in self.at(postcode) if plain(one.name) == plain(name)]
        return found[0] if len(found) == 1 else None

    def search(self, name: str, limit: int = 20) -> tuple[Commune, ...]:
        """Communes, arrondissements and former communes by the beginning of their name: the exact one first,
        communes before the others. Fewer than two letters find nothing."""
        wanted = plain(name)
        if len(wanted) < 2:
            return ()
        hits = [hit for whole in (True, False) for hit in self._beginning(wanted, whole, limit)]
        hits.sort(key=lambda hit: hit[0] != wanted)
        return tuple(_distinct(place for _, place in hits))[:limit]

    def _beginning(self, wanted: str, whole: bool, limit: int) -> list[tuple[str, Commune]]:
        names = self._names[whole]
        start = bisect_left(names, wanted, key=lambda pair: pair[0])
        return list(takewhile(lambda pair: pair[0].startswith(wanted), islice(names, start, start + limit)))

    def country(self, name: str) -> str | None:
        """The country's name as the list writes it."""
        return self._countries.get(plain(name))


def _distinct(found: Iterable[Commune]) -> Iterator[Commune]:
    seen = set()
    for place in found:
        if (place.code, plain(place.name)) not in seen:
            seen.add((place.code, plain(place.name)))
            yield place
