"""A person erased by the office: who may, how often, and what is kept of the act."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest

from services.accounts.commands.erase import Reason, erase_by_officer
from services.accounts.commands.login import log_in_officer
from services.chassis.identity import Identity
from services.contracts.events import AccountDeleted
from services.contracts.internal import Holdings
from tests.integration.accounts.paging import send
from tests.integration.accounts.test_api import CREDENTIALS, EMAIL, activated, awaiting, problem, value
from tests.integration.accounts.test_own import ERASE as OWN_PAGE
from tests.integration.accounts.test_own import SURE, entered, facts
from tests.integration.accounts.world import Served

DEPUTY = Identity("officer", "adjoint", "deputy", ())


NOTHING = Holdings(buried=False, kept={"something": 0})
OTHERS = ("registration", "documents", "notifications")


@dataclass
class Others:
    """What the other services say that they keep; None: no answer."""

    answer: Mapping[str, Holdings | None] = field(default_factory=lambda: dict.fromkeys(OTHERS, None))


@pytest.fixture
def others(monkeypatch: pytest.MonkeyPatch) -> Others:
    found = Others()

    async def holdings(_: object, service: str, __: UUID) -> Holdings | None:
        return found.answer[service]

    monkeypatch.setattr("services.accounts.erasure._holdings", holdings)
    return found


def path(candidate: UUID) -> str:
    return f"/api/accounts/candidates/{candidate}/erasure"


async def bearer(site: Served, who: Identity = DEPUTY) -> dict[str, str]:
    login = await log_in_officer(site.accounts, who, datetime.now(UTC))
    return {"Authorization": f"Bearer {login.token}"}


async def erase(
    site: Served, candidate: UUID, reason: str = "request", who: Identity = DEPUTY
) -> httpx.Response:
    site.client.cookies.clear()
    return await site.client.post(path(candidate), json={"reason": reason}, headers=await bearer(site, who))


async def deletions(site: Served) -> list[AccountDeleted]:
    return [fact for fact in await facts(site) if isinstance(fact, AccountDeleted)]


async def test_the_office_erases_and_only_the_last_mails_address_stays(site: Served) -> None:
    account = await entered(site)
    await site.client.post("/api/accounts/password-resets", json={"email": EMAIL})
    answer = await erase(site, account)
    assert answer.status_code == 200
    view = answer.json()
    assert (view["already"], view["reason"], view["actor"]) == (False, "request", "adjoint")
    kept = view["services"]["accounts"]["kept"]
    assert kept == {"account": 0, "logins": 0, "password_links": 0, "address_for_the_last_mail": 1}
    assert problem(await site.client.post("/api/accounts/sessions", json=CREDENTIALS))[0] == 401
    assert [(one.candidate_id, one.reason) for one in await deletions(site)] == [(account, "erased")]


async def test_it_is_not_done_while_another_service_has_not_confirmed(site: Served) -> None:
    """The other services are away here."""
    account = await activated(site)
    view = (await erase(site, account)).json()
    assert view["complete"] is False
    assert [view["services"][one] for one in ("registration", "documents", "notifications")] == [None] * 3


async def test_an_account_that_waits_for_its_activation_is_erased_too(site: Served) -> None:
    account = await awaiting(site)
    assert (await erase(site, account, "mistake")).status_code == 200
    assert await value(site, "SELECT count(*) FROM activation_password") == 0
    assert len(await deletions(site)) == 1


async def test_once_more_erases_nothing_and_says_so(site: Served) -> None:
    account = await activated(site)
    await erase(site, account)
    again = (await erase(site, account, "decision")).json()
    assert (again["already"], again["reason"]) == (True, "request")
    assert len(await deletions(site)) == 1


async def test_who_erased_themselves_were_erased_already(site: Served) -> None:
    account = await entered(site)
    await send(site, OWN_PAGE, SURE)
    again = (await erase(site, account)).json()
    assert (again["already"], again["reason"], again["actor"]) == (True, None, None)
    assert len(await deletions(site)) == 1


@pytest.mark.parametrize("role", ["officer", None])
async def test_it_is_for_the_direction_alone(site: Served, role: str | None) -> None:
    account = await activated(site)
    if role is None:
        site.client.cookies.clear()
        answer = await site.client.post(path(account), json={"reason": "request"})
        assert problem(answer) == (401, "connexion-necessaire")
    else:
        answer = await erase(site, account, who=Identity("officer", "gestionnaire-7", role, (7,)))
        assert problem(answer) == (403, "reserve-a-la-direction")
    assert await value(site, "SELECT count(*) FROM account") == 1


async def test_nobody_is_erased_by_an_id_that_nobody_has(site: Served, others: Others) -> None:
    await activated(site)
    others.answer = dict.fromkeys(OTHERS, NOTHING)
    nobody = uuid4()
    assert problem(await erase(site, nobody)) == (404, "candidat-inconnu")
    seen = await site.client.get(path(nobody), headers=await bearer(site))
    assert problem(seen) == (404, "candidat-inconnu")
    assert await value(site, "SELECT count(*) FROM account") == 1
    assert await value(site, "SELECT count(*) FROM tombstone") == 0
    assert await deletions(site) == []


@pytest.mark.parametrize(
    "known", [Holdings(buried=False, kept={"candidature": 1}), Holdings(buried=True, kept={"candidature": 0})]
)
async def test_whom_accounts_has_forgotten_and_another_service_knows_is_erased(
    site: Served, others: Others, known: Holdings
) -> None:
    """`accounts` was restored to before they came. The fact has the others erase what they keep."""
    others.answer = dict.fromkeys(OTHERS, NOTHING) | {"registration": known}
    forgotten = uuid4()
    before = (await site.client.get(path(forgotten), headers=await bearer(site))).json()
    assert before["erased_at"] is None
    assert before["services"]["registration"]["kept"] == known.kept
    view = (await erase(site, forgotten)).json()
    assert (view["already"], view["reason"], view["actor"]) == (False, "request", "adjoint")
    assert view["services"]["accounts"]["confirmed"]
    assert [(one.candidate_id, one.reason) for one in await deletions(site)] == [(forgotten, "erased")]


async def test_once_more_has_the_forgotten_erased_already(site: Served, others: Others) -> None:
    others.answer = dict.fromkeys(OTHERS, NOTHING) | {"documents": Holdings(buried=False, kept={"files": 3})}
    forgotten = uuid4()
    await erase(site, forgotten)
    again = (await erase(site, forgotten, "decision")).json()
    assert (again["already"], again["reason"]) == (True, "request")
    assert len(await deletions(site)) == 1


async def test_two_officers_at_once_erase_the_forgotten_once(site: Served, others: Others) -> None:
    others.answer = dict.fromkeys(OTHERS, NOTHING) | {"documents": Holdings(buried=False, kept={"files": 3})}
    forgotten = uuid4()
    acts = [
        erase_by_officer(site.accounts, forgotten, Reason.REQUEST, officer) for officer in ("chef", "adjoint")
    ]
    assert sorted(await asyncio.gather(*acts)) == [False, True]
    assert len(await deletions(site)) == 1


async def test_it_is_not_said_that_nobody_has_an_id_while_a_service_that_may_know_gives_no_answer(
    site: Served, others: Others
) -> None:
    others.answer = dict.fromkeys(OTHERS, NOTHING) | {"documents": None}
    forgotten = uuid4()
    answer = await erase(site, forgotten)
    assert problem(answer) == (503, "service-muet")
    assert answer.headers["retry-after"] == "30"
    assert await value(site, "SELECT count(*) FROM tombstone") == 0


async def test_a_reason_in_ones_own_words_is_not_taken_since_it_could_name_the_person(site: Served) -> None:
    account = await activated(site)
    answer = await erase(site, account, "Madame Durand l’a demandé")
    assert answer.status_code == 422
    assert await value(site, "SELECT count(*) FROM account") == 1


async def test_before_the_act_it_tells_how_much_there_is(site: Served) -> None:
    account = await entered(site)
    site.client.cookies.clear()
    view = (await site.client.get(path(account), headers=await bearer(site))).json()
    assert view["erased_at"] is None
    assert view["services"]["accounts"]["kept"]["account"] == 1
    assert view["services"]["accounts"]["kept"]["logins"] >= 1
    assert await value(site, "SELECT count(*) FROM account") == 1
