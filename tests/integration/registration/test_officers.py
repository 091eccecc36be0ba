"""The officers' acts over HTTP: each with its reason, kept; a session's deadline moves every row at once."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.demo.forms import valid_form
from services.contracts.events import CandidatureReleased, DeadlineMoved
from services.contracts.recovery import RepairItem
from services.contracts.stages import Stage, Verdict
from services.registration.commands.sessions import session_key
from services.registration.commands.window import close_window_of
from services.registration.commands.withdraw import withdraw
from services.registration.recovery import Repairs
from tests.integration.registration.world import (
    AFTER_CLOSE,
    AFTER_DEADLINE,
    Site,
    problem,
    rejected,
    settled,
)
from tests.unit.registration.rows import DEADLINE, MS

LATER = DEADLINE + timedelta(days=10)
SESSION_END = datetime(2021, 7, 31, 22, tzinfo=UTC)


async def seen(site: Site, path: str) -> dict[str, str]:
    """The condition of an officer who has just looked at this; of an unknown one, any."""
    found = await site.ask("GET", path, officer="gestionnaire-12")
    return {"If-Match": found.headers.get("ETag", '"0"')}


async def act(
    site: Site, candidate: UUID, name: str, headers: dict[str, str] | None = None, **body: Any
) -> httpx.Response:
    """An officer's act on what there is, or on what `headers` say was seen."""
    path = f"/api/registration/candidatures/{candidate}"
    return await site.ask(
        "POST",
        f"{path}/{name}",
        officer="gestionnaire-12",
        headers=await seen(site, path) if headers is None else headers,
        json={"reason": "vu avec le candidat"} | body,
    )


async def move_session(
    site: Site,
    deadline_at: datetime,
    session_id: str = "2021",
    officer: str = "chef",
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    path = f"/api/registration/sessions/{session_id}/deadline"
    return await site.ask(
        "POST",
        path,
        officer=officer,
        headers=await seen(site, path) if headers is None else headers,
        json={"reason": "panne du réseau", "deadline_at": deadline_at.isoformat()},
    )


async def waiting(site: Site, **form: Any) -> UUID:
    """A candidate who awaits documents, after the deadline."""
    site.world.clock.instant = AFTER_CLOSE - timedelta(days=5)
    candidate = await site.world.saved(**form)
    site.world.clock.instant = AFTER_DEADLINE
    await close_window_of(site.world.ctx, candidate)
    return candidate


async def cancelled(site: Site) -> UUID:
    candidate = await waiting(site)
    await site.world.hear_documents(settled(candidate, Verdict.INCOMPLETE))
    assert await site.world.stage(candidate) is Stage.CANCELLED
    return candidate


async def test_an_act_is_in_the_journal_with_who_and_why(site: Site) -> None:
    candidate = await waiting(site)
    body = (await act(site, candidate, "hold", reason="  écriture illisible ")).json()
    assert (body["stage"], body["hold_cause"]) == ("held", "officer")
    entry = body["journal"][-1]
    assert (entry["actor"], entry["act"], entry["reason"]) == (
        "officer:gestionnaire-12",
        "held",
        "écriture illisible",
    )
    seen = await site.ask("GET", f"/api/registration/candidatures/{candidate}", officer="chef")
    assert seen.json()["journal"] == body["journal"]


@pytest.mark.parametrize(
    "name", ["hold", "release", "cancellation", "upholding", "reinstatement", "deadline"]
)
async def test_no_act_without_the_state_that_was_seen(site: Site, name: str) -> None:
    candidate = await waiting(site)
    before = await site.world.row(candidate)
    body = {"deadline_at": LATER.isoformat()} if name == "deadline" else {}
    assert problem(await act(site, candidate, name, {}, **body)) == (428, "etat-consulte-manquant")
    for unreadable in ("*", "5", 'W/"5"', '"1", "2"'):
        refused = await act(site, candidate, name, {"If-Match": unreadable}, **body)
        assert problem(refused) == (400, "etat-consulte-illisible")
    assert await site.world.row(candidate) == before


async def test_a_cancellation_meets_no_candidature_that_was_confirmed_a_moment_ago(site: Site) -> None:
    candidate = await waiting(site)
    looked_at = await seen(site, f"/api/registration/candidatures/{candidate}")
    await site.world.hear_documents(settled(candidate, Verdict.COMPLETE))
    refused = await act(site, candidate, "cancellation", looked_at)
    assert problem(refused) == (412, "candidature-modifiee")
    assert "inscription définitive" in refused.json()["detail"]
    assert refused.json()["present"]["stage"] == "confirmed"
    assert await site.world.stage(candidate) is Stage.CONFIRMED
    again = {"If-Match": refused.headers["ETag"]}
    assert (await act(site, candidate, "cancellation", again)).status_code == 200


async def test_an_act_answers_with_the_state_for_the_next_one(site: Site) -> None:
    candidate = await waiting(site)
    held = await act(site, candidate, "hold")
    released = await act(site, candidate, "release", {"If-Match": held.headers["ETag"]}, settle_now=True)
    assert released.status_code == 200
    twice = await act(site, candidate, "cancellation", {"If-Match": held.headers["ETag"]})
    assert problem(twice) == (412, "candidature-modifiee")


async def test_a_verdict_that_changes_nothing_yet_is_to_be_seen_all_the_same(site: Site) -> None:
    candidate = await waiting(site)
    held = await act(site, candidate, "hold")
    await site.world.hear_documents(settled(candidate, Verdict.COMPLETE))
    refused = await act(site, candidate, "cancellation", {"If-Match": held.headers["ETag"]})
    assert problem(refused) == (412, "candidature-modifiee")
    assert refused.json()["present"]["verdict"] == "complete"


async def test_a_sessions_deadline_moved_meanwhile_is_not_moved_again_unseen(site: Site) -> None:
    looked_at = await seen(site, "/api/registration/sessions/2021/deadline")
    assert problem(await move_session(site, LATER, headers={})) == (428, "etat-consulte-manquant")
    assert (await move_session(site, LATER, headers=looked_at)).status_code == 200
    refused = await move_session(site, LATER + timedelta(days=1), headers=looked_at)
    assert problem(refused) == (412, "session-modifiee")
    assert "jeudi 17 décembre 2020" in refused.json()["detail"]
    assert await site.world.value("SELECT deadline_at FROM exam_session") == LATER


@pytest.mark.parametrize("reason", ["", "  ", None])
async def test_no_act_without_a_reason(site: Site, reason: str | None) -> None:
    candidate = await waiting(site)
    assert problem(await act(site, candidate, "hold", reason=reason)) == (422, "donnees-invalides")
    assert await site.world.stage(candidate) is Stage.AWAITING_DOCUMENTS


@pytest.mark.parametrize(
    "name", ["hold", "release", "cancellation", "upholding", "reinstatement", "deadline"]
)
async def test_a_candidate_does_no_officers_act(site: Site, name: str) -> None:
    candidate = await waiting(site)
    response = await site.ask(
        "POST",
        f"/api/registration/candidatures/{candidate}/{name}",
        candidate=candidate,
        json={"reason": "moi-même", "deadline_at": LATER.isoformat()},
    )
    assert problem(response) == (403, "reserve-aux-gestionnaires")


async def test_held_by_an_officer_is_deaf_to_verdicts_until_released(site: Site) -> None:
    candidate = await waiting(site)
    await act(site, candidate, "hold")
    await site.world.hear_documents(settled(candidate, Verdict.INCOMPLETE, 1))
    assert await site.world.stage(candidate) is Stage.HELD
    await act(site, candidate, "release", settle_now=True)
    assert await site.world.stage(candidate) is Stage.AWAITING_DOCUMENTS
    await site.world.hear_documents(settled(candidate, Verdict.COMPLETE, 2))
    assert await site.world.stage(candidate) is Stage.CONFIRMED
    assert (await site.world.names(candidate))[-3:] == [
        "CandidatureHeld",
        "CandidatureReleased",
        "CandidatureConfirmed",
    ]


async def test_a_piece_refused_while_an_officer_held_the_complete_file_is_not_confirmed_by_a_repair(
    site: Site,
) -> None:
    """The verdict was kept, since the officer's hold stood; released, the file is settled by another one."""
    candidate = await waiting(site)
    site.world.clock.instant = DEADLINE - timedelta(days=10)
    await act(site, candidate, "hold")
    await site.world.hear_documents(settled(candidate, Verdict.COMPLETE, 5))
    await site.world.hear_documents(rejected(candidate, None))
    await act(site, candidate, "release")
    await Repairs(site.world.ctx).judge(RepairItem(key=candidate))
    assert await site.world.stage(candidate) is Stage.AWAITING_DOCUMENTS
    await site.world.hear_documents(settled(candidate, Verdict.COMPLETE, 8))
    assert await site.world.stage(candidate) is Stage.CONFIRMED


async def test_a_failed_condition_is_held_and_an_officers_release_accepts_it(site: Site) -> None:
    address = {"lines": ["1 quai"], "postcode": "83000", "commune": "Toulon"}
    candidate = await waiting(site, identification={"address": address})
    await site.world.hear_documents(settled(candidate, Verdict.COMPLETE, 1))
    assert (await site.world.row(candidate)).hold_cause == "eligibility"
    assert (await act(site, candidate, "release")).json()["eligibility_accepted"]
    await site.world.hear_documents(settled(candidate, Verdict.COMPLETE, 2))
    assert await site.world.stage(candidate) is Stage.CONFIRMED


async def test_an_officers_cancellation_is_told_with_its_reason_and_stands(site: Site) -> None:
    candidate = await waiting(site)
    await act(site, candidate, "cancellation", reason="inscrit dans une autre académie")
    await site.world.hear_documents(settled(candidate, Verdict.COMPLETE))
    body = (await site.ask("GET", "/api/registration/me", candidate=candidate)).json()
    assert body["stage"] == "cancelled"
    assert "inscrit dans une autre académie" in body["outcome_reason"]


async def test_reinstated_with_a_date_waits_for_documents_and_may_be_confirmed(site: Site) -> None:
    candidate = await cancelled(site)
    response = await act(site, candidate, "reinstatement", deadline_at=LATER.isoformat())
    assert response.json()["stage"] == "awaiting_documents"
    assert (await site.world.names(candidate))[-1] == "CandidatureReinstated"
    await site.world.hear_documents(settled(candidate, Verdict.COMPLETE, 2, deadline_at=LATER))
    assert await site.world.stage(candidate) is Stage.CONFIRMED


async def test_reinstated_without_a_date_is_refused_when_the_deadline_is_past(site: Site) -> None:
    candidate = await cancelled(site)
    assert problem(await act(site, candidate, "reinstatement")) == (409, "echeance-refusee")


async def test_a_withdrawal_after_the_window_is_undone_by_an_officer(site: Site) -> None:
    candidate = await waiting(site)
    await withdraw(site.world.ctx, candidate)
    assert (await site.put_form(candidate, valid_form(), version=1)).status_code == 409
    await act(site, candidate, "reinstatement", deadline_at=LATER.isoformat())
    assert await site.world.stage(candidate) is Stage.AWAITING_DOCUMENTS


async def test_a_candidates_deadline_moves_alone_and_reinstates(site: Site) -> None:
    one, other = await cancelled(site), await cancelled(site)
    await act(site, one, "deadline", deadline_at=LATER.isoformat())
    assert (await site.world.row(one)).deadline_at == LATER
    assert await site.world.stage(one) is Stage.AWAITING_DOCUMENTS
    assert await site.world.stage(other) is Stage.CANCELLED
    assert (await site.world.names(one))[-2:] == ["CandidatureReinstated", "DeadlineMoved"]


async def held_by_us(site: Site) -> UUID:
    candidate = await waiting(site)
    await site.world.hear_documents(settled(candidate, Verdict.HELD))
    assert (await site.world.row(candidate)).hold_cause == "ours"
    return candidate


async def test_a_hold_released_after_the_deadline_without_a_word_on_when_is_refused(site: Site) -> None:
    candidate = await held_by_us(site)
    before = await site.world.row(candidate)
    refused = await act(site, candidate, "release")
    assert problem(refused) == (422, "levee-a-preciser")
    assert refused.json()["choices"] == ["deadline_at", "settle_now"]
    assert "juger tout de suite" in refused.json()["detail"]
    assert await site.world.row(candidate) == before
    both = await act(site, candidate, "release", settle_now=True, deadline_at=LATER.isoformat())
    assert problem(both) == (422, "donnees-invalides")
    assert await site.world.row(candidate) == before


async def test_a_hold_released_minutes_before_the_deadline_is_refused_too(site: Site) -> None:
    candidate = await waiting(site)
    await act(site, candidate, "hold")
    site.world.clock.instant = DEADLINE - timedelta(minutes=5)
    refused = await act(site, candidate, "release")
    assert problem(refused) == (422, "levee-a-preciser")
    assert "trop proche" in refused.json()["detail"]
    assert await site.world.stage(candidate) is Stage.HELD


async def test_a_hold_released_with_a_new_deadline_waits_until_then(site: Site) -> None:
    candidate = await held_by_us(site)
    body = (await act(site, candidate, "release", deadline_at=LATER.isoformat())).json()
    assert (body["stage"], body["own_deadline"]) == ("awaiting_documents", True)
    assert (await site.world.names(candidate))[-2:] == ["CandidatureReleased", "DeadlineMoved"]
    await site.world.hear_documents(settled(candidate, Verdict.INCOMPLETE, 2))
    assert await site.world.stage(candidate) is Stage.AWAITING_DOCUMENTS
    await site.world.hear_documents(settled(candidate, Verdict.INCOMPLETE, 3, deadline_at=LATER))
    assert await site.world.stage(candidate) is Stage.CANCELLED


async def test_a_hold_released_to_be_settled_at_once_is_cancelled_if_incomplete(site: Site) -> None:
    candidate = await held_by_us(site)
    assert (await act(site, candidate, "release", settle_now=True)).status_code == 200
    told = (await site.world.facts(candidate))[-1]
    assert isinstance(told, CandidatureReleased)
    assert told.settle_now
    await site.world.hear_documents(settled(candidate, Verdict.INCOMPLETE, 2))
    assert await site.world.stage(candidate) is Stage.CANCELLED


async def test_a_sessions_later_deadline_lets_those_wait_whom_a_fault_of_ours_held(site: Site) -> None:
    ours, officers = await held_by_us(site), await waiting(site)
    await act(site, officers, "hold")
    await site.world.hear_documents(settled(ours, Verdict.INCOMPLETE, 2))
    body = (await move_session(site, LATER)).json()
    assert (body["touched"], body["reinstated"], body["released"]) == (2, 0, 1)
    row = await site.world.row(ours)
    assert (row.stage, row.hold_cause, row.releases) == (Stage.AWAITING_DOCUMENTS, None, 1)
    assert (row.verdict_evidence_rev, row.applied_evidence_rev) == (2, 2)
    assert row.decided_at is None
    *_, released, moved = await site.world.facts(ours)
    assert isinstance(released, CandidatureReleased)
    assert isinstance(moved, DeadlineMoved)
    assert (released.releases, moved.because, moved.scope) == (1, "release", "session")
    assert (row.released_at, released.released_at) == (site.world.clock.instant, site.world.clock.instant)
    assert moved.revision == row.revision == released.revision + 1
    held = await site.world.row(officers)
    assert (held.stage, held.hold_cause, held.releases) == (Stage.HELD, "officer", 0)


@pytest.mark.parametrize("now", [AFTER_DEADLINE, DEADLINE - timedelta(minutes=5)])
async def test_a_sessions_deadline_nearer_than_the_notice_releases_nobody(site: Site, now: datetime) -> None:
    candidate = await held_by_us(site)
    site.world.clock.instant = now
    soon = site.world.clock.instant + timedelta(days=7) - MS
    assert (await move_session(site, soon)).json()["released"] == 0
    row = await site.world.row(candidate)
    assert (row.stage, row.deadline_at, row.releases) == (Stage.HELD, soon, 0)


async def test_an_impossible_act_says_the_state_and_changes_nothing(site: Site) -> None:
    candidate = await waiting(site)
    before = await site.world.row(candidate)
    response = await act(site, candidate, "release")
    assert problem(response) == (409, "etat-incompatible")
    assert "en attente des pièces justificatives" in response.json()["detail"]
    assert await site.world.row(candidate) == before
    assert problem(await act(site, uuid4(), "hold")) == (404, "candidat-inconnu")


async def test_a_sessions_deadline_moves_every_row_and_reinstates_the_cancelled(site: Site) -> None:
    late, refused_by_office, done = await cancelled(site), await waiting(site), await waiting(site)
    await act(site, refused_by_office, "cancellation")
    await site.world.hear_documents(settled(done, Verdict.COMPLETE))
    own = await waiting(site)
    own_deadline = LATER + timedelta(days=3)
    await site.world.hear_documents(rejected(own, own_deadline))
    silent = await site.world.activated()

    body = (await move_session(site, LATER)).json()
    assert (body["touched"], body["reinstated"]) == (2, 1)
    assert body["session"]["deadline_text"].startswith("jeudi 17 décembre 2020")
    assert await site.world.stage(late) is Stage.AWAITING_DOCUMENTS
    assert await site.world.stage(refused_by_office) is Stage.CANCELLED
    assert await site.world.stage(done) is Stage.CONFIRMED
    assert (await site.world.row(own)).deadline_at == own_deadline
    assert await site.world.names(silent) == ["CandidatureNotRegistered"]
    assert (await site.world.names(late))[-2:] == ["CandidatureReinstated", "DeadlineMoved"]
    moved = (await site.world.facts(late))[-1]
    assert isinstance(moved, DeadlineMoved)
    assert moved.because == "reinstatement"
    assert [event.revision for event in await site.world.facts(late)] == [1, 2, 3, 4, 5, 6]
    assert (await site.world.row(late)).revision == 6
    assert await site.world.names(session_key("2021")) == ["SessionScheduled"] * 2
    assert await site.world.value("SELECT reason FROM session_journal") == "panne du réseau"
    assert (await site.world.row(late)).deadline_at == LATER


async def test_a_reinstated_row_is_settled_by_a_verdict_under_the_new_deadline(site: Site) -> None:
    candidate = await cancelled(site)
    await move_session(site, LATER)
    await site.world.hear_documents(settled(candidate, Verdict.INCOMPLETE, 2))
    assert await site.world.stage(candidate) is Stage.AWAITING_DOCUMENTS
    await site.world.hear_documents(settled(candidate, Verdict.INCOMPLETE, 3, deadline_at=LATER))
    assert await site.world.stage(candidate) is Stage.CANCELLED


async def test_a_session_is_moved_earlier_only_with_notice(site: Site) -> None:
    site.world.clock.instant = DEADLINE - timedelta(days=10)
    notice = site.world.clock.instant + timedelta(days=7)
    candidate_deadline = "SELECT deadline_at FROM exam_session"
    assert problem(await move_session(site, notice - MS)) == (409, "echeance-refusee")
    assert await site.world.value(candidate_deadline) == DEADLINE
    assert (await move_session(site, notice)).status_code == 200
    assert await site.world.value(candidate_deadline) == notice


async def test_only_the_direction_moves_a_whole_session(site: Site) -> None:
    refused = await move_session(site, LATER, officer="gestionnaire-12")
    assert problem(refused) == (403, "reserve-a-la-direction")
    assert await site.world.value("SELECT deadline_at FROM exam_session") == DEADLINE


@pytest.mark.parametrize("officer", ["chef", "adjoint"])
async def test_the_head_and_the_deputy_move_a_whole_session(site: Site, officer: str) -> None:
    assert (await move_session(site, LATER, officer=officer)).status_code == 200
    assert await site.world.value("SELECT deadline_at FROM exam_session") == LATER


async def test_no_deadline_is_given_after_the_sessions_end(site: Site) -> None:
    candidate = await waiting(site)
    late = (SESSION_END + MS).isoformat()
    assert problem(await act(site, candidate, "deadline", deadline_at=late)) == (409, "echeance-refusee")
    assert problem(await move_session(site, SESSION_END + MS)) == (409, "echeance-refusee")
    assert (await site.world.row(candidate)).deadline_at == DEADLINE
    assert (await act(site, candidate, "deadline", deadline_at=SESSION_END.isoformat())).status_code == 200


async def test_no_reinstatement_is_given_a_date_after_the_sessions_end(site: Site) -> None:
    candidate = await cancelled(site)
    refused = await act(site, candidate, "reinstatement", deadline_at=(SESSION_END + MS).isoformat())
    assert problem(refused) == (409, "echeance-refusee")
    assert "La session se termine le" in refused.json()["detail"]
    assert await site.world.stage(candidate) is Stage.CANCELLED


async def test_a_refusals_own_deadline_may_pass_the_sessions_end_but_no_officer_gives_another(
    site: Site,
) -> None:
    candidate = await waiting(site)
    own = SESSION_END + timedelta(days=9)
    await site.world.hear_documents(rejected(candidate, deadline_at=own))
    assert (await site.world.row(candidate)).deadline_at == own
    earlier = (own - timedelta(days=1)).isoformat()
    refused = await act(site, candidate, "deadline", deadline_at=earlier)
    assert "La session se termine le" in refused.json()["detail"]
    assert (await site.world.row(candidate)).deadline_at == own


async def test_an_unknown_session_is_404(site: Site) -> None:
    assert problem(await move_session(site, LATER, "2050")) == (404, "session-inconnue")


async def test_who_registers_after_a_move_has_the_new_deadline(site: Site) -> None:
    await move_session(site, LATER)
    candidate = await site.world.saved()
    assert (await site.world.row(candidate)).deadline_at == LATER


async def test_missing_verdicts_are_listed_an_hour_after_deadline_and_grace(site: Site) -> None:
    missing, decided = await waiting(site), await cancelled(site)

    async def listed() -> list[str]:
        response = await site.ask("GET", "/api/registration/missing-verdicts", officer="chef")
        return [one["candidate_id"] for one in response.json()]

    site.world.clock.instant = AFTER_DEADLINE + timedelta(hours=1) - MS
    assert await listed() == []
    site.world.clock.instant = AFTER_DEADLINE + timedelta(hours=1)
    assert await listed() == [str(missing)]
    assert str(decided) not in await listed()


async def doubted(site: Site) -> UUID:
    """Cancelled by a verdict; the next one says that a fault may have been ours."""
    candidate = await cancelled(site)
    await site.world.hear_documents(settled(candidate, Verdict.HELD, evidence_rev=2))
    assert await site.world.stage(candidate) is Stage.CANCELLED
    return candidate


async def unheeded(site: Site) -> list[str]:
    response = await site.ask("GET", "/api/registration/unheeded-holds", officer="chef")
    return [one["candidate_id"] for one in response.json()]


async def test_a_cancellation_that_a_later_verdict_speaks_against_is_listed_until_an_officer_upholds_it(
    site: Site,
) -> None:
    candidate, cut_and_dried = await doubted(site), await cancelled(site)
    assert await unheeded(site) == [str(candidate)]
    upheld = await act(site, candidate, "upholding", reason="rien n’a été envoyé")
    assert (upheld.status_code, upheld.json()["stage"], upheld.json()["cancelled_by"]) == (
        200,
        "cancelled",
        "verdict",
    )
    entry = upheld.json()["journal"][-1]
    assert (entry["act"], entry["actor"], entry["reason"]) == (
        "upheld",
        "officer:gestionnaire-12",
        "rien n’a été envoyé",
    )
    assert await unheeded(site) == []
    for one in (candidate, cut_and_dried):
        assert problem(await act(site, one, "upholding")) == (409, "rien-a-maintenir")


async def test_an_upheld_cancellation_tells_no_fact_and_the_candidate_reads_why(site: Site) -> None:
    candidate = await doubted(site)
    facts = await site.world.facts(candidate)
    await act(site, candidate, "upholding", reason="rien n’a été envoyé")
    assert await site.world.facts(candidate) == facts
    body = (await site.ask("GET", "/api/registration/me/overview", candidate=candidate)).json()
    [told] = [one for one in body["timeline"] if "maintenue" in one["what"]]
    assert told["why"] == "rien n’a été envoyé"


async def test_a_doubted_cancellation_that_is_reinstated_is_no_longer_listed(site: Site) -> None:
    candidate = await doubted(site)
    later = (AFTER_DEADLINE + timedelta(days=10)).isoformat()
    assert (await act(site, candidate, "reinstatement", deadline_at=later)).status_code == 200
    assert await unheeded(site) == []


async def test_an_officer_who_did_not_see_that_another_upheld_it_reinstates_nobody(site: Site) -> None:
    candidate = await doubted(site)
    looked_at = await seen(site, f"/api/registration/candidatures/{candidate}")
    await act(site, candidate, "upholding")
    later = (AFTER_DEADLINE + timedelta(days=10)).isoformat()
    refused = await act(site, candidate, "reinstatement", looked_at, deadline_at=later)
    assert problem(refused) == (412, "candidature-modifiee")
