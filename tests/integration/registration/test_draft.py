"""Drafts over HTTP: kept as typed, never a registration, gone with the save or with the person."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.demo.forms import valid_form
from tests.integration.registration.world import AFTER_CLOSE, Site, deleted, problem
from tests.unit.registration.rows import CLOSES, MS, OPENS

PLACE = "/api/registration/me/draft"
PART: dict[str, Any] = {"identification": {"birth_name": "Durand", "phone": "12"}}


async def put(
    site: Site, candidate: UUID, content: dict[str, Any], revision: int = 0, **request: Any
) -> httpx.Response:
    condition = {"If-Match": f'"{revision}"'} if revision else {"If-None-Match": "*"}
    return await site.ask("PUT", PLACE, candidate=candidate, headers=condition, json=content, **request)


async def test_a_part_of_the_form_is_kept_as_typed_with_what_is_missing_and_wrong(site: Site) -> None:
    candidate = uuid4()
    kept = await put(site, candidate, PART)
    assert kept.status_code == 200
    body = (await site.ask("GET", PLACE, candidate=candidate)).json()
    assert body == kept.json()
    assert (body["content"], body["saved"], body["base_version"]) == (PART, False, 0)
    assert "non enregistré" in body["notice"]
    assert [one["pointer"] for one in body["wrong"]] == ["/identification/phone"]
    assert "/modalities/route" in [one["pointer"] for one in body["missing"]]
    assert body["states"] == {"modalities": "missing", "identification": "wrong", "candidature": "missing"}


async def test_a_whole_draft_tells_what_a_save_would_say(site: Site) -> None:
    candidate = uuid4()
    assert (await put(site, candidate, PART)).json()["eligible"] is None
    other = uuid4()
    body = (await put(site, other, valid_form())).json()
    saved = (await site.put_form(other)).json()
    assert {key: body[key] for key in ("eligible", "conditions", "checklist")} == {
        key: saved[key] for key in ("eligible", "conditions", "checklist")
    }


async def test_a_draft_is_no_registration(site: Site) -> None:
    candidate = uuid4()
    await put(site, candidate, valid_form())
    standing = (await site.ask("GET", "/api/registration/me", candidate=candidate)).json()
    assert (standing["version"], standing["stage"]) == (0, "activated")
    assert await site.world.names(candidate) == []
    refused = await site.ask("GET", "/api/registration/me/confirmation.pdf", candidate=candidate)
    assert problem(refused) == (409, "rien-enregistre")


async def test_two_screens_do_not_overwrite_each_other(site: Site) -> None:
    candidate = uuid4()
    first = (await put(site, candidate, PART)).json()["revision"]
    again = valid_form()
    assert (await put(site, candidate, again, first)).status_code == 200
    refused = await put(site, candidate, PART, first)
    assert problem(refused) == (412, "brouillon-modifie")
    assert refused.headers["etag"] == f'"{refused.json()["current_revision"]}"'
    assert (await site.ask("GET", PLACE, candidate=candidate)).json()["content"] == again
    assert problem(await put(site, candidate, PART)) == (412, "brouillon-modifie")


async def test_a_retry_finds_its_own_draft(site: Site) -> None:
    candidate = uuid4()
    first = await put(site, candidate, PART)
    assert (await put(site, candidate, PART)).json() == first.json()


async def test_the_save_takes_the_draft_it_was_made_of_and_no_other(site: Site) -> None:
    candidate = uuid4()
    revision = (await put(site, candidate, valid_form())).json()["revision"]
    headers = {"If-None-Match": "*"}
    path = "/api/registration/me/form"
    saved = await site.ask(
        "PUT", f"{path}?draft={revision}", candidate=candidate, headers=headers, json=valid_form()
    )
    assert saved.status_code == 201
    assert problem(await site.ask("GET", PLACE, candidate=candidate)) == (404, "aucun-brouillon")
    newer = (await put(site, candidate, PART)).json()
    assert newer["revision"] > revision
    assert newer["base_version"] == 1
    await site.ask(
        "PUT",
        f"{path}?draft={revision}",
        candidate=candidate,
        headers={"If-Match": '"1"'},
        json=valid_form(identification={"phone": "06 39 98 00 00"}),
    )
    left = (await site.ask("GET", PLACE, candidate=candidate)).json()
    assert (left["content"], left["outdated"]) == (PART, True)


async def test_a_draft_is_dropped_by_its_revision_and_never_comes_back_under_it(site: Site) -> None:
    candidate = uuid4()
    revision = (await put(site, candidate, PART)).json()["revision"]
    seen = {"If-Match": f'"{revision}"'}
    dropped = [await site.ask("DELETE", PLACE, candidate=candidate, headers=seen) for _ in range(2)]
    assert [one.status_code for one in dropped] == [204, 204]
    await put(site, candidate, PART)
    assert problem(await site.ask("DELETE", PLACE, candidate=candidate, headers=seen)) == (
        412,
        "brouillon-modifie",
    )
    assert problem(await site.ask("DELETE", PLACE, candidate=candidate))[0] == 428


async def test_a_draft_is_written_in_the_window_alone_and_stays_readable(site: Site) -> None:
    candidate = uuid4()
    assert problem(await put(site, candidate, PART, arrived_at=OPENS - MS))[0] == 409
    revision = (await put(site, candidate, PART, arrived_at=CLOSES - MS)).json()["revision"]
    site.world.clock.instant = AFTER_CLOSE
    refused = await put(site, candidate, valid_form(), revision, arrived_at=CLOSES)
    assert problem(refused) == (409, "fenetre-fermee")
    left = await site.ask("GET", PLACE, candidate=candidate, arrived_at=CLOSES)
    assert left.json()["content"] == PART


async def test_a_draft_is_erased_with_the_person(site: Site) -> None:
    candidate = uuid4()
    await put(site, candidate, PART)
    await site.world.hear_account(deleted(candidate))
    assert await site.world.value("SELECT count(*) FROM draft") == 0
    assert problem(await put(site, candidate, PART)) == (410, "compte-supprime")


async def test_a_draft_is_its_candidates_alone(site: Site) -> None:
    await put(site, uuid4(), PART)
    assert problem(await site.ask("GET", PLACE, candidate=uuid4()))[0] == 404
    assert problem(await site.ask("GET", PLACE))[0] == 401


@pytest.mark.parametrize(
    "content",
    [
        '{"autre": {}}',
        '{"identification": []}',
        '{"identification": {"birth_name": "a\\u0000b"}}',
        '{"identification": {"birth_name": "\\ud800"}}',
        '{"identification": {"birth_name": NaN}}',
        '{"identification": {"birth_name": 1e400}}',
        '{"identification": {"Nom": 1}}',
        '{"identification": {"birth_name": "' + "x" * 501 + '"}}',
        '{"modalities": {"experience": [' + ",".join(["{}"] * 31) + "]}}",
        '{"modalities": ' + '{"a":' * 40 + "1" + "}" * 41,
        "[]",
        "null",
    ],
)
async def test_what_cannot_be_kept_is_refused_and_changes_nothing(site: Site, content: str) -> None:
    candidate = uuid4()
    headers = {"If-None-Match": "*", "Content-Type": "application/json"}
    refused = await site.ask("PUT", PLACE, candidate=candidate, headers=headers, content=content)
    assert problem(refused)[0] in (400, 422)
    assert problem(await site.ask("GET", PLACE, candidate=candidate))[0] == 404
