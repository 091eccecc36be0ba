"""The local stack: what is started, in which order, and how all of it ends."""

import asyncio
import contextlib
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import asyncpg

from deploy.local import graph
from deploy.local.addresses import Addresses
from deploy.local.catalogue import all_parts
from deploy.local.children import Child, tail
from deploy.local.context import StackContext
from deploy.local.errors import PartFailed, UnknownPart
from deploy.local.parts.migrations import migrate
from deploy.local.planning import plan
from deploy.local.progress import OnProgress, Progress, State, silent
from deploy.local.roles import ensure_database, url
from deploy.local.root_lock import forget, hold
from deploy.local.settings import PROJECT, StackSettings

DEFAULT_ROOT = PROJECT / ".local" / "default"


class LocalStack:
    """All parts, or `only` some with what they need, on one folder.

    Args:
        root: data, logs, credentials and ports live here; a second start on it finds them again.
        calendar_file: the exam session's calendar to install (default: session 2021).
        only: names of parts; see `deploy.local.catalogue`.
        later: parts that are left to `start`, when something has to be done in between.
        on_progress: told each step.
        usual_ports: try the well-known ports first. Without it only free ones are taken.
        extra_environment: deployable → settings that win over the stack's own; read at each start of it.
        afresh: empty the root of an earlier stack's data first, once it is locked.

    Raises (on entering):
        RootInUse: another stack runs on this root.
        NotAStack: `afresh`, and the root holds what no stack has made.
        UnknownPart: a name in `only` is none.
        PartFailed: a part did not start; everything already started is ended.
    """

    def __init__(
        self,
        root: Path = DEFAULT_ROOT,
        *,
        calendar_file: Path | None = None,
        only: Collection[str] | None = None,
        later: Collection[str] = (),
        on_progress: OnProgress = silent,
        usual_ports: bool = True,
        afresh: bool = False,
        settings: StackSettings | None = None,
        extra_environment: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.root = root.absolute()
        self.timings: dict[str, float] = {}
        self._on_progress = on_progress
        self._usual_ports = usual_ports
        self._afresh = afresh
        self._calendar_file = calendar_file
        self._settings = settings or StackSettings()
        self._extra_environment = {} if extra_environment is None else extra_environment
        self._parts = {part.name: part for part in all_parts()}
        needs = {name: part.needs for name, part in self._parts.items()}
        wanted = frozenset(needs if only is None else only)
        if unknown := (wanted | set(later)) - needs.keys():
            raise UnknownPart(f"Partie inconnue : {', '.join(sorted(unknown))}. Il y a : {', '.join(needs)}.")
        self._needs = graph.closure(wanted, needs)
        self._later = frozenset(later)
        self._context: StackContext | None = None
        self._lock: IO[str] | None = None
        self._up: set[str] = set()

    @property
    def parts(self) -> list[str]:
        """The names of the parts of this stack, dependencies included."""
        return list(self._needs)

    @property
    def addresses(self) -> Addresses:
        return self._opened.addresses

    @property
    def _opened(self) -> StackContext:
        if self._context is None:
            raise RuntimeError("the stack is not running")
        return self._context

    async def __aenter__(self) -> Self:
        self.root.mkdir(parents=True, exist_ok=True)
        self._lock = await hold(self.root)
        try:
            if self._afresh:
                await asyncio.to_thread(forget, self.root)
            context = self._context = plan(
                self.root,
                [self._parts[name] for name in self._needs],
                self._settings,
                calendar_file=self._calendar_file,
                usual_ports=self._usual_ports,
                on_progress=self._on_progress,
                on_death=self._died,
                extra_environment=self._extra_environment,
            )
            context.children.guard(self._lock.fileno())
            now = {name: needs for name, needs in self._needs.items() if name not in self._later}
            await graph.run(now, self._start)
            self._write_addresses()
        except BaseException:
            await self._end_surely()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end_surely()

    def log(self, name: str) -> Path:
        """The log of a part's process."""
        return self._opened.children.log(name)

    def child(self, name: str) -> Child:
        """The running process of a part."""
        return self._opened.children[self._known(name)]

    async def start(self, name: str) -> None:
        """Start a part of `later`; what it needs must be up."""
        await self._start(self._known(name))
        self._write_addresses()

    async def kill(self, name: str) -> None:
        """SIGKILL: the part gets no chance to tidy up."""
        await self._opened.children.kill(self._known(name))
        self._up.discard(name)

    async def stop(self, name: str) -> None:
        """SIGTERM and wait; SIGKILL after the grace."""
        await self._parts[self._known(name)].stop(self._opened)
        self._up.discard(name)

    async def restart(self, name: str) -> None:
        """Stop it if it runs and start it again, on the same port with the same data."""
        await self.stop(name)
        await self._start(name)

    async def fresh_database(self, service: str, name: str) -> str:
        """A new, migrated database for `service`'s role; its URL. For tests: several states side by side.

        The first for a service is migrated once, under a name of its own; the others are copies of that.
        """
        context = self._opened
        admin = context.addresses.database_admin
        password = context.credentials.databases[service]
        template = f"template_{service}"
        connection = await asyncpg.connect(admin)
        try:
            if await ensure_database(connection, template, service):
                await migrate(context.children, service, url(admin, service, password, template))
            await ensure_database(connection, name, service, template)
        finally:
            await connection.close()
        return url(admin, service, password, name)

    def pause(self, name: str) -> None:
        """SIGSTOP: the part is there but answers nothing, like a machine that hangs."""
        self._opened.children[self._known(name)].pause()

    def resume(self, name: str) -> None:
        self._opened.children[self._known(name)].resume()

    def _known(self, name: str) -> str:
        if name not in self._needs:
            raise UnknownPart(f"« {name} » n'est pas une partie de cette pile.")
        return name

    async def _start(self, name: str) -> None:
        self._on_progress(Progress(name, State.STARTING))
        began = time.monotonic()
        self._up.add(name)
        try:
            await self._parts[name].start(self._opened)
        except PartFailed as failure:
            self._on_progress(Progress(name, State.FAILED, time.monotonic() - began, failure.reason))
            raise
        self.timings[name] = round(time.monotonic() - began, 2)
        self._on_progress(Progress(name, State.READY, self.timings[name]))

    def _died(self, child: Child) -> None:
        detail = f"s'est arrêté (code {child.exit_code}), journal : {child.log}\n{tail(child.log, 6)}"
        self._on_progress(Progress(child.command.name, State.DIED, detail=detail))

    def _write_addresses(self) -> None:
        addresses = self._opened.addresses
        addresses.logs = {name: path for name in self._needs if (path := self.log(name)).exists()}
        addresses.timings = self.timings
        addresses.write(self.root / "addresses.json")
        if self.root == DEFAULT_ROOT:
            addresses.write(self.root.parent / "addresses.json")

    async def _end_surely(self) -> None:
        """A second interruption must not leave processes behind."""
        ending = asyncio.ensure_future(self._end())
        while not ending.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(ending)
        ending.result()

    async def _end(self) -> None:
        context, self._context = self._context, None
        if context is not None:
            began = time.monotonic()

            async def stop(name: str) -> None:
                if name in self._up:
                    await self._parts[name].stop(context)
                    self._on_progress(Progress(name, State.ENDED, time.monotonic() - began))

            await graph.run(graph.reverse(self._needs), stop)
            await context.children.close()
            context.ports.release()
            self._up.clear()
        if self._lock is not None:
            self._lock.close()
            self._lock = None
