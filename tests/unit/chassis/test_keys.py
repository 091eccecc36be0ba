"""Two processes of `sessions` at one address, each with a key of its own: a change of key, or a mistake."""

from types import SimpleNamespace

import httpx
import pytest

from services.chassis.identity import (
    CLOCKS_APART_SECONDS,
    LIFETIME_SECONDS,
    PUBLIC_AUDIENCE,
    Identity,
    InvalidToken,
    TokenIssuer,
    TokenVerifier,
)
from services.chassis.keys import PublishedKeys
from tests.unit.chassis.test_http import CANDIDATE, new_issuer


class Sessions:
    """Answers with the keys of `answering`; every fetch is counted."""

    def __init__(self, answering: TokenIssuer) -> None:
        self.answering = answering
        self.fetches = 0

    def __call__(self, _: httpx.Request) -> httpx.Response:
        self.fetches += 1
        return httpx.Response(200, json=self.answering.jwks())


class Candidates:
    """What becomes of requests whose token this or that process signed."""

    def __init__(self, sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
        client = httpx.AsyncClient(transport=httpx.MockTransport(sessions))
        self._verifier = TokenVerifier("http://sessions/keys", client)
        self._now = 1000.0
        monkeypatch.setattr("services.chassis.keys.time", SimpleNamespace(monotonic=lambda: self._now))

    def wait(self, seconds: float = PublishedKeys.REFETCH_SECONDS + 0.1) -> None:
        self._now += seconds

    async def asks(self, signed_by: TokenIssuer) -> Identity:
        return await self._verifier.verify(signed_by.issue(CANDIDATE), PUBLIC_AUDIENCE)


@pytest.fixture
def one() -> TokenIssuer:
    return new_issuer()


@pytest.fixture
def other() -> TokenIssuer:
    return new_issuer()


async def test_what_one_process_publishes_does_not_log_out_the_candidates_of_the_other(
    one: TokenIssuer, other: TokenIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Sessions(one)
    candidates = Candidates(sessions, monkeypatch)
    assert await candidates.asks(one) == CANDIDATE
    candidates.wait()
    sessions.answering = other
    assert await candidates.asks(other) == CANDIDATE
    assert await candidates.asks(one) == CANDIDATE


async def test_two_keys_that_both_go_on_being_published_are_both_believed_for_good(
    one: TokenIssuer, other: TokenIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Sessions(one)
    candidates = Candidates(sessions, monkeypatch)
    await candidates.asks(one)
    for turn in range(100):
        candidates.wait(60)
        sessions.answering = (one, other)[turn % 2]
        if turn:
            assert await candidates.asks(one) == CANDIDATE
            assert await candidates.asks(other) == CANDIDATE


async def test_a_key_that_nobody_publishes_any_more_is_believed_for_as_long_as_its_last_token_lasts(
    one: TokenIssuer, other: TokenIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Sessions(one)
    candidates = Candidates(sessions, monkeypatch)
    await candidates.asks(one)
    candidates.wait()
    sessions.answering = other
    await candidates.asks(other)
    candidates.wait(LIFETIME_SECONDS + CLOCKS_APART_SECONDS - 1)
    assert await candidates.asks(one) == CANDIDATE
    candidates.wait()
    with pytest.raises(InvalidToken):
        await candidates.asks(one)


async def test_a_key_that_is_published_is_not_asked_for_again(
    one: TokenIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Sessions(one)
    candidates = Candidates(sessions, monkeypatch)
    for _ in range(3):
        await candidates.asks(one)
        candidates.wait()
    assert sessions.fetches == 1


async def test_a_token_of_no_key_of_ours_does_not_make_every_request_ask(
    one: TokenIssuer, other: TokenIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Sessions(one)
    candidates = Candidates(sessions, monkeypatch)
    for _ in range(5):
        with pytest.raises(InvalidToken):
            await candidates.asks(other)
    assert sessions.fetches == 1
