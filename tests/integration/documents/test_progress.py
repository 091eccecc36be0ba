"""What « Mon espace » is told of the pieces: what is missing, what happened, and what the clock awaits."""

from datetime import timedelta
from uuid import uuid4

from services.contracts.events import RegistrationSaved
from services.contracts.internal import Progress
from services.contracts.life import CandidateQuestion
from services.documents.commands.remove import remove
from tests.integration.documents.registry import PIECES
from tests.integration.documents.world import IN_TIME, Site
from tests.unit.documents.rows import DEADLINE

PATH = "/internal/candidates/{}/progress"


async def ask(site: Site, candidate: object) -> Progress:
    response = await site.ask("GET", PATH.format(candidate), service="registration")
    assert response.status_code == 200, response.text
    return Progress.model_validate_json(response.content)


async def test_it_tells_what_is_missing_and_what_the_workflow_is_told(site: Site) -> None:
    candidate = await site.world.saved()
    await site.world.put(candidate, "p2")
    told = await ask(site, candidate)
    assert (told.state, told.registration_version, told.deadline_at) == ("incomplete", 1, DEADLINE)
    assert [piece.piece for piece in told.awaited] == [piece for piece in PIECES if piece != "p2"]
    clock = await site.world.activities.next_step(CandidateQuestion(candidate_id=candidate))
    assert told.next == clock
    assert (clock.action, clock.due_at) == ("remind", told.next.due_at)


async def test_a_complete_file_misses_nothing_and_only_its_verdict_is_awaited(site: Site) -> None:
    candidate = await site.world.saved()
    await site.world.complete(candidate)
    told = await ask(site, candidate)
    assert (told.state, told.awaited, told.next.action) == ("complete", (), "settle")


async def test_it_tells_files_taken_back_late_ones_and_refusals_in_their_order(site: Site) -> None:
    candidate = await site.world.saved()
    first = await site.world.put(candidate, "p2", IN_TIME)
    await remove(site.world.ctx, candidate, first.file["file_id"], IN_TIME + timedelta(minutes=1))
    await site.world.put(candidate, "p2", IN_TIME + timedelta(minutes=2))
    site.world.clock.instant = IN_TIME + timedelta(minutes=3)
    assert (await site.review(candidate, "refusal")).status_code == 200
    told = await ask(site, candidate)
    assert [event.act for event in told.events] == ["removed", "uploaded", "refused"]
    assert told.events[-1].reason == "La date est illisible."
    refused = next(piece for piece in told.awaited if piece.piece == "p2")
    assert (refused.state, refused.refusal) == ("refused", "La date est illisible.")


async def test_another_candidates_pieces_are_not_told(site: Site) -> None:
    candidate, other = await site.world.saved(), await site.world.saved()
    await site.world.put(other, "p2")
    assert (await ask(site, candidate)).events == ()


async def test_it_is_for_registration_alone_and_knows_who_is_erased(site: Site) -> None:
    candidate = await site.world.saved()
    for caller in ("notifications", "accounts"):
        response = await site.ask("GET", PATH.format(candidate), service=caller)
        assert response.status_code == 403, caller
    assert (await site.ask("GET", PATH.format(candidate), candidate=candidate)).status_code == 401
    assert (await site.ask("GET", PATH.format(uuid4()), service="registration")).status_code == 404
    await site.world.tell(candidate, RegistrationSaved)
    await site.world.erase(candidate)
    assert (await site.ask("GET", PATH.format(candidate), service="registration")).status_code == 410
