"""The bounds: how many passwords wait, how many failures a minute."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from services.accounts.domain.errors import Overloaded
from services.accounts.hashing import Passwords
from services.accounts.throttle import FailureMeter

NOW = datetime(2020, 11, 10, 12, tzinfo=UTC)


async def test_hashes_are_argon2id_at_owasps_cost() -> None:
    passwords = Passwords(threads=1)
    hashed = await passwords.hash("agrafe lune tr")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.verify(hashed, "agrafe lune tr")
    assert not await passwords.verify(hashed, "agrafe lune t")
    passwords.close()


async def test_without_a_hash_nothing_matches_not_even_the_decoys_password() -> None:
    passwords = Passwords(threads=1)
    assert not await passwords.verify(None, "")
    passwords.close()


async def test_more_requests_than_can_wait_are_told_to_come_back() -> None:
    passwords = Passwords(threads=1, waiting=2)
    answers = await asyncio.gather(*(passwords.hash("x") for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(answer, Overloaded) for answer in answers) == 7
    assert await passwords.hash("room again")
    passwords.close()


async def test_a_cancelled_request_gives_its_place_back() -> None:
    passwords = Passwords(threads=1, waiting=0)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await passwords.hash("x")
        await asyncio.sleep(0.3)
    assert await passwords.hash("x")
    passwords.close()


async def test_a_password_that_could_not_be_checked_for_lack_of_memory_is_not_called_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passwords = Passwords(threads=1)
    hashed = await passwords.hash("agrafe lune tr")

    def no_memory(*_: object) -> bool:
        raise VerificationError("Memory allocation error")

    monkeypatch.setattr(PasswordHasher, "verify", no_memory)
    with pytest.raises(Overloaded):
        await passwords.verify(hashed, "agrafe lune tr")
    passwords.close()


async def test_of_several_hashes_the_passwords_own_is_found() -> None:
    passwords = Passwords(threads=1)
    hashes = [await passwords.hash(text) for text in ("agrafe", "lune", "tréteau")]
    assert await passwords.first_match(hashes, "lune") == hashes[1]
    assert await passwords.first_match(hashes, "soleil") is None
    assert await passwords.first_match([], "") is None
    passwords.close()


def test_many_failures_raise_one_alarm_a_minute() -> None:
    meter = FailureMeter(3)
    assert [meter.count(NOW + timedelta(seconds=second)) for second in range(5)] == [
        False,
        False,
        True,
        False,
        False,
    ]
    assert [meter.count(NOW + timedelta(seconds=65)) for _ in range(3)] == [False, False, True]


def test_few_failures_raise_none() -> None:
    meter = FailureMeter(3)
    assert not any(meter.count(NOW + timedelta(seconds=31 * n)) for n in range(20))
