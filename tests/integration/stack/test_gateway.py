"""The gateway: who is asking and when it arrived are its own words, and nothing internal is reachable."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from deploy.local import LocalStack
from tests.integration.stack.upstreams import KNOWN_SESSION, SIGNED, Sessions, Upstream, received, serving

pytestmark = pytest.mark.stack
_SERVICES = ("accounts-http", "registration-http", "documents-http", "notifications-http")


@dataclass(frozen=True)
class Behind:
    """The running gateway and what is behind it."""

    client: httpx.AsyncClient
    origin: str
    sessions: Sessions
    upstreams: dict[str, Upstream]


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    root: Path = tmp_path_factory.mktemp("gateway")
    async with LocalStack(root, only={"gateway"}, usual_ports=False) as stack:
        yield stack


@pytest.fixture(scope="module")
async def behind(gateway: LocalStack) -> AsyncIterator[Behind]:
    async with AsyncExitStack() as exits:
        sessions = Sessions()
        upstreams = {name: Upstream(name) for name in _SERVICES}
        origins = gateway.addresses.services
        await exits.enter_async_context(serving(sessions, origins["accounts-sessions"]))
        for name, upstream in upstreams.items():
            await exits.enter_async_context(serving(upstream, origins[name]))
        client = await exits.enter_async_context(
            httpx.AsyncClient(base_url=gateway.addresses.gateway, timeout=15)
        )
        yield Behind(client, gateway.addresses.gateway, sessions, upstreams)


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/", "registration-http"),
        ("/inscription/formulaire", "registration-http"),
        ("/api/registration/me", "registration-http"),
        ("/statique/site/site.css", "registration-http"),
        ("/mon-espace", "registration-http"),
        ("/notice", "registration-http"),
        ("/aide", "registration-http"),
        ("/contact", "registration-http"),
        ("/accessibilite", "registration-http"),
        ("/langue/en?retour=/", "registration-http"),
        ("/api/accounts", "accounts-http"),
        ("/api/accounts/sessions", "accounts-http"),
        ("/compte/activation?lien=x", "accounts-http"),
        ("/agents/connexion", "accounts-http"),
        ("/connexion?retour=/mon-espace", "accounts-http"),
        ("/deconnexion", "accounts-http"),
        ("/documents", "documents-http"),
        ("/api/documents/me/pieces/identity/files?name=a%2Fb..pdf", "documents-http"),
        ("/api/notifications/me", "notifications-http"),
        ("/messages", "notifications-http"),
    ],
)
async def test_a_path_reaches_the_service_that_owns_it(behind: Behind, path: str, service: str) -> None:
    answer = await behind.client.get(path)
    assert answer.status_code == 200
    assert answer.json()["service"] == service


@pytest.mark.parametrize("name", ["X-Identity-Token", "x-identity-token", "X-IDENTITY-TOKEN"])
async def test_a_client_cannot_bring_its_own_identity(behind: Behind, name: str) -> None:
    answer = await behind.client.get("/api/documents/me", headers={name: "forged"})
    assert received(answer.text, "X-Identity-Token") == []


async def test_a_known_session_overwrites_a_forged_identity(behind: Behind) -> None:
    headers = [("Cookie", KNOWN_SESSION), ("X-Identity-Token", "forged"), ("X-Identity-Token", "again")]
    answer = await behind.client.get("/api/documents/me", headers=headers)
    assert received(answer.text, "X-Identity-Token") == [SIGNED]


async def test_a_client_cannot_choose_when_it_arrived(behind: Behind) -> None:
    before = time.time() * 1000
    headers = [("X-Arrived-At", "1605999599999"), ("x-arrived-at", "1")]
    answer = await behind.client.get("/api/registration/me", headers=headers)
    (arrived,) = received(answer.text, "X-Arrived-At")
    assert before - 1 <= int(arrived) <= time.time() * 1000


async def test_a_connection_header_cannot_strip_the_gateways_words(behind: Behind) -> None:
    headers = [("Cookie", KNOWN_SESSION), ("Connection", "close, X-Arrived-At, X-Identity-Token")]
    answer = await behind.client.get("/api/registration/me", headers=headers)
    assert len(received(answer.text, "X-Arrived-At")) == 1
    assert received(answer.text, "X-Identity-Token") == [SIGNED]


async def test_arrival_is_when_the_headers_came_however_slow_session_check_and_body_are(
    behind: Behind,
) -> None:
    async def slow_body() -> AsyncIterator[bytes]:
        yield b"first"
        await asyncio.sleep(0.8)
        yield b"last"

    behind.sessions.delay_seconds = 0.6
    try:
        before = time.time() * 1000
        answer = await behind.client.post("/api/documents/me/pieces/x/files", content=slow_body())
        after = time.time() * 1000
    finally:
        behind.sessions.delay_seconds = 0.0
    (arrived,) = received(answer.text, "X-Arrived-At")
    assert after - before > 790
    assert int(arrived) - before < 400


async def test_a_request_body_streams_through_before_it_is_complete(behind: Behind) -> None:
    upstream = behind.upstreams["documents-http"]
    upstream.first_chunk.clear()
    block = b"x" * 65_536

    async def body() -> AsyncIterator[bytes]:
        yield block
        # Deadlocks, and so times out, if the gateway waits for the whole body.
        await asyncio.wait_for(upstream.first_chunk.wait(), 5)
        yield block

    answer = await behind.client.post("/api/documents/me/pieces/x/files", content=body())
    assert answer.json()["size"] == 2 * len(block)


@pytest.mark.parametrize(
    "target",
    [
        "/internal",
        "/internal/authenticate",
        "/INTERNAL/authenticate",
        "/%69nternal/authenticate",
        "//internal/authenticate",
        "/./internal/authenticate",
        "/x/../internal/authenticate",
        "/compte/../internal/authenticate",
        "/compte/%2e%2e/internal/authenticate",
        "/compte/..%2finternal/authenticate",
        "/compte/..%5cinternal/authenticate",
        "/compte/%252e%252e/internal/authenticate",
        "/%2569nternal/authenticate",
        "/api/accounts/internal/token",
        "/internal;x/authenticate",
        "/internal%00/authenticate",
        "/health/ready",
        "/nowhere",
    ],
)
async def test_nothing_internal_or_unowned_is_reachable(behind: Behind, target: str) -> None:
    assert await _raw_status(behind.origin, target) == 404


async def _raw_status(origin: str, target: str) -> int:
    """Send the target as it is: an HTTP client would tidy it up."""
    parts = urlsplit(origin)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("declared", [270_000_000, 999_999_999, 1_000_000_000, 10**12])
async def test_what_no_service_takes_by_far_is_answered_at_once_and_reaches_none(
    behind: Behind, declared: int
) -> None:
    upstream = behind.upstreams["documents-http"]
    upstream.first_chunk.clear()
    answer = await _declaring(behind.origin, declared, "application/json")
    assert answer.startswith("HTTP/1.1 413 ")
    assert '"type":"urn:candidat-libre:probleme:envoi-trop-lourd"' in answer
    assert "est gardé" in answer
    page = await _declaring(behind.origin, declared, "text/html")
    assert page.startswith("HTTP/1.1 413 ")
    assert "<h1>Envoi trop lourd</h1>" in page
    assert re.search(r'<main[^>]* tabindex="-1"', page), (
        "the script that shows the answer sets the focus there"
    )
    assert not upstream.first_chunk.is_set()


@pytest.mark.parametrize("declared", [60_000_000, 269_999_999])
async def test_what_a_service_may_give_its_own_reason_for_reaches_it(behind: Behind, declared: int) -> None:
    upstream = behind.upstreams["documents-http"]
    upstream.first_chunk.clear()
    assert await _declaring(behind.origin, declared, "text/html", answered=False) == ""
    assert upstream.first_chunk.is_set()


async def _declaring(origin: str, size: int, accept: str, *, answered: bool = True) -> str:
    """What is answered to a body that declares its size and of which only the beginning comes."""
    parts = urlsplit(origin)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = (
        f"POST /documents/envoi/p2 HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Accept: {accept}\r\nContent-Length: {size}\r\n\r\n"
    )
    # The gateway answers once it has read a quarter of a mebibyte of what it will not take.
    writer.write(head.encode() + b"x" * 600_000)
    answer = b""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(10 if answered else 1):
            answer = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", answer, re.IGNORECASE)
            assert length is not None
            answer += await reader.readexactly(int(length[1]))
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return answer.decode()


async def test_an_unknown_address_is_a_problem_in_french(behind: Behind) -> None:
    answer = await behind.client.get("/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:candidat-libre:probleme:adresse-inconnue",
        "title": "Introuvable",
        "status": 404,
        "detail": "Cette adresse n’existe pas.",
    }
