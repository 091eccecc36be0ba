"""The stack's processes: each in a group of its own with its log, none outliving the stack.

Three nets, because each has a hole: `Children.end` on every ordinary way out; PDEATHSIG where `setpriv` is
found (it does not reach grandchildren); the guardian (see there) for a stack that was killed.
`setpriv` also drops root, and sets PDEATHSIG after it: the kernel clears it when credentials change.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

_GRACE_SECONDS = 80.0  # ours end by themselves within 25 s, with a mail under way 75 (`leaves_seconds`)
_KEPT = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "JAVA_HOME", "SSL_CERT_FILE")


@cache
def _setpriv() -> str | None:
    found = shutil.which("setpriv")
    if found is None:
        return None
    usage = subprocess.run([found, "--help"], capture_output=True, text=True, check=False)
    return found if "--pdeathsig" in usage.stdout else None


def as_user(user: str | None, death: signal.Signals = signal.SIGTERM) -> list[str]:
    """Words to put before a command: run it as `user`, and end it when its parent dies."""
    setpriv = _setpriv()
    if setpriv is None:
        return ["runuser", "-u", user, "--"] if user is not None else []
    drop = [f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user is not None else []
    return [setpriv, *drop, "--pdeathsig", death.name.removeprefix("SIG"), "--"]


def base_environment() -> dict[str, str]:
    """What a child needs of ours: no secret of another part passes by inheritance."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {name: value for name, value in os.environ.items() if name.startswith("OTEL_")}


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


@dataclass(frozen=True)
class Command:
    """How to run one child. `ending` is the signal that asks it to end in order."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    user: str | None = None
    ending: signal.Signals = signal.SIGTERM


class Child:
    """One running process and its group."""

    def __init__(self, command: Command, process: asyncio.subprocess.Process, log: Path) -> None:
        self.command = command
        self.log = log
        self.asked_to_end = False
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode

    async def wait(self) -> int:
        return await self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send to the whole group."""
        self.asked_to_end = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def pause(self) -> None:
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    async def end(self, grace_seconds: float = _GRACE_SECONDS) -> None:
        """Ask, wait, and after the grace insist. Nothing of the group is left afterwards."""
        family = self._family()
        self.signal(self.command.ending)
        self.signal(signal.SIGCONT)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.wait(), grace_seconds)
        await self._kill(family)

    async def kill(self) -> None:
        """As when the machine loses power: the process and all it started, at once.

        Not the group alone: PostgreSQL's backends have sessions of their own, and one that computes does not
        notice that its postmaster died. It would go on, and hold the shared memory.
        """
        await self._kill(self._family())

    def _family(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    async def _kill(self, family: list[psutil.Process]) -> None:
        self.signal(signal.SIGKILL)
        for relative in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                relative.kill()
        await self.wait()
        for _ in range(500):
            if not any(map(_alive, family)):
                break
            await asyncio.sleep(0.01)


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


OnDeath = Callable[[Child], None]
"""Told of a child that ended without being asked to."""


class Children:
    """All processes of one stack."""

    def __init__(self, logs: Path, on_death: OnDeath) -> None:
        self._logs = logs
        self._on_death = on_death
        self._running: dict[str, Child] = {}
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._guardian: subprocess.Popen[str] | None = None

    def log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def guard(self, lock: int) -> None:
        """Start the guardian, which holds on to `lock` (a file descriptor) too."""
        script = Path(__file__).with_name("guardian.py")
        self._guardian = subprocess.Popen(
            [sys.executable, "-I", "-S", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            env={},
            pass_fds=(lock,),
            start_new_session=True,
        )

    async def start(self, command: Command) -> Child:
        """Start, or start again; output is appended to the log of that name."""
        log = self.log(command.name)
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *as_user(command.user, command.ending),
                *command.argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(command.environment),
                cwd=command.folder,
                start_new_session=True,
            )
        child = Child(command, process, log)
        self._running[command.name] = child
        self._tell(f"+ {child.pid} {int(command.ending)}")
        self._watchers[command.name] = asyncio.create_task(self._watch(child))
        return child

    async def run(self, command: Command) -> int:
        """Run to its end; the exit code."""
        child = await self.start(command)
        try:
            return await child.wait()
        finally:
            child.asked_to_end = True
            await self.end(command.name)

    def __getitem__(self, name: str) -> Child:
        return self._running[name]

    def __contains__(self, name: str) -> bool:
        return name in self._running

    async def end(self, name: str) -> None:
        """End one child, if it runs."""
        child = self._running.pop(name, None)
        if child is not None:
            await child.end()
            await self._watchers.pop(name)

    async def kill(self, name: str) -> None:
        """SIGKILL, without a chance to tidy up."""
        child = self._running.pop(name, None)
        if child is not None:
            await child.kill()
            await self._watchers.pop(name)

    async def close(self) -> None:
        """End whatever is left, then the guardian."""
        for name in reversed(list(self._running)):
            await self.end(name)
        if self._guardian is not None and self._guardian.stdin is not None:
            self._guardian.stdin.close()
            await asyncio.to_thread(self._guardian.wait)

    def _tell(self, line: str) -> None:
        if self._guardian is not None and self._guardian.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._guardian.stdin.write(line + "\n")
                self._guardian.stdin.flush()

    async def _watch(self, child: Child) -> None:
        await child.wait()
        if not child.asked_to_end:
            # What it left behind in its group must not outlive it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            self._on_death(child)
        self._tell(f"- {child.pid}")
