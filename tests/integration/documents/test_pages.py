"""« Mes documents » over HTTP, as a browser without JavaScript uses it."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pikepdf
import pypdfium2
import pytest

from services.contracts.events import (
    CandidatureCancelled,
    CandidatureConfirmed,
    DeadlineMoved,
    RegistrationSaved,
)
from services.contracts.stages import Stage
from services.documents.commands.clockwork import settle
from tests.integration.documents.paging import forms, press, read, send, token, words
from tests.integration.documents.world import AFTER_DEADLINE, IN_TIME, Site
from tests.unit.documents import papers
from tests.unit.documents.rows import CLOSES, DAY, DEADLINE, GRACE, SAVED, TICK
from tests.verapdf import breaches_of_each

PDF = ("scan.pdf", papers.pdf(), "application/pdf")


class TestTheChecklist:
    async def test_says_what_is_missing_and_until_when(self, site: Site) -> None:
        candidate = await site.world.saved()
        html = await read(site, "/documents", candidate)
        said = words(html)
        assert "Il manque 3 pièces" in said
        assert "À déposer au plus tard le lundi 7 décembre 2020 à 23 h 59" in said
        assert "votre candidature sera annulée" in said
        assert "définitive" not in said
        assert said.count("attendue") == 3
        assert 'href="/documents/p2"' in html

    async def test_before_a_save_leads_to_the_form(self, site: Site) -> None:
        html = await read(site, "/documents", uuid4())
        assert "Aucune pré-inscription n’est enregistrée" in words(html)
        assert 'href="/inscription"' in html

    async def test_knows_a_version_just_saved_whose_event_has_not_arrived(self, site: Site) -> None:
        candidate = uuid4()
        site.world.registry.change(candidate)
        assert "Version 1, enregistrée le" in words(await read(site, "/documents", candidate))
        site.world.registry.change(candidate, version=2, saved_at=SAVED + DAY)
        said = words(await read(site, "/documents", candidate))
        assert "Version 2, enregistrée le" in said
        assert "Version 1, enregistrée le jeudi 12 novembre 2020 à 10 h 00 : périmée" in said

    async def test_is_shown_as_last_heard_while_the_owner_is_away(self, site: Site) -> None:
        candidate = await site.world.saved()
        site.world.registry.away = True
        assert "Il manque 3 pièces" in words(await read(site, "/documents", candidate))

    async def test_after_the_deadline_says_why_nothing_can_be_sent(self, site: Site) -> None:
        candidate = await site.world.saved()
        said = words(await read(site, "/documents", candidate, arrived_at=DEADLINE))
        assert "La date limite était le lundi 7 décembre 2020 à 23 h 59" in said
        assert "À déposer au plus tard" not in said
        assert "La date limite est passée Il manque 3 pièces." in said
        assert (said.count("non déposée"), said.count("attendue")) == (3, 0)
        one = words(await read(site, "/documents/p2", candidate, arrived_at=DEADLINE))
        assert "non déposée" in one
        assert "Aucun fichier n’a été déposé." in one

    @pytest.mark.parametrize(
        ("stage", "at", "heading", "also"),
        [
            (
                Stage.CANCELLED,
                AFTER_DEADLINE,
                "Votre candidature est annulée",
                "Il manquait 3 pièces à la date",
            ),
            (Stage.CANCELLED, IN_TIME, "Votre candidature est annulée", "lui seul peut la rétablir"),
            (
                Stage.HELD,
                AFTER_DEADLINE,
                "Votre candidature est en cours d’examen",
                "La date limite était le",
            ),
            (Stage.HELD, IN_TIME, "Votre candidature est en cours d’examen", "À déposer au plus tard le"),
            (Stage.WITHDRAWN, IN_TIME, "Votre candidature est retirée", "Aucune pièce n’est attendue."),
        ],
    )
    async def test_is_headed_by_the_outcome(
        self, site: Site, stage: Stage, at: datetime, heading: str, also: str
    ) -> None:
        candidate = await site.world.saved()
        await site.world.tell(candidate, DeadlineMoved, stage=stage)
        html = await read(site, "/documents", candidate, arrived_at=at)
        assert f"<h2>{heading}</h2>" in html
        assert also in words(html)
        assert "votre candidature sera annulée" not in words(html)

    async def test_who_is_cancelled_before_the_deadline_is_ordered_nothing_that_might_be_in_vain(
        self, site: Site
    ) -> None:
        """None reinstates whom an officer cancelled; whom the deadline cancelled, a complete file does."""
        candidate = await site.world.saved()
        await site.world.tell(candidate, CandidatureCancelled, stage=Stage.CANCELLED)
        for path in ("/documents", "/documents/p1", "/documents/p2"):
            html = await read(site, path, candidate)
            said = words(html)
            assert "Vous pouvez encore déposer des fichiers jusqu’au lundi 7 décembre 2020" in said
            assert "lui seul peut la rétablir" in said
            assert 'href="/mon-espace"' in html
            for order in ("À déposer au plus tard", "Imprimez", "stylo rouge", "n’est plus à signer"):
                assert order not in said, path
        assert "/documents/envoi/p2" in forms(html), "what may be reinstated can still be completed"
        closed = words(await read(site, "/documents", candidate, arrived_at=DEADLINE))
        assert "Elle n’est plus à signer : votre candidature est annulée." in closed

    async def test_of_a_confirmed_file_with_a_piece_refused_since_asks_for_that_piece(
        self, site: Site
    ) -> None:
        candidate = await site.world.saved()
        await site.world.complete(candidate)
        await site.world.tell(candidate, CandidatureConfirmed, stage=Stage.CONFIRMED)
        await site.review(candidate, "refusal")
        said = words(await read(site, "/documents", candidate))
        assert "Votre inscription est définitive" in said
        assert "a toutefois refusé une pièce" in said
        assert "À déposer au plus tard le" in said

    async def test_tells_of_the_red_pen_until_the_window_closes_and_not_after(self, site: Site) -> None:
        candidate = await site.world.saved()
        for path in ("/documents", "/documents/p1"):
            said = words(await read(site, path, candidate, arrived_at=CLOSES - TICK))
            assert "au stylo rouge uniquement" in said
            limit = "dimanche 22 novembre 2020 à 23 h 59"
            assert f"Aucune modification n’est prise en compte après le {limit} (notice, § 2)" in said
            closed = words(await read(site, path, candidate, arrived_at=CLOSES))
            assert f"même au stylo rouge : depuis le {limit}, aucune modification" in closed

    async def test_tells_of_the_red_pen_until_ones_own_form_closes(self, site: Site) -> None:
        candidate = await site.world.saved(closes_at=CLOSES + 3 * DAY)
        said = words(await read(site, "/documents", candidate, arrived_at=CLOSES + DAY))
        assert "au stylo rouge uniquement" in said
        limit = "mercredi 25 novembre 2020 à 23 h 59"
        assert f"Aucune modification n’est prise en compte après le {limit} (notice, § 2)" in said

    async def test_shows_a_deadline_of_ones_own_as_such(self, site: Site) -> None:
        candidate = await site.world.saved()
        own = datetime(2020, 12, 14, 23, tzinfo=UTC)
        await site.world.tell(candidate, DeadlineMoved, deadline_at=own)
        said = words(await read(site, "/documents", candidate, arrived_at=AFTER_DEADLINE))
        assert "À déposer au plus tard le lundi 14 décembre 2020 à 23 h 59" in said
        assert "C’est votre délai personnel" in said

    async def test_complete_is_not_final_and_final_says_so(self, site: Site) -> None:
        candidate = await site.world.saved()
        await site.world.complete(candidate)
        said = words(await read(site, "/documents", candidate))
        assert "Toutes vos pièces sont là" in said
        assert "définitive" not in said
        await site.world.tell(candidate, CandidatureConfirmed, stage=Stage.CONFIRMED)
        assert "Votre inscription est définitive" in words(await read(site, "/documents", candidate))

    async def test_pieces_no_longer_asked_keep_their_files_in_view(self, site: Site) -> None:
        candidate = await site.world.saved()
        await send(site, candidate, PDF, piece="p3")
        await site.world.tell(
            candidate, RegistrationSaved, version=2, saved_at=SAVED + DAY, pieces=("p1", "p2")
        )
        assert "Pièces qui ne sont plus demandées" in words(await read(site, "/documents", candidate))
        assert "ne comptent plus" in words(await read(site, "/documents/p3", candidate))

    async def test_the_anonymous_are_sent_to_the_login_and_back(self, site: Site) -> None:
        response = await site.ask("GET", "/documents/p2", headers={"Accept": "text/html"})
        assert (response.status_code, response.headers["location"]) == (
            303,
            "/connexion?retour=%2Fdocuments%2Fp2",
        )

    async def test_a_file_sent_after_the_session_ended_is_told_lost_at_the_login(self, site: Site) -> None:
        """The way back has no token in it, and leads to the piece’s page."""
        candidate = await site.world.saved()
        jeton = await token(site, "/documents/p2", candidate)
        response = await site.ask(
            "POST",
            f"/documents/envoi/p2?jeton={jeton}",
            headers={"Accept": "text/html", "Sec-Fetch-Site": "same-origin"},
            files={"file": ("a.pdf", b"%PDF-1.4", "application/pdf")},
        )
        assert response.status_code == 303
        assert response.headers["location"] == "/connexion?retour=%2Fdocuments%2Fenvoi%2Fp2&perdu=oui"


async def printed(site: Site, candidate: UUID, arrived_at: datetime = IN_TIME) -> str:
    """What the list to print says on its first page."""
    response = await site.ask("GET", "/documents/liste.pdf", candidate=candidate, arrived_at=arrived_at)
    with pypdfium2.PdfDocument(response.content) as pdf:
        return " ".join(pdf[0].get_textpage().get_text_range().split())


class TestThePrintedList:
    async def test_is_a_tagged_pdf_of_the_pieces_asked(self, site: Site) -> None:
        candidate = await site.world.saved()
        for path in ("/documents/liste.pdf", "/api/documents/me/checklist.pdf"):
            response = await site.ask("GET", path, candidate=candidate)
            assert response.status_code == 200, response.text
            with pikepdf.open(io.BytesIO(response.content)) as pdf:
                assert pdf.Root.MarkInfo.Marked
                assert str(pdf.Root.Lang) == "fr"

    async def test_keeps_pdf_ua_before_and_after_the_deadline(self, site: Site, tmp_path: Path) -> None:
        candidate = await site.world.saved()
        before = await site.ask("GET", "/documents/liste.pdf", candidate=candidate)
        late = await site.ask("GET", "/documents/liste.pdf", candidate=candidate, arrived_at=AFTER_DEADLINE)
        assert breaches_of_each([before.content, late.content], tmp_path) == [[], []]

    async def test_of_who_is_cancelled_orders_nothing(self, site: Site) -> None:
        candidate = await site.world.saved()
        limit = "lundi 7 décembre 2020 à 23 h 59 (heure de Paris)"
        assert f"À déposer dans « Mes documents » au plus tard le {limit}." in await printed(site, candidate)
        await site.world.tell(candidate, CandidatureCancelled, stage=Stage.CANCELLED)
        said = await printed(site, candidate)
        assert "À déposer" not in said
        assert "Votre candidature est annulée" in said

    async def test_is_none_before_a_save(self, site: Site) -> None:
        response = await site.ask("GET", "/documents/liste.pdf", candidate=uuid4())
        assert response.status_code == 404


class TestSending:
    async def test_a_file_counts_and_the_page_says_so(self, site: Site) -> None:
        candidate = await site.world.saved()
        response = await send(site, candidate, PDF)
        assert (response.status_code, response.headers["location"]) == (303, "/documents/p2")
        said = words(await read(site, "/documents/p2", candidate))
        assert "Nous avons reçu « scan.pdf »" in said
        assert "Il manque encore 2 pièces, à déposer au plus tard le lundi 7 décembre 2020 à 23 h 59." in said
        assert "reçue Cette pièce compte." in said
        assert "Vérifiez que tout y est : toutes les pages, le recto et le verso" in said
        assert "Pièce suivante à déposer" in said
        assert "Arrivé le vendredi 13 novembre 2020 à 10 h 00" in said
        assert "Nous avons reçu" not in words(await read(site, "/documents/p2", candidate))
        assert (await site.world.row(candidate)).faults == {}

    @pytest.mark.parametrize(
        ("language", "two", "one", "none"),
        [
            (
                "fr",
                "Il manque encore 2 pièces, à déposer au plus tard le lundi 7 décembre 2020 à 23 h 59.",
                "Il manque encore 1 pièce, à déposer au plus tard le lundi 7 décembre 2020 à 23 h 59.",
                "Toutes vos pièces sont là : dossier complet.",
            ),
            (
                "en",
                "2 documents are still missing, to be handed in by Monday 7 December 2020 at 23:59.",
                "1 document is still missing, to be handed in by Monday 7 December 2020 at 23:59.",
                "All your documents are there: file complete.",
            ),
        ],
    )
    async def test_after_each_file_the_page_says_how_many_pieces_are_still_missing(
        self, site: Site, language: str, two: str, one: str, none: str
    ) -> None:
        candidate = await site.world.saved()
        site.client.cookies.set("langue", language)
        for number, expected in enumerate((two, one, none), start=1):
            await send(site, candidate, PDF, piece=f"p{number}")
            assert expected in words(await read(site, f"/documents/p{number}", candidate))

    async def test_a_file_whose_arrival_is_being_judged_is_not_said_to_be_missing(self, site: Site) -> None:
        candidate = await site.world.saved()
        await send(site, candidate, PDF)
        async with site.world.ctx.database.connection() as conn:
            await conn.execute("UPDATE candidate SET to_judge_count = 1")
        said = words(await read(site, "/documents/p2", candidate))
        assert "Vous pouvez ajouter ou retirer" in said
        assert "Il manque encore" not in said

    async def test_the_same_again_changes_nothing_and_says_so(self, site: Site) -> None:
        candidate = await site.world.saved()
        await send(site, candidate, PDF)
        await send(site, candidate, PDF)
        said = words(await read(site, "/documents/p2", candidate))
        assert "« scan.pdf » était déjà déposé" in said
        assert said.count("Télécharger « scan.pdf »") == 1

    @pytest.mark.parametrize(
        ("file", "status", "why"),
        [
            (("", b"", "application/octet-stream"), 400, "Choisissez un fichier à envoyer"),
            (("a.txt", b"bonjour", "text/plain"), 415, "Ce format n’est pas accepté."),
            (("a.pdf", papers.encrypted("a", "b"), "application/pdf"), 422, "protégé par un mot de passe"),
        ],
        ids=["nothing chosen", "format", "encrypted"],
    )
    async def test_what_is_refused_is_said_at_the_field_and_the_rest_is_kept(
        self, site: Site, file: tuple[str, bytes, str], status: int, why: str
    ) -> None:
        candidate = await site.world.saved()
        await send(site, candidate, PDF)
        response = await send(site, candidate, file)
        assert response.status_code == status
        assert response.text.count(why) == 2
        assert 'href="#file"' in response.text
        assert "<title>Erreur : " in response.text
        assert "Télécharger « scan.pdf »" in words(response.text)
        assert (await site.world.row(candidate)).faults == {}

    async def test_one_flawed_file_of_several_says_that_none_is_kept(self, site: Site) -> None:
        candidate = await site.world.saved()
        response = await send(site, candidate, PDF, ("a.txt", b"bonjour", "text/plain"))
        assert response.status_code == 415
        said = words(response.text)
        assert "« a.txt » : Ce format n’est pas accepté." in said
        assert "De cet envoi, rien n’est gardé : si vous aviez choisi d’autres fichiers" in said
        assert "Aucun fichier pour le moment." in said
        alone = words((await send(site, candidate, ("a.txt", b"bonjour", "text/plain"))).text)
        assert "De cet envoi, rien n’est gardé" not in alone

    async def test_is_judged_by_arrival_and_too_late_the_page_has_no_form(self, site: Site) -> None:
        candidate = await site.world.saved()
        response = await send(site, candidate, PDF, arrived_at=DEADLINE)
        assert response.status_code == 409
        said = words(response.text)
        assert said.startswith("Ce dépôt n’est pas pris en compte")
        assert (
            "Il est arrivé le mardi 8 décembre 2020 à 0 h 00. La date limite était le lundi 7 décembre 2020 "
            "à 23 h 59 (heure de Paris)."
        ) in said
        assert "Ce que vous aviez déjà déposé est gardé" in said
        assert "À corriger" not in response.text
        assert '<a href="/contact">Écrire au bureau des examens</a>' in response.text
        assert "<title>Ce dépôt n’est pas pris en compte – " in response.text
        assert forms(response.text) == []
        in_time = await send(site, candidate, PDF, arrived_at=DEADLINE - timedelta(milliseconds=1))
        assert in_time.status_code == 303

    async def test_a_form_of_another_site_or_without_token_sends_nothing(self, site: Site) -> None:
        candidate = await site.world.saved()
        jeton = await token(site, "/documents/p2", candidate)
        sent: dict[str, Any] = {"candidate": candidate, "files": [("file", PDF)]}
        path = "/documents/envoi/p2"
        answers = [
            await site.ask("POST", path, headers={"Sec-Fetch-Site": "same-origin"}, **sent),
            await site.ask("POST", path, params={"jeton": "0" * 64}, **sent),
            await site.ask(
                "POST", path, params={"jeton": jeton}, headers={"Sec-Fetch-Site": "cross-site"}, **sent
            ),
        ]
        assert [answer.status_code for answer in answers] == [403, 403, 403]
        assert await site.world.file_states(candidate, "p2") == []

    async def test_the_attempt_is_written_before_the_body_is_read(self, site: Site) -> None:
        candidate = await site.world.saved()
        jeton = await token(site, "/documents/p2", candidate)
        seen: list[datetime | None] = []

        async def body() -> AsyncIterator[bytes]:
            seen.append((await site.world.row(candidate)).fault_at)
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
            yield papers.pdf() + b"\r\n--x--\r\n"

        response = await site.ask(
            "POST",
            "/documents/envoi/p2",
            candidate=candidate,
            params={"jeton": jeton},
            content=body(),
            headers={"Content-Type": "multipart/form-data; boundary=x", "Sec-Fetch-Site": "same-origin"},
        )
        assert (response.status_code, seen) == (303, [IN_TIME])

    async def test_the_address_of_a_refused_sending_leads_back_to_the_piece(self, site: Site) -> None:
        candidate = await site.world.saved()
        response = await site.ask("GET", "/documents/envoi/p2?jeton=x", candidate=candidate)
        assert (response.status_code, response.headers["location"]) == (303, "/documents/p2")

    async def test_to_a_piece_that_is_not_asked_is_a_page_that_says_so(self, site: Site) -> None:
        candidate = await site.world.saved()
        html = await read(site, "/documents/p9", candidate, 404)
        assert "Cette pièce n’est pas demandée pour ce dossier." in words(html)
        assert "Vérifiez l’adresse" not in words(html)
        assert 'href="/documents"' in html.partition("<main")[2].partition("</main>")[0]
        site.client.cookies.set("langue", "en")
        said = words(await read(site, "/documents/p9", candidate, 404))
        assert "This document is not asked for in this file. Nothing was changed." in said


class TestTakingBackAndPuttingBack:
    async def test_a_file_taken_back_may_be_put_back(self, site: Site) -> None:
        candidate = await site.world.saved()
        await send(site, candidate, PDF)
        [file] = (await site.piece(candidate))["files"]
        path = f"/documents/p2/{file['file_id']}"
        response = await press(site, candidate, f"{path}/retrait")
        assert response.headers["location"] == "/documents/p2"
        html = await read(site, "/documents/p2", candidate)
        assert "Le fichier est retiré" in words(html)
        assert f"{path}/remise" in forms(html)
        await press(site, candidate, f"{path}/remise")
        assert "Le fichier est remis" in words(await read(site, "/documents/p2", candidate))
        piece = await site.piece(candidate)
        assert (piece["state"], piece["removed"], len(piece["files"])) == ("received", [], 1)

    async def test_of_a_piece_no_longer_asked_is_for_good_and_the_page_says_so_before(
        self, site: Site
    ) -> None:
        """A medical certificate that is no longer asked for may be taken back by whom it is about."""
        candidate = await site.world.saved()
        await send(site, candidate, PDF, piece="p3")
        [file] = (await site.piece(candidate, "p3"))["files"]
        await site.world.tell(
            candidate, RegistrationSaved, version=2, saved_at=SAVED + DAY, pieces=("p1", "p2")
        )
        html = await read(site, "/documents/p3", candidate)
        path = f"/documents/p3/{file['file_id']}/retrait"
        assert forms(html) == [path]
        assert "Vous pouvez les retirer ; un fichier retiré ne peut pas être remis." in words(html)
        response = await press(site, candidate, path, page="/documents/p3")
        assert response.headers["location"] == "/documents"
        said = words(await read(site, "/documents", candidate))
        assert "Le fichier est retiré" in said
        assert "le remettre" not in said
        assert "Pièces qui ne sont plus demandées" not in said

    async def test_of_several_of_a_piece_no_longer_asked_leaves_the_others_in_view(self, site: Site) -> None:
        candidate = await site.world.saved()
        await send(site, candidate, PDF, piece="p3")
        await send(site, candidate, ("verso.pdf", papers.pdf(2), "application/pdf"), piece="p3")
        file = next(one for one in (await site.piece(candidate, "p3"))["files"] if one["name"] == "scan.pdf")
        await site.world.tell(
            candidate, RegistrationSaved, version=2, saved_at=SAVED + DAY, pieces=("p1", "p2")
        )
        path = f"/documents/p3/{file['file_id']}/retrait"
        response = await press(site, candidate, path, page="/documents/p3")
        assert response.headers["location"] == "/documents/p3"
        said = words(await read(site, "/documents/p3", candidate))
        assert "Télécharger « verso.pdf »" in said
        assert "le remettre" not in said

    async def test_of_a_piece_no_longer_asked_not_after_the_deadline(self, site: Site) -> None:
        candidate = await site.world.saved()
        await send(site, candidate, PDF, piece="p3")
        await site.world.tell(
            candidate, RegistrationSaved, version=2, saved_at=SAVED + DAY, pieces=("p1", "p2")
        )
        html = await read(site, "/documents/p3", candidate, arrived_at=DEADLINE)
        assert forms(html) == []
        assert "Vous pouvez les retirer" not in words(html)

    async def test_not_after_the_deadline(self, site: Site) -> None:
        candidate = await site.world.saved()
        await send(site, candidate, PDF)
        [file] = (await site.piece(candidate))["files"]
        path = f"/documents/p2/{file['file_id']}"
        html = await read(site, "/documents/p2", candidate, arrived_at=DEADLINE)
        assert forms(html) == []
        assert f'href="{path}"' in html
        late = await press(site, candidate, f"{path}/retrait", arrived_at=DEADLINE)
        assert late.status_code == 409
        assert words(late.text).startswith(
            "Le fichier n’a pas été retiré Votre demande est arrivée le mardi 8"
        )
        assert (await site.piece(candidate))["state"] == "received"

    async def test_not_once_the_complete_file_is_settled_and_the_page_says_why(self, site: Site) -> None:
        candidate = await site.world.saved()
        await site.world.complete(candidate)
        site.world.clock.instant = CLOSES + GRACE
        assert await settle(site.world.ctx, candidate)
        html = await read(site, "/documents/p2", candidate, arrived_at=CLOSES + GRACE)
        assert not [action for action in forms(html) if action.endswith("/retrait")]
        assert "ne peuvent plus être retirés : votre dossier a été jugé complet" in words(html)
        assert "ajouter ou retirer" not in words(html)

    async def test_a_file_may_be_downloaded_whatever_the_outcome(self, site: Site) -> None:
        candidate = await site.world.saved()
        await send(site, candidate, PDF)
        [file] = (await site.piece(candidate))["files"]
        await site.world.tell(candidate, CandidatureConfirmed, stage=Stage.WITHDRAWN)
        response = await site.ask("GET", f"/documents/p2/{file['file_id']}", candidate=candidate)
        assert response.content == PDF[1]
        other = await site.world.saved()
        stolen = await site.ask("GET", f"/documents/p2/{file['file_id']}", candidate=other)
        assert stolen.status_code == 404


@pytest.mark.parametrize("flags", [[], ["code"]], ids=["plain", "officer looks"])
@pytest.mark.parametrize(
    ("stage", "at", "promised"),
    [
        (Stage.AWAITING_DOCUMENTS, IN_TIME, True),
        (Stage.AWAITING_DOCUMENTS, AFTER_DEADLINE, True),
        (Stage.CONFIRMED, IN_TIME, True),
        (Stage.CANCELLED, IN_TIME, True),
        (Stage.CANCELLED, AFTER_DEADLINE, False),
        (Stage.WITHDRAWN, IN_TIME, False),
    ],
)
async def test_a_received_piece_promises_something_only_where_it_can_still_count(
    site: Site, stage: Stage, at: datetime, promised: bool, flags: list[str]
) -> None:
    candidate = await site.world.saved()
    await site.world.complete(candidate)
    async with site.world.ctx.database.connection() as conn:
        await conn.execute("UPDATE file SET flags = $2 WHERE candidate_id = $1", candidate, flags)
    await site.world.tell(candidate, DeadlineMoved, stage=stage)
    said = words(await read(site, "/documents/p1", candidate, arrived_at=at))
    listed = words(await read(site, "/documents", candidate, arrived_at=at))
    kept = "Nous l’avons reçue, et nous la gardons jusqu’à la fin de la session."
    assert (kept in said) is not promised
    promise = "Elle compte, et un gestionnaire la regardera" if flags else "Cette pièce compte."
    assert (promise in said) is promised
    assert ("Nous n’avons pas reconnu" in said + listed) is (promised and bool(flags))
    if not promised:
        assert "message" not in said
        assert "compte" not in said


async def test_a_refused_piece_says_why_and_what_to_do(site: Site) -> None:
    candidate = await site.world.saved()
    await send(site, candidate, PDF)
    await site.review(candidate, "refusal", reason="Le verso manque.")
    said = words(await read(site, "/documents/p2", candidate))
    assert "Pourquoi elle est refusée : Le verso manque." in said
    assert "déposez ci-dessous un autre fichier" in said


async def test_beside_a_newer_confirmation_the_older_signed_one_is_marked_out_of_date(site: Site) -> None:
    """Both hang on one piece that is received: which of them counts must be seen."""
    candidate = await site.world.saved()
    await send(site, candidate, ("ancienne.pdf", papers.pdf(2), "application/pdf"), piece="p1")
    await site.world.tell(candidate, RegistrationSaved, version=2, saved_at=SAVED + 2 * DAY)
    await send(site, candidate, PDF, piece="p1", arrived_at=SAVED + 3 * DAY)
    piece = await site.piece(candidate, "p1")
    assert piece["state"] == "received"
    expired = [(file["name"], file["expired"]) for file in piece["files"]]
    assert expired == [("ancienne.pdf", True), ("scan.pdf", False)]
    said = words(await read(site, "/documents/p1", candidate))
    older, newer = said.index("Télécharger « ancienne.pdf »"), said.index("Télécharger « scan.pdf »")
    assert "1 ko – périmée" in said[:older]
    assert "périmée" not in said[older:newer]
    other = await site.piece(candidate)
    assert not any(file["expired"] for file in other["files"]), "other pieces bear no version"


async def test_in_english_the_officers_words_alone_stay_french(site: Site) -> None:
    candidate = await site.world.saved()
    await send(site, candidate, PDF)
    await site.review(candidate, "refusal", reason="Le verso manque.")
    site.client.cookies.set("langue", "en")
    html = await read(site, "/documents/p2", candidate)
    assert "Why it is refused:" in words(html)
    assert '<span lang="fr">Le verso manque.</span>' in html
    again = await send(site, candidate, PDF)
    assert (again.status_code, again.text.count("This very file was refused before:")) == (409, 2)
    assert again.text.count('“<span lang="fr">Le verso manque.</span>”') == 2
