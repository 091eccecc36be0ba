"""Whole lives on the real owners and the real calendar of session 2021, with time skipped.

Limits are judged by when a request arrived, to the millisecond: one that arrived in the last millisecond
counts although it is worked on after the limit, within the grace; one that arrived at the limit does not.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.conftest import FreshDatabase
from tests.workflow.calendar_2021 import ACTIVATION, CLOSES, DEADLINE, GRACE, MILLISECOND, OPENS, SPREAD
from tests.workflow.histories import keep
from tests.workflow.house import House, open_house
from tests.workflow.people import Person, officer_moves_session
from tests.workflow.timekeeping import REAL

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MONDAY_MORNING = OPENS + 10 * HOUR
IN_THE_GRACE = GRACE / 2
DECIDED = GRACE + SPREAD + MINUTE
"""So long after a limit everybody is decided."""

pytestmark = pytest.mark.skipif(REAL, reason="a real server cannot skip months; make test runs it")


@pytest.fixture
async def house(
    env: WorkflowEnvironment,
    fresh_database: FreshDatabase,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncIterator[House]:
    """Monday 2 November 2020, eleven o'clock in Paris."""
    async with open_house(env, fresh_database, monkeypatch, tmp_path, MONDAY_MORNING) as found:
        yield found


async def test_candidate_who_registers_changes_and_uploads_all_is_confirmed(house: House) -> None:
    camille = await Person.registered(house, "camille@exemple.fr")
    await house.sleep_until(OPENS + 5 * DAY)
    assert (await camille.saves(version=1, forename="Camille Anne")).status_code == 200
    await camille.uploads_all()
    await house.sleep_until(CLOSES + GRACE - MINUTE)
    assert await camille.stage() == "registered"
    await house.sleep_until(CLOSES + DECIDED)
    assert await camille.stage() == "confirmed"
    assert await camille.is_over()
    assert "ReminderDue" not in camille.facts()
    assert camille.facts().count("CandidatureConfirmed") == 1
    await keep(camille.life, "confirmed")


async def test_account_never_activated_is_deleted_at_48_hours_and_the_address_starts_again(
    house: House,
) -> None:
    first = await Person.opens_an_account(house, "sacha@exemple.fr")
    sent_at = await house.time.now()
    await house.sleep_until(sent_at + ACTIVATION + GRACE - MINUTE)
    assert "AccountDeleted" not in first.facts()
    await house.sleep_until(sent_at + ACTIVATION + GRACE + MINUTE)
    assert "AccountDeleted" in first.facts()
    assert await first.is_over()
    await keep(first.life, "deleted")
    again = await Person.opens_an_account(house, "sacha@exemple.fr")
    assert again.id != first.id
    assert (await again.activates()).is_success
    assert await again.stage() == "activated"


async def test_account_without_a_save_is_not_registered(house: House) -> None:
    noa = await Person.activated(house, "noa@exemple.fr")
    await house.sleep_until(CLOSES + GRACE - MINUTE)
    assert await noa.stage() == "activated"
    await house.sleep_until(CLOSES + DECIDED)
    assert await noa.stage() == "not_registered"
    assert await noa.is_over()
    await keep(noa.life, "not_registered")


async def test_account_opened_on_the_last_evening_keeps_its_48_hours(house: House) -> None:
    await house.sleep_until(CLOSES - MINUTE)
    late = await Person.opens_an_account(house, "ange@exemple.fr")
    lost = await Person.opens_an_account(house, "gwen@exemple.fr")
    await house.sleep_until(CLOSES + ACTIVATION - HOUR)
    assert (await late.activates()).is_success
    await house.sleep_until(CLOSES + ACTIVATION + DAY)
    assert await late.stage() == "not_registered"
    assert "AccountDeleted" in lost.facts()
    assert await late.is_over()
    assert await lost.is_over()


async def test_incomplete_file_is_reminded_then_cancelled_at_the_deadline(house: House) -> None:
    lou = await Person.registered(house, "lou@exemple.fr")
    await lou.uploads_all(but=1)
    await house.sleep_until(DEADLINE + GRACE - MINUTE)
    assert await lou.stage() == "awaiting_documents"
    assert lou.facts().count("ReminderDue") == 4
    await house.sleep_until(DEADLINE + DECIDED)
    assert await lou.stage() == "cancelled"
    assert await lou.is_over()
    assert lou.facts().count("CandidatureCancelled") == 1
    await keep(lou.life, "cancelled")


async def test_last_piece_in_the_last_hour_confirms(house: House) -> None:
    max_ = await Person.registered(house, "max@exemple.fr")
    (missing,) = await max_.uploads_all(but=1)
    await house.sleep_until(DEADLINE - HOUR)
    assert (await max_.uploads(missing)).status_code == 201
    await house.sleep_until(DEADLINE - HOUR + MINUTE + SPREAD)
    assert await max_.stage() == "confirmed"
    assert await max_.is_over()


async def test_save_that_arrived_in_the_last_millisecond_of_the_window_counts(house: House) -> None:
    eden = await Person.activated(house, "eden@exemple.fr")
    await house.sleep_until(CLOSES + IN_THE_GRACE)
    assert (await eden.saves(arrived_at=CLOSES - MILLISECOND)).status_code == 201
    await house.sleep_until(CLOSES + DECIDED)
    assert await eden.stage() == "awaiting_documents"


async def test_save_that_arrived_at_the_windows_close_does_not_count(house: House) -> None:
    eden = await Person.activated(house, "eden@exemple.fr")
    await house.sleep_until(CLOSES + IN_THE_GRACE)
    refused = await eden.saves(arrived_at=CLOSES)
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    await house.sleep_until(CLOSES + DECIDED)
    assert await eden.stage() == "not_registered"


async def test_upload_that_arrived_in_the_last_millisecond_before_the_deadline_counts(house: House) -> None:
    alix = await Person.registered(house, "alix@exemple.fr")
    (missing,) = await alix.uploads_all(but=1)
    await house.sleep_until(DEADLINE + IN_THE_GRACE)
    assert (await alix.uploads(missing, arrived_at=DEADLINE - MILLISECOND)).status_code == 201
    await house.sleep_until(DEADLINE + DECIDED)
    assert await alix.stage() == "confirmed"
    assert "CandidatureCancelled" not in alix.facts()


async def test_upload_that_arrived_at_the_deadline_does_not_count(house: House) -> None:
    alix = await Person.registered(house, "alix@exemple.fr")
    (missing,) = await alix.uploads_all(but=1)
    await house.sleep_until(DEADLINE + IN_THE_GRACE)
    refused = await alix.uploads(missing, arrived_at=DEADLINE)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("echeance-passee")
    await house.sleep_until(DEADLINE + DECIDED)
    assert await alix.stage() == "cancelled"


async def test_activation_that_arrived_in_the_last_millisecond_of_the_48_hours_counts(house: House) -> None:
    charlie = await Person.opens_an_account(house, "charlie@exemple.fr")
    expires_at = await charlie.activation_expires_at()
    await house.sleep_until(expires_at + IN_THE_GRACE)
    assert (await charlie.activates(arrived_at=_last_millisecond_before(expires_at))).is_success
    await house.sleep_until(expires_at + DAY)
    assert await charlie.stage() == "activated"
    assert "AccountDeleted" not in charlie.facts()


async def test_activation_that_arrived_when_the_48_hours_were_over_does_not_count(house: House) -> None:
    charlie = await Person.opens_an_account(house, "charlie@exemple.fr")
    expires_at = await charlie.activation_expires_at()
    await house.sleep_until(expires_at + IN_THE_GRACE)
    first_too_late = _last_millisecond_before(expires_at) + MILLISECOND
    assert (await charlie.activates(arrived_at=first_too_late)).is_client_error
    await house.sleep_until(expires_at + DAY)
    assert "AccountDeleted" in charlie.facts()


async def test_candidate_whose_upload_was_cut_is_held_and_cancelled_by_an_officer(house: House) -> None:
    ari = await Person.registered(house, "ari@exemple.fr")
    (missing,) = await ari.uploads_all(but=1)
    await house.sleep_until(DEADLINE - HOUR)
    await ari.upload_is_cut(missing)
    await house.sleep_until(DEADLINE + DECIDED)
    assert await ari.stage() == "held"
    await house.sleep_until(DEADLINE + 10 * DAY)
    assert await ari.stage() == "held"
    await keep(ari.life, "held")
    await ari.officer("cancellation")
    await house.sleep_until(DEADLINE + 10 * DAY + HOUR)
    assert await ari.stage() == "cancelled"
    assert await ari.is_over()


async def test_released_candidate_is_settled_again_without_the_faults_that_held(house: House) -> None:
    ari = await Person.registered(house, "ari@exemple.fr")
    (missing,) = await ari.uploads_all(but=1)
    await house.sleep_until(DEADLINE - HOUR)
    await ari.upload_is_cut(missing)
    await house.sleep_until(DEADLINE + DECIDED)
    assert await ari.stage() == "held"
    await ari.officer("release", settle_now=True)
    await house.sleep_until(DEADLINE + DECIDED + SPREAD + MINUTE)
    assert await ari.stage() == "cancelled"
    assert await ari.is_over()
    await keep(ari.life, "held_then_released")


async def test_released_with_a_new_deadline_is_reminded_and_cancelled_only_then(house: House) -> None:
    ari = await Person.registered(house, "ari@exemple.fr")
    (missing,) = await ari.uploads_all(but=1)
    await house.sleep_until(DEADLINE - HOUR)
    await ari.upload_is_cut(missing)
    await house.sleep_until(DEADLINE + DAY)
    assert await ari.stage() == "held"
    reminded = ari.facts().count("ReminderDue")
    new = DEADLINE + 15 * DAY
    await ari.officer("release", deadline_at=new.isoformat())
    await house.sleep_until(new - HOUR)
    assert await ari.stage() == "awaiting_documents"
    assert ari.facts().count("ReminderDue") > reminded
    await house.sleep_until(new + DECIDED + SPREAD + MINUTE)
    assert await ari.stage() == "cancelled"
    assert await ari.is_over()


async def test_complete_candidate_who_may_not_register_is_held_until_an_officer_says(house: House) -> None:
    """R7: a declared condition that fails is never confirmed by itself."""
    morgan = await Person.registered(
        house,
        "morgan@exemple.fr",
        identification={"address": {"lines": ["1 place Bellecour"], "postcode": "69002", "commune": "Lyon"}},
    )
    await morgan.uploads_all()
    await house.sleep_until(CLOSES + DECIDED)
    assert await morgan.stage() == "held"
    await morgan.officer("release")
    await house.sleep_until(CLOSES + DECIDED + SPREAD + MINUTE)
    assert await morgan.stage() == "confirmed"
    assert await morgan.is_over()


async def test_withdrawn_candidature_ends_with_the_window(house: House) -> None:
    yael = await Person.registered(house, "yael@exemple.fr")
    assert (await yael.withdraws()).is_success
    await house.sleep_until(CLOSES - HOUR)
    assert not await yael.is_over()
    await house.sleep_until(CLOSES + DECIDED + DAY)
    assert await yael.stage() == "withdrawn"
    assert await yael.is_over()
    await keep(yael.life, "withdrawn")


async def test_candidate_who_saves_again_is_registered_again(house: House) -> None:
    yael = await Person.registered(house, "yael@exemple.fr")
    await yael.withdraws()
    await house.sleep_until(CLOSES - DAY)
    assert (await yael.saves(version=1)).is_success
    await yael.uploads_all()
    await house.sleep_until(CLOSES + DECIDED)
    assert await yael.stage() == "confirmed"


async def test_session_moved_later_while_all_sleep_cancels_at_the_new_deadline_only(house: House) -> None:
    lou = await Person.registered(house, "lou@exemple.fr")
    await house.sleep_until(DEADLINE - 2 * HOUR)
    await officer_moves_session(house, DEADLINE + 7 * DAY)
    await house.sleep_until(DEADLINE + 7 * DAY + GRACE - MINUTE)
    assert await lou.stage() == "awaiting_documents"
    await house.sleep_until(DEADLINE + 7 * DAY + DECIDED)
    assert await lou.stage() == "cancelled"
    assert await lou.is_over()
    await keep(lou.life, "deadline_moved")


async def test_session_moved_after_its_deadline_reinstates_those_it_cancelled(house: House) -> None:
    lou = await Person.registered(house, "lou@exemple.fr")
    (missing,) = await lou.uploads_all(but=1)
    await house.sleep_until(DEADLINE + 2 * HOUR)
    assert await lou.stage() == "cancelled"
    assert await lou.is_over()
    await officer_moves_session(house, DEADLINE + 7 * DAY)
    assert await lou.stage() == "awaiting_documents"
    assert not await lou.is_over()
    assert (await lou.uploads(missing)).status_code == 201
    await house.sleep_until(DEADLINE + 2 * HOUR + SPREAD + MINUTE)
    assert await lou.stage() == "confirmed"
    assert await lou.is_over()
    await keep(lou.life, "reinstated")
    await keep(house.closing, "session")


async def test_one_candidate_is_given_another_deadline_while_asleep(house: House) -> None:
    lou = await Person.registered(house, "lou@exemple.fr")
    other = await Person.registered(house, "max@exemple.fr")
    await house.sleep_until(DEADLINE - HOUR)
    await lou.officer("deadline", deadline_at=(DEADLINE + 3 * DAY).isoformat())
    await house.sleep_until(DEADLINE + DECIDED)
    assert await other.stage() == "cancelled"
    assert await lou.stage() == "awaiting_documents"
    await house.sleep_until(DEADLINE + 3 * DAY + DECIDED)
    assert await lou.stage() == "cancelled"


async def test_late_refusal_gives_five_working_days_and_cancels_nobody_before(house: House) -> None:
    dominique = await Person.registered(house, "dominique@exemple.fr")
    (missing,) = await dominique.uploads_all(but=1)
    await house.sleep_until(DEADLINE - HOUR)
    refused = (await dominique.pieces())[0]
    await dominique.officer_reviews(refused, "refusal")
    await house.sleep_until(DEADLINE + DECIDED)
    assert await dominique.stage() == "awaiting_documents"
    assert (await dominique.uploads(refused, seed=7)).status_code == 201
    assert (await dominique.uploads(missing)).status_code == 201
    await house.sleep_until(DEADLINE + DECIDED + SPREAD + MINUTE)
    assert await dominique.stage() == "confirmed"


async def test_upload_in_time_that_commits_after_the_cancellation_reinstates_by_itself(house: House) -> None:
    """The life is over; ChecklistCompleted starts one, for nobody else would ask for the new verdict."""
    lou = await Person.registered(house, "lou@exemple.fr")
    (missing,) = await lou.uploads_all(but=1)
    await house.sleep_until(DEADLINE + DECIDED)
    assert await lou.stage() == "cancelled"
    assert await lou.is_over()
    assert (await lou.uploads(missing, arrived_at=DEADLINE - MILLISECOND)).status_code == 201
    await house.sleep_until(DEADLINE + DECIDED + SPREAD + MINUTE)
    assert await lou.stage() == "confirmed"
    assert await lou.is_over()


async def test_everything_heard_twice_and_in_another_order_comes_to_the_same(house: House) -> None:
    house.pump.restless = True
    camille = await Person.registered(house, "camille@exemple.fr")
    await camille.saves(version=1, forename="Anne")
    await camille.uploads_all()
    lou = await Person.registered(house, "lou@exemple.fr")
    await lou.uploads_all(but=1)
    await house.sleep_until(DEADLINE + DECIDED)
    assert (await camille.stage(), await lou.stage()) == ("confirmed", "cancelled")
    assert camille.facts().count("CandidatureConfirmed") == 1
    assert lou.facts().count("CandidatureCancelled") == 1
    assert lou.facts().count("ReminderDue") == 4
    await keep(camille.life, "confirmed_restless")


async def test_replay_of_all_that_was_said_changes_no_outcome_and_leaves_no_life(house: House) -> None:
    camille = await Person.registered(house, "camille@exemple.fr")
    await camille.uploads_all()
    await house.sleep_until(CLOSES + DECIDED)
    assert await camille.is_over()
    await house.pump.say_again(camille.id)
    await house.sleep_until(CLOSES + DECIDED + MINUTE)
    assert await camille.stage() == "confirmed"
    assert await camille.is_over()
    assert camille.facts().count("CandidatureConfirmed") == 1


async def test_owner_whose_consumer_is_behind_for_hours_still_confirms(house: House) -> None:
    house.pump.hold("documents.registration")
    camille = await Person.registered(house, "camille@exemple.fr")
    await house.sleep_until(OPENS + DAY)
    await house.pump.release("documents.registration")
    await camille.uploads_all()
    await house.sleep_until(CLOSES + DECIDED)
    assert await camille.stage() == "confirmed"


async def test_registration_that_hears_no_verdict_cancels_nobody(house: House) -> None:
    lou = await Person.registered(house, "lou@exemple.fr")
    await house.sleep_until(DEADLINE - HOUR)
    house.pump.hold("registration.documents")
    await house.sleep_until(DEADLINE + 3 * DAY)
    assert await lou.stage() == "awaiting_documents"
    await house.pump.release("registration.documents")
    assert await lou.stage() == "cancelled"


async def test_a_dozen_candidates_are_all_decided_by_the_sessions_closing(house: House) -> None:
    """The mass decides at limit + grace, before the first of the candidates' own timers."""
    people = [await Person.activated(house, f"candidat{n}@exemple.fr") for n in range(12)]
    await house.sleep_until(CLOSES + GRACE + timedelta(seconds=15))
    stages = [await person.stage() for person in people]
    assert stages == ["not_registered"] * 12


def _last_millisecond_before(instant: datetime) -> datetime:
    """Arrivals are stamped in whole milliseconds; a limit that follows a mail's arrival need not be."""
    whole = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
    return whole - MILLISECOND if whole == instant else whole
