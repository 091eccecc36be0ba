"""Nobody is confirmed, or cancelled, by a file that was acknowledged and that the store has lost (ours 7).

Each test has a database and a store of its own: a look goes through all of both.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from services.contracts.events import CandidatureConfirmed, DeadlineMoved
from services.contracts.internal import Progress
from services.contracts.recovery import DocumentsLine, Page
from services.contracts.stages import Stage, Verdict
from services.documents.commands.clockwork import settle
from services.documents.commands.pausing import pause_settling
from services.documents.commands.put_back import put_back
from services.documents.commands.remove import remove
from services.documents.domain.doubts import Doubt, doubts
from services.documents.figures import Figures
from services.documents.looking import Look, ObjectLook
from services.documents.objects import Objects
from services.documents.recovery import tell
from tests.conftest import FreshDatabase
from tests.integration.documents.paging import forms, read, words
from tests.integration.documents.registry import PIECES
from tests.integration.documents.test_pages import printed
from tests.integration.documents.world import AFTER_DEADLINE, IN_TIME, Site, World
from tests.unit.documents import papers
from tests.unit.documents.rows import CLOSES, GRACE
from workflows.recovery.compare import Case, compare
from workflows.recovery.shapes import Scope

PDF = papers.pdf()
HOUR = timedelta(hours=1)


@pytest.fixture
async def database_url(fresh_database: FreshDatabase) -> str:
    return await fresh_database("documents")


@pytest.fixture
def objects(site: Site) -> Objects:
    return Objects(site.folder.as_uri())


@pytest.fixture
async def candidate(site: Site) -> UUID:
    return await complete(site)


async def complete(site: Site) -> UUID:
    """Somebody whose every piece is there; `p2` was sent through the application."""
    candidate = await site.world.saved()
    for piece in PIECES:
        if piece == "p2":
            assert (await site.upload(candidate, PDF)).status_code == 201
        else:
            file = (await site.world.put(candidate, piece)).file
            write(site.folder / file["object_key"])
    assert (await site.world.row(candidate)).state == "complete"
    return candidate


def write(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"%PDF")


async def object_of(site: Site, candidate: UUID, piece: str = "p2") -> Path:
    async with site.world.ctx.database.connection() as conn:
        key = await conn.fetchval(
            "SELECT object_key FROM file WHERE candidate_id = $1 AND piece = $2", candidate, piece
        )
    return site.folder / str(key)


async def look(world: World, objects: Objects) -> Look:
    """The next hour's."""
    world.clock.instant += HOUR
    found = await ObjectLook(world.ctx, objects).look_if_due()
    assert found is not None
    return found


async def lose(site: Site, objects: Objects, candidate: UUID, piece: str = "p2") -> Path:
    """The store was restored from an older copy, and looked through since."""
    gone = await object_of(site, candidate, piece)
    gone.unlink()
    await look(site.world, objects)
    return gone


async def verdict_at(world: World, candidate: UUID, instant: Any) -> list[Verdict]:
    world.clock.instant = instant
    await settle(world.ctx, candidate)
    return await world.verdicts(candidate)


async def line_of(world: World, candidate: UUID) -> DocumentsLine:
    async with world.ctx.database.connection() as conn:
        [line] = (await tell(conn, world.clock.instant, Page(candidate_ids=(candidate,)))).lines
    return line


async def findings(world: World, candidate: UUID) -> dict[str, str]:
    """What reconciliation says of the store."""
    case = Case(candidate, world.clock.instant, documents=await line_of(world, candidate))
    kinds = {finding.kind: finding.seen for finding in compare(case, Scope())}
    return {kind: seen for kind, seen in kinds.items() if kind in ("object_missing", "evidence_miscounted")}


async def test_who_lacks_a_piece_by_it_is_held_and_neither_confirmed_nor_cancelled(
    site: Site, objects: Objects, candidate: UUID
) -> None:
    await lose(site, objects, candidate)
    assert await verdict_at(site.world, candidate, CLOSES + GRACE) == []
    assert await verdict_at(site.world, candidate, AFTER_DEADLINE) == [Verdict.HELD]
    assert doubts(await site.world.row(candidate)) == [Doubt.FILE_LOST]


async def test_the_candidate_sees_that_the_piece_is_expected_again(
    site: Site, objects: Objects, candidate: UUID
) -> None:
    await lose(site, objects, candidate)
    piece = await site.piece(candidate)
    assert (piece["state"], [file["lost"] for file in piece["files"]]) == ("expected", [True])
    html = await read(site, "/documents/p2", candidate)
    assert "nous avons perdu ce fichier, par notre faute : renvoyez-le" in words(html)
    assert "périmée" not in html
    assert "Télécharger «" not in html, "there is nothing to be had"


CONTACT = "Contactez le bureau des examens : rien n’est annulé pour cela."
BLAME = ("refusé", "non déposée", "sera annulée", "arrivée trop tard")


class TestWhatTheCandidateReadsOfIt:
    """It is our fault, nothing is cancelled for it, and what may be done is what one is asked to do."""

    @pytest.mark.parametrize("stage", [Stage.REGISTERED, Stage.HELD, Stage.CONFIRMED])
    async def test_while_it_may_be_sent_again(
        self, site: Site, objects: Objects, candidate: UUID, stage: Stage
    ) -> None:
        await site.world.tell(candidate, DeadlineMoved, stage=stage)
        await lose(site, objects, candidate)
        said = words(await read(site, "/documents", candidate))
        assert "Par notre faute, nous avons perdu une partie de ce que vous aviez déposé" in said
        assert "Renvoyez-la. Rien n’est annulé pour cela." in said
        assert "À déposer au plus tard le" in said
        assert said.count("perdue, par notre faute") == 1
        html = await read(site, "/documents/p2", candidate)
        one = words(html)
        assert "Nous avons perdu ce que vous aviez déposé ici, par notre faute." in one
        assert "Renvoyez-le ci-dessous : le même fichier convient. Rien n’est annulé pour cela." in one
        assert "nous avons perdu ce fichier, par notre faute : renvoyez-le" in one
        assert "/documents/envoi/p2" in forms(html)
        for blame in (*BLAME, "Contactez"):
            assert blame not in said + one, blame

    @pytest.mark.parametrize("stage", [Stage.AWAITING_DOCUMENTS, Stage.HELD, Stage.CONFIRMED])
    async def test_after_the_deadline(
        self, site: Site, objects: Objects, candidate: UUID, stage: Stage
    ) -> None:
        await site.world.tell(candidate, DeadlineMoved, stage=stage)
        await lose(site, objects, candidate)
        said = words(await read(site, "/documents", candidate, arrived_at=AFTER_DEADLINE))
        one = words(await read(site, "/documents/p2", candidate, arrived_at=AFTER_DEADLINE))
        assert f"la liste ci-dessous dit pour quelle pièce. {CONTACT}" in said
        assert f"Nous avons perdu ce que vous aviez déposé ici, par notre faute. {CONTACT}" in one
        assert "Les fichiers que nous avons encore restent ici" in said
        for blame in (*BLAME, "envoyez-l", "Ce que vous avez déposé reste ici"):
            assert blame not in said + one, blame

    @pytest.mark.parametrize(
        ("stage", "at"),
        [(Stage.WITHDRAWN, IN_TIME), (Stage.CANCELLED, IN_TIME), (Stage.CANCELLED, AFTER_DEADLINE)],
    )
    async def test_where_it_is_no_longer_asked_for_nothing_is_ordered(
        self, site: Site, objects: Objects, candidate: UUID, stage: Stage, at: datetime
    ) -> None:
        await site.world.tell(candidate, DeadlineMoved, stage=stage)
        await lose(site, objects, candidate)
        said = words(await read(site, "/documents", candidate, arrived_at=at))
        one = words(await read(site, "/documents/p2", candidate, arrived_at=at))
        assert "Par notre faute, nous avons perdu une partie" in said
        assert "nous avons perdu ce fichier, par notre faute" in one
        for other in (
            *BLAME,
            "envoyez-l",
            "Contactez",
            "rien n’est annulé",
            "Rien n’est annulé",
            "Il manquait",
        ):
            assert other not in said + one, other

    async def test_a_piece_refused_besides_is_told_as_refused(
        self, site: Site, objects: Objects, candidate: UUID
    ) -> None:
        await site.world.tell(candidate, CandidatureConfirmed, stage=Stage.CONFIRMED)
        assert (await site.review(candidate, "refusal", "p3")).status_code < 300
        await lose(site, objects, candidate)
        said = words(await read(site, "/documents", candidate))
        assert "a toutefois refusé une pièce" in said
        assert "Par notre faute, nous avons perdu une partie" in said

    async def test_what_was_sent_after_a_refusal_and_lost_is_not_told_as_refused(
        self, site: Site, objects: Objects, candidate: UUID
    ) -> None:
        assert (await site.review(candidate, "refusal")).status_code < 300
        assert (await site.upload(candidate, papers.pdf(2))).status_code == 201
        for file in site.objects(candidate):
            file.unlink() if file.read_bytes() == papers.pdf(2) else None
        await look(site.world, objects)
        one = words(await read(site, "/documents/p2", candidate))
        assert "Nous avons perdu ce que vous aviez déposé ici" in one
        assert "Pourquoi elle est refusée" not in one

    async def test_on_the_printed_list(self, site: Site, objects: Objects, candidate: UUID) -> None:
        await lose(site, objects, candidate)
        said = " ".join((await printed(site, candidate)).split())
        assert "État : perdue, par notre faute. Renvoyez-la : rien n’est annulé pour cela." in said
        late = " ".join((await printed(site, candidate, arrived_at=AFTER_DEADLINE)).split())
        assert f"État : perdue, par notre faute. {CONTACT}" in late
        assert "non déposée" not in late
        await site.world.tell(candidate, DeadlineMoved, stage=Stage.CANCELLED)
        cancelled = await printed(site, candidate, arrived_at=AFTER_DEADLINE)
        assert "perdue, par notre faute" in cancelled
        assert "Contactez" not in cancelled

    async def test_in_english(self, site: Site, objects: Objects, candidate: UUID) -> None:
        await lose(site, objects, candidate)
        site.client.cookies.set("langue", "en")
        late = await read(site, "/documents/p2", candidate, arrived_at=AFTER_DEADLINE)
        assert "We lost what you had handed in here, through our fault." in words(late)
        assert '<a href="/contact">Contact the exams office</a>: nothing is cancelled for that.' in late

    async def test_mon_espace_is_told_which_piece_it_is(
        self, site: Site, objects: Objects, candidate: UUID
    ) -> None:
        await lose(site, objects, candidate)
        [one] = (await site.piece(candidate))["files"]
        await remove(
            site.world.ctx,
            candidate,
            UUID((await site.piece(candidate, "p3"))["files"][0]["file_id"]),
            IN_TIME,
        )
        path = f"/internal/candidates/{candidate}/progress"
        told = Progress.model_validate_json((await site.ask("GET", path, service="registration")).content)
        assert one["lost"]
        assert [(piece.piece, piece.lost) for piece in told.awaited] == [("p2", True), ("p3", False)]


async def test_the_same_scan_sent_again_takes_its_place_and_confirms(
    site: Site, objects: Objects, candidate: UUID
) -> None:
    """A second try of the same content is usually none; most have no other scan."""
    gone = await lose(site, objects, candidate)
    assert (await site.upload(candidate, PDF)).status_code == 201
    again = await object_of(site, candidate)
    assert again != gone
    assert again.read_bytes() == PDF
    assert (await site.piece(candidate))["state"] == "received"
    assert (await site.upload(candidate, PDF)).status_code == 200
    assert again.exists()
    assert (await look(site.world, objects)).gone == 0
    assert await verdict_at(site.world, candidate, AFTER_DEADLINE) == [Verdict.COMPLETE]


async def test_what_is_there_again_counts_again_by_itself(
    site: Site, objects: Objects, candidate: UUID
) -> None:
    gone = await lose(site, objects, candidate)
    assert await verdict_at(site.world, candidate, AFTER_DEADLINE) == [Verdict.HELD]
    write(gone)
    await look(site.world, objects)
    assert await site.world.verdicts(candidate) == [Verdict.HELD, Verdict.COMPLETE]


async def test_who_lacks_another_piece_besides_is_held_too(
    site: Site, objects: Objects, candidate: UUID
) -> None:
    gone = await lose(site, objects, candidate)
    files = [f for piece in PIECES for f in (await site.piece(candidate, piece))["files"]]
    mine = next(file["file_id"] for file in files if file["file_id"] and file["name"] == "scan.pdf")
    await remove(site.world.ctx, candidate, UUID(mine), IN_TIME)
    assert not gone.exists()
    assert await verdict_at(site.world, candidate, AFTER_DEADLINE) == [Verdict.HELD]


async def test_a_piece_that_another_file_is_there_for_holds_nobody(
    site: Site, objects: Objects, candidate: UUID
) -> None:
    assert (await site.upload(candidate, papers.pdf(2))).status_code == 201
    await lose(site, objects, candidate)
    assert await findings(site.world, candidate) == {}
    assert await verdict_at(site.world, candidate, AFTER_DEADLINE) == [Verdict.COMPLETE]


async def test_what_an_officer_had_accepted_counts_and_is_raised_all_the_same(
    site: Site, objects: Objects, candidate: UUID
) -> None:
    assert (await site.review(candidate, "acceptance")).status_code < 300
    await lose(site, objects, candidate)
    assert set(await findings(site.world, candidate)) == {"object_missing"}
    assert await verdict_at(site.world, candidate, AFTER_DEADLINE) == [Verdict.COMPLETE]


async def test_an_officer_who_saw_the_piece_may_accept_it_after_the_loss(
    site: Site, objects: Objects, candidate: UUID
) -> None:
    await lose(site, objects, candidate)
    assert (await site.review(candidate, "acceptance")).status_code < 300
    assert await verdict_at(site.world, candidate, AFTER_DEADLINE) == [Verdict.COMPLETE]


async def test_a_confirmed_candidate_stays_so_and_may_send_it_again(
    site: Site, objects: Objects, candidate: UUID
) -> None:
    await site.world.tell(candidate, CandidatureConfirmed, stage=Stage.CONFIRMED)
    await lose(site, objects, candidate)
    assert (await site.world.row(candidate)).stage is Stage.CONFIRMED
    assert set(await findings(site.world, candidate)) == {"object_missing"}
    assert (await site.upload(candidate, PDF)).status_code == 201
    assert await findings(site.world, candidate) == {}


async def test_what_was_taken_back_lost_and_put_back_counts_no_more(
    site: Site, objects: Objects, candidate: UUID
) -> None:
    [file] = (await site.piece(candidate))["files"]
    file_id = UUID(file["file_id"])
    await remove(site.world.ctx, candidate, file_id, IN_TIME)
    await lose(site, objects, candidate)
    await put_back(site.world.ctx, candidate, file_id, IN_TIME)
    assert (await site.world.row(candidate)).lost_count == 1


async def test_the_loss_is_told_with_the_candidate_and_the_file_alone(
    site: Site, objects: Objects, candidate: UUID, capsys: pytest.CaptureFixture[str]
) -> None:
    [file] = (await site.piece(candidate))["files"]
    assert await findings(site.world, candidate) == {}
    await lose(site, objects, candidate)
    assert await findings(site.world, candidate) == {"object_missing": f"files {file['file_id']}"}
    said = capsys.readouterr().out
    assert file["file_id"] in said
    assert str(candidate) in said
    assert file["name"] not in said


async def test_the_metrics_say_how_many_are_missing_and_when_it_was_looked(
    site: Site, objects: Objects, candidate: UUID
) -> None:
    await lose(site, objects, candidate)
    await Figures(site.world.ctx).read()
    at = REGISTRY.get_sample_value("candidat_libre_objects_looked_at_timestamp_seconds")
    assert at == site.world.clock.instant.timestamp()
    assert REGISTRY.get_sample_value("candidat_libre_objects_missing") == 1


async def test_it_is_looked_once_an_hour_however_often_workers_start(
    site: Site, objects: Objects, candidate: UUID
) -> None:
    await look(site.world, objects)
    assert await ObjectLook(site.world.ctx, objects).look_if_due() is None


async def test_a_session_that_is_over_is_not_looked_at(site: Site, objects: Objects, candidate: UUID) -> None:
    site.world.clock.instant += timedelta(days=365)
    assert (await look(site.world, objects)).named == 0


class AwayStore(Objects):
    async def of(self, candidate_id: UUID) -> AsyncIterator[list[str]]:
        raise TimeoutError
        yield []


class ForgetfulStore(Objects):
    """Its list is older than its objects, as some stores' are."""

    async def of(self, candidate_id: UUID) -> AsyncIterator[list[str]]:
        yield []


class BusyStore(Objects):
    """While it is asked for somebody's objects, something happens to them."""

    meanwhile: Callable[[UUID], Awaitable[None]]

    async def of(self, candidate_id: UUID) -> AsyncIterator[list[str]]:
        await self.meanwhile(candidate_id)
        async for keys in super().of(candidate_id):
            yield keys


async def test_a_store_that_gives_no_answer_has_lost_nothing(site: Site, candidate: UUID) -> None:
    before = await site.world.row(candidate)
    with pytest.raises(TimeoutError):
        await look(site.world, AwayStore(site.folder.as_uri()))
    assert await site.world.row(candidate) == before


async def test_what_is_stored_and_not_listed_yet_is_not_lost(site: Site, candidate: UUID) -> None:
    assert (await look(site.world, ForgetfulStore(site.folder.as_uri()))).gone == 0


async def test_an_erasure_under_way_is_no_loss(site: Site, objects: Objects, candidate: UUID) -> None:
    store = BusyStore(site.folder.as_uri())

    async def erase(candidate_id: UUID) -> None:
        await site.world.erase(candidate_id)
        await objects.erase(candidate_id)

    store.meanwhile = erase
    assert (await look(site.world, store)).gone == 0
    assert not site.objects(candidate)


async def test_the_scan_that_is_sent_again_meanwhile_is_no_loss(
    site: Site, objects: Objects, candidate: UUID
) -> None:
    """Its file has another object by then, stored after the list was read."""
    store = BusyStore(site.folder.as_uri())
    gone = await lose(site, objects, candidate)

    async def send_again(candidate_id: UUID) -> None:
        await site.upload(candidate, PDF)

    store.meanwhile = send_again
    assert (await look(site.world, store)).gone == 0
    assert not gone.exists()
    assert (await site.world.row(candidate)).lost_count == 0


class TestAStoreThatLacksNearlyEverything:
    """It may be another one, or not mounted: so verdicts wait, and nobody is told anything for a day."""

    @pytest.fixture
    def emptied(self, site: Site, candidate: UUID, tmp_path_factory: pytest.TempPathFactory) -> Objects:
        return Objects(tmp_path_factory.mktemp("another").as_uri())

    async def test_changes_no_evidence_and_keeps_the_verdicts_back(
        self, site: Site, candidate: UUID, emptied: Objects
    ) -> None:
        before = await site.world.row(candidate)
        assert not (await look(site.world, emptied)).believed
        row = await site.world.row(candidate)
        assert row.evidence_rev == before.evidence_rev
        assert row.settling_paused
        assert await verdict_at(site.world, candidate, AFTER_DEADLINE) == []

    async def test_lets_them_go_on_when_an_officer_has_looked(
        self, site: Site, objects: Objects, candidate: UUID, emptied: Objects
    ) -> None:
        world = site.world
        await look(world, emptied)
        await pause_settling(world.ctx, "2021", paused=False, reason="Stockage remis.", actor="chef")
        await look(world, emptied)
        assert not (await world.row(candidate)).settling_paused
        assert (await look(world, objects)).believed
        assert await verdict_at(world, candidate, AFTER_DEADLINE) == [Verdict.COMPLETE]

    async def test_is_believed_when_it_lacks_them_for_a_day(
        self, site: Site, candidate: UUID, emptied: Objects
    ) -> None:
        world = site.world
        for _ in range(24):
            await look(world, emptied)
            assert (await world.row(candidate)).lost_count == 0
        await look(world, emptied)
        assert (await world.row(candidate)).lost_count == len(PIECES)
        await pause_settling(world.ctx, "2021", paused=False, reason="Fichiers perdus.", actor="chef")
        assert await verdict_at(world, candidate, AFTER_DEADLINE) == [Verdict.HELD]

    def test_is_a_matter_of_share_where_many_are_named(self) -> None:
        assert Look(named=10_000, gone=1_000).believed
        assert not Look(named=10_000, gone=1_001).believed
        assert Look(named=21, gone=20).believed
        assert not Look(named=20, gone=20).believed
