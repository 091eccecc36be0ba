"""A service that is away: the gateway says so in French, and lets nobody in unchecked."""

from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.local import LocalStack, StackSettings
from tests.integration.stack.upstreams import Sessions, Upstream, serving

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    root = tmp_path_factory.mktemp("gateway")
    at_once = StackSettings(gateway_patience_seconds=0)
    async with LocalStack(root, only={"gateway"}, usual_ports=False, settings=at_once) as stack:
        yield stack


async def test_a_service_that_is_away_is_a_503_problem(gateway: LocalStack) -> None:
    async with serving(Sessions(), gateway.addresses.services["accounts-sessions"]):
        answer = await _get(gateway)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "5"
    problem = answer.json()
    assert problem["type"] == "urn:candidat-libre:probleme:momentanement-indisponible"
    assert problem["status"] == 503
    assert "Réessayez" in problem["detail"]


async def test_a_browser_gets_a_french_page(gateway: LocalStack) -> None:
    async with serving(Sessions(), gateway.addresses.services["accounts-sessions"]):
        answer = await _get(gateway, accept="text/html,application/xhtml+xml")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>Service momentanément indisponible</h1>" in answer.text


async def test_without_the_session_check_no_request_passes(gateway: LocalStack) -> None:
    async with serving(Upstream("documents-http"), gateway.addresses.services["documents-http"]):
        answer = await _get(gateway)
    assert answer.status_code == 503


async def _get(gateway: LocalStack, accept: str = "application/json") -> httpx.Response:
    async with httpx.AsyncClient(timeout=15) as client:
        return await client.get(f"{gateway.addresses.gateway}/api/documents/me", headers={"Accept": accept})
