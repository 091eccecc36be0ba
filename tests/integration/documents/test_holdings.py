"""How much this service keeps of a person, told to `accounts` for an erasure."""

from uuid import uuid4

from tests.integration.documents.world import Site, problem
from tests.unit.documents import papers

PATH = "/internal/candidates/{}/holdings"


async def test_it_counts_rows_and_objects_and_tells_of_objects_that_are_left(site: Site) -> None:
    candidate = await site.world.saved()
    assert (await site.upload(candidate, papers.pdf())).status_code == 201
    before = (await site.ask("GET", PATH.format(candidate), service="accounts")).json()
    assert before["buried"] is False
    assert {what: before["kept"][what] for what in ("dossier", "files", "objects")} == {
        "dossier": 1,
        "files": 1,
        "objects": 1,
    }
    await site.world.erase(candidate)
    after = (await site.ask("GET", PATH.format(candidate), service="accounts")).json()
    assert after == {"buried": True, "kept": dict.fromkeys(before["kept"], 0) | {"objects": 1}}


async def test_only_accounts_may_ask(site: Site) -> None:
    for caller in ("registration", "notifications"):
        response = await site.ask("GET", PATH.format(uuid4()), service=caller)
        assert problem(response) == (403, "service-non-autorise")
