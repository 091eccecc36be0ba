import asyncio
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from services.accounts.commands.activate import activate
from services.accounts.commands.create import create_account, request_activation_mail
from services.accounts.commands.login import log_in
from services.accounts.commands.reset import request_reset
from services.accounts.domain.errors import (
    BadAddress,
    NoSession,
    NotThePassword,
    TooManyTries,
    WeakPassword,
    WindowNotOpen,
    WrongCredentials,
)
from services.accounts.domain.pending import MOST, MOST_OF_NETWORK
from services.contracts.events import AccountCreated, ActivationMailRequested
from services.contracts.stages import AccountState
from tests.conftest import FreshDatabase
from tests.integration.accounts.conftest import NOW
from tests.integration.accounts.world import PASSWORD, World, open_world
from tests.unit.accounts.calendars import CLOSES_AT, MILLISECOND, session_2021

EMAIL = "camille@exemple.fr"
OTHER_PASSWORD = "boussole verte et bois"
ELSEWHERE = "203.0.113.0/24"
Ask = Callable[..., Awaitable[None]]


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
    kept = await world.value("SELECT password_hash FROM activation_password")
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


async def test_only_a_password_that_its_reader_knows_is_activated(world: World) -> None:
    """Whoever asks first for another person's address, and uses up its mails, gains nothing."""
    for _ in range(6):
        await create_account(world.accounts, EMAIL, OTHER_PASSWORD, NOW, ELSEWHERE)
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    account = await world.only_account()
    assert len(await world.facts()) == 5
    with pytest.raises(NotThePassword):
        await activate(world.accounts, world.token(account), "encore une autre phrase", NOW)
    assert await world.value("SELECT state FROM account") == "awaiting_activation"
    await activate(world.accounts, world.token(account, issue=2), PASSWORD, NOW)
    assert (await log_in(world.accounts, EMAIL, PASSWORD, NOW)).candidate_id == account
    with pytest.raises(WrongCredentials):
        await log_in(world.accounts, EMAIL, OTHER_PASSWORD, NOW)


async def test_every_link_activates_with_any_password_that_was_asked_with(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    await create_account(world.accounts, EMAIL, OTHER_PASSWORD, NOW)
    await request_activation_mail(world.accounts, EMAIL, NOW)
    account = await world.only_account()
    await activate(world.accounts, world.token(account, issue=3), PASSWORD, NOW)
    assert (await log_in(world.accounts, EMAIL, PASSWORD, NOW)).candidate_id == account


async def test_the_password_is_the_same_however_its_accents_were_typed(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    account = await world.only_account()
    decomposed = unicodedata.normalize("NFD", PASSWORD)
    assert decomposed != PASSWORD
    await activate(world.accounts, world.token(account), decomposed, NOW)


async def test_a_network_that_asks_often_pushes_out_only_its_own_passwords(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW, "192.0.2.0/24")
    for n in range(5):
        await create_account(world.accounts, EMAIL, f"{OTHER_PASSWORD} {n}", NOW, ELSEWHERE)
    assert await world.value("SELECT count(*) FROM activation_password") == 1 + MOST_OF_NETWORK
    await activate(world.accounts, world.token(await world.only_account()), PASSWORD, NOW)


async def test_the_passwords_that_wait_are_bounded(world: World) -> None:
    for n in range(MOST + 3):
        await create_account(world.accounts, EMAIL, PASSWORD, NOW, f"198.51.{n}.0/24")
    assert await world.value("SELECT count(*) FROM activation_password") == MOST


async def test_links_asked_for_at_once_all_activate(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    await asyncio.gather(*(request_activation_mail(world.accounts, EMAIL, NOW) for _ in range(5)))
    assert await world.value("SELECT issue FROM account") == 6
    await activate(world.accounts, world.token(await world.only_account(), issue=6), PASSWORD, NOW)


async def test_wrong_passwords_of_an_activation_are_limited(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    token = world.token(await world.only_account())
    for _ in range(10):
        with pytest.raises(NotThePassword):
            await activate(world.accounts, token, OTHER_PASSWORD, NOW)
    with pytest.raises(TooManyTries):
        await activate(world.accounts, token, PASSWORD, NOW)
    await activate(world.accounts, token, PASSWORD, NOW + timedelta(minutes=15))


async def test_a_network_asks_for_so_many_accounts_and_another_goes_on(fresh_database: FreshDatabase) -> None:
    url = await fresh_database("accounts")
    async with open_world(url, NOW, network_creations_per_hour=2) as world:
        await world.schedule(session_2021())
        for n in range(2):
            await create_account(world.accounts, f"{n}-{EMAIL}", PASSWORD, NOW, ELSEWHERE)
        with pytest.raises(TooManyTries):
            await create_account(world.accounts, EMAIL, PASSWORD, NOW, ELSEWHERE)
        await create_account(world.accounts, EMAIL, PASSWORD, NOW, "192.0.2.0/24")
        await create_account(world.accounts, f"3-{EMAIL}", PASSWORD, NOW + timedelta(hours=1), ELSEWHERE)
        assert await world.value("SELECT count(*) FROM account") == 4


@pytest.mark.parametrize("ask", [request_activation_mail, request_reset])
async def test_a_network_that_asks_for_many_mails_has_two_more_for_each_address(
    fresh_database: FreshDatabase, ask: Ask
) -> None:
    """Whoever shares it can still be sent a link."""
    url = await fresh_database("accounts")
    async with open_world(url, NOW, network_mail_requests_per_hour=2) as world:
        await world.schedule(session_2021())
        await create_account(world.accounts, EMAIL, PASSWORD, NOW, ELSEWHERE)
        for n in range(5):
            await ask(world.accounts, f"{n}-{EMAIL}", NOW, ELSEWHERE)
        for sent in (1, 2):
            await ask(world.accounts, EMAIL, NOW, ELSEWHERE)
            assert len(await world.facts()) == 1 + sent
        with pytest.raises(TooManyTries):
            await ask(world.accounts, EMAIL, NOW, ELSEWHERE)
        await ask(world.accounts, EMAIL, NOW, "192.0.2.0/24")


async def test_the_owner_of_an_activated_account_is_told_and_nothing_changes(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    account = await world.only_account()
    await activate(world.accounts, world.token(account), PASSWORD, NOW)
    await create_account(world.accounts, EMAIL, OTHER_PASSWORD, NOW)
    assert (await world.names_of_facts())[2:] == ["AccountCreationRepeated"]
    assert (await log_in(world.accounts, EMAIL, PASSWORD, NOW)).candidate_id == account


async def test_a_link_is_not_sent_again_to_the_activated_nor_to_the_unknown(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    await activate(world.accounts, world.token(await world.only_account()), PASSWORD, NOW)
    await request_activation_mail(world.accounts, EMAIL, NOW)
    await request_activation_mail(world.accounts, "personne@exemple.fr", NOW)
    assert await world.names_of_facts() == ["AccountCreated", "AccountActivated"]
