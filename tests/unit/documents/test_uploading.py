"""Whether a file may be added or taken back, by arrival, on both sides of the deadline."""

from typing import Any

import pytest

from services.contracts.stages import Stage, Verdict
from services.documents.domain.candidate import Candidate
from services.documents.domain.errors import Decided, Filed, NotRegistered, TooLate
from services.documents.domain.uploading import check_open, check_removable
from tests.unit.documents.rows import DAY, DEADLINE, TICK, row

IN_TIME = DEADLINE - TICK


def settled(**changes: Any) -> Candidate:
    """Complete, and so was the verdict on it."""
    about = {"settled_rev": 5, "settled_version": 1, "settled_deadline_at": DEADLINE}
    return row(**({"missing_count": 0, "verdict": Verdict.COMPLETE} | about | changes))


CHECKS = pytest.mark.parametrize("check", [check_open, check_removable])


@CHECKS
def test_the_last_millisecond_before_the_deadline_is_in_time(check: type) -> None:
    check(row(), IN_TIME)


@CHECKS
def test_the_deadline_itself_is_too_late(check: type) -> None:
    with pytest.raises(TooLate) as late:
        check(row(), DEADLINE)
    assert late.value.deadline_at == DEADLINE


@CHECKS
def test_nothing_is_asked_before_the_first_save(check: type) -> None:
    with pytest.raises(NotRegistered):
        check(row(registration_version=0), IN_TIME)


@pytest.mark.parametrize("stage", [Stage.REGISTERED, Stage.AWAITING_DOCUMENTS, Stage.HELD, Stage.CANCELLED])
def test_documents_are_taken_while_they_can_change_something(stage: Stage) -> None:
    check_open(row(stage=stage), IN_TIME)


@pytest.mark.parametrize("stage", [Stage.WITHDRAWN, Stage.NOT_REGISTERED, Stage.DELETED])
def test_documents_are_not_taken_where_none_are_awaited(stage: Stage) -> None:
    with pytest.raises(Decided):
        check_open(row(stage=stage), IN_TIME)


def test_the_confirmed_give_documents_only_for_a_refused_piece() -> None:
    check_open(row(stage=Stage.CONFIRMED, missing_count=1), IN_TIME)
    with pytest.raises(Decided):
        check_open(row(stage=Stage.CONFIRMED, missing_count=0), IN_TIME)


def test_the_confirmed_take_nothing_back() -> None:
    with pytest.raises(Filed):
        check_removable(row(stage=Stage.CONFIRMED), IN_TIME)


def test_nothing_is_taken_back_once_the_verdict_complete_is_out() -> None:
    with pytest.raises(Filed):
        check_removable(settled(), IN_TIME)


@pytest.mark.parametrize("missing_count", [0, 1])
def test_other_evidence_since_the_verdict_complete_does_not_call_it_back(missing_count: int) -> None:
    with pytest.raises(Filed):
        check_removable(settled(settled_rev=4, missing_count=missing_count), IN_TIME)


@pytest.mark.parametrize("in_force", [{"registration_version": 2}, {"deadline_at": DEADLINE + DAY}])
def test_a_verdict_of_another_version_or_deadline_binds_nobody(in_force: dict[str, Any]) -> None:
    check_removable(settled(settled_rev=4, **in_force), IN_TIME)


@pytest.mark.parametrize("verdict", [Verdict.INCOMPLETE, Verdict.HELD, None])
def test_no_verdict_but_complete_binds_anybody(verdict: Verdict | None) -> None:
    check_removable(settled(verdict=verdict, missing_count=1), IN_TIME)


@pytest.mark.parametrize(("settled_rev", "binds"), [(5, True), (4, False)])
def test_a_verdict_that_does_not_say_what_it_was_about_binds_by_its_evidence(
    settled_rev: int, binds: bool
) -> None:
    """A process of the release before gave it."""
    old = settled(settled_rev=settled_rev, settled_version=None, settled_deadline_at=None)
    assert old.filed is binds
