"""What changed between two saved versions, or between a version and a draft, field by field in French.

Both sides are the form's JSON (`model_dump`), or a draft's content, which may be partial and wrong.
A period of work or an acquis is told whole: added, taken off, or changed where its place is the same.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from types import MappingProxyType
from typing import Any

from services.registration.domain import labels
from services.registration.domain.labels import Told
from services.registration.domain.words import Words

_WHOLE: Mapping[str, Callable[[Mapping[str, Any]], Words]] = {
    "modalities/experience": labels.period,
    "candidature/acquis": labels.acquis,
}
_BIRTH = "identification/birth_commune"
_BIRTH_CODE = "identification/birth_commune_code"
_QUIET = frozenset({_BIRTH_CODE, "identification/address/commune_code"})
"""Told with another field: the birthplace’s code as its département, that of the home by its postcode."""


@dataclass(frozen=True, slots=True)
class Change:
    """`pointer`: the field in the form; `before` and `after` as one reads them, `rien` for none."""

    pointer: str
    label: str
    before: Told
    after: Told


def changes(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    names: Mapping[str, Callable[[str], str]] = MappingProxyType({}),
) -> tuple[Change, ...]:
    """Every field that differs, in the form's order. `names`: by the path of a field, how the official name
    that it holds is set: a speciality's title for its id, a country's as French."""
    found: list[Change] = []
    for path, label in labels.FIELDS.items():
        old, new = _at(before, path), _at(after, path)
        if path in _WHOLE:
            found += _listed(path, label, old, new)
        elif path not in _QUIET:
            was, now = _told(path, before), _told(path, after)
            named = names.get(path, str)
            was, now = (named(one) if isinstance(one, str) else one for one in (was, now))
            if was != now and not _both_off(old, new):
                found.append(Change(f"/{path}", label, was, now))
    return tuple(found)


def _listed(path: str, label: str, old: Any, new: Any) -> Iterator[Change]:
    """Entries that both sides have are left out; the others are paired in their order."""
    before, after = _texts(path, old), _texts(path, new)
    gone = [text for text in before if text not in after]
    come = [(index, text) for index, text in enumerate(after) if text not in before]
    for was, now in zip_longest(gone, come):
        pointer = f"/{path}" if now is None else f"/{path}/{now[0]}"
        yield Change(pointer, label, was or labels.NOTHING, labels.NOTHING if now is None else now[1])


def _told(path: str, form: Mapping[str, Any]) -> Told:
    found = _at(form, path)
    if path == _BIRTH and isinstance(found, str) and found:
        return labels.commune(found, _at(form, _BIRTH_CODE))
    return labels.value(path, found)


def _texts(path: str, entries: Any) -> list[Words]:
    if not isinstance(entries, (list, tuple)):
        return []
    return [_WHOLE[path](one) for one in entries if isinstance(one, Mapping)]


def _at(form: Mapping[str, Any], path: str) -> Any:
    place: Any = form
    for part in path.split("/"):
        if not isinstance(place, Mapping):
            return None
        place = place.get(part)
    return place


def _both_off(old: Any, new: Any) -> bool:
    """An unticked box and a box that is not there are the same."""
    return not old and not new and (old is False or new is False)
