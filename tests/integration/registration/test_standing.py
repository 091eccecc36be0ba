"""What a candidate, everybody and sister services are told."""

from uuid import UUID, uuid4

import pytest

from services.contracts.events import CandidatureReleased
from services.contracts.internal import Checklist, Standing
from services.contracts.life import CandidateAct
from services.contracts.stages import Verdict
from services.registration.activities import Activities
from services.registration.commands.acts import By, hold, release
from tests.integration.registration.world import (
    AFTER_CLOSE,
    AFTER_DEADLINE,
    IN_TIME,
    Site,
    deleted,
    problem,
    settled,
)
from tests.plain import plain
from tests.unit.registration.rows import CLOSES, DEADLINE


async def close(site: Site, *candidates: object) -> None:
    site.world.clock.instant = AFTER_CLOSE
    activities = Activities(site.world.ctx)
    for candidate in candidates:
        await activities.act(CandidateAct(candidate_id=candidate, action="close_window"))


async def test_a_candidate_whose_events_are_on_their_way_is_told_the_window(site: Site) -> None:
    body = (await site.ask("GET", "/api/registration/me", candidate=uuid4())).json()
    assert (body["stage"], body["version"], body["editable"]) == ("activated", 0, True)
    assert body["next"]["by_text"] == "dimanche 22 novembre 2020 à 23 h 59"
    assert "enregistrez" in body["next"]["what"]


async def test_after_a_save_it_says_what_to_bring_by_when_and_what_else_happens(site: Site) -> None:
    candidate = await site.world.saved()
    body = (await site.ask("GET", "/api/registration/me", candidate=candidate)).json()
    assert (body["stage"], body["version"]) == ("registered", 1)
    assert body["stage_label"] == "pré-inscription enregistrée"
    assert body["next"]["by_text"] == "lundi 7 décembre 2020 à 23 h 59"
    assert "annulée" in body["next"]["then"]
    assert "définitive" not in str(body)


async def test_definitive_is_said_of_a_confirmed_candidature_alone(site: Site) -> None:
    candidate = await site.world.saved()
    await close(site, candidate)
    waiting = (await site.ask("GET", "/api/registration/me", candidate=candidate)).json()
    assert "définitive" not in str(waiting)
    assert waiting["decided_at"] is None
    await site.world.hear_documents(settled(candidate, Verdict.COMPLETE))
    body = (await site.ask("GET", "/api/registration/me", candidate=candidate)).json()
    assert (body["stage"], body["stage_label"]) == ("confirmed", "inscription définitive")
    assert body["decided_at"] is not None


async def test_a_cancelled_candidate_reads_why_and_what_may_be_asked(site: Site) -> None:
    candidate = await site.world.saved()
    await close(site, candidate)
    site.world.clock.instant = AFTER_DEADLINE
    await site.world.hear_documents(settled(candidate, Verdict.INCOMPLETE))
    body = (await site.ask("GET", "/api/registration/me", candidate=candidate)).json()
    assert "lundi 7 décembre 2020 à 23 h 59 (heure de Paris)" in body["outcome_reason"]
    assert "recours gracieux" in body["next"]["what"]
    standing = await site.ask("GET", f"/internal/candidates/{candidate}/standing", service="notifications")
    assert Standing.model_validate(standing.json()).reason == body["outcome_reason"]


async def test_who_is_held_while_the_form_is_open_may_change_it_and_is_told_so(site: Site) -> None:
    candidate = await site.world.saved()
    seen = (await site.world.row(candidate)).seen
    await hold(site.world.ctx, candidate, By("gestionnaire-12", "à vérifier", seen))
    body = (await site.ask("GET", "/api/registration/me", candidate=candidate)).json()
    assert (body["stage"], body["editable"]) == ("held", True)
    site.world.clock.instant = AFTER_CLOSE
    late = await site.ask("GET", "/api/registration/me", candidate=candidate, arrived_at=AFTER_CLOSE)
    assert (late.json()["stage"], late.json()["editable"]) == ("held", False)


async def test_a_standing_asked_for_early_tells_of_a_release_all_the_same(site: Site) -> None:
    """Held and released since it was last asked for: the stage alone is what it was before."""
    candidate = await site.world.saved()
    path = f"/internal/candidates/{candidate}/standing"
    before = Standing.model_validate((await site.ask("GET", path, service="documents")).json())
    for act in (hold, release):
        seen = (await site.world.row(candidate)).seen
        await act(site.world.ctx, candidate, By("gestionnaire-12", "vu avec le candidat", seen))
    after = Standing.model_validate((await site.ask("GET", path, service="documents")).json())
    assert (before.stage, before.releases) == (after.stage, after.releases - 1) == ("registered", 0)
    told = (await site.world.facts(candidate))[-1]
    assert isinstance(told, CandidatureReleased)
    for found in (told, after):
        assert (found.releases, found.released_at, found.settle_now) == (1, site.world.clock.instant, False)


async def test_sister_services_get_the_checklist_of_a_version(site: Site) -> None:
    candidate = await site.world.saved()
    await site.world.save(candidate, version=1, candidature={"acquis": []})
    path = f"/internal/candidates/{candidate}/checklist"
    latest = Checklist.model_validate((await site.ask("GET", path, service="documents")).json())
    first = Checklist.model_validate(
        (await site.ask("GET", path, service="documents", params={"version": 1})).json()
    )
    assert (latest.version, first.version, latest.revision) == (2, 1, 4)
    assert {piece.piece for piece in first.pieces} - {piece.piece for piece in latest.pieces} == {"p8"}
    assert latest.confirmation_code != first.confirmation_code
    assert latest.closes_at == CLOSES


@pytest.mark.parametrize("room", ["checklist", "standing"])
async def test_an_unknown_candidate_is_404_and_an_erased_one_410(site: Site, room: str) -> None:
    path = f"/internal/candidates/{uuid4()}/{room}"
    assert (await site.ask("GET", path, service="documents")).status_code == 404
    candidate = await site.world.saved()
    await site.world.hear_account(deleted(candidate))
    path = f"/internal/candidates/{candidate}/{room}"
    assert (await site.ask("GET", path, service="documents")).status_code == 410


async def test_nothing_saved_has_no_checklist(site: Site) -> None:
    candidate = await site.world.activated()
    response = await site.ask("GET", f"/internal/candidates/{candidate}/checklist", service="documents")
    assert problem(response) == (404, "rien-enregistre")


async def test_a_standing_tells_which_condition_is_not_met(site: Site) -> None:
    """For the mails, which else read like a success."""
    met = await site.world.saved()
    address = {"lines": ["1 rue de la Paix"], "postcode": "75002", "commune": "Paris"}
    unmet = await site.world.saved(identification={"address": address})

    async def told(candidate: UUID) -> tuple[str, ...]:
        path = f"/internal/candidates/{candidate}/standing"
        answer = await site.ask("GET", path, service="notifications")
        return Standing.model_validate(answer.json()).unmet

    assert await told(met) == ()
    (said,) = await told(unmet)
    assert "Votre adresse n’est pas dans l’académie" in said


async def test_internal_routes_are_for_documents_and_notifications(site: Site) -> None:
    candidate = await site.world.saved()
    path = f"/internal/candidates/{candidate}/standing"
    assert problem(await site.ask("GET", path, service="accounts")) == (403, "service-non-autorise")
    assert problem(await site.ask("GET", path, officer="chef")) == (401, "connexion-necessaire")


async def test_everybody_reads_the_dates_and_the_office(site: Site) -> None:
    session = (await site.ask("GET", "/api/registration/sessions/current")).json()
    assert (session["session_id"], session["open"]) == ("2021", True)
    assert session["closes_text"] == "dimanche 22 novembre 2020 à 23 h 59"
    office = (await site.ask("GET", "/api/registration/office")).json()
    assert len(office["people"]) == 15
    assert len((await site.ask("GET", "/api/registration/specialities")).json()) >= 25


@pytest.mark.parametrize(
    ("arrived_at", "words"),
    [(IN_TIME, "est ouverte"), (CLOSES, "est fermée"), (DEADLINE, "est fermée")],
)
async def test_the_front_page_says_the_dates(site: Site, arrived_at: object, words: str) -> None:
    response = await site.ask("GET", "/", arrived_at=arrived_at)  # type: ignore[arg-type]
    assert response.status_code == 200
    assert words in response.text
    assert "lundi 7 décembre 2020 à 23 h 59" in plain(response.text)
