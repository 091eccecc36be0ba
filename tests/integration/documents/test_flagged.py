"""The officers' worklist: what left a doubt waits in it until an officer judges it."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from services.contracts.events import CandidatureWithdrawn, RegistrationSaved
from services.contracts.stages import Stage
from services.documents.api import flagged
from services.documents.commands.upload import begin, store
from tests.integration.documents.world import IN_TIME, Site, problem, received
from tests.unit.documents.rows import CLOSES, DAY, SAVED, TICK


async def put(
    site: Site, candidate: UUID, *flags: str, piece: str = "p1", at: datetime = IN_TIME, version: int = 1
) -> UUID:
    """A file whose reading left these doubts."""
    attempt = await begin(site.world.ctx, candidate, piece, at)
    file = replace(received(candidate), flags=flags, read_version=version if piece == "p1" else None)
    stored = await store(site.world.ctx, attempt, file)
    found: UUID = stored.file["file_id"]
    return found


async def ask(site: Site, session: str, *, role: str = "officer", status: int = 200, **query: Any) -> Any:
    response = await site.ask(
        "GET",
        "/api/documents/flagged-files",
        officer="o1",
        role=role,
        portfolios=(12,) if role == "officer" else (),
        params={"session": session} | query,
    )
    assert response.status_code == status, response.text
    return response.json()


async def files(site: Site, session: str, **query: Any) -> list[str]:
    return [file["file_id"] for file in (await ask(site, session, **query))["files"]]


async def test_lists_what_left_a_doubt_oldest_first_and_says_why(site: Site) -> None:
    session = await site.world.session()
    later, earlier = [await site.world.saved(session_id=session) for _ in range(2)]
    second = await put(site, later, "date", at=CLOSES)
    first = await put(site, earlier, "red_ink", "ink_outside", at=CLOSES - TICK)
    await put(site, earlier)
    found = (await ask(site, session))["files"]
    assert [file["file_id"] for file in found] == [str(first), str(second)]
    assert [file["in_window"] for file in found] == [True, False]
    assert found[0]["candidate_id"] == str(earlier)
    assert [flag["flag"] for flag in found[0]["flags"]] == ["red_ink", "ink_outside"]
    assert "stylo rouge" in found[0]["flags"][0]["label"]
    assert (found[0]["piece"], found[0]["title"], found[0]["portfolio"]) == ("p1", "Titre p1", 12)


async def test_a_judged_file_leaves_the_list(site: Site) -> None:
    session = await site.world.session()
    for act in ("acceptance", "refusal"):
        candidate = await site.world.saved(session_id=session)
        file = await put(site, candidate, "code")
        assert await files(site, session) == [str(file)]
        assert (await site.review(candidate, act, "p1")).status_code == 200
        assert await files(site, session) == []


async def test_what_counts_no_more_needs_no_look(site: Site) -> None:
    session = await site.world.session()
    taken_back, stale, withdrawn, not_asked = [await site.world.saved(session_id=session) for _ in range(4)]
    file = await put(site, taken_back, "code")
    await put(site, stale, "code")
    await put(site, withdrawn, "code")
    await put(site, not_asked, "electronic_signature", piece="p3")
    assert len(await files(site, session)) == 4
    await site.ask("DELETE", f"/api/documents/me/files/{file}", candidate=taken_back, arrived_at=IN_TIME)
    for candidate, pieces in ((stale, ("p1", "p2", "p3")), (not_asked, ("p1", "p2"))):
        saved = {"version": 2, "saved_at": SAVED + 2 * DAY, "pieces": pieces}
        await site.world.tell(candidate, RegistrationSaved, **saved)
    await site.world.tell(withdrawn, CandidatureWithdrawn, stage=Stage.WITHDRAWN)
    assert await files(site, session) == []


async def test_each_officer_sees_their_own_portfolios_and_the_head_all(site: Site) -> None:
    session = await site.world.session()
    found: dict[int | None, str] = {}
    for portfolio in (12, 7, None):
        candidate = await site.world.saved(session_id=session, portfolio=portfolio)
        found[portfolio] = str(await put(site, candidate, "code"))
    assert await files(site, session) == [found[12]]
    assert await files(site, session, portfolio=[7]) == [found[7]]
    assert set(await files(site, session, portfolio=[7, 12])) == {found[7], found[12]}
    assert set(await files(site, session, role="head")) == set(found.values())


async def test_another_speciality_saved_is_another_officers(site: Site) -> None:
    session = await site.world.session()
    candidate = await site.world.saved(session_id=session)
    await put(site, candidate, "code")
    later = {"version": 2, "saved_at": SAVED + 2 * DAY, "portfolio": 7}
    await site.world.tell(candidate, RegistrationSaved, **later)
    file = await put(site, candidate, "code", at=SAVED + 3 * DAY, version=2)
    assert await files(site, session) == []
    assert await files(site, session, portfolio=[7]) == [str(file)]


async def test_is_read_page_by_page(site: Site, monkeypatch: Any) -> None:
    monkeypatch.setattr(flagged, "_MOST", 2)
    session = await site.world.session()
    put_in = []
    for number in range(5):
        candidate = await site.world.saved(session_id=session)
        put_in.append(str(await put(site, candidate, "code", at=IN_TIME + number * TICK)))
    seen, after = [], None
    for expected in (2, 2, 1):
        page = await ask(site, session, **({"after": after} if after else {}))
        assert len(page["files"]) == expected
        seen += [file["file_id"] for file in page["files"]]
        after = page["after"]
    assert (seen, after) == (put_in, None)
    await ask(site, session, status=404, after=str(uuid4()))


async def test_is_for_officers_alone(site: Site) -> None:
    candidate = await site.world.saved()
    answer = await site.ask("GET", "/api/documents/flagged-files", candidate=candidate)
    assert problem(answer)[0] == 403
    assert (await site.ask("GET", "/api/documents/flagged-files")).status_code == 401
