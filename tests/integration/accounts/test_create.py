import asyncio
from datetime import timedelta

import pytest

from services.accounts.commands.activate import activate
from services.accounts.commands.create import create_account, request_activation_mail
from services.accounts.commands.login import log_in
from services.accounts.domain.errors import (
    BadAddress,
    NoSession,
    WeakPassword,
    WindowNotOpen,
    WrongCredentials,
)
from services.contracts.events import AccountCreated, ActivationMailRequested
from services.contracts.stages import AccountState
from tests.conftest import FreshDatabase
from tests.integration.accounts.conftest import NOW
from tests.integration.accounts.world import PASSWORD, World, open_world
from tests.unit.accounts.calendars import CLOSES_AT, MILLISECOND

EMAIL = "camille@exemple.fr"
OTHER_PASSWORD = "boussole verte et bois"


async def test_a_new_account_waits_for_its_activation(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    account = await world.only_account()
    assert await world.facts() == [
        AccountCreated(
            candidate_id=account,
            revision=1,
            state=AccountState.AWAITING_ACTIVATION,
            session_id="2021",
            issue=1,
        )
    ]


async def test_a_password_is_kept_as_its_argon2id_hash_only(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    kept = await world.value("SELECT password_hash FROM activation_issue")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("arrived_at", [CLOSES_AT - MILLISECOND, CLOSES_AT])
async def test_what_counts_for_the_window_is_the_arrival(world: World, arrived_at: object) -> None:
    world.clock.instant = CLOSES_AT + timedelta(minutes=5)
    if arrived_at == CLOSES_AT:
        with pytest.raises(WindowNotOpen):
            await create_account(world.accounts, EMAIL, PASSWORD, CLOSES_AT)
        assert await world.facts() == []
    else:
        await create_account(world.accounts, EMAIL, PASSWORD, CLOSES_AT - MILLISECOND)
        assert await world.names_of_facts() == ["AccountCreated"]


async def test_before_any_calendar_arrived_nothing_is_opened(fresh_database: FreshDatabase) -> None:
    async with open_world(await fresh_database("accounts"), NOW) as world:
        with pytest.raises(NoSession):
            await create_account(world.accounts, EMAIL, PASSWORD, NOW)


@pytest.mark.parametrize(
    ("email", "password", "refusal"),
    [
        ("camille", PASSWORD, BadAddress),
        (EMAIL, "court", WeakPassword),
        (EMAIL, "motdepasse2021", WeakPassword),
    ],
)
async def test_a_refused_request_leaves_nothing(
    world: World, email: str, password: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await create_account(world.accounts, email, password, NOW)
    assert await world.value("SELECT count(*) FROM account") == 0
    assert await world.facts() == []


async def test_one_address_is_one_account_however_it_is_written_and_how_many_ask(world: World) -> None:
    spellings = [EMAIL, "Camille@exemple.fr", "CAMILLE@EXEMPLE.FR", " camille@exemple.fr"] * 3
    await asyncio.gather(*(create_account(world.accounts, s, PASSWORD, NOW) for s in spellings))
    account = await world.only_account()
    facts = await world.facts()
    assert [f for f in facts if isinstance(f, AccountCreated)] == facts[:1]
    assert {f.key for f in facts} == {account}
    revisions = [f.revision for f in facts]
    assert revisions == sorted(set(revisions))


async def test_asking_again_sends_a_further_link_and_no_more_than_five_mails_an_hour(world: World) -> None:
    for _ in range(8):
        await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    issues = [f.issue for f in await world.facts() if isinstance(f, AccountCreated | ActivationMailRequested)]
    assert issues == [1, 2, 3, 4, 5]
    await create_account(world.accounts, EMAIL, PASSWORD, NOW + timedelta(hours=1))
    assert (await world.names_of_facts())[5:] == ["ActivationMailRequested"]


async def test_each_link_activates_the_password_of_its_own_request(world: World) -> None:
    await create_account(world.accounts, EMAIL, OTHER_PASSWORD, NOW)  # somebody else's try, before or after
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    account = await world.only_account()
    await activate(world.accounts, world.token(account, issue=2), NOW)
    assert (await log_in(world.accounts, EMAIL, PASSWORD, NOW)).candidate_id == account
    with pytest.raises(WrongCredentials):
        await log_in(world.accounts, EMAIL, OTHER_PASSWORD, NOW)


async def test_a_link_sent_again_activates_the_password_of_the_one_before(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    await request_activation_mail(world.accounts, EMAIL, NOW)
    await request_activation_mail(world.accounts, EMAIL, NOW)
    account = await world.only_account()
    await activate(world.accounts, world.token(account, issue=3), NOW)
    assert (await log_in(world.accounts, EMAIL, PASSWORD, NOW)).candidate_id == account


async def test_links_asked_for_at_once_all_activate(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    await asyncio.gather(*(request_activation_mail(world.accounts, EMAIL, NOW) for _ in range(5)))
    account = await world.only_account()
    kept = await world.value("SELECT array_agg(issue ORDER BY issue) FROM activation_issue")
    assert kept == [1, 2, 3, 4, 5, 6]
    await activate(world.accounts, world.token(account, issue=6), NOW)


async def test_the_owner_of_an_activated_account_is_told_and_nothing_changes(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    account = await world.only_account()
    await activate(world.accounts, world.token(account), NOW)
    await create_account(world.accounts, EMAIL, OTHER_PASSWORD, NOW)
    assert (await world.names_of_facts())[2:] == ["AccountCreationRepeated"]
    assert (await log_in(world.accounts, EMAIL, PASSWORD, NOW)).candidate_id == account


async def test_a_link_is_not_sent_again_to_the_activated_nor_to_the_unknown(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    await activate(world.accounts, world.token(await world.only_account()), NOW)
    await request_activation_mail(world.accounts, EMAIL, NOW)
    await request_activation_mail(world.accounts, "personne@exemple.fr", NOW)
    assert await world.names_of_facts() == ["AccountCreated", "AccountActivated"]
