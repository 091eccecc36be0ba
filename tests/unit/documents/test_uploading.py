"""Whether a file may be added or taken back, by arrival, on both sides of the deadline."""

import pytest

from services.contracts.stages import Stage, Verdict
from services.documents.domain.errors import Decided, Filed, NotRegistered, TooLate
from services.documents.domain.uploading import check_open, check_removable
from tests.unit.documents.rows import DEADLINE, TICK, row

IN_TIME = DEADLINE - TICK
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
    settled = row(missing_count=0, verdict=Verdict.COMPLETE, settled_rev=5)
    with pytest.raises(Filed):
        check_removable(settled, IN_TIME)


def test_a_verdict_on_older_evidence_binds_nobody() -> None:
    check_removable(row(missing_count=0, verdict=Verdict.COMPLETE, settled_rev=4), IN_TIME)
    check_removable(row(verdict=Verdict.INCOMPLETE, settled_rev=5), IN_TIME)
