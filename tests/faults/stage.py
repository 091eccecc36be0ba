"""Where the rounds are played: one running stack with a mail server and a disk that can be made to fail."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from deploy.local import Addresses, LocalStack
from deploy.local.ports import Ports
from deploy.local.processes import DEPLOYABLES
from deploy.local.settings import PROJECT, StackSettings
from tests.faults.smtp import HOST, Control
from tests.faults.supervisor import Supervisor

CALENDAR_PART = "registration-worker"
_DISK_MEGABYTES = 512
_RETURNS_TO = "retours@candidat-libre.example"
_GATEWAY_PATIENCE_SECONDS = 1
"""Really 10: who waits so long, twice, is answered within the real grace of 10 min, but not within 3 s."""
COMPRESSED = {
    # A dead sender's lease is over after 2 * 4 + 30 s, not after 150; the next one takes up its mails 10 s
    # after its start, not 100: no connection hangs here, since each part that dies ends them.
    "notifications-worker": {"ATTEMPT_SECONDS": "4", "INHERIT_AFTER_SECONDS": "10"},
    # In a session of half a minute a third of a minute away is an outage, wherever in it. One process that
    # died once was ready again before, in up to 17 s; several, or one again and again, need not be.
    # A look into the gateway's log is good for three of the times between two: that must fit into the grace.
    "documents-worker": {
        "OUTAGE_SECONDS": "20",
        "OUTAGE_NEAR_DEADLINE_SECONDS": "20",
        "GATEWAY_LOG_SECONDS": "0.2",
    },
    # What a fault did is not to be mended behind the witness's back: the rounds reconcile themselves.
    "workflows-worker": {"RECONCILE_SECONDS": "0"},
    # With the real two minutes a refill would begin nearly all lives of a session of as long again.
    "workflows-bridge": {"COMMITTED_WITHIN_SECONDS": "20"},
}
"""Settings in which this stack differs from a real one, besides its calendar; told in docs/reliability.md."""


@dataclass
class Stage:
    """`environment`: deployable → settings, read at each of its starts, so that a fault can change them."""

    root: Path
    stack: LocalStack
    supervisor: Supervisor
    environment: dict[str, dict[str, str]]
    disk: bool
    """Whether uploads have a small disk of their own, that can be filled."""
    sessions: list[str] = field(default_factory=list)
    """All so far; the last one is the round's."""
    released: list[UUID] = field(default_factory=list)
    """Whose hold an officer has ended in this round."""
    lead_seconds: float = 20.0
    """How long a session takes to become known to all, as seen so far."""

    @property
    def addresses(self) -> Addresses:
        return self.stack.addresses

    @property
    def calendar_file(self) -> Path:
        return self.root / "session.toml"

    @property
    def mails(self) -> Path:
        return self.root / "mails.jsonl"

    @property
    def mail_control(self) -> Path:
        return self.root / "smtp.json"

    @property
    def objects(self) -> Path:
        return self.root / "stack" / "objects"

    def failpoints(self, deployable: str) -> Path:
        return self.root / "failpoints" / deployable

    async def rows(self, service: str, query: str, *arguments: Any) -> list[dict[str, Any]]:
        """Ask the database of a service; an empty answer where it is away."""
        try:
            conn = await asyncpg.connect(self.addresses.databases[service], timeout=3)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return []
        try:
            return [dict(record) for record in await conn.fetch(query, *arguments)]
        finally:
            await conn.close(timeout=2)

    async def candidates(self) -> list[Any]:
        """Those of the round so far, in the order of their accounts."""
        query = "SELECT id FROM account WHERE session_id = $1 ORDER BY created_at, id"
        return [row["id"] for row in await self.rows("accounts", query, self.sessions[-1])]

    async def command(self, *words: str, within: float = 120) -> tuple[int, str]:
        """Run `candidat-libre …` as an operator does; its exit code and what it says."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "deploy.cli.main",
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"KAFKA_BOOTSTRAP_SERVERS": self.addresses.kafka, "COLUMNS": "200"},
            start_new_session=True,
        )
        try:
            out, err = await asyncio.wait_for(process.communicate(), within)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return process.returncode or 0, out.decode() if process.returncode == 0 else (out + err).decode()


@asynccontextmanager
async def stage(root: Path) -> AsyncIterator[Stage]:
    """All parts, running; whatever ends this, no process and no mount is left."""
    async with _Disk(root / "stack" / "objects") as disk, _mail_server(root) as smtp:
        supervisor = Supervisor()
        environment = _environment(root, disk)
        async with LocalStack(
            root / "stack",
            calendar_file=root / "session.toml",
            later={CALENDAR_PART},
            usual_ports=False,
            on_progress=supervisor.told,
            settings=StackSettings(
                smtp=smtp, bounce_address=_RETURNS_TO, gateway_patience_seconds=_GATEWAY_PATIENCE_SECONDS
            ),
            extra_environment=environment,
        ) as stack:
            supervisor.serve(stack)
            try:
                yield Stage(root, stack, supervisor, environment, disk)
            finally:
                await supervisor.close()


def _environment(root: Path, disk: bool) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for each in DEPLOYABLES:
        folder = root / "failpoints" / each.name
        folder.mkdir(parents=True)
        found[each.name] = {"FAILPOINTS_FOLDER": str(folder), **COMPRESSED.get(each.name, {})}
    if disk:
        uploads = root / "stack" / "objects" / ".uploads"
        uploads.mkdir(parents=True, exist_ok=True)
        found["documents-http"]["UPLOAD_FOLDER"] = str(uploads)
    return found


class _Disk:
    """A small file system for the objects, where mounting one is allowed. True: it is."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._mounted = False

    async def __aenter__(self) -> bool:
        self._place.mkdir(parents=True)
        words = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_MEGABYTES}m,mode=755", "candidat-libre-tests"]
        if os.geteuid() == 0 and shutil.which("mount"):
            self._mounted = await _done(*words, str(self._place))
        return self._mounted

    async def __aexit__(self, *_: object) -> None:
        if self._mounted:
            await _done("umount", "--lazy", str(self._place))


async def _done(*words: str) -> bool:
    found = await asyncio.to_thread(subprocess.run, words, capture_output=True, check=False)
    return found.returncode == 0


@asynccontextmanager
async def _mail_server(root: Path) -> AsyncIterator[str]:
    Control().write(root / "smtp.json")
    ports = Ports(root / "ports.json", usual=False)
    port = ports.choose("smtp", 0)
    words = ["--port", str(port), "--log", str(root / "mails.jsonl"), "--control", str(root / "smtp.json")]
    process = await start(["tests.faults.smtp", *words], root / "smtp.log")
    try:
        yield f"{HOST}:{port}"
    finally:
        await end(process)
        ports.release()


async def start(
    module: list[str], log: Path, environment: Mapping[str, str] | None = None
) -> asyncio.subprocess.Process:
    """Run `python -m module …` in a group of its own, its output in `log`."""
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *module,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            cwd=PROJECT,
            env=os.environ | dict(environment or {}),
            start_new_session=True,
        )


async def end(process: asyncio.subprocess.Process) -> None:
    """Ask it to end; after five seconds insist."""
    if process.returncode is None:
        process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 5)
        if process.returncode is None:
            process.kill()
    await process.wait()
