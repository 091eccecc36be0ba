from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.accounts.commands.activate import activate
from services.accounts.commands.create import create_account, request_activation_mail
from services.accounts.commands.expire import expire
from services.accounts.domain.errors import LinkExpired, LinkUsed, UnknownLink
from services.contracts.events import AccountActivated, ActivationPeriodStarted
from services.contracts.stages import AccountState
from tests.integration.accounts.conftest import NOW
from tests.integration.accounts.world import PASSWORD, World
from tests.unit.accounts.calendars import MILLISECOND

EMAIL = "camille@exemple.fr"
EXPIRES_AT = NOW + timedelta(hours=48)


@pytest.fixture
async def account(world: World) -> UUID:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    return await world.only_account()


async def test_the_click_activates_once(world: World, account: UUID) -> None:
    done = await activate(world.accounts, world.token(account), PASSWORD, NOW)
    assert done.calendar.session_id == "2021"
    with pytest.raises(LinkUsed):
        await activate(world.accounts, world.token(account), PASSWORD, NOW)
    assert (await world.facts())[1:] == [
        AccountActivated(candidate_id=account, revision=2, state=AccountState.ACTIVATED, session_id="2021")
    ]
    assert await world.value("SELECT count(*) FROM activation_password") == 0


async def test_before_the_48_hours_began_the_link_is_valid(world: World, account: UUID) -> None:
    await activate(world.accounts, world.token(account), PASSWORD, NOW + timedelta(days=30))
    assert (await world.names_of_facts())[-1] == "AccountActivated"


async def test_what_counts_for_the_48_hours_is_the_arrival_of_the_click(world: World, account: UUID) -> None:
    await world.mail_left(account, NOW)
    world.clock.instant = EXPIRES_AT + timedelta(minutes=9)
    for late in (EXPIRES_AT, EXPIRES_AT + MILLISECOND):
        with pytest.raises(LinkExpired):
            await activate(world.accounts, world.token(account), PASSWORD, late)
    await activate(world.accounts, world.token(account), PASSWORD, EXPIRES_AT - MILLISECOND)
    assert (await world.names_of_facts())[-1] == "AccountActivated"


async def test_the_first_mail_that_left_starts_the_48_hours_and_later_ones_extend_nothing(
    world: World, account: UUID
) -> None:
    await world.mail_left(account, NOW, revision=1)
    await request_activation_mail(world.accounts, EMAIL, NOW + timedelta(hours=47))
    await world.mail_left(account, NOW + timedelta(hours=47), revision=2)
    await world.mail_left(account, NOW, revision=1)
    started = [f for f in await world.facts() if isinstance(f, ActivationPeriodStarted)]
    assert started == [
        ActivationPeriodStarted(
            candidate_id=account,
            revision=2,
            state=AccountState.AWAITING_ACTIVATION,
            expires_at=EXPIRES_AT,
        )
    ]


async def test_every_issue_of_the_link_stays_valid_until_the_end(world: World, account: UUID) -> None:
    await request_activation_mail(world.accounts, EMAIL, NOW)
    await world.mail_left(account, NOW)
    await activate(world.accounts, world.token(account, issue=1), PASSWORD, EXPIRES_AT - MILLISECOND)


async def test_no_link_is_sent_again_after_the_48_hours(world: World, account: UUID) -> None:
    await world.mail_left(account, NOW)
    await request_activation_mail(world.accounts, EMAIL, EXPIRES_AT)
    assert "ActivationMailRequested" not in await world.names_of_facts()


async def test_a_link_that_was_never_asked_for_activates_nothing(world: World, account: UUID) -> None:
    for token in (
        world.token(account, issue=2),
        world.token(uuid4()),
        world.token(account, kind="password_reset"),
    ):
        with pytest.raises(UnknownLink):
            await activate(world.accounts, token, PASSWORD, NOW)


async def test_the_link_of_a_deleted_account_has_expired(world: World, account: UUID) -> None:
    await world.mail_left(account, NOW)
    world.clock.instant = EXPIRES_AT + timedelta(minutes=10)
    assert await expire(world.accounts, account)
    with pytest.raises(LinkExpired):
        await activate(world.accounts, world.token(account), PASSWORD, EXPIRES_AT - MILLISECOND)
