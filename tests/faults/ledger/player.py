"""Plays the plans of a round: one task for each life, on one clock, until all have done their part."""

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx

from tests.faults.ledger.candidate import Candidate, GivenUp, sleep_until
from tests.faults.ledger.client import Client
from tests.faults.ledger.lives import lives
from tests.faults.ledger.mailbag import Log, Mailbag, size
from tests.faults.ledger.plans import Life
from tests.faults.ledger.record import Recorder
from tests.faults.ledger.rounds import Round

_BEGIN_WITHIN = 0.35
"""Of the window: lives begin early enough to be registered before it closes."""


async def play(of_round: Round, ledger: Path) -> None:
    """Play the lives of a round and write them down."""
    plans = lives(of_round.lives, of_round.seed, of_round.behaviours)
    mails_begin_at = size(of_round.mail_log)
    mailbag = Mailbag(Log(of_round.mail_log, of_round.mail_domain, mails_begin_at))
    reading = asyncio.create_task(mailbag.run())
    try:
        with Recorder(ledger) as recorder:
            recorder.opens(mails_begin_at)
            begins = _beginnings(of_round, plans)
            broken = await asyncio.gather(
                *(
                    _live(of_round, recorder, mailbag, number, plan, at)
                    for number, (plan, at) in enumerate(zip(plans, begins, strict=True))
                ),
                return_exceptions=True,
            )
        for error in filter(None, broken):
            # Of an answer outside its documents: the others play on, and the audit finds this life unended.
            traceback.print_exception(error)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def _beginnings(of_round: Round, plans: list[Life]) -> list[datetime]:
    first = max(of_round.session.opens_at, datetime.now(UTC))
    within = (of_round.session.closes_at - first) * _BEGIN_WITHIN
    return [first + within * plan.start / 1000 for plan in plans]


@asynccontextmanager
async def _browser(gateway: str) -> AsyncIterator[httpx.AsyncClient]:
    """Connections of one life's own.

    In one pool for all lives, which queue in it when the house is slow, httpcore 1.0.9 keeps the place of a
    request whose wait ends just as it is given one, for ever, until nobody gets any.
    """
    no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    async with httpx.AsyncClient(
        base_url=gateway,
        cookies=no_cookies,
        timeout=httpx.Timeout(12, connect=3, pool=30),
        verify=False,  # the gateway here speaks plain http, and a TLS context takes long to make
    ) as http:
        yield http


async def _live(
    of_round: Round,
    recorder: Recorder,
    mailbag: Mailbag,
    number: int,
    plan: Life,
    begins_at: datetime,
) -> None:
    await sleep_until(begins_at)
    email = of_round.address(number)
    recorder.begins(number, email, plan.kind.value, plan.model_dump(mode="json", exclude_defaults=True))
    async with _browser(of_round.gateway) as http:
        client = Client(http, recorder, of_round.gateway, number)
        try:
            await Candidate(of_round, client, mailbag, number, email, plan).play()
        except GivenUp as why:
            recorder.ends(number, str(why))
        else:
            recorder.ends(number, "")
