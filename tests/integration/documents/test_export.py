"""What this service hands to `accounts` when a person asks for their data."""

from uuid import uuid4

from services.documents.commands.remove import remove
from tests.integration.documents.world import IN_TIME, Site, problem

PATH = "/internal/candidates/{}/export"


async def test_it_lists_pieces_files_and_reviews_and_links_what_can_be_opened(site: Site) -> None:
    candidate = await site.world.saved()
    there = (await site.world.put(candidate, "p2")).file["file_id"]
    gone = (await site.world.put(candidate, "p3")).file["file_id"]
    await remove(site.world.ctx, candidate, gone, IN_TIME)
    response = await site.ask("GET", PATH.format(candidate), service="accounts")
    kept = response.json()["kept"]
    assert kept.keys() == {"dossier", "pieces", "files", "reviews"}
    files = {file["file_id"]: file for file in kept["files"]}
    assert files.keys() == {str(there), str(gone)}
    link = files[str(there)]["link"]
    assert link.endswith(f"/api/documents/me/files/{there}/content")
    assert "link" not in files[str(gone)]
    assert "object_key" not in response.text


async def test_only_accounts_may_ask_and_nobody_learns_of_another(site: Site) -> None:
    candidate = await site.world.saved()
    for caller in ("registration", "notifications"):
        response = await site.ask("GET", PATH.format(candidate), service=caller)
        assert problem(response) == (403, "service-non-autorise")
    assert (await site.ask("GET", PATH.format(uuid4()), service="accounts")).status_code == 404
    await site.world.erase(candidate)
    assert (await site.ask("GET", PATH.format(candidate), service="accounts")).status_code == 410
