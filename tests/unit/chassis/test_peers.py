"""What a sister service's answers mean to who asked."""

import json
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from services.chassis.failures import is_infrastructure
from services.chassis.peers import PeerGone, PeerNotFound, PeerRefused, Peers
from services.chassis.settings import Settings
from services.contracts.internal import Contact

Answer = tuple[int, Any]
TOKEN: Answer = (200, {"access_token": "t", "expires_in": 60})
CONTACT: Answer = (200, {"email": "amina@courriel.example"})
SETTINGS = Settings(
    service_name="documents",
    service_secret=SecretStr("secret"),
    public_url="http://site.test",
    accounts_url="http://accounts.test",
    sessions_url="http://sessions.test",
    registration_url="http://registration.test",
    documents_url="http://documents.test",
    notifications_url="http://notifications.test",
)


def problem(status: int, slug: str) -> Answer:
    return status, {"type": f"urn:candidat-libre:probleme:{slug}"}


async def asked(answer: Answer, token: Answer = TOKEN) -> Contact:
    """What comes of a question that the wire answers so."""

    def wire(request: httpx.Request) -> httpx.Response:
        status, body = token if request.url.path.endswith("/token") else answer
        return httpx.Response(status, content=json.dumps(body))

    async with httpx.AsyncClient(transport=httpx.MockTransport(wire)) as client:
        return await Peers(SETTINGS, client).get("accounts", "candidates/1/contact", Contact)


async def test_a_question_of_the_contract_has_its_answer() -> None:
    assert (await asked(CONTACT)).email == "amina@courriel.example"


@pytest.mark.parametrize(
    "answer",
    [
        problem(403, "service-non-autorise"),
        problem(422, "donnees-invalides"),
        problem(404, "adresse-inconnue"),
        (302, {}),
        (200, {"address": "amina@courriel.example"}),
        (200, "amina@courriel.example"),
    ],
    ids=repr,
)
async def test_an_answer_outside_the_contract_is_another_version_and_no_events_fault(answer: Answer) -> None:
    with pytest.raises(PeerRefused) as refused:
        await asked(answer)
    assert is_infrastructure(refused.value)
    assert "amina" not in repr(refused.value)


@pytest.mark.parametrize("token", [problem(403, "x"), problem(422, "x"), (200, {"token": "t"})], ids=repr)
async def test_a_token_that_cannot_be_had_is_no_events_fault(token: Answer) -> None:
    with pytest.raises(PeerRefused):
        await asked(CONTACT, token)


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_a_peer_that_is_away_is_waited_for(status: int) -> None:
    for arguments in ((problem(status, "x"),), (CONTACT, problem(status, "x"))):
        with pytest.raises(httpx.HTTPStatusError) as error:
            await asked(*arguments)
        assert is_infrastructure(error.value)


async def test_what_is_not_there_and_who_is_erased_are_answers() -> None:
    with pytest.raises(PeerNotFound) as not_found:
        await asked(problem(404, "candidat-inconnu"))
    with pytest.raises(PeerGone) as gone:
        await asked(problem(410, "compte-supprime"))
    assert not is_infrastructure(not_found.value)
    assert not is_infrastructure(gone.value)
