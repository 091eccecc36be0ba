"""What this service hands to `accounts` when a person asks for their data."""

import httpx

from services.chassis.database import Database
from services.chassis.identity import Identity, TokenIssuer
from tests.integration.notifications.conftest import ADDRESS, a_candidate, headers
from tests.integration.notifications.test_hearing import created, hear
from tests.unit.notifications.samples import CANDIDATE

PATH = f"/internal/candidates/{CANDIDATE}/export"


def by(issuer: TokenIssuer, service: str) -> dict[str, str]:
    token = issuer.issue(Identity("service", service), "notifications")
    return {"Authorization": f"Bearer {token}"}


async def test_it_lists_what_was_written_without_words_or_address(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database
) -> None:
    (row,) = await hear(database, created())
    answer = await site.get(PATH, headers=by(issuer, "accounts"))
    (message,) = answer.json()["kept"]["messages"]
    assert message["subject"] == "Activez votre compte candidat"
    assert message["link"].endswith(f"/messages/{row['id']}")
    assert ADDRESS not in answer.text


async def test_only_accounts_may_ask(site: httpx.AsyncClient, issuer: TokenIssuer) -> None:
    for service in ("registration", "documents"):
        assert (await site.get(PATH, headers=by(issuer, service))).status_code == 403
    assert (await site.get(PATH, headers=headers(issuer, a_candidate()))).status_code == 401
    assert (await site.get(PATH, headers=by(issuer, "accounts"))).json() == {"kept": {"messages": []}}
