"""What candidates do: plans of lives, drawn by Hypothesis from a seed, the same for the same seed.

A plan says what somebody means to do; what comes of it is the product's matter and the faults'. Most lives
are cheap; nearly half want a complete file.
"""

import random
from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.faults.ledger.plans import Kind, Life
from tests.faults.ledger.stories import life

_WEIGHTS = {
    Kind.COMPLETE: 4,
    Kind.EDITS: 3,
    Kind.LATE_EDIT: 2,
    Kind.OUTDATED: 2,
    Kind.TWO_FILES: 1,
    Kind.REMOVES: 2,
    Kind.MISSING: 2,
    Kind.RACE: 4,
    Kind.CUT: 3,
    Kind.BAD_PAPERS: 2,
    Kind.INELIGIBLE: 2,
    Kind.WITHDRAWS: 2,
    Kind.RETURNS: 2,
    Kind.SILENT: 2,
    Kind.UNACTIVATED: 2,
    Kind.AT_THE_LIMIT: 2,
    Kind.RESETS: 2,
    Kind.ERASES: 2,
    Kind.LAST_SAVE: 2,
}
_WHERE_ASKED_FOR = frozenset({Kind.LAST_SAVE})
"""Not dealt among all kinds: what the seeds of the other rows draw stays the same."""
_HAND = 10
"""So many are drawn at once: one example of Hypothesis has its length."""


def lives(number: int, of_seed: int, behaviours: Sequence[str] | None = None) -> list[Life]:
    """`number` lives; the same for the same arguments. Kinds are dealt by their weights."""
    among_all = [kind for kind in Kind if kind not in _WHERE_ASKED_FOR]
    kinds = among_all if behaviours is None else [Kind(one) for one in behaviours]
    deck = [kind for kind in kinds for _ in range(_WEIGHTS[kind])]
    dealer = random.Random(of_seed)
    dealt: list[Kind] = []
    while len(dealt) < number:
        dealer.shuffle(deck)
        dealt += deck
    hands = [dealt[place : place + _HAND] for place in range(0, number, _HAND)]
    found = [life for place, hand in enumerate(hands) for life in _drawn(hand, of_seed * 10_000 + place)]
    return found[:number]


def _drawn(hand: Sequence[Kind], of_seed: int) -> tuple[Life, ...]:
    """One life of each kind. Hypothesis begins with the simplest example, so the one after it is taken."""
    found: list[tuple[Life, ...]] = []

    @seed(of_seed)
    @settings(
        max_examples=2,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.tuples(*(life(kind) for kind in hand)))
    def collect(some: tuple[Life, ...]) -> None:
        found.append(some)

    collect()
    return found[-1]
