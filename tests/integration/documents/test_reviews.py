"""The officers' reviews, and what sister services may ask."""

from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from services.contracts.events import CandidatureConfirmed, DeadlineMoved, DocumentRejected, Event
from services.contracts.stages import Stage, Verdict
from services.documents.commands.clockwork import judge, settle
from services.documents.commands.upload import begin
from tests.integration.documents.world import AFTER_DEADLINE, IN_TIME, Site, problem
from tests.unit.documents import papers
from tests.unit.documents.rows import DAY, DEADLINE, GRACE, TICK

PARIS = ZoneInfo("Europe/Paris")
PDF = papers.pdf()


@pytest.fixture
async def candidate(site: Site) -> UUID:
    """Complete."""
    found = await site.world.saved()
    await site.world.complete(found)
    return found


async def last_rejection(site: Site, candidate: UUID) -> DocumentRejected:
    facts: list[Event] = await site.world.facts(candidate)
    return [fact for fact in facts if isinstance(fact, DocumentRejected)][-1]


async def test_an_accepted_piece_is_shown_so(site: Site, candidate: UUID) -> None:
    response = await site.review(candidate, "acceptance")
    assert response.status_code == 200
    assert (await site.piece(candidate))["label"] == "acceptée"
    assert (await site.world.names(candidate))[-1] == "DocumentAccepted"


async def test_a_refused_piece_is_missing_again_and_says_why(site: Site, candidate: UUID) -> None:
    await site.review(candidate, "refusal", reason="La date est illisible.")
    piece = await site.piece(candidate)
    assert (piece["label"], piece["refusal"]) == ("refusée", "La date est illisible.")
    assert (await site.world.row(candidate)).missing_count == 1
    assert (await site.world.names(candidate))[-2:] == ["DocumentRejected", "ChecklistReopened"]


async def test_an_early_refusal_moves_no_deadline(site: Site, candidate: UUID) -> None:
    await site.review(candidate, "refusal")
    assert (await last_rejection(site, candidate)).deadline_at is None
    assert (await site.world.row(candidate)).deadline_at == DEADLINE


class TestALateRefusal:
    refused_at = datetime(2020, 12, 7, 15, tzinfo=PARIS)
    own = datetime(2020, 12, 15, tzinfo=PARIS)

    async def refuse(self, site: Site, candidate: UUID) -> None:
        site.world.clock.instant = self.refused_at
        await site.review(candidate, "refusal")

    async def test_gives_a_deadline_of_its_own_in_the_same_commit(self, site: Site, candidate: UUID) -> None:
        await self.refuse(site, candidate)
        assert (await last_rejection(site, candidate)).deadline_at == self.own
        row = await site.world.row(candidate)
        assert (row.deadline_at, row.own_deadline_at) == (self.own, self.own)

    async def test_never_cancels_by_itself(self, site: Site, candidate: UUID) -> None:
        await self.refuse(site, candidate)
        site.world.clock.instant = AFTER_DEADLINE
        assert not await settle(site.world.ctx, candidate)

    async def test_uploads_are_taken_until_then(self, site: Site, candidate: UUID) -> None:
        await self.refuse(site, candidate)
        response = await site.upload(candidate, PDF, arrived_at=self.own - TICK)
        assert response.status_code == 201
        assert (await site.world.row(candidate)).state == "complete"

    async def test_is_registrations_when_it_says_so(self, site: Site, candidate: UUID) -> None:
        await self.refuse(site, candidate)
        await site.world.tell(candidate, DeadlineMoved, deadline_at=self.own)
        row = await site.world.row(candidate)
        assert (row.deadline_at, row.own_deadline_at) == (self.own, None)

    async def test_after_the_verdict_makes_the_candidate_incomplete_only_at_its_own_deadline(
        self, site: Site, candidate: UUID
    ) -> None:
        site.world.clock.instant = AFTER_DEADLINE
        await site.review(candidate, "acceptance")
        assert await site.world.verdicts(candidate) == [Verdict.COMPLETE]
        await site.review(candidate, "refusal")
        assert await site.world.verdicts(candidate) == [Verdict.COMPLETE]
        own = (await last_rejection(site, candidate)).deadline_at
        assert own is not None
        await site.world.warn(candidate, own)
        site.world.clock.instant = own + GRACE
        assert await settle(site.world.ctx, candidate)
        assert (await site.world.verdicts(candidate))[-1] is Verdict.INCOMPLETE

    @pytest.mark.parametrize("late", [False, True])
    async def test_is_refused_where_its_deadline_would_be_after_the_sessions_end(
        self, site: Site, late: bool
    ) -> None:
        """Nobody can log in any more then: it would only cancel."""
        session = f"s-{uuid4()}"
        ends_at = self.own - TICK if late else self.own
        await site.world.schedule(session_id=session, ends_at=ends_at)
        candidate = await site.world.saved(session_id=session)
        await site.world.complete(candidate)
        before = await site.world.row(candidate)
        site.world.clock.instant = self.refused_at
        response = await site.review(candidate, "refusal")
        if not late:
            assert response.status_code == 200
            return
        assert problem(response) == (409, "session-finie-avant")
        assert "jusqu’au lundi 14 décembre 2020 à 23 h 59" in response.json()["detail"]
        assert await site.world.row(candidate) == before
        assert (await site.piece(candidate))["state"] == "received"

    async def test_of_a_confirmed_candidate_leaves_the_time_to_send_another(
        self, site: Site, candidate: UUID
    ) -> None:
        await site.world.tell(candidate, CandidatureConfirmed, stage=Stage.CONFIRMED)
        assert problem(await site.upload(candidate, PDF)) == (409, "aucune-piece-attendue")
        await self.refuse(site, candidate)
        assert (await site.upload(candidate, PDF, arrived_at=self.own - TICK)).status_code == 201

    async def test_lets_count_what_had_come_too_late_for_another_piece(self, site: Site) -> None:
        candidate = await site.world.saved()
        await site.upload(candidate, PDF)
        site.world.registry.away = True
        await site.upload(candidate, PDF, piece="p3", arrived_at=DEADLINE)
        site.world.registry.away = False
        await judge(site.world.ctx, candidate)
        assert (await site.piece(candidate, "p3"))["state"] == "late"
        site.world.clock.instant = AFTER_DEADLINE
        await site.review(candidate, "refusal")
        assert (await site.piece(candidate, "p3"))["state"] == "received"
        assert (await site.piece(candidate, "p2"))["state"] == "refused"

    async def test_lets_what_had_come_too_late_make_up_for_what_failed_before_it(self, site: Site) -> None:
        candidate = await site.world.saved()
        await site.upload(candidate, PDF)
        await begin(site.world.ctx, candidate, "p3", DEADLINE - TICK)
        site.world.registry.away = True
        await site.upload(candidate, PDF, piece="p3", arrived_at=DEADLINE)
        site.world.registry.away = False
        await judge(site.world.ctx, candidate)
        assert (await site.world.row(candidate)).fault_at == DEADLINE - TICK
        site.world.clock.instant = AFTER_DEADLINE
        await site.review(candidate, "refusal")
        assert (await site.world.row(candidate)).faults == {}

    async def test_does_not_let_count_the_refused_content_sent_again_too_late(self, site: Site) -> None:
        candidate = await site.world.saved()
        site.world.registry.away = True
        await site.upload(candidate, PDF, arrived_at=DEADLINE + 2 * DAY)
        site.world.registry.away = False
        await judge(site.world.ctx, candidate)
        await site.world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE + DAY)
        await site.upload(candidate, PDF, arrived_at=DEADLINE)
        site.world.clock.instant = DEADLINE + 3 * DAY
        await site.review(candidate, "refusal")
        assert await site.world.file_states(candidate, "p2") == ["refused", "late"]
        assert (await site.piece(candidate))["state"] == "refused"

    async def test_makes_an_upload_cut_since_the_old_deadline_a_fault(
        self, site: Site, candidate: UUID
    ) -> None:
        site.world.registry.away = True
        await begin(site.world.ctx, candidate, "p3", DEADLINE + TICK)
        assert (await site.world.row(candidate)).fault_at is None
        site.world.clock.instant = AFTER_DEADLINE
        await site.review(candidate, "refusal")
        assert (await site.world.row(candidate)).fault_at == DEADLINE + TICK

    async def test_of_a_piece_not_asked_for_moves_nothing(self, site: Site, candidate: UUID) -> None:
        await site.world.tell(candidate, CandidatureConfirmed, version=2, pieces=("p1", "p3"))
        await self.refuse(site, candidate)
        assert (await site.world.row(candidate)).deadline_at == DEADLINE


async def test_another_file_makes_up_for_the_refused_one(site: Site, candidate: UUID) -> None:
    await site.review(candidate, "refusal")
    await site.upload(candidate, papers.pdf(2))
    assert (await site.world.row(candidate)).state == "complete"
    assert (await site.piece(candidate))["label"] == "reçue"


async def test_the_refused_content_sent_again_is_refused_with_the_officers_reason(site: Site) -> None:
    candidate = await site.world.saved()
    await site.upload(candidate, PDF)
    await site.review(candidate, "refusal", reason="Page coupée.")
    response = await site.upload(candidate, PDF)
    assert problem(response) == (409, "fichier-deja-refuse")
    assert "Page coupée." in response.json()["detail"]
    assert len(site.objects(candidate)) == 1
    assert (await site.world.row(candidate)).faults == {}


async def test_a_refusal_can_be_taken_back(site: Site, candidate: UUID) -> None:
    await site.review(candidate, "refusal")
    await site.review(candidate, "acceptance", reason="Refusée par erreur.")
    assert (await site.piece(candidate))["label"] == "acceptée"
    assert (await site.world.row(candidate)).state == "complete"


async def test_accepting_the_new_file_leaves_the_refused_one_refused(site: Site, candidate: UUID) -> None:
    await site.review(candidate, "refusal")
    await site.upload(candidate, PDF)
    await site.review(candidate, "acceptance")
    assert sorted(await site.world.file_states(candidate, "p2")) == ["accepted", "refused"]


async def test_there_must_be_something_to_review(site: Site) -> None:
    candidate = await site.world.saved()
    assert problem(await site.review(candidate, "refusal")) == (409, "aucun-fichier")
    assert problem(await site.review(candidate, "acceptance")) == (409, "aucun-fichier")
    assert problem(await site.review(candidate, "refusal", piece="p9")) == (404, "piece-non-demandee")
    assert problem(await site.review(uuid4(), "refusal")) == (404, "candidat-inconnu")


class TestAReviewNamesWhatWasSeen:
    @pytest.mark.parametrize("act", ["acceptance", "refusal"])
    async def test_a_file_that_came_meanwhile_is_neither_accepted_nor_refused(
        self, site: Site, candidate: UUID, act: str
    ) -> None:
        seen = await site.etag(candidate)
        await site.upload(candidate, PDF)
        response = await site.review(candidate, act, seen=seen)
        assert problem(response) == (412, "dossier-modifie-entre-temps")
        assert await site.world.file_states(candidate, "p2") == ["received", "received"]
        assert (await site.world.names(candidate))[-1] == "DocumentUploaded"

    async def test_who_saw_too_little_is_told_how_it_stands_and_may_judge_that(
        self, site: Site, candidate: UUID
    ) -> None:
        seen = await site.etag(candidate)
        await site.upload(candidate, PDF)
        response = await site.review(candidate, "refusal", seen=seen)
        shown = await site.ask("GET", f"/api/documents/candidates/{candidate}", officer="o1")
        assert response.json()["current"] == shown.json()
        assert response.headers["ETag"] == shown.headers["ETag"]
        again = await site.review(candidate, "refusal", seen=response.headers["ETag"])
        assert again.status_code == 200
        assert again.headers["ETag"] == await site.etag(candidate)

    async def test_an_act_that_names_nothing_seen_is_asked_for_it(self, site: Site, candidate: UUID) -> None:
        path = f"/api/documents/candidates/{candidate}/pieces/p2/refusal"
        body = {"reason": "Page coupée."}
        assert problem(await site.ask("POST", path, officer="o1", json=body)) == (428, "etat-vu-manquant")
        assert problem(await site.review(candidate, "refusal", seen="*")) == (428, "etat-vu-manquant")
        assert problem(await site.review(candidate, "refusal", seen="3")) == (400, "etat-vu-illisible")
        assert await site.world.file_states(candidate, "p2") == ["received"]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001])
async def test_a_review_has_a_reason(site: Site, candidate: UUID, reason: str) -> None:
    assert problem(await site.review(candidate, "refusal", reason=reason)) == (422, "donnees-invalides")


async def test_only_officers_review(site: Site, candidate: UUID) -> None:
    path = f"/api/documents/candidates/{candidate}"
    response = await site.ask(
        "POST", f"{path}/pieces/p2/refusal", candidate=candidate, json={"reason": "non"}
    )
    assert problem(response) == (403, "reserve-aux-gestionnaires")
    assert problem(await site.ask("GET", path, candidate=candidate)) == (403, "reserve-aux-gestionnaires")
    assert (await site.ask("GET", path, officer="o1")).json()["complete"] is True


class TestInternal:
    async def test_the_missing_pieces_are_told_to_notifications_alone(self, site: Site) -> None:
        candidate = await site.world.saved()
        await site.world.put(candidate, "p2", IN_TIME)
        path = f"/internal/candidates/{candidate}/missing-pieces"
        found = (await site.ask("GET", path, service="notifications")).json()
        assert found == {"registration_version": 1, "titles": ["Titre p1", "Titre p3"]}
        assert problem(await site.ask("GET", path, service="accounts")) == (403, "service-non-autorise")
        assert problem(await site.ask("GET", path, candidate=candidate)) == (401, "connexion-necessaire")

    async def test_a_refusal_is_told_and_an_acceptance_is_none(self, site: Site, candidate: UUID) -> None:
        await site.review(candidate, "acceptance")
        accepted = (await site.world.facts(candidate))[-1]
        await site.review(candidate, "refusal", reason="Page coupée.")
        refused = await last_rejection(site, candidate)
        path = f"/internal/candidates/{candidate}/reviews"
        found = await site.ask("GET", f"{path}/{refused.review_id}", service="notifications")
        assert found.json() == {"title": "Titre p2", "reason": "Page coupée.", "deadline_at": None}
        review_id = accepted.model_dump()["review_id"]
        assert (await site.ask("GET", f"{path}/{review_id}", service="notifications")).status_code == 404

    async def test_the_erased_are_gone(self, site: Site, candidate: UUID) -> None:
        await site.world.erase(candidate)
        path = f"/internal/candidates/{candidate}/missing-pieces"
        assert problem(await site.ask("GET", path, service="notifications")) == (410, "compte-supprime")
