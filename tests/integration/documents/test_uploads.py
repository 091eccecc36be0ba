"""Uploading, looking and taking back, through the application with real tokens and real files."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID, uuid4

import httpx
import pytest

from services.contracts.events import (
    CandidatureConfirmed,
    CandidatureWithdrawn,
    DeadlineMoved,
    RegistrationSaved,
)
from services.contracts.stages import Stage, Verdict
from services.documents.commands.clockwork import settle
from services.documents.domain.uploading import LARGEST_FILE_BYTES
from tests.integration.documents.stores import LockedObjects
from tests.integration.documents.world import AFTER_DEADLINE, IN_TIME, Site, problem
from tests.unit.documents import papers
from tests.unit.documents.rows import CLOSES, DAY, DEADLINE, GRACE, TICK

PDF = papers.pdf()


async def test_a_file_is_stored_as_it_was_sent(site: Site) -> None:
    candidate = await site.world.saved()
    response = await site.upload(
        candidate, PDF, media_type="application/pdf", params={"name": "Carte d’identité.pdf"}
    )
    assert response.status_code == 201
    stored = response.json()
    assert stored | {"file_id": ""} == {
        "file_id": "",
        "piece": "p2",
        "state": "received",
        "name": "Carte d’identité.pdf",
        "media_type": "application/pdf",
        "size_bytes": len(PDF),
        "sha256": hashlib.sha256(PDF).hexdigest(),
        "arrived_at": "2020-11-13T09:00:00Z",
        "expired": False,
        "lost": False,
    }
    [kept] = site.objects(candidate)
    assert kept.read_bytes() == PDF
    piece = await site.piece(candidate)
    assert (piece["state"], piece["label"], len(piece["files"])) == ("received", "reçue", 1)


async def test_a_form_with_a_file_does_the_same(site: Site) -> None:
    candidate = await site.world.saved()
    response = await site.ask(
        "POST",
        "/api/documents/me/pieces/p2/files",
        candidate=candidate,
        files={"file": ("..\\dossier\\scan.jpg", papers.image(), "image/jpeg")},
        data={"autre": "champ"},
    )
    assert response.status_code == 201
    assert (response.json()["media_type"], response.json()["name"]) == ("image/jpeg", "scan.jpg")


async def test_a_form_without_its_file_is_refused(site: Site) -> None:
    candidate = await site.world.saved()
    path = "/api/documents/me/pieces/p2/files"
    response = await site.ask("POST", path, candidate=candidate, files={"autre": ("a.pdf", PDF)})
    assert problem(response) == (400, "fichier-absent")
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    response = await site.ask("POST", path, candidate=candidate, content=b"--y\r\n", headers=broken)
    assert problem(response) == (400, "fichier-absent")
    assert (await site.world.row(candidate)).faults == {}


async def test_the_same_content_again_is_not_checked_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = await site.world.saved()
    first = await site.upload(candidate, PDF)

    async def check(*_: object) -> None:
        raise AssertionError("checked again")

    monkeypatch.setattr("services.documents.receiving.prepare", check)
    again = await site.upload(candidate, PDF)
    assert (again.status_code, again.json()["file_id"]) == (200, first.json()["file_id"])
    assert (await site.upload(candidate, PDF, piece="p3")).status_code == 500, "another piece is checked"


async def test_the_same_content_again_happens_once(site: Site) -> None:
    candidate = await site.world.saved()
    first = await site.upload(candidate, PDF)
    again = await site.upload(candidate, PDF)
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(site.objects(candidate)) == 1
    assert (await site.world.names(candidate)).count("DocumentUploaded") == 1


class TestAnObjectThatTheStoreWillNotLetGo:
    """What was decided is said all the same, and no fault of ours remains."""

    @pytest.fixture
    def locked(self, site: Site) -> LockedObjects:
        site.app.state.objects = LockedObjects(site.folder.as_uri(), "")
        found: LockedObjects = site.app.state.objects
        return found

    async def test_of_a_file_that_is_there_already(
        self, site: Site, locked: LockedObjects, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It was being checked when the same was stored, so it was not known to be there."""
        candidate = await site.world.saved()
        first = await site.upload(candidate, PDF)

        async def not_yet(*_: object) -> None:
            return None

        monkeypatch.setattr("services.documents.receiving.sent_again", not_yet)
        again = await site.upload(candidate, PDF)
        assert (again.status_code, again.json()) == (200, first.json())
        assert locked.tries == 1

    async def test_of_one_that_an_officer_had_refused(self, site: Site, locked: LockedObjects) -> None:
        candidate = await site.world.saved()
        await site.upload(candidate, PDF)
        await site.review(candidate, "refusal", reason="Page coupée.")
        assert problem(await site.upload(candidate, PDF))[0] == 409
        assert locked.tries == 1
        assert (await site.world.row(candidate)).faults == {}


async def test_another_file_replaces_nothing(site: Site) -> None:
    candidate = await site.world.saved()
    await site.upload(candidate, PDF)
    await site.upload(candidate, papers.image())
    kept = {file["media_type"] for file in (await site.piece(candidate))["files"]}
    assert kept == {"application/pdf", "image/jpeg"}


async def test_a_piece_has_ten_files_at_most(site: Site) -> None:
    candidate = await site.world.saved()
    for pages in range(1, 11):
        assert (await site.upload(candidate, papers.pdf(pages))).status_code == 201
    assert problem(await site.upload(candidate, papers.pdf(11))) == (409, "trop-de-fichiers")


BAD = [
    (b"", "", (422, "fichier-vide")),
    (b"bonjour", "", (415, "format-non-accepte")),
    (papers.image("PNG"), "application/pdf", (415, "format-different")),
    (PDF, "text/html", (415, "format-non-accepte")),
    (papers.encrypted("secret", ""), "application/pdf", (422, "pdf-chiffre")),
    (PDF[:-200], "application/pdf", (422, "pdf-illisible")),
    (papers.pdf(51), "", (422, "pdf-trop-de-pages")),
    (papers.pdf(change=papers.script), "", (422, "pdf-actif")),
    (papers.image()[:-2000], "", (422, "image-illisible")),
    (papers.bomb_png(20_000, 20_000), "", (422, "image-trop-grande")),
]


@pytest.mark.parametrize(("content", "media_type", "expected"), BAD, ids=[slug for _, _, (_, slug) in BAD])
async def test_a_bad_file_is_refused_with_its_reason_and_what_was_there_stays(
    site: Site, content: bytes, media_type: str, expected: tuple[int, str]
) -> None:
    candidate = await site.world.saved()
    await site.upload(candidate, papers.image("PNG"))
    before = await site.world.row(candidate)
    response = await site.upload(candidate, content, media_type=media_type)
    assert problem(response) == expected
    assert "Ce que vous aviez déjà déposé est gardé." in response.json()["detail"]
    after = await site.world.row(candidate)
    assert (after.faults, after.missing_count) == ({}, before.missing_count)
    assert len(site.objects(candidate)) == 1


class TestTheSizeLimit:
    async def long(self) -> AsyncIterator[bytes]:
        yield b"%PDF-1.7\n"
        for _ in range(2 * LARGEST_FILE_BYTES // 65536):
            yield b" " * 65536
            await asyncio.sleep(0)

    async def test_a_declared_length_over_it_is_refused(self, site: Site) -> None:
        candidate = await site.world.saved()
        response = await site.upload(candidate, b" " * (LARGEST_FILE_BYTES + 70_000))
        assert problem(response) == (413, "fichier-trop-lourd")

    async def test_an_undeclared_one_is_refused_at_it(self, site: Site) -> None:
        candidate = await site.world.saved()
        assert problem(await site.upload(candidate, self.long())) == (413, "fichier-trop-lourd")
        assert (await site.world.row(candidate)).faults == {}
        assert site.objects(candidate) == []

    async def test_ten_mebibytes_are_taken_and_a_byte_more_is_not(self, site: Site) -> None:
        candidate = await site.world.saved()
        image = papers.image()
        largest = image + b"\0" * (LARGEST_FILE_BYTES - len(image))
        assert (await site.upload(candidate, largest)).status_code == 201
        assert problem(await site.upload(candidate, largest + b"\0")) == (413, "fichier-trop-lourd")

    async def test_it_holds_for_forms_too(self, site: Site) -> None:
        candidate = await site.world.saved()
        response = await site.ask(
            "POST",
            "/api/documents/me/pieces/p2/files",
            candidate=candidate,
            files={"file": ("a.pdf", b" " * (LARGEST_FILE_BYTES + 1))},
        )
        assert problem(response) == (413, "fichier-trop-lourd")


async def test_a_body_that_takes_too_long_is_a_fault_until_a_later_success(site: Site) -> None:
    candidate = await site.world.saved()
    session = "UPDATE candidate SET grace_seconds = 1 WHERE candidate_id = $1"
    async with site.world.ctx.database.connection() as conn:
        await conn.execute(session, candidate)

    async def slow() -> AsyncIterator[bytes]:
        yield PDF[:100]
        await asyncio.sleep(30)

    arrived = DEADLINE - 2 * TICK
    assert problem(await site.upload(candidate, slow(), arrived_at=arrived)) == (408, "envoi-trop-lent")
    assert (await site.world.row(candidate)).fault_at == arrived
    await site.upload(candidate, PDF, arrived_at=DEADLINE - TICK)
    assert (await site.world.row(candidate)).fault_at is None


async def test_one_that_our_store_does_not_take_is_our_fault_and_holds(site: Site) -> None:
    candidate = await site.world.saved()
    (site.folder / str(candidate)).write_text("no folder")
    response = await site.upload(candidate, PDF, arrived_at=DEADLINE - TICK)
    assert response.status_code in (500, 503)
    assert (await site.world.row(candidate)).fault_at == DEADLINE - TICK
    site.world.clock.instant = AFTER_DEADLINE
    await settle(site.world.ctx, candidate)
    assert await site.world.verdicts(candidate) == [Verdict.HELD]


async def test_one_that_meets_a_row_locked_for_a_while_waits(site: Site) -> None:
    candidate = await site.world.saved()
    async with site.world.ctx.database.transaction() as conn:
        await conn.execute("SELECT FROM candidate WHERE candidate_id = $1 FOR UPDATE", candidate)
        upload = asyncio.create_task(site.upload(candidate, PDF))
        await asyncio.sleep(0.5)
        assert not upload.done()
    assert (await upload).status_code == 201


@pytest.mark.parametrize(
    ("arrived_at", "status"), [(DEADLINE - TICK, 201), (DEADLINE, 409), (DEADLINE + TICK, 409)]
)
async def test_the_deadline_is_judged_by_arrival(site: Site, arrived_at: datetime, status: int) -> None:
    candidate = await site.world.saved()
    response = await site.upload(candidate, PDF, arrived_at=arrived_at)
    assert response.status_code == status
    if status == 409:
        assert problem(response) == (409, "echeance-passee")
        assert "lundi 7 décembre 2020 à 23 h 59" in response.json()["detail"]


async def test_where_the_owner_is_away_a_late_file_is_shown_as_to_judge(site: Site) -> None:
    candidate = await site.world.saved()
    site.world.registry.away = True
    response = await site.upload(candidate, PDF, arrived_at=DEADLINE)
    assert (response.status_code, response.json()["state"]) == (201, "to_judge")
    assert (await site.piece(candidate))["label"] == "vérification en cours"
    site.world.registry.away = False
    await site.world.tell(candidate, DeadlineMoved)
    assert (await site.piece(candidate))["label"] == "arrivée trop tard"


class TestWhatMayBeDone:
    """A front end without our pages says why nothing can be added or taken back, as they do."""

    async def told(
        self, site: Site, candidate: UUID, at: datetime = IN_TIME
    ) -> tuple[str | None, str | None]:
        found = (await site.ask("GET", "/api/documents/me", candidate=candidate, arrived_at=at)).json()
        return found["closed"], found["kept"]

    async def test_is_everything_until_the_deadline_and_nothing_after(self, site: Site) -> None:
        candidate = await site.world.saved()
        assert await self.told(site, candidate, DEADLINE - TICK) == (None, None)
        assert await self.told(site, candidate, DEADLINE) == ("late", "late")

    async def test_is_nothing_before_a_save_nor_after_a_withdrawal(self, site: Site) -> None:
        candidate = uuid4()
        assert await self.told(site, candidate) == ("decided", "decided")
        await site.world.saved(candidate)
        await site.world.tell(candidate, CandidatureWithdrawn, stage=Stage.WITHDRAWN)
        assert await self.told(site, candidate) == ("decided", "decided")

    async def test_is_no_removal_once_the_complete_file_is_settled(self, site: Site) -> None:
        candidate = await site.world.saved()
        await site.world.complete(candidate)
        site.world.clock.instant = CLOSES + GRACE
        assert await settle(site.world.ctx, candidate)
        assert await self.told(site, candidate, CLOSES + GRACE) == (None, "filed")
        await site.world.tell(candidate, CandidatureConfirmed, stage=Stage.CONFIRMED)
        assert await self.told(site, candidate, CLOSES + GRACE) == ("confirmed", "filed")

    async def test_ends_for_a_piece_with_all_the_files_it_may_have(self, site: Site) -> None:
        candidate = await site.world.saved()
        assert (await site.piece(candidate))["room"] == 10
        for pages in range(1, 11):
            await site.upload(candidate, papers.pdf(pages))
        assert (await site.piece(candidate))["room"] == 0


async def test_where_the_owner_does_not_understand_a_late_file_is_to_judge_too(site: Site) -> None:
    """In the middle of an upgrade, the two are of two versions."""
    candidate = await site.world.saved()
    site.world.registry.refusing = True
    response = await site.upload(candidate, PDF, arrived_at=DEADLINE)
    assert (response.status_code, response.json()["state"]) == (201, "to_judge")


async def test_before_the_first_save_there_is_nothing_to_upload(site: Site) -> None:
    assert problem(await site.upload(uuid4(), PDF)) == (409, "inscription-non-enregistree")
    empty = (await site.ask("GET", "/api/documents/me", candidate=uuid4())).json()
    assert (empty["registration_version"], empty["pieces"], empty["complete"]) == (0, [], False)


async def test_a_piece_that_is_not_asked_takes_no_file(site: Site) -> None:
    candidate = await site.world.saved()
    assert problem(await site.upload(candidate, PDF, piece="p9")) == (404, "piece-non-demandee")
    assert problem(await site.upload(candidate, PDF, piece="p.9")) == (422, "donnees-invalides")


async def test_the_erased_upload_nothing(site: Site) -> None:
    candidate = await site.world.saved()
    await site.world.erase(candidate)
    assert problem(await site.upload(candidate, PDF)) == (410, "compte-supprime")
    assert problem(await site.ask("GET", "/api/documents/me", candidate=candidate)) == (
        410,
        "compte-supprime",
    )


async def test_the_withdrawn_are_told_so(site: Site) -> None:
    candidate = await site.world.saved()
    await site.world.tell(candidate, CandidatureConfirmed, stage=Stage.WITHDRAWN)
    assert problem(await site.upload(candidate, PDF)) == (409, "aucune-piece-attendue")


async def test_all_pieces_make_it_complete_and_the_page_says_when_the_deadline_is(site: Site) -> None:
    candidate = await site.world.saved()
    for piece in ("p1", "p2", "p3"):
        await site.upload(candidate, PDF, piece=piece)
    found = (await site.ask("GET", "/api/documents/me", candidate=candidate)).json()
    assert (found["complete"], found["missing_count"]) == (True, 0)
    assert found["deadline_at"] == "2020-12-07T23:00:00Z"


class TestTakingBack:
    async def delete(
        self, site: Site, candidate: UUID, file_id: str, arrived_at: datetime = IN_TIME
    ) -> httpx.Response:
        path = f"/api/documents/me/files/{file_id}"
        return await site.ask("DELETE", path, candidate=candidate, arrived_at=arrived_at)

    async def test_a_file_taken_back_is_gone_and_may_be_sent_again(self, site: Site) -> None:
        candidate = await site.world.saved()
        file_id = (await site.upload(candidate, PDF)).json()["file_id"]
        assert (await self.delete(site, candidate, file_id)).status_code == 204
        assert problem(await self.delete(site, candidate, file_id)) == (404, "fichier-inconnu")
        assert (await site.piece(candidate))["state"] == "expected"
        assert (await site.upload(candidate, PDF)).status_code == 201

    async def test_one_that_an_officer_refused_stays_refused(self, site: Site) -> None:
        candidate = await site.world.saved()
        file_id = (await site.upload(candidate, PDF)).json()["file_id"]
        await site.review(candidate, "refusal", reason="Page coupée.")
        assert (await self.delete(site, candidate, file_id)).status_code == 204
        response = await site.upload(candidate, PDF)
        assert problem(response) == (409, "fichier-deja-refuse")
        assert "Page coupée." in response.json()["detail"]
        assert (await site.world.row(candidate)).missing_count == 3

    async def test_not_after_the_deadline(self, site: Site) -> None:
        candidate = await site.world.saved()
        file_id = (await site.upload(candidate, PDF)).json()["file_id"]
        late = await self.delete(site, candidate, file_id, DEADLINE)
        assert problem(late) == (409, "echeance-passee")
        assert (await site.piece(candidate))["state"] == "received"

    async def test_nobody_elses(self, site: Site) -> None:
        candidate, other = await site.world.saved(), await site.world.saved()
        file_id = (await site.upload(candidate, PDF)).json()["file_id"]
        assert problem(await self.delete(site, other, file_id)) == (404, "fichier-inconnu")


class TestAConfirmationOfAnOlderVersion:
    """Same bytes, no new signature (R5, ours 4)."""

    saved_again = IN_TIME + DAY

    async def sent_before_version_2(self, site: Site) -> UUID:
        candidate = await site.world.saved()
        await site.upload(candidate, PDF, piece="p1")
        await site.world.tell(candidate, RegistrationSaved, version=2, saved_at=self.saved_again)
        return candidate

    async def again(self, site: Site, candidate: UUID, piece: str = "p1") -> httpx.Response:
        return await site.upload(candidate, PDF, piece=piece, arrived_at=self.saved_again + DAY)

    async def test_sent_again_is_refused_and_says_which_one_to_sign(self, site: Site) -> None:
        candidate = await self.sent_before_version_2(site)
        response = await self.again(site, candidate)
        assert problem(response) == (409, "confirmation-perimee")
        found = response.json()
        assert (found["version"], found["version_in_force"]) == (1, 2)
        assert "celle de la version 1" in found["detail"]
        assert "Imprimez la confirmation de la version 2" in found["detail"]
        assert (await site.piece(candidate, "p1"))["state"] == "expired"
        row = await site.world.row(candidate)
        assert (row.missing_count, row.faults) == (3, {})
        assert len(site.objects(candidate)) == 1

    async def test_taken_back_first_is_refused_all_the_same(self, site: Site) -> None:
        candidate = await site.world.saved()
        file_id = (await site.upload(candidate, PDF, piece="p1")).json()["file_id"]
        await site.ask("DELETE", f"/api/documents/me/files/{file_id}", candidate=candidate)
        await site.world.tell(candidate, RegistrationSaved, version=2, saved_at=self.saved_again)
        assert problem(await self.again(site, candidate)) == (409, "confirmation-perimee")

    async def test_first_sent_as_another_piece_is_refused_all_the_same(self, site: Site) -> None:
        candidate = await site.world.saved()
        await site.upload(candidate, PDF, piece="p2")
        await site.world.tell(candidate, RegistrationSaved, version=2, saved_at=self.saved_again)
        assert problem(await self.again(site, candidate)) == (409, "confirmation-perimee")

    async def test_that_arrived_before_the_save_and_is_stored_after_it_is_told_so_at_once(
        self, site: Site
    ) -> None:
        candidate = await site.world.saved(version=2, saved_at=self.saved_again)
        late = await site.upload(candidate, PDF, piece="p1", arrived_at=self.saved_again - TICK)
        assert (late.status_code, late.json()["expired"]) == (201, True)
        fresh = await site.upload(candidate, papers.pdf(2), piece="p1", arrived_at=self.saved_again)
        assert (fresh.status_code, fresh.json()["expired"]) == (201, False)

    async def test_of_a_version_that_is_not_surely_known_names_none(self, site: Site) -> None:
        """Version 2 was never heard of: the file may be its confirmation as well as version 1's."""
        candidate = await site.world.saved()
        await site.upload(candidate, PDF, piece="p1")
        await site.world.tell(candidate, RegistrationSaved, version=3, saved_at=self.saved_again)
        found = (await self.again(site, candidate)).json()
        assert (found["version"], found["version_in_force"]) == (None, 3)
        assert "une version antérieure" in found["detail"]

    async def test_other_bytes_count(self, site: Site) -> None:
        candidate = await self.sent_before_version_2(site)
        response = await site.upload(candidate, papers.pdf(2), piece="p1", arrived_at=self.saved_again)
        assert response.status_code == 201
        assert (await site.piece(candidate, "p1"))["state"] == "received"

    async def test_any_other_piece_may_be_the_same(self, site: Site) -> None:
        candidate = await self.sent_before_version_2(site)
        assert (await self.again(site, candidate, piece="p2")).status_code == 201


class TestTheContent:
    async def test_it_comes_back_whole_and_never_runs_in_our_origin(self, site: Site) -> None:
        candidate = await site.world.saved()
        file_id = (await site.upload(candidate, PDF)).json()["file_id"]
        own = f"/api/documents/me/files/{file_id}/content"
        officers = f"/api/documents/candidates/{candidate}/files/{file_id}/content"
        for response in (
            await site.ask("GET", own, candidate=candidate),
            await site.ask("GET", officers, officer="o1"),
        ):
            assert response.content == PDF
            assert response.headers["content-type"] == "application/pdf"
            assert response.headers["content-disposition"] == 'attachment; filename="piece.pdf"'
            assert response.headers["x-content-type-options"] == "nosniff"
            assert response.headers["content-security-policy"].startswith("sandbox")
            assert response.headers["cache-control"] == "no-store"

    async def test_nobody_else_reads_it(self, site: Site) -> None:
        candidate, other = await site.world.saved(), await site.world.saved()
        file_id = (await site.upload(candidate, PDF)).json()["file_id"]
        own = f"/api/documents/me/files/{file_id}/content"
        officers = f"/api/documents/candidates/{candidate}/files/{file_id}/content"
        assert problem(await site.ask("GET", own, candidate=other)) == (404, "fichier-inconnu")
        assert problem(await site.ask("GET", own)) == (401, "connexion-necessaire")
        assert problem(await site.ask("GET", officers, candidate=candidate)) == (
            403,
            "reserve-aux-gestionnaires",
        )

    async def test_one_whose_object_is_lost_is_our_fault_said_so(self, site: Site) -> None:
        candidate = await site.world.saved()
        file_id = (await site.upload(candidate, PDF)).json()["file_id"]
        site.objects(candidate)[0].unlink()
        response = await site.ask("GET", f"/api/documents/me/files/{file_id}/content", candidate=candidate)
        assert problem(response) == (503, "pieces-indisponibles")


async def test_no_candidate_token_no_upload(site: Site) -> None:
    response = await site.ask("POST", "/api/documents/me/pieces/p2/files", content=PDF)
    assert problem(response) == (401, "connexion-necessaire")
