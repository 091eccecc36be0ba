"""How long a clock sleeps."""

import pytest

from workflows.cadence import ECHOES, LONGEST, Answer, Cadence


def test_soonest_act_is_slept_until() -> None:
    answers = [Answer("accounts", 3.0, acts=True), Answer("documents", 2.5, acts=True)]
    assert Cadence().soonest(answers) == (2.5, "documents")


def test_after_a_poke_owners_are_asked_again_soon_then_less_and_less_then_weekly() -> None:
    cadence = Cadence()
    slept = []
    for _ in range(len(ECHOES) + 2):
        slept.append(cadence.soonest([Answer("documents", 1e9, acts=True)])[0])
        cadence.nothing_happened()
    assert slept == [*ECHOES, LONGEST, LONGEST]


def test_poke_begins_the_echoes_anew() -> None:
    cadence = Cadence(quiet=9)
    cadence.something_happened()
    assert cadence.soonest([]) == (ECHOES[0], None)


def test_limit_is_never_slept_over_however_quiet_it_was() -> None:
    assert Cadence(quiet=20).soonest([Answer("registration", 1.0, acts=True)]) == (1.0, "registration")


def test_owner_that_has_not_heard_yet_is_asked_at_first_when_it_says_then_less_and_less() -> None:
    answer = Answer("documents", 30.0, acts=False)
    late = Cadence(quiet=len(ECHOES))
    waits = []
    for _ in range(16):
        waits.append(late.soonest([answer])[0])
        late.nothing_happened()
    assert waits == sorted(waits)
    assert waits[0] < 3600
    assert waits[-1] == LONGEST


def test_wait_without_an_act_wakes_nobody_to_decide() -> None:
    assert Cadence(quiet=2).soonest([Answer("accounts", 30.0, acts=False)])[1] is None


def test_act_that_changed_nothing_is_asked_for_less_and_less() -> None:
    cadence = Cadence(quiet=4)
    waits = []
    for _ in range(12):
        cadence.decided("documents", applied=False)
        waits.append(cadence.soonest([Answer("documents", 1.0, acts=True)])[0])
    assert waits[:4] == [1.0, 2.0, 4.0, 8.0]
    assert waits[-1] == 300.0


def test_act_that_changed_something_clears_its_owners_record() -> None:
    cadence = Cadence(quiet=4)
    for _ in range(9):
        cadence.decided("documents", applied=False)
    cadence.decided("documents", applied=True)
    assert cadence.soonest([Answer("documents", 1.0, acts=True)]) == (1.0, "documents")


def test_one_owners_refusals_do_not_delay_another() -> None:
    cadence = Cadence()
    for _ in range(9):
        cadence.decided("documents", applied=False)
    answers = [Answer("documents", 1.0, acts=True), Answer("registration", 2.0, acts=True)]
    assert cadence.soonest(answers) == (2.0, "registration")


@pytest.mark.parametrize("quiet", range(30))
def test_nobody_is_trusted_for_longer_than_a_week(quiet: int) -> None:
    assert Cadence(quiet=quiet).soonest([Answer("accounts", None, acts=False)])[0] <= LONGEST
