"""How much this service keeps of a person, told to `accounts` for an erasure."""

from uuid import uuid4

from tests.integration.registration.world import Site, deleted, problem

PATH = "/internal/candidates/{}/holdings"


async def test_it_counts_and_after_an_erasure_nothing_is_left(site: Site) -> None:
    candidate = await site.world.saved()
    await site.world.save(candidate, version=1, candidature={"acquis": []})
    before = (await site.ask("GET", PATH.format(candidate), service="accounts")).json()
    assert before["buried"] is False
    assert (before["kept"]["candidature"], before["kept"]["versions"]) == (1, 2)
    assert before["kept"]["journal_lines"] >= 2
    await site.world.hear_account(deleted(candidate))
    after = (await site.ask("GET", PATH.format(candidate), service="accounts")).json()
    assert after == {"buried": True, "kept": dict.fromkeys(before["kept"], 0)}


async def test_of_who_is_unknown_nothing_is_kept_and_only_accounts_may_ask(site: Site) -> None:
    found = (await site.ask("GET", PATH.format(uuid4()), service="accounts")).json()
    assert (found["buried"], set(found["kept"].values())) == (False, {0})
    for caller in ("documents", "notifications"):
        response = await site.ask("GET", PATH.format(uuid4()), service=caller)
        assert problem(response) == (403, "service-non-autorise")
