"""Saving and withdrawing: both sides of each limit to the millisecond."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from services.contracts.events import ConfirmationIssued, RegistrationSaved
from services.contracts.stages import Stage
from services.registration.domain.candidature import Candidature, Step
from services.registration.domain.errors import (
    NotAllowed,
    NothingSaved,
    TooSlow,
    VersionMismatch,
    WindowShut,
)
from services.registration.domain.saving import saved, withdrawn
from services.registration.domain.window import activated, last_day
from tests.unit.registration.rows import CLOSES, GRACE, MS, OPENS, row

NEW = row(Stage.ACTIVATED)


def save(before: Candidature, arrived_at: datetime = CLOSES - MS, **changes: Any) -> Step:
    values: dict[str, Any] = {
        "arrived_at": arrived_at,
        "now": arrived_at,
        "opens_at": OPENS,
        "expected_version": before.version,
        "eligible": True,
        "portfolio": 12,
    }
    return saved(before, **(values | changes))


@pytest.mark.parametrize("arrived_at", [OPENS, CLOSES - MS])
def test_a_save_that_arrived_in_the_window_counts(arrived_at: datetime) -> None:
    step = save(NEW, arrived_at)
    assert (step.candidature.stage, step.candidature.version) == (Stage.REGISTERED, 1)
    assert [type(event) for event in step.events] == [RegistrationSaved, ConfirmationIssued]
    assert [event.revision for event in step.events] == [6, 7]
    assert step.candidature.revision == 7


@pytest.mark.parametrize("arrived_at", [OPENS - MS, CLOSES])
def test_a_save_that_arrived_outside_the_window_is_refused(arrived_at: datetime) -> None:
    with pytest.raises(WindowShut):
        save(NEW, arrived_at)


def test_a_save_in_time_may_end_until_the_window_is_decided() -> None:
    assert save(NEW, CLOSES - MS, now=CLOSES + GRACE - MS).candidature.version == 1
    with pytest.raises(TooSlow):
        save(NEW, CLOSES - MS, now=CLOSES + GRACE)


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_a_save_over_another_version_is_refused_with_the_current_one(expected: int) -> None:
    with pytest.raises(VersionMismatch) as refused:
        save(row(Stage.REGISTERED), expected_version=expected)
    assert refused.value.current == 2


def test_who_is_not_eligible_may_save() -> None:
    assert save(NEW, eligible=False).candidature.eligible is False


def test_a_save_ends_what_an_officer_had_accepted_of_the_eligibility() -> None:
    before = row(Stage.REGISTERED, eligible=False, eligibility_accepted=True)
    assert not save(before, eligible=False).candidature.may_be_confirmed()


def test_saving_again_undoes_a_withdrawal() -> None:
    step = withdrawn(row(Stage.REGISTERED), CLOSES - 2 * MS)
    assert step is not None
    assert step.candidature.stage is Stage.WITHDRAWN
    again = save(step.candidature).candidature
    assert (again.stage, again.version, again.decided_at) == (Stage.REGISTERED, 3, None)


def test_saving_does_not_end_an_officers_hold() -> None:
    after = save(row(Stage.HELD, hold_cause="officer")).candidature
    assert (after.stage, after.hold_cause, after.version) == (Stage.HELD, "officer", 3)


@pytest.mark.parametrize("stage", [Stage.CANCELLED, Stage.CONFIRMED, Stage.NOT_REGISTERED])
def test_a_decided_candidature_cannot_be_saved(stage: Stage) -> None:
    with pytest.raises(NotAllowed):
        save(row(stage, cancelled_by="officer" if stage is Stage.CANCELLED else None))


def test_withdrawing_twice_changes_nothing() -> None:
    assert withdrawn(row(Stage.WITHDRAWN), CLOSES) is None


def test_nothing_saved_cannot_be_withdrawn() -> None:
    with pytest.raises(NothingSaved):
        withdrawn(NEW, CLOSES)


def test_a_confirmed_candidate_asks_the_office() -> None:
    with pytest.raises(NotAllowed):
        withdrawn(row(Stage.CONFIRMED), CLOSES)


def test_activated_before_the_windows_end_may_save() -> None:
    step = activated(row(Stage.AWAITING_ACTIVATION), CLOSES + GRACE - MS)
    assert step is not None
    assert step.candidature.stage is Stage.ACTIVATED


def test_activated_after_the_windows_end_is_not_registered() -> None:
    step = activated(row(Stage.AWAITING_ACTIVATION), CLOSES + GRACE)
    assert step is not None
    assert step.candidature.stage is Stage.NOT_REGISTERED


def test_an_activation_heard_after_the_first_save_changes_nothing() -> None:
    assert activated(row(Stage.REGISTERED), CLOSES) is None


def test_all_of_the_last_day_is_in_the_window() -> None:
    assert last_day(CLOSES).isoformat() == "2020-11-22"
    assert last_day(replace(NEW, closes_at=CLOSES + MS).closes_at).isoformat() == "2020-11-23"
