"""What this service hands to `accounts` when a person asks for their data."""

from uuid import uuid4

from services.contracts.internal import Export
from services.registration.commands.acts import By, hold
from tests.integration.registration.world import Site, deleted, problem

PATH = "/internal/candidates/{}/export"


async def test_it_holds_every_version_the_journal_and_the_draft_and_no_officers_name(site: Site) -> None:
    candidate = await site.world.saved()
    await site.world.save(candidate, version=1, candidature={"acquis": []})
    seen = (await site.world.row(candidate)).seen
    await hold(site.world.ctx, candidate, By("gestionnaire-12", "vu avec le candidat", seen))
    response = await site.ask("GET", PATH.format(candidate), service="accounts")
    Export.model_validate_json(response.content)
    kept = response.json()["kept"]
    assert kept.keys() == {"candidature", "versions", "draft", "journal"}
    assert [version["version"] for version in kept["versions"]] == [1, 2]
    assert "vu avec le candidat" in response.text
    assert "gestionnaire-12" not in response.text


async def test_only_accounts_may_ask_and_nobody_learns_of_another(site: Site) -> None:
    candidate = await site.world.saved()
    for caller in ("documents", "notifications"):
        response = await site.ask("GET", PATH.format(candidate), service=caller)
        assert problem(response) == (403, "service-non-autorise")
    response = await site.ask("GET", PATH.format(candidate), candidate=candidate)
    assert problem(response) == (401, "connexion-necessaire")
    assert (await site.ask("GET", PATH.format(uuid4()), service="accounts")).status_code == 404
    await site.world.hear_account(deleted(candidate))
    assert (await site.ask("GET", PATH.format(candidate), service="accounts")).status_code == 410
