"""What the gateway writes down of what no owner ended (decisions 0012, 0014), and what it does not."""

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from deploy.local import LocalStack, StackSettings
from services.chassis.gateway_logs.lines import TurnedAway, What, read, short
from tests.integration.stack.upstreams import Sessions, serving

pytestmark = pytest.mark.stack
UPLOAD = "/api/documents/me/pieces/p2/files"
FILE = "01890000-0000-7000-8000-000000000001"
ADDRESSES = (
    UPLOAD,
    "/documents/envoi/p2",
    f"/api/documents/me/files/{FILE}/restoration",
    f"/documents/p2/{FILE}/remise",
)
SAVE = "/api/registration/me/form"
SAVES = (
    ("PUT", SAVE),
    ("PUT", "/api/registration/me/draft"),
    ("DELETE", "/api/registration/me/draft"),
    ("POST", "/inscription/contact"),
    ("POST", "/inscription/experience/2/retirer"),
    ("POST", "/inscription/recapitulatif"),
    ("GET", "/inscription"),
    ("GET", "/inscription/contact"),
    ("GET", "/api/registration/me/form"),
)
TOKEN = "a-token-that-nobody-may-read"


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    root = tmp_path_factory.mktemp("gateway")
    patience = StackSettings(gateway_patience_seconds=0.5)
    async with LocalStack(root, only={"gateway"}, usual_ports=False, settings=patience) as stack:
        yield stack


@asynccontextmanager
async def answering(
    gateway: LocalStack, status: int | None, owner: str = "documents-http"
) -> AsyncIterator[None]:
    """The owner gives this answer once it has the whole request, or dies; everybody is let pass."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = next(
            (line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), b":0"
        )
        if status is None:
            writer.transport.abort()
            return
        try:
            await reader.readexactly(int(size.partition(b":")[2]))
        except asyncio.IncompleteReadError:
            writer.transport.abort()
            return
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with _owned(gateway, owner, answer):
        yield


@asynccontextmanager
async def musing(gateway: LocalStack, owner: str) -> AsyncIterator[None]:
    """The owner answers nothing for as long as anybody waits; everybody is let pass."""

    async def muse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    async with _owned(gateway, owner, muse):
        yield


@asynccontextmanager
async def _owned(
    gateway: LocalStack,
    owner: str,
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[None]:
    origins = gateway.addresses.services
    place = urlsplit(origins[owner])
    async with (
        serving(Sessions(), origins["accounts-sessions"]),
        await asyncio.start_server(answer, place.hostname, place.port),
    ):
        yield


def log(gateway: LocalStack) -> Path:
    found = gateway.addresses.turned_away
    assert found is not None
    return found


def written(gateway: LocalStack, after: int, what: What = What.UPLOAD) -> list[TurnedAway]:
    """The requests of the lines after so many bytes: none is of another kind."""
    lines = log(gateway).read_bytes()[after:].splitlines()
    assert {json.loads(line)["what"] for line in lines} <= {what, What.LOOK}
    return [one for line in lines if (one := read(line, what)) is not None]


async def ask(gateway: LocalStack, path: str, method: str = "POST", **headers: str) -> int:
    async with httpx.AsyncClient(timeout=15) as client:
        answer = await client.request(
            method,
            f"{gateway.addresses.gateway}{path}",
            headers=headers or {"Cookie": f"other=1; session={TOKEN}"},
            content=b"x" * 200_000 if method in ("POST", "PUT") else None,
        )
        return answer.status_code


@pytest.mark.parametrize("address", ADDRESSES)
async def test_who_meets_nobody_is_written_down_with_what_was_asked_and_shown(
    gateway: LocalStack, address: str
) -> None:
    before = log(gateway).stat().st_size
    async with serving(Sessions(), gateway.addresses.services["accounts-sessions"]):
        assert await ask(gateway, f"{address}?name=Camille.pdf") == 503
    (one,) = written(gateway, before)
    assert (one.asked, one.shown) == (short(address), (short(TOKEN),))


@pytest.mark.parametrize(("method", "address"), SAVES)
async def test_a_save_that_meets_nobody_is_written_down_as_such(
    gateway: LocalStack, method: str, address: str
) -> None:
    before = log(gateway).stat().st_size
    async with serving(Sessions(), gateway.addresses.services["accounts-sessions"]):
        assert await ask(gateway, f"{address}?draft=1", method) == 503
    (one,) = written(gateway, before, What.SAVE)
    assert (one.asked, one.shown) == (short(address), (short(TOKEN),))


@pytest.mark.parametrize("status", [None, 500, 503])
async def test_a_save_that_the_owner_does_not_end_is_written_down(
    gateway: LocalStack, status: int | None
) -> None:
    before = log(gateway).stat().st_size
    async with answering(gateway, status, "registration-http"):
        assert await ask(gateway, SAVE, "PUT") == (status or 503)
    assert len(written(gateway, before, What.SAVE)) == 1


@pytest.mark.parametrize("status", [200, 201, 303, 401, 409, 412, 422])
@pytest.mark.parametrize(("method", "address"), [("PUT", SAVE), ("POST", "/inscription/recapitulatif")])
async def test_a_save_that_the_owner_ended_is_not(
    gateway: LocalStack, method: str, address: str, status: int
) -> None:
    before = log(gateway).stat().st_size
    async with answering(gateway, status, "registration-http"):
        assert await ask(gateway, address, method) == status
    assert log(gateway).stat().st_size == before


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_a_programs_token_is_known_as_well(gateway: LocalStack, scheme: str) -> None:
    before = log(gateway).stat().st_size
    assert await ask(gateway, UPLOAD, Authorization=f"{scheme} {TOKEN}") == 503
    (one,) = written(gateway, before)
    assert one.shown == (short(TOKEN),)


@pytest.mark.parametrize("status", [None, 500, 503])
async def test_who_is_answered_5xx_by_the_owner_or_loses_it_amid_is_written_down(
    gateway: LocalStack, status: int | None
) -> None:
    before = log(gateway).stat().st_size
    async with answering(gateway, status):
        assert await ask(gateway, UPLOAD) == (status or 503)
    assert len(written(gateway, before)) == 1


async def give_up_amid(gateway: LocalStack, method: str, path: str) -> None:
    """Amid its body; or, of a request that has none, while it waits."""
    place = urlsplit(gateway.addresses.gateway)
    _, writer = await asyncio.open_connection(place.hostname, place.port)
    head = f"{method} {path} HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: session={TOKEN}\r\n"
    if method == "GET":
        writer.write(f"{head}\r\n".encode())
    else:
        writer.write(f"{head}Content-Length: 100000\r\n\r\n".encode() + b"x" * 5000)
    await asyncio.sleep(0.5)
    writer.transport.abort()


async def test_who_leaves_the_form_while_it_loads_is_not(gateway: LocalStack) -> None:
    before = log(gateway).stat().st_size
    async with musing(gateway, "registration-http"):
        await give_up_amid(gateway, "GET", "/inscription")
        await give_up_amid(gateway, "PUT", SAVE)
        async with asyncio.timeout(5):
            while len(log(gateway).read_bytes()[before:].splitlines()) < 2:  # noqa: ASYNC110 - told by no event
                await asyncio.sleep(0.05)
    assert [one.asked for one in written(gateway, before, What.SAVE)] == [short(SAVE)]


async def test_who_gives_up_amid_is_written_down(gateway: LocalStack) -> None:
    before = log(gateway).stat().st_size
    async with answering(gateway, 201):
        await give_up_amid(gateway, "POST", UPLOAD)
        async with asyncio.timeout(5):
            while not (found := written(gateway, before)):  # noqa: ASYNC110 - told by no event
                await asyncio.sleep(0.05)
    assert len(found) == 1


@pytest.mark.parametrize("status", [201, 303, 401, 409, 413, 429])
async def test_what_the_owner_ended_is_not(gateway: LocalStack, status: int) -> None:
    before = log(gateway).stat().st_size
    async with answering(gateway, status):
        assert await ask(gateway, UPLOAD) == status
    assert log(gateway).stat().st_size == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/documents"),
        ("DELETE", f"/api/documents/me/files/{FILE}"),
        ("POST", f"/documents/p2/{FILE}/retrait"),
        ("POST", "/api/registration/me/withdrawal"),
        ("POST", "/mon-espace/retrait"),
        ("POST", "/api/registration/candidatures/1/hold"),
        ("POST", "/api/documents/candidates/1/pieces/p2/acceptance"),
        ("POST", "/nowhere"),
    ],
)
async def test_nothing_else_is_written_down(gateway: LocalStack, method: str, path: str) -> None:
    before = log(gateway).stat().st_size
    assert await ask(gateway, path, method) in (404, 503)
    assert log(gateway).stat().st_size == before


async def test_a_film_is_not_turned_away_by_a_fault_of_ours(gateway: LocalStack) -> None:
    before = log(gateway).stat().st_size
    place = urlsplit(gateway.addresses.gateway)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    head = f"POST {UPLOAD} HTTP/1.1\r\nHost: {place.netloc}\r\nCookie: session={TOKEN}\r\n"
    writer.write(f"{head}Content-Length: 300000000\r\n\r\n".encode() + b"x" * 600_000)
    assert b" 413 " in await asyncio.wait_for(reader.readline(), 10)
    writer.transport.abort()
    await asyncio.sleep(0.2)
    assert log(gateway).stat().st_size == before


async def test_nobody_else_can_read_it_and_it_tells_nothing_of_the_person(gateway: LocalStack) -> None:
    assert await ask(gateway, f"{UPLOAD}?name=Camille.pdf") == 503
    assert stat.S_IMODE(log(gateway).stat().st_mode) == 0o600
    text = log(gateway).read_text() + gateway.log("gateway").read_text()
    assert log(gateway).stat().st_size
    for told in (TOKEN, "Camille", UPLOAD, "p2", FILE, "Cookie"):
        assert told not in text
    assert "127.0.0.1:" not in log(gateway).read_text()
