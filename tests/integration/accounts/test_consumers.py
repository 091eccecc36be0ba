"""What accounts hears, twice and out of order; and what the workflows ask of it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from services.accounts.activities import activities
from services.accounts.commands.create import create_account
from services.accounts.consumers import on_notifications, on_registration
from services.accounts.queries import calendars
from services.chassis.inbox import claim
from services.contracts.events import AccountCreated, Event, SessionScheduled
from services.contracts.life import ActResult, CandidateAct, CandidateQuestion, NextStep
from services.contracts.stages import AccountState
from tests.integration.accounts.conftest import NOW
from tests.integration.accounts.world import PASSWORD, World, envelope, mail_sent
from tests.unit.accounts.calendars import CLOSES_AT, session_2021

EMAIL = "camille@exemple.fr"


async def closes_at(world: World) -> object:
    async with world.accounts.database.connection() as conn:
        (calendar,) = await calendars(conn)
    return calendar.closes_at


async def test_the_newest_calendar_is_kept_in_whatever_order_they_come(world: World) -> None:
    later = session_2021(closes_at=CLOSES_AT + timedelta(days=7))
    await world.schedule(later, revision=3)
    await world.schedule(session_2021(closes_at=CLOSES_AT - timedelta(days=7)), revision=2)
    await world.schedule(session_2021(), revision=1)
    assert await closes_at(world) == later.closes_at
    await world.schedule(later, revision=3)
    assert await closes_at(world) == later.closes_at


async def test_an_event_delivered_twice_has_its_effect_once(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    account = await world.only_account()
    sent = envelope(mail_sent(account, NOW))
    for _ in range(3):
        async with world.accounts.database.transaction() as conn:
            if await claim(conn, "accounts.notifications", sent.ce_id):
                await on_notifications(conn, sent)
    assert (await world.names_of_facts()).count("ActivationPeriodStarted") == 1


async def test_a_mail_heard_of_late_still_starts_the_48_hours_from_its_acceptance(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    account = await world.only_account()
    await world.hear_of_mail(mail_sent(account, NOW + timedelta(days=1), revision=7, kind="reminder"))
    await world.mail_left(account, NOW, revision=2)
    assert await world.value("SELECT activation_expires_at FROM account") == NOW + timedelta(hours=48)


@pytest.mark.parametrize(
    "event",
    [
        mail_sent(uuid4(), NOW),
        AccountCreated(
            candidate_id=uuid4(), revision=1, state=AccountState.AWAITING_ACTIVATION, session_id="2021"
        ),
    ],
)
async def test_an_event_about_nobody_known_is_no_error(world: World, event: Event) -> None:
    async with world.accounts.database.transaction() as conn:
        await on_notifications(conn, envelope(event))
        await on_registration(conn, envelope(event))
    assert await world.facts() == []


async def test_the_calendar_of_another_session_changes_no_running_48_hours(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    account = await world.only_account()
    await world.mail_left(account, NOW)
    shorter = session_2021(activation_seconds=60)
    event = SessionScheduled(revision=5, session_key=uuid4(), calendar=shorter)
    async with world.accounts.database.transaction() as conn:
        await on_registration(conn, envelope(event))
    assert await world.value("SELECT activation_expires_at FROM account") == NOW + timedelta(hours=48)


async def asked(world: World, name: str, question: object) -> NextStep | ActResult:
    next_step, act = activities(world.accounts)
    answer: NextStep | ActResult = await ActivityEnvironment().run(
        {"next_step": next_step, "act": act}[name], question
    )
    return answer


async def test_the_life_of_an_account_as_the_workflow_asks_it(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    account: UUID = await world.only_account()
    await world.mail_left(account, NOW)
    question, act = (
        CandidateQuestion(candidate_id=account),
        CandidateAct(candidate_id=account, action="expire"),
    )
    step = await asked(world, "next_step", question)
    assert isinstance(step, NextStep)
    assert (step.action, step.wait_seconds) == ("expire", 48 * 3600 + 600)
    assert await asked(world, "act", act) == ActResult(applied=False)
    world.clock.instant = NOW + timedelta(hours=48, minutes=10)
    assert await asked(world, "act", act) == ActResult(applied=True)
    step = await asked(world, "next_step", question)
    assert isinstance(step, NextStep)
    assert step.gone


async def test_an_act_that_is_not_ours_is_refused_for_good(world: World) -> None:
    with pytest.raises(ApplicationError) as refused:
        await asked(world, "act", CandidateAct(candidate_id=uuid4(), action="settle"))
    assert refused.value.non_retryable
