"""How many mails to a person are kept, told to `accounts` for an erasure."""

import httpx
import pytest

from services.chassis.database import Database
from services.chassis.identity import TokenIssuer
from tests.integration.notifications.test_export import by
from tests.integration.notifications.test_hearing import created, deleted, hear
from tests.unit.notifications.samples import CANDIDATE

PATH = f"/internal/candidates/{CANDIDATE}/holdings"


@pytest.mark.parametrize("reason", ["erased", "not_activated"])
async def test_once_deleted_nothing_can_leave_but_the_mail_that_says_so(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, reason: str
) -> None:
    await hear(database, created(), created(2))
    there = (await site.get(PATH, headers=by(issuer, "accounts"))).json()
    assert (there["buried"], there["kept"]["messages"] > 0) == (False, True)
    await hear(database, deleted(reason))
    answer = await site.get(PATH, headers=by(issuer, "accounts"))
    assert answer.json() == {"buried": True, "kept": {"messages": 0}}


async def test_only_accounts_may_ask(site: httpx.AsyncClient, issuer: TokenIssuer) -> None:
    for service in ("registration", "documents"):
        assert (await site.get(PATH, headers=by(issuer, service))).status_code == 403
