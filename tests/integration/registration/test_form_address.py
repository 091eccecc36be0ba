"""The account's address is offered in the form, and is nobody's answer until it is sent."""

from uuid import UUID, uuid4

import httpx
import pytest

from services.chassis.peers import Peers
from services.contracts.internal import Contact
from tests.integration.registration.paging import read, words
from tests.integration.registration.test_form_pages import ANSWERS, answer
from tests.integration.registration.world import Site

PAGE = "/inscription/contact"
OFFERED = 'value="camille@compte.test"'


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `accounts`, which answers with an address, was asked."""
    paths: list[str] = []

    async def get(_: Peers, service: str, path: str, shape: type[Contact]) -> Contact:
        paths.append(f"{service}/{path}")
        return shape(email="camille@compte.test")

    monkeypatch.setattr(Peers, "get", get)
    return paths


async def test_the_accounts_address_stands_in_an_empty_field_and_is_kept_nowhere(
    site: Site, asked: list[str]
) -> None:
    candidate = uuid4()
    assert OFFERED in await read(site, PAGE, candidate)
    assert asked == [f"accounts/candidates/{candidate}/contact"]
    assert await site.world.value("SELECT count(*) FROM draft") == 0
    assert "Vous joindre Téléphone et adresse e-mail À remplir" in words(
        await read(site, "/inscription", candidate)
    )
    sent = ANSWERS["contact"] | {"identification.email": "camille@compte.test"}
    assert (await answer(site, "contact", candidate, sent)).status_code == 303
    assert "camille@compte.test" in await read(site, "/inscription/recapitulatif", candidate)


@pytest.mark.parametrize("is_saved", [True, False], ids=["saved", "drafted"])
async def test_an_address_that_was_given_is_not_replaced(
    site: Site, asked: list[str], is_saved: bool
) -> None:
    candidate: UUID = await site.world.saved() if is_saved else uuid4()
    if not is_saved:
        await answer(site, "contact", candidate, ANSWERS["contact"])
    asked.clear()
    html = await read(site, PAGE, candidate)
    assert 'value="camille.durand@exemple.test"' in html
    assert asked == []


async def test_while_accounts_is_away_the_field_is_empty(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise httpx.ConnectError("away")

    monkeypatch.setattr(Peers, "get", away)
    html = await read(site, PAGE, uuid4())
    assert 'name="identification.email"' in html
    assert OFFERED not in html
