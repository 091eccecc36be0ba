"""A draft: what was typed and is not saved. It is kept as it was typed, whole or not, right or wrong.

It must only be storable, and no larger than a form can be: what is missing or wrong in it is told beside it.
"""

import math
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from services.contracts.stages import Stage
from services.registration.domain.candidature import Candidature
from services.registration.domain.checks import Complaint
from services.registration.domain.errors import DraftMismatch, NotAllowed, TooSlow, WindowShut
from services.registration.domain.saving import EDITABLE

TABS = ("modalities", "identification", "candidature")
_KEY = re.compile(r"[a-z_]{1,40}")
_LONGEST_TEXT = 500
_LONGEST_LIST = 30
_DEEPEST = 5
_LARGEST_NUMBER = 1_000_000_000
_AFTER_THE_WINDOW = frozenset({Stage.NOT_REGISTERED, Stage.AWAITING_DOCUMENTS})
"""What the window's end makes of a candidature: it was decided while a request in time was under way."""


def may_keep(row: Candidature, *, arrived_at: datetime, opens_at: datetime) -> None:
    """Whether a draft may be written now: only where a save would be taken, else it would promise what cannot
    be. One that is there stays readable whatever happens.

    Raises:
        WindowShut, TooSlow, NotAllowed.
    """
    if not opens_at <= arrived_at < row.closes_at:
        raise WindowShut(opens_at, row.closes_at, arrived_at)
    if row.stage in _AFTER_THE_WINDOW:
        raise TooSlow
    if row.stage not in EDITABLE:
        raise NotAllowed("save", row.stage)


def seen(expected: int, present: int) -> None:
    """`expected` is the revision that was read before writing, 0 for none.

    Raises:
        DraftMismatch.
    """
    if expected != present:
        raise DraftMismatch(present)


def unstorable(content: dict[str, Any]) -> list[Complaint]:
    """What cannot be kept, each with its place."""
    found = list(_keys(content))
    for tab, members in content.items():
        if not isinstance(members, dict):
            found.append(Complaint(f"/{tab}", "Cette valeur n’est pas acceptée."))
    return found or list(_values(content, "", 0))


def _keys(content: dict[str, Any]) -> Iterator[Complaint]:
    for key in content:
        if key not in TABS:
            yield Complaint(
                "/", "Un brouillon a les parties « modalities », « identification », « candidature »."
            )


def _values(value: object, at: str, depth: int) -> Iterator[Complaint]:
    if isinstance(value, dict) and depth <= _DEEPEST:
        for key, inner in value.items():
            if not _KEY.fullmatch(key):
                yield Complaint(at or "/", "Un nom de champ n’est pas accepté.")
            else:
                yield from _values(inner, f"{at}/{key}", depth + 1)
    elif isinstance(value, list) and depth <= _DEEPEST and len(value) <= _LONGEST_LIST:
        for index, inner in enumerate(value):
            yield from _values(inner, f"{at}/{index}", depth + 1)
    elif not _scalar(value):
        yield Complaint(at, "Cette valeur ne peut pas être gardée.")


def _scalar(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT and not any(_unprintable(one) for one in value)
    if isinstance(value, float):
        return math.isfinite(value) and abs(value) <= _LARGEST_NUMBER
    if isinstance(value, int):
        return abs(value) <= _LARGEST_NUMBER
    return value is None


def _unprintable(character: str) -> bool:
    """What PostgreSQL's jsonb or UTF-8 does not hold: NUL and lone surrogates."""
    return character == "\0" or "\ud800" <= character <= "\udfff"
