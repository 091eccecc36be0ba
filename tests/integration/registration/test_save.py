"""Saves over HTTP: versions, preconditions, limits, and nothing half-written."""

import asyncio
import random
from collections import Counter
from uuid import UUID, uuid4

from deploy.demo.forms import valid_form
from services.contracts.stages import Stage
from tests.integration.registration.world import AFTER_CLOSE, IN_TIME, Site, deleted, problem
from tests.unit.registration.rows import CLOSES, MS, OPENS


async def versions(site: Site, candidate: UUID) -> int:
    statement = "SELECT count(*) FROM registration_version WHERE candidate_id = $1"
    return int(await site.world.value(statement, candidate))


async def test_a_first_save_makes_version_1_with_eligibility_and_pieces(site: Site) -> None:
    candidate = uuid4()
    response = await site.put_form(candidate)
    body = response.json()
    assert (response.status_code, response.headers["etag"]) == (201, '"1"')
    assert (body["version"], body["eligible"]) == (1, True)
    assert [one["met"] for one in body["conditions"]] == [True, True]
    assert [piece["piece"] for piece in body["checklist"]] == ["p1", "p2", "p3", "p5", "p8"]
    assert await site.world.names(candidate) == ["RegistrationSaved", "ConfirmationIssued"]
    assert await site.world.acts(candidate) == ["saved"]
    assert (await site.world.row(candidate)).portfolio == 12


async def test_each_save_raises_the_version_and_keeps_the_one_before(site: Site) -> None:
    candidate = uuid4()
    await site.put_form(candidate)
    changed = valid_form(identification={"phone": "06 39 98 00 00"})
    second = await site.put_form(candidate, changed, version=1)
    assert (second.status_code, second.json()["version"]) == (200, 2)
    first = await site.ask("GET", "/api/registration/me/versions/1", candidate=candidate)
    latest = await site.ask("GET", "/api/registration/me/form", candidate=candidate)
    assert first.json()["form"]["identification"]["phone"] == "0639981234"
    assert (first.json()["latest"], latest.json()["latest"]) == (False, True)
    assert latest.json()["form"]["identification"]["phone"] == "0639980000"
    revisions = [event.revision for event in await site.world.facts(candidate)]
    assert revisions == [1, 2, 3, 4]


async def test_a_save_without_a_precondition_is_refused(site: Site) -> None:
    response = await site.ask("PUT", "/api/registration/me/form", candidate=uuid4(), json=valid_form())
    assert problem(response) == (428, "version-attendue-manquante")


async def test_a_precondition_must_be_readable(site: Site) -> None:
    for headers in ({"If-Match": "1"}, {"If-Match": 'W/"1"'}, {"If-None-Match": '"1"'}):
        response = await site.ask(
            "PUT", "/api/registration/me/form", candidate=uuid4(), json=valid_form(), headers=headers
        )
        assert problem(response) == (400, "version-attendue-illisible")


async def test_a_save_over_another_version_is_told_the_current_one(site: Site) -> None:
    candidate = uuid4()
    await site.put_form(candidate)
    other = valid_form(identification={"phone": "06 39 98 00 00"})
    for version in (0, 2, 7):
        response = await site.put_form(candidate, other, version=version)
        assert problem(response) == (412, "version-perimee")
        assert response.json()["current_version"] == 1
    assert await versions(site, candidate) == 1


async def test_a_retry_after_a_lost_answer_gets_it_again_and_nothing_happens_twice(site: Site) -> None:
    candidate = uuid4()
    await site.put_form(candidate)
    again = await site.put_form(candidate)
    assert (again.status_code, again.json()["version"]) == (200, 1)
    late = await site.put_form(candidate, arrived_at=CLOSES)
    assert late.json()["version"] == 1
    assert len(await site.world.facts(candidate)) == 2


async def test_two_screens_that_save_at_once_make_one_version(site: Site) -> None:
    candidate = uuid4()
    await site.put_form(candidate)
    forms = [valid_form(identification={"phone": f"06 39 98 00 0{n}"}) for n in range(6)]
    answers = await asyncio.gather(*(site.put_form(candidate, form, version=1) for form in forms))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 5
    assert await versions(site, candidate) == 2


async def test_two_first_saves_at_once_make_one_row(site: Site) -> None:
    candidate = uuid4()
    forms = [valid_form(identification={"phone": f"06 39 98 00 0{n}"}) for n in range(6)]
    answers = await asyncio.gather(*(site.put_form(candidate, form) for form in forms))
    assert sorted(answer.status_code for answer in answers) == [201] + [412] * 5


async def test_the_windows_limits_are_told_with_their_dates(site: Site) -> None:
    for arrived_at, status in ((OPENS - MS, 409), (OPENS, 201), (CLOSES - MS, 201), (CLOSES, 409)):
        response = await site.put_form(uuid4(), arrived_at=arrived_at)
        assert response.status_code == status, arrived_at
        if status == 409:
            assert problem(response) == (409, "fenetre-fermee")
            detail = response.json()["detail"]
            assert detail.count("dimanche 22 novembre 2020 à 23 h 59 (heure de Paris)") == 1


async def test_a_refused_save_leaves_no_trace(site: Site) -> None:
    candidate = uuid4()
    assert (await site.put_form(candidate, arrived_at=CLOSES)).status_code == 409
    assert await site.world.value("SELECT count(*) FROM candidature") == 0


async def test_in_time_but_after_the_decision_is_told_as_such(site: Site) -> None:
    candidate = uuid4()
    site.world.clock.instant = AFTER_CLOSE
    response = await site.put_form(candidate, arrived_at=CLOSES - MS)
    assert problem(response) == (409, "enregistrement-trop-long")
    row = await site.world.row(candidate)
    assert (row.version, row.save_fault_at) == (0, CLOSES - MS), "an officer is told (decision 0014)"


async def test_what_is_wrong_is_named_and_nothing_is_saved(site: Site) -> None:
    candidate = uuid4()
    wrong = valid_form(candidature={"speciality": "magie"})
    response = await site.put_form(candidate, wrong)
    assert problem(response) == (422, "donnees-invalides")
    assert response.json()["errors"] == [
        {"pointer": "/candidature/speciality", "detail": "Cette spécialité n’est pas dans la liste."}
    ]
    incoherent = valid_form(identification={"birth_country": "Maroc"})
    response = await site.put_form(candidate, incoherent)
    assert problem(response) == (422, "donnees-invalides")
    assert "parents" in response.json()["errors"][0]["detail"]
    assert await site.world.value("SELECT count(*) FROM candidature") == 0


async def test_who_is_not_eligible_may_save_and_reads_why(site: Site) -> None:
    address = {"lines": ["1 quai"], "postcode": "83000", "commune": "Toulon"}
    candidate, form = uuid4(), valid_form(identification={"address": address})
    response = await site.put_form(candidate, form)
    assert response.status_code == 201
    body = response.json()
    assert body["eligible"] is False
    assert [one["met"] for one in body["conditions"]] == [False, True]
    assert "n’est pas dans l’académie" in body["conditions"][0]["said"]
    for place in ("form", "versions/1", "overview"):
        asked = await site.ask("GET", f"/api/registration/me/{place}", candidate=candidate)
        assert asked.json()["conditions"] == body["conditions"]
    assert (await site.put_form(candidate, form)).json()["conditions"] == body["conditions"], "a retry"


async def test_an_erased_account_saves_nothing(site: Site) -> None:
    candidate = await site.world.saved()
    await site.world.hear_account(deleted(candidate))
    assert problem(await site.put_form(candidate, version=1)) == (410, "compte-supprime")
    assert problem(await site.ask("GET", "/api/registration/me", candidate=candidate)) == (
        410,
        "compte-supprime",
    )
    assert await site.world.value("SELECT count(*) FROM registration_version") == 0


async def test_a_first_save_against_an_erasure_never_survives_it(site: Site) -> None:
    async def erase(candidate: UUID) -> None:
        await asyncio.sleep(random.uniform(0, 0.01))
        await site.world.hear_account(deleted(candidate))

    statuses = Counter[int]()
    for _ in range(100):
        candidate = uuid4()
        answer, _ = await asyncio.gather(site.put_form(candidate), erase(candidate))
        statuses[answer.status_code] += 1
    assert set(statuses) <= {201, 410}
    assert await site.world.value("SELECT count(*) FROM candidature") == 0
    assert await site.world.value("SELECT count(*) FROM tombstone") == 100


async def test_withdrawn_is_undone_by_saving_again(site: Site) -> None:
    candidate = uuid4()
    await site.put_form(candidate)
    gone = await site.ask("POST", "/api/registration/me/withdrawal", candidate=candidate)
    assert gone.json()["stage"] == "withdrawn"
    await site.ask("POST", "/api/registration/me/withdrawal", candidate=candidate)
    back = await site.put_form(candidate, version=1)
    assert (back.status_code, back.json()["version"]) == (200, 2)
    assert await site.world.stage(candidate) is Stage.REGISTERED
    assert await site.world.names(candidate) == [
        "RegistrationSaved",
        "ConfirmationIssued",
        "CandidatureWithdrawn",
        "RegistrationSaved",
        "ConfirmationIssued",
    ]


async def test_nobody_reads_or_saves_without_login(site: Site) -> None:
    for method, path in (
        ("GET", "/api/registration/me"),
        ("PUT", "/api/registration/me/form"),
        ("GET", "/api/registration/me/confirmation.pdf"),
    ):
        response = await site.ask(method, path, json=valid_form() if method == "PUT" else None)
        assert problem(response) == (401, "connexion-necessaire")


async def test_the_form_holds_what_was_saved_in_time_only(site: Site) -> None:
    response = await site.ask("GET", "/api/registration/me/form", candidate=uuid4(), arrived_at=IN_TIME)
    assert problem(response) == (409, "rien-enregistre")
