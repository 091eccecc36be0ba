"""Plans of lives: the same for the same seed, and enough of them to the end."""

from datetime import timedelta

import pytest

from tests.faults.ledger.lives import lives
from tests.faults.ledger.plans import Kind, Life
from tests.unit.faults.making import SESSION


def _wants_a_complete_file(life: Life) -> bool:
    return any(step.do == "rest" and step.piece == 0 for step in life.steps) or life.kind is Kind.RACE


@pytest.mark.parametrize("seed", [1, 7, 2026])
def test_a_seed_always_gives_the_same_lives(seed: int) -> None:
    assert lives(40, seed) == lives(40, seed)


def test_another_seed_gives_other_lives() -> None:
    assert lives(40, 1) != lives(40, 2)


@pytest.mark.parametrize("seed", range(10))
def test_at_least_a_third_want_a_complete_file(seed: int) -> None:
    assert sum(map(_wants_a_complete_file, lives(40, seed))) >= 14


def test_a_round_of_forty_has_every_kind() -> None:
    assert {life.kind for life in lives(40, 3)} == set(Kind) - {Kind.LAST_SAVE}


def test_a_round_may_ask_for_some_kinds_alone() -> None:
    found = lives(30, 3, ["race", "cut"])
    assert {life.kind for life in found} == {Kind.RACE, Kind.CUT}


def test_races_come_before_and_after_the_deadline_at_once_and_slow() -> None:
    races = [life.steps[-1] for life in lives(60, 3, ["race"])]
    assert all(step.do == "upload" and step.at == "deadline" for step in races)
    assert {step.how for step in races} == {"expect", "slow"}
    assert min(step.shift_ms for step in races) < -100 < 100 < max(step.shift_ms for step in races)


@pytest.mark.parametrize(("pace", "drawn", "after"), [(1, 6, 6), (4, 6, 24), (1, 15, 8), (4, 0, 0)])
def test_a_pause_grows_with_the_round_and_leaves_half_of_what_is_left(
    pace: int, drawn: int, after: int
) -> None:
    closes_at = SESSION.closes_at
    slower = SESSION.model_copy(update={"deadline_at": closes_at + timedelta(seconds=16 * pace)})
    assert slower.pause_ends_at(timedelta(seconds=drawn)) == closes_at + timedelta(seconds=after)
