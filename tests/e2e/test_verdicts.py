"""The clock's side of the diagram: the window closes, the owner decides, and the outcome travels back.

workflow's timer → activity on the owner's queue → one conditional statement → outbox → … → outcome → mail
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus

from tests.e2e.conftest import Lives
from tests.e2e.house import House, until

Row = dict[str, Any]


@pytest.fixture(scope="module")
async def confirmed(house: House, lives: Lives) -> UUID:
    """The candidate whose file was complete before the window closed, once that has been decided."""
    await lives.closed()

    async def outcome() -> bool:
        return await lives.traveller.stage() == "confirmed"

    await until(outcome, "the complete candidature is confirmed at the window's close")
    return lives.traveller.id


async def test_the_verdict_is_about_the_version_and_the_deadline_in_force(
    house: House, lives: Lives, confirmed: UUID
) -> None:
    (verdict,) = await _facts(house, "documents", confirmed, "ChecklistSettled")
    row = await house.row("registration", "SELECT * FROM candidature WHERE candidate_id = $1", confirmed)
    event = verdict["event"]
    assert (event["verdict"], event["registration_version"]) == ("complete", row["version"])
    assert event["evidence_rev"] == row["applied_evidence_rev"]
    assert row["verdict_deadline_at"] == row["deadline_at"] == lives.calendar.deadline_at


async def test_nothing_is_decided_before_the_windows_end_and_its_grace(
    house: House, lives: Lives, confirmed: UUID
) -> None:
    due = lives.calendar.closes_at + timedelta(seconds=lives.calendar.grace)
    (closed,) = await _facts(house, "registration", confirmed, "CandidatureWindowClosed")
    (verdict,) = await _facts(house, "documents", confirmed, "ChecklistSettled")
    (outcome,) = await _facts(house, "registration", confirmed, "CandidatureConfirmed")
    assert due <= closed["created_at"]
    assert due <= verdict["created_at"] <= outcome["created_at"]


async def test_the_sessions_clock_had_the_owners_decide_on_their_batch_queues(
    house: House, confirmed: UUID
) -> None:
    client = await house.temporal()
    history = await client.get_workflow_handle("session-courte").fetch_history()
    decided = {
        (scheduled.activity_type.name, scheduled.task_queue.name)
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        and (scheduled := event.activity_task_scheduled_event_attributes).activity_type.name.endswith("batch")
    }
    assert ("registration.session_batch", "registration-batch") in decided


async def test_the_outcome_is_mailed_once(house: House, lives: Lives, confirmed: UUID) -> None:
    async def sent() -> bool:
        return any(
            message["kind"] == "confirmed" and message["state"] == "sent"
            for message in await lives.traveller.visitor.messages()
        )

    await until(sent, "the mail of the confirmation has left")
    mails = await lives.traveller.visitor.mails()
    assert sum("définitive" in mail["subject"] for mail in mails) == 1
    identifiers = [mail["message_id"] for mail in mails]
    assert len(identifiers) == len(set(identifiers))


async def test_the_life_ends_with_its_outcome(house: House, confirmed: UUID) -> None:
    client = await house.temporal()
    handle = client.get_workflow_handle(str(confirmed))

    async def over() -> bool:
        return (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED

    await until(over, "the life is over")
    assert (await handle.result())["stage"] == "confirmed"


async def _facts(house: House, service: str, key: UUID, name: str) -> list[Row]:
    return [row for row in await house.outbox(service, key) if row["type"].split(".")[1] == name]
