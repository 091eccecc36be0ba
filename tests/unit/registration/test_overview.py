"""What « Mon espace » says of the pieces: only of the version in force, and the reminder the clock awaits."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.contracts.internal import Progress
from services.contracts.life import NextStep
from services.contracts.stages import Stage
from services.registration.overview import Overview
from tests.unit.registration.rows import CLOSES, CONFIGURATION, row
from tests.unit.registration.test_guidance import next_of, progress

AT = CLOSES + timedelta(days=1)
REMIND = NextStep(ended=False, action="remind", wait_seconds=60, due_at=AT)


def overview(told: Progress | None, **changes: Any) -> Overview:
    candidature = row(Stage.REGISTERED)
    found = Overview(
        row=candidature,
        version=None,
        progress=told,
        away=False,
        next=next_of(candidature, CLOSES, told),
        happened=(),
        person=CONFIGURATION.office.person_for(12),
        draft_at=None,
    )
    return replace(found, **changes)


def test_the_reminder_is_the_one_the_workflow_sleeps_for() -> None:
    assert overview(progress("incomplete", next=REMIND)).next_reminder_at == AT
    assert overview(progress("incomplete")).next_reminder_at is None
    assert overview(None).next_reminder_at is None


def test_pieces_of_another_version_are_not_known() -> None:
    assert overview(progress("incomplete")).pieces_known
    older = overview(progress("incomplete", registration_version=1, next=REMIND))
    assert not older.pieces_known
    assert older.next_reminder_at is None
    assert not overview(progress("unknown", registration_version=0), row=row(Stage.ACTIVATED)).pieces_known
