"""The confirmation for the mail about a version: that of the version in force, or none."""

from uuid import UUID, uuid4

import httpx

from tests.integration.registration.test_confirmation import text_of
from tests.integration.registration.world import Site, deleted, problem


async def ask(site: Site, candidate: UUID, version: int, service: str = "notifications") -> httpx.Response:
    path = f"/internal/candidates/{candidate}/versions/{version}/confirmation.pdf"
    return await site.ask("GET", path, service=service)


async def test_notifications_gets_the_confirmation_of_the_version_in_force(site: Site) -> None:
    candidate = await site.world.saved()
    response = await ask(site, candidate, 1)
    assert response.headers["content-type"] == "application/pdf"
    assert "no-store" in response.headers["cache-control"]
    assert "Version 1" in text_of(response.content)
    assert len(response.content) < 500_000


async def test_a_confirmation_that_is_not_the_one_to_sign_is_given_to_nobody(site: Site) -> None:
    candidate = await site.world.saved()
    await site.world.save(candidate, version=1)
    assert problem(await ask(site, candidate, 1)) == (404, "version-remplacee")
    assert problem(await ask(site, candidate, 3)) == (404, "version-remplacee")
    assert (await ask(site, candidate, 2)).status_code == 200


async def test_no_confirmation_of_an_unknown_or_erased_person(site: Site) -> None:
    assert (await ask(site, uuid4(), 1)).status_code == 404
    candidate = await site.world.saved()
    await site.world.hear_account(deleted(candidate))
    assert (await ask(site, candidate, 1)).status_code == 410


async def test_the_mailed_confirmation_is_for_notifications_alone(site: Site) -> None:
    candidate = await site.world.saved()
    assert problem(await ask(site, candidate, 1, "documents")) == (403, "service-non-autorise")
