"""Not registered because a save was turned away: listed, looked at, and given the form again (0014)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.demo.forms import valid_form
from services.chassis.times import paris_date
from services.contracts.events import CandidatureReinstated
from services.contracts.internal import Checklist
from services.contracts.stages import Stage, Verdict
from services.registration.api.handout import sheet_of
from services.registration.commands.window import close_window, close_window_of
from services.registration.commands.withdraw import withdraw
from services.registration.queries import read_candidature
from tests.integration.registration.paging import read, words
from tests.integration.registration.test_officers import act, move_session
from tests.integration.registration.world import AFTER_CLOSE, AFTER_DEADLINE, IN_TIME, Site, problem, settled
from tests.unit.registration.rows import CLOSES, DEADLINE, GRACE, MS

UNTIL = AFTER_CLOSE + timedelta(days=3)
LATER = DEADLINE + timedelta(days=10)
TWO_DAYS_SHORT = {
    "route": "experience",
    "preparation": None,
    "experience": [
        {
            "employer": "Atelier Gaubert",
            "job": "Menuisière",
            "starts_on": "2017-11-25",
            "ends_on": None,
            "qualified_level": True,
            "related_field": True,
        }
    ],
}
"""Of the 3 years at the session's close; enough of them at the end of the form opened again."""


async def unregistered(site: Site, save_fault_at: datetime | None = CLOSES - MS) -> UUID:
    """The window's end found nothing saved; this is when a save was turned away."""
    site.world.clock.instant = IN_TIME
    candidate = await site.world.activated()
    await site.world.value(
        "UPDATE candidature SET save_fault_at = $2 WHERE candidate_id = $1 RETURNING 1",
        candidate,
        save_fault_at,
    )
    site.world.clock.instant = AFTER_CLOSE
    await close_window_of(site.world.ctx, candidate)
    assert await site.world.stage(candidate) is Stage.NOT_REGISTERED
    return candidate


async def opened(site: Site, candidate: UUID, **body: Any) -> httpx.Response:
    return await act(site, candidate, "form-opening", **{"closes_at": UNTIL.isoformat()} | body)


async def listed(site: Site) -> list[str]:
    response = await site.ask("GET", "/api/registration/unheeded-saves", officer="chef")
    return [one["candidate_id"] for one in response.json()]


async def test_who_was_turned_away_is_listed_until_an_officer_opens_the_form_again(site: Site) -> None:
    candidate, silent = await unregistered(site), await unregistered(site, None)
    assert await listed(site) == [str(candidate)]
    body = (await opened(site, candidate)).json()
    assert (body["stage"], body["save_fault_at"], body["own_deadline"]) == ("activated", None, True)
    assert body["candidature"]["editable"]
    assert await listed(site) == []
    [*_, told] = await site.world.facts(candidate)
    assert isinstance(told, CandidatureReinstated)
    assert told.state is Stage.ACTIVATED
    assert (await opened(site, silent)).status_code == 200, "an absence that no log shows"


async def test_a_form_opened_again_is_saved_and_goes_the_way_of_every_other(site: Site) -> None:
    candidate = await unregistered(site)
    await opened(site, candidate, deadline_at=LATER.isoformat())
    site.world.clock.instant = UNTIL - MS
    assert (await site.put_form(candidate, valid_form())).status_code == 201
    assert (await site.put_form(candidate, valid_form(), version=1)).status_code == 200
    site.world.clock.instant = UNTIL + GRACE
    late = await site.put_form(candidate, valid_form(), version=2)
    assert problem(late) == (409, "fenetre-fermee")
    assert await close_window_of(site.world.ctx, candidate)
    assert await site.world.stage(candidate) is Stage.AWAITING_DOCUMENTS
    await site.world.hear_documents(
        settled(candidate, Verdict.COMPLETE, registration_version=2, deadline_at=LATER)
    )
    assert await site.world.stage(candidate) is Stage.CONFIRMED


async def test_the_end_of_a_form_opened_again_is_on_the_confirmation_and_told_to_documents(
    site: Site,
) -> None:
    candidate = await unregistered(site)
    await opened(site, candidate, deadline_at=LATER.isoformat())
    await site.put_form(candidate, valid_form())
    async with site.world.ctx.database.transaction() as conn:
        row = await read_candidature(conn, candidate)
        printed = await sheet_of(conn, site.world.ctx.settings, row, 1)
    last = paris_date(UNTIL - MS).split(" ", 1)[1]
    path = f"/internal/candidates/{candidate}/checklist"
    told = Checklist.model_validate((await site.ask("GET", path, service="documents")).json())
    assert told.closes_at == UNTIL
    assert printed.data()["red_pen"].endswith(f"aucune après le {last}.")
    assert last not in paris_date(CLOSES - MS)


async def test_a_form_opened_again_and_left_closes_again_by_either_clock(site: Site) -> None:
    alone, with_many = await unregistered(site), await unregistered(site)
    for candidate in (alone, with_many):
        await opened(site, candidate)
    site.world.clock.instant = UNTIL + GRACE - MS
    assert not await close_window_of(site.world.ctx, alone)
    site.world.clock.instant = UNTIL + GRACE
    assert await close_window_of(site.world.ctx, alone)
    assert (await close_window(site.world.ctx, "2021", 10)).decided == 1
    for candidate in (alone, with_many):
        assert await site.world.stage(candidate) is Stage.NOT_REGISTERED
    assert await listed(site) == []


async def test_a_form_opened_after_the_session_was_moved_has_the_sessions_deadline(site: Site) -> None:
    """What is not registered is left out of the move."""
    candidate = await unregistered(site)
    assert (await move_session(site, LATER)).status_code == 200
    assert (await site.world.row(candidate)).deadline_at == DEADLINE
    body = (await opened(site, candidate)).json()
    assert datetime.fromisoformat(body["candidature"]["deadline_at"]) == LATER


async def test_no_move_of_the_session_puts_a_deadline_before_the_end_of_a_form_opened_again(
    site: Site,
) -> None:
    candidate = await unregistered(site)
    own = DEADLINE + timedelta(days=2)
    await opened(
        site, candidate, closes_at=(DEADLINE + timedelta(days=1)).isoformat(), deadline_at=own.isoformat()
    )
    for moved_to, then in ((LATER, LATER), (DEADLINE, LATER)):
        assert (await move_session(site, moved_to)).status_code == 200
        assert (await site.world.row(candidate)).deadline_at == then


async def test_a_complete_verdict_waits_for_the_end_of_a_form_opened_again(site: Site) -> None:
    """`documents` may have learned of another end than the one in force here."""
    candidate = await unregistered(site)
    await opened(site, candidate, deadline_at=LATER.isoformat())
    assert (await site.put_form(candidate, valid_form())).status_code == 201
    await site.world.hear_documents(
        settled(candidate, Verdict.COMPLETE, registration_version=1, deadline_at=LATER)
    )
    assert await site.world.stage(candidate) is Stage.REGISTERED
    site.world.clock.instant = UNTIL + GRACE
    await close_window_of(site.world.ctx, candidate)
    assert await site.world.stage(candidate) is Stage.CONFIRMED


async def test_the_three_years_are_counted_to_the_sessions_close_for_everybody(site: Site) -> None:
    """In a form that is open again too: the confirmation prints that day (ours 10)."""
    candidate = await unregistered(site)
    await opened(site, candidate)
    site.world.clock.instant = UNTIL - MS
    response = await site.put_form(candidate, valid_form(modalities=TWO_DAYS_SHORT))
    assert response.status_code == 201, response.text
    assert (await site.world.row(candidate)).eligible is False


async def test_a_save_that_would_have_undone_a_withdrawal_is_listed_and_reinstated(site: Site) -> None:
    site.world.clock.instant = CLOSES - timedelta(hours=3)
    candidate = await site.world.saved()
    await withdraw(site.world.ctx, candidate, None)
    assert await listed(site) == []
    await site.world.value(
        "UPDATE candidature SET save_fault_at = $2 WHERE candidate_id = $1 RETURNING 1",
        candidate,
        CLOSES - MS,
    )
    assert await listed(site) == [str(candidate)]
    assert (await act(site, candidate, "reinstatement")).json()["save_fault_at"] is None
    assert await listed(site) == []


async def test_a_sessions_earlier_deadline_leaves_that_of_a_form_opened_again(site: Site) -> None:
    candidate = await unregistered(site)
    await opened(site, candidate)
    assert (await move_session(site, DEADLINE - timedelta(days=5))).status_code == 200
    assert (await site.world.row(candidate)).deadline_at == DEADLINE


async def test_what_an_officer_lets_stand_is_no_longer_listed_and_the_candidate_reads_why(site: Site) -> None:
    candidate = await unregistered(site)
    facts = await site.world.facts(candidate)
    upheld = await act(site, candidate, "upholding", reason="enregistré sous un autre compte")
    assert (upheld.status_code, upheld.json()["stage"]) == (200, "not_registered")
    assert await listed(site) == []
    assert await site.world.facts(candidate) == facts
    body = (await site.ask("GET", "/api/registration/me/overview", candidate=candidate)).json()
    [told] = [one for one in body["timeline"] if one["why"]]
    assert told["why"] == "enregistré sous un autre compte"
    assert problem(await act(site, candidate, "upholding")) == (409, "rien-a-maintenir")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"closes_at": AFTER_CLOSE.isoformat()}, "jusqu’à laquelle rouvrir"),
        ({"closes_at": DEADLINE.isoformat()}, "ne suit pas la réouverture"),
        ({"deadline_at": AFTER_CLOSE.isoformat()}, "doit être dans l’avenir"),
        ({"deadline_at": "2022-01-01T00:00:00Z"}, "La session se termine"),
    ],
)
async def test_a_form_is_opened_for_a_time_to_come_within_the_session(
    site: Site, body: dict[str, str], told: str
) -> None:
    candidate = await unregistered(site)
    before = await site.world.row(candidate)
    refused = await opened(site, candidate, **body)
    assert problem(refused) == (409, "echeance-refusee")
    assert told in refused.json()["detail"]
    assert await site.world.row(candidate) == before


async def test_a_form_is_opened_again_to_nobody_who_has_saved(site: Site) -> None:
    site.world.clock.instant = IN_TIME
    candidate = await site.world.saved()
    site.world.clock.instant = AFTER_DEADLINE
    refused = await opened(site, candidate)
    assert problem(refused) == (409, "etat-incompatible")
    assert "rouvrir le formulaire" in refused.json()["detail"]


async def test_the_not_registered_read_whom_to_write_to(site: Site) -> None:
    candidate = await unregistered(site)
    text = words(await read(site, "/mon-espace", candidate))
    assert "dites-le alors au bureau des examens, qui peut rouvrir votre formulaire" in text
