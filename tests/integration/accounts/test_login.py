import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from services.accounts.commands.activate import activate
from services.accounts.commands.create import create_account
from services.accounts.commands.login import Login, log_in
from services.accounts.commands.reset import Reset, check_reset, complete_reset, request_reset
from services.accounts.domain.errors import (
    LinkExpired,
    LinkUsed,
    SessionOver,
    TooManyTries,
    UnknownLink,
    WeakPassword,
    WrongCredentials,
)
from services.accounts.hashing import Passwords
from services.accounts.tokens import digest
from services.contracts.events import AccountActivated, PasswordChanged, PasswordResetRequested
from services.contracts.stages import AccountState
from tests.conftest import FreshDatabase
from tests.integration.accounts.conftest import NOW
from tests.integration.accounts.world import PASSWORD, World, open_world
from tests.unit.accounts.calendars import CLOSES_AT, MILLISECOND, session_2021

EMAIL = "camille@exemple.fr"
NEW_PASSWORD = "boussole verte et bois"
HOUR = timedelta(hours=1)
HOME, ELSEWHERE = "192.0.2.0/24", "203.0.113.0/24"
ALARMS = "candidat_libre_login_alarms_total"


@pytest.fixture
async def account(world: World) -> UUID:
    """An activated account."""
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    found = await world.only_account()
    await activate(world.accounts, world.token(found), PASSWORD, NOW)
    return found


async def is_open(world: World, login: Login) -> bool:
    found: bool = await world.value(
        "SELECT revoked_at IS NULL FROM login_session WHERE token_sha256 = $1", digest(login.token)
    )
    return found


async def use_up_tries(world: World) -> None:
    """Somebody else of the network tries passwords on the address."""
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await log_in(world.accounts, EMAIL, "pas celui-ci non plus", NOW, HOME)
    with pytest.raises(TooManyTries):
        await log_in(world.accounts, EMAIL, PASSWORD, NOW, HOME)


async def test_a_login_is_always_a_new_session_until_the_exam_session_ends(
    world: World, account: UUID
) -> None:
    one = await log_in(world.accounts, EMAIL, PASSWORD, NOW)
    two = await log_in(world.accounts, EMAIL.upper(), PASSWORD, NOW)
    assert one.token != two.token
    assert one.expires_at == session_2021().ends_at
    assert one.candidate_id == account
    assert await world.value("SELECT count(*) FROM login_session") == 2


async def test_the_token_itself_is_kept_nowhere(world: World, account: UUID) -> None:
    login = await log_in(world.accounts, EMAIL, PASSWORD, NOW)
    assert login.token not in await world.value("SELECT string_agg(s::text, '') FROM login_session s")


async def test_login_stays_open_until_the_exam_session_ends(world: World, account: UUID) -> None:
    ends_at = session_2021().ends_at
    await log_in(world.accounts, EMAIL, PASSWORD, ends_at - MILLISECOND)
    with pytest.raises(SessionOver):
        await log_in(world.accounts, EMAIL, PASSWORD, ends_at)


async def test_only_an_activated_account_logs_in(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    with pytest.raises(WrongCredentials):
        await log_in(world.accounts, EMAIL, PASSWORD, NOW)


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, NEW_PASSWORD), ("personne@exemple.fr", PASSWORD), ("pas une adresse", PASSWORD), (EMAIL, "")],
)
async def test_wrong_is_wrong_whatever_was(world: World, account: UUID, email: str, password: str) -> None:
    with pytest.raises(WrongCredentials):
        await log_in(world.accounts, email, password, NOW)


@pytest.mark.parametrize("email", [EMAIL, "personne@exemple.fr"])
async def test_ten_wrong_tries_of_an_address_then_a_wait_known_or_not(
    world: World, account: UUID, email: str
) -> None:
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await log_in(world.accounts, email, NEW_PASSWORD, NOW)
    with pytest.raises(TooManyTries) as refused:
        await log_in(world.accounts, email, PASSWORD, NOW + timedelta(minutes=14))
    assert 59 <= refused.value.retry_after_seconds <= 62
    with pytest.raises(WrongCredentials):
        await log_in(world.accounts, email, NEW_PASSWORD, NOW + timedelta(minutes=15))


async def test_tries_sent_at_once_are_all_counted(world: World, account: UUID) -> None:
    answers = await asyncio.gather(
        *(log_in(world.accounts, EMAIL, NEW_PASSWORD, NOW) for _ in range(30)), return_exceptions=True
    )
    assert sum(isinstance(answer, WrongCredentials) for answer in answers) == 10
    assert sum(isinstance(answer, TooManyTries) for answer in answers) == 20


async def test_a_successful_login_forgets_the_tries_before_it(world: World, account: UUID) -> None:
    for _ in range(3):
        for _ in range(9):
            with pytest.raises(WrongCredentials):
                await log_in(world.accounts, EMAIL, NEW_PASSWORD, NOW)
        await log_in(world.accounts, EMAIL, PASSWORD, NOW)


async def test_tries_are_counted_by_address_and_network(world: World, account: UUID) -> None:
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await log_in(world.accounts, EMAIL, NEW_PASSWORD, NOW, ELSEWHERE)
    with pytest.raises(TooManyTries):
        await log_in(world.accounts, EMAIL, PASSWORD, NOW, ELSEWHERE)
    assert (await log_in(world.accounts, EMAIL, PASSWORD, NOW, HOME)).candidate_id == account


async def test_a_browser_that_logged_in_before_has_tries_of_its_own(world: World, account: UUID) -> None:
    browser = (await log_in(world.accounts, EMAIL, PASSWORD, NOW, HOME)).browser
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await log_in(world.accounts, EMAIL, NEW_PASSWORD, NOW, HOME)
    with pytest.raises(TooManyTries):
        await log_in(world.accounts, EMAIL, PASSWORD, NOW, HOME)
    await log_in(world.accounts, EMAIL, PASSWORD, NOW, HOME, browser=browser)
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await log_in(world.accounts, EMAIL, NEW_PASSWORD, NOW, HOME, browser=browser)
    with pytest.raises(TooManyTries):
        await log_in(world.accounts, EMAIL, PASSWORD, NOW, HOME, browser=browser)


async def test_a_browser_known_for_one_address_is_a_stranger_to_another(world: World, account: UUID) -> None:
    browser = (await log_in(world.accounts, EMAIL, PASSWORD, NOW, HOME)).browser
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await log_in(world.accounts, "dominique@exemple.fr", PASSWORD, NOW, HOME, browser=browser)
    with pytest.raises(TooManyTries):
        await log_in(world.accounts, "dominique@exemple.fr", PASSWORD, NOW, HOME)


async def test_a_network_that_tries_many_addresses_has_two_more_with_each_and_successes_do_not_count(
    fresh_database: FreshDatabase,
) -> None:
    url = await fresh_database("accounts")
    async with open_world(url, NOW, network_login_tries=3) as world:
        await world.schedule(session_2021())
        await create_account(world.accounts, EMAIL, PASSWORD, NOW)
        await activate(world.accounts, world.token(await world.only_account()), PASSWORD, NOW)
        for _ in range(5):
            await log_in(world.accounts, EMAIL, PASSWORD, NOW, ELSEWHERE)
        for n in range(3):
            with pytest.raises(WrongCredentials):
                await log_in(world.accounts, f"{n}@exemple.fr", PASSWORD, NOW, ELSEWHERE)
        for _ in range(2):
            with pytest.raises(WrongCredentials):
                await log_in(world.accounts, "3@exemple.fr", PASSWORD, NOW, ELSEWHERE)
        with pytest.raises(TooManyTries):
            await log_in(world.accounts, "3@exemple.fr", PASSWORD, NOW, ELSEWHERE)
        await log_in(world.accounts, EMAIL, PASSWORD, NOW, HOME)


async def test_who_shares_a_network_with_one_that_tries_many_addresses_still_logs_in(
    fresh_database: FreshDatabase,
) -> None:
    url = await fresh_database("accounts")
    async with open_world(url, NOW, network_login_tries=3) as world:
        await world.schedule(session_2021())
        await create_account(world.accounts, EMAIL, PASSWORD, NOW)
        await activate(world.accounts, world.token(await world.only_account()), PASSWORD, NOW)
        for n in range(10):
            with pytest.raises(WrongCredentials):
                await log_in(world.accounts, f"{n}@exemple.fr", PASSWORD, NOW, ELSEWHERE)
        for _ in range(3):
            await log_in(world.accounts, EMAIL, PASSWORD, NOW, ELSEWHERE)
        with pytest.raises(WrongCredentials):
            await log_in(world.accounts, EMAIL, NEW_PASSWORD, NOW, ELSEWHERE)
        assert (await log_in(world.accounts, EMAIL, PASSWORD, NOW, ELSEWHERE)).token


async def test_a_browser_that_activated_the_account_has_tries_of_its_own(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    token = world.token(await world.only_account())
    browser = (await activate(world.accounts, token, PASSWORD, NOW)).browser
    await use_up_tries(world)
    await log_in(world.accounts, EMAIL, PASSWORD, NOW, HOME, browser=browser)


async def test_a_browser_that_chose_a_new_password_has_tries_of_its_own(world: World, account: UUID) -> None:
    await request_reset(world.accounts, EMAIL, NOW)
    token = world.token(account, kind="password_reset")
    browser = (await complete_reset(world.accounts, token, NEW_PASSWORD, NOW, HOME)).browser
    await use_up_tries(world)
    await log_in(world.accounts, EMAIL, NEW_PASSWORD, NOW, HOME, browser=browser)


async def test_what_all_fail_together_refuses_nobody(fresh_database: FreshDatabase) -> None:
    url = await fresh_database("accounts")
    async with open_world(url, NOW, alarming_failures_per_minute=3) as world:
        await world.schedule(session_2021())
        await create_account(world.accounts, EMAIL, PASSWORD, NOW)
        await activate(world.accounts, world.token(await world.only_account()), PASSWORD, NOW)
        before = REGISTRY.get_sample_value(ALARMS) or 0
        for n in range(6):
            with pytest.raises(WrongCredentials):
                await log_in(world.accounts, f"{n}@exemple.fr", PASSWORD, NOW, f"198.51.{n}.0/24")
        assert REGISTRY.get_sample_value(ALARMS) == before + 1
        await log_in(world.accounts, EMAIL, PASSWORD, NOW, HOME)


async def next_year(world: World) -> datetime:
    """A second session, and an instant in its window; the first has ended."""
    this, year = session_2021(), timedelta(days=365)
    dates = ("opens_at", "closes_at", "deadline_at", "ends_at")
    await world.schedule(
        session_2021(session_id="2022", **{name: getattr(this, name) + year for name in dates})
    )
    return NOW + year


async def test_last_years_address_registers_for_the_next_session(world: World, account: UUID) -> None:
    now = await next_year(world)
    with pytest.raises(SessionOver):
        await log_in(world.accounts, EMAIL, PASSWORD, now)
    await create_account(world.accounts, EMAIL, NEW_PASSWORD, now)
    again = await world.value("SELECT id FROM account WHERE session_id = '2022'")
    assert again != account
    assert (await world.names_of_facts())[-1] == "AccountCreated"
    await activate(world.accounts, world.token(again), NEW_PASSWORD, now)
    assert (await log_in(world.accounts, EMAIL, NEW_PASSWORD, now)).candidate_id == again
    with pytest.raises(WrongCredentials):
        await log_in(world.accounts, EMAIL, PASSWORD, now)


async def test_who_starts_again_next_year_resets_the_new_account(world: World, account: UUID) -> None:
    now = await next_year(world)
    await create_account(world.accounts, EMAIL, PASSWORD, now)
    again = await world.value("SELECT id FROM account WHERE session_id = '2022'")
    await request_reset(world.accounts, EMAIL, now)
    assert (await world.facts())[-1].key == again


async def test_of_two_sessions_that_are_not_over_login_takes_the_running_one_unless_told(
    world: World, account: UUID
) -> None:
    await world.schedule(session_2021(session_id="2022", opens_at=CLOSES_AT, closes_at=CLOSES_AT + HOUR))
    await create_account(world.accounts, EMAIL, PASSWORD, CLOSES_AT)
    again = await world.value("SELECT id FROM account WHERE session_id = '2022'")
    assert (await log_in(world.accounts, EMAIL, PASSWORD, CLOSES_AT)).candidate_id == account
    for candidate_id, meant in ((None, account), (again, again)):
        await request_reset(world.accounts, EMAIL, CLOSES_AT, candidate_id=candidate_id)
        assert (await world.facts())[-1].key == meant
    await activate(world.accounts, world.token(again), PASSWORD, CLOSES_AT)
    assert (await log_in(world.accounts, EMAIL, PASSWORD, CLOSES_AT)).candidate_id == again
    told = await log_in(world.accounts, EMAIL, PASSWORD, CLOSES_AT, session_id="2021")
    assert told.candidate_id == account


async def test_a_reset_activates_an_account_that_waits(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    waits = await world.only_account()
    await request_reset(world.accounts, EMAIL, NOW)
    assert (await world.facts())[-1] == PasswordResetRequested(
        candidate_id=waits, revision=2, state=AccountState.AWAITING_ACTIVATION, issue=1
    )
    token = world.token(waits, kind="password_reset")
    assert (await complete_reset(world.accounts, token, NEW_PASSWORD, NOW)).activated
    assert (await world.facts())[-1] == AccountActivated(
        candidate_id=waits, revision=3, state=AccountState.ACTIVATED, session_id="2021"
    )
    await log_in(world.accounts, EMAIL, NEW_PASSWORD, NOW)
    with pytest.raises(LinkUsed):
        await activate(world.accounts, world.token(waits), PASSWORD, NOW)
    with pytest.raises(LinkUsed):
        await complete_reset(world.accounts, token, PASSWORD, NOW)


async def test_a_reset_gives_no_more_time_to_activate(world: World) -> None:
    await create_account(world.accounts, EMAIL, PASSWORD, NOW)
    waits = await world.only_account()
    await world.mail_left(waits, NOW)
    expires_at = NOW + timedelta(hours=48)
    await request_reset(world.accounts, EMAIL, expires_at - MILLISECOND)
    token = world.token(waits, kind="password_reset")
    with pytest.raises(LinkExpired):
        await complete_reset(world.accounts, token, NEW_PASSWORD, expires_at)
    await request_reset(world.accounts, EMAIL, expires_at)
    assert (await world.names_of_facts()).count("PasswordResetRequested") == 1
    assert (await complete_reset(world.accounts, token, NEW_PASSWORD, expires_at - MILLISECOND)).activated


async def test_a_reset_changes_the_password_and_ends_every_session(world: World, account: UUID) -> None:
    before = await log_in(world.accounts, EMAIL, PASSWORD, NOW)
    await request_reset(world.accounts, EMAIL, NOW)
    assert (await world.facts())[-1] == PasswordResetRequested(
        candidate_id=account, revision=3, state=AccountState.ACTIVATED, issue=1
    )
    token = world.token(account, kind="password_reset")
    await complete_reset(world.accounts, token, NEW_PASSWORD, NOW)
    assert (await world.facts())[-1] == PasswordChanged(
        candidate_id=account, revision=4, state=AccountState.ACTIVATED
    )
    assert not await is_open(world, before)
    assert await is_open(world, await log_in(world.accounts, EMAIL, NEW_PASSWORD, NOW))
    with pytest.raises(WrongCredentials):
        await log_in(world.accounts, EMAIL, PASSWORD, NOW)


async def test_a_reset_link_is_good_once_and_for_an_hour(world: World, account: UUID) -> None:
    await request_reset(world.accounts, EMAIL, NOW)
    await request_reset(world.accounts, EMAIL, NOW)
    first, second = (world.token(account, n, "password_reset") for n in (1, 2))
    with pytest.raises(LinkExpired):
        await complete_reset(world.accounts, first, NEW_PASSWORD, NOW + HOUR)
    await complete_reset(world.accounts, first, NEW_PASSWORD, NOW + HOUR - MILLISECOND)
    for used in (first, second):
        with pytest.raises(LinkUsed):
            await complete_reset(world.accounts, used, PASSWORD, NOW)


async def test_a_refused_new_password_leaves_the_link_usable(world: World, account: UUID) -> None:
    await request_reset(world.accounts, EMAIL, NOW)
    token = world.token(account, kind="password_reset")
    with pytest.raises(WeakPassword):
        await complete_reset(world.accounts, token, "court", NOW)
    await check_reset(world.accounts, token, NOW)


async def test_an_activation_link_resets_no_password(world: World, account: UUID) -> None:
    await request_reset(world.accounts, EMAIL, NOW)
    with pytest.raises(UnknownLink):
        await complete_reset(world.accounts, world.token(account), NEW_PASSWORD, NOW)


async def test_a_reset_link_used_twice_at_once_sets_one_password(world: World, account: UUID) -> None:
    await request_reset(world.accounts, EMAIL, NOW)
    token = world.token(account, kind="password_reset")
    answers = await asyncio.gather(
        *(complete_reset(world.accounts, token, f"{NEW_PASSWORD} {n}", NOW) for n in range(6)),
        return_exceptions=True,
    )
    assert [answer.activated for answer in answers if isinstance(answer, Reset)] == [None]
    assert (await world.names_of_facts()).count("PasswordChanged") == 1
    assert sum(isinstance(answer, LinkUsed) for answer in answers) == 5


async def test_a_login_whose_password_is_reset_meanwhile_opens_no_session(
    world: World, account: UUID
) -> None:
    await request_reset(world.accounts, EMAIL, NOW)

    class Slow(Passwords):
        """The reset is done after the old password was found right, before the session is written."""

        async def verify(self, password_hash: str | None, password: str) -> bool:
            right = await super().verify(password_hash, password)
            token = world.token(account, kind="password_reset")
            await complete_reset(world.accounts, token, NEW_PASSWORD, NOW)
            return right

    passwords = Slow(threads=1)
    with pytest.raises(WrongCredentials):
        await log_in(replace(world.accounts, passwords=passwords), EMAIL, PASSWORD, NOW)
    passwords.close()
    assert await world.value("SELECT count(*) FROM login_session") == 0
