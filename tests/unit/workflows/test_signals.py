"""Which facts start a life, which poke one, which concern none."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.contracts.events import CATALOGUE, Calendar, Event, SessionScheduled
from workflows.signals import Wake, WakeClosing, WakeLife, wakes

SOMEBODY = uuid4()
NOW = datetime(2020, 11, 5, tzinfo=UTC)
STARTS = {
    "AccountCreated",
    "RegistrationSaved",
    "CandidatureReinstated",
    "ChecklistCompleted",
    "DocumentUploaded",
}
SILENT = {
    "AccountCreationRepeated",
    "ActivationMailRequested",
    "PasswordChanged",
    "PasswordResetRequested",
    "ConfirmationIssued",
    "ReminderDue",
    "ChecklistSettled",
    "MailSent",
    "MailBounced",
}


def fact(name: str, **values: Any) -> Event:
    model = next(model for model in CATALOGUE.values() if model.__name__ == name)
    return model.model_construct(revision=1, candidate_id=SOMEBODY, **values)


def names_of_candidates() -> list[str]:
    return sorted(m.__name__ for m in CATALOGUE.values() if m not in (SessionScheduled,))


@pytest.mark.parametrize("name", sorted(STARTS))
def test_fact_that_can_come_when_no_life_runs_starts_one(name: str) -> None:
    assert wakes(fact(name)) == WakeLife(SOMEBODY, Wake.START)


@pytest.mark.parametrize("name", sorted(SILENT))
def test_fact_that_changes_no_next_step_wakes_nobody(name: str) -> None:
    assert wakes(fact(name)) is None


@pytest.mark.parametrize("name", sorted(set(names_of_candidates()) - STARTS - SILENT - {"DeadlineMoved"}))
def test_every_other_fact_pokes_the_life_that_runs(name: str) -> None:
    assert wakes(fact(name)) == WakeLife(SOMEBODY, Wake.POKE)


def test_deadline_of_one_candidate_may_start_a_life() -> None:
    assert wakes(fact("DeadlineMoved", scope="candidate")) == WakeLife(SOMEBODY, Wake.START)


def test_deadline_of_a_session_pokes_and_starts_none() -> None:
    assert wakes(fact("DeadlineMoved", scope="session")) == WakeLife(SOMEBODY, Wake.POKE)


def test_scheduled_session_wakes_its_closing() -> None:
    calendar = Calendar(
        session_id="2021",
        label="Session 2021",
        opens_at=NOW,
        closes_at=NOW,
        deadline_at=NOW,
        ends_at=NOW,
        activation_seconds=1,
        undelivered_seconds=1,
        grace_seconds=0,
        fault_window_seconds=0,
        spread_seconds=0,
        reminder_offsets_seconds=(),
        reminder_gap_seconds=0,
    )
    event = SessionScheduled(revision=1, session_key=uuid4(), calendar=calendar)
    assert wakes(event) == WakeClosing("2021")
