"""The entry of a deployable: `python -m <module> <role>`, configured by the environment alone.

SIGTERM (or SIGINT) cancels the role, which ends in order what it has in hand: exit code 0. What has not ended
after `leaves_seconds` is left: exit code 1.
"""

import asyncio
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import FastAPI

from services.chassis.ending import leave
from services.chassis.serving import serve_until_cancelled
from services.chassis.settings import Settings
from services.chassis.telemetry import configure, log

S = TypeVar("S", bound=Settings)


@dataclass(frozen=True)
class Role(Generic[S]):
    """What a role reads from its environment, and what it runs until it is cancelled."""

    settings: type[S]
    run: Callable[[S], Awaitable[None]]


def serving(build: Callable[[S], FastAPI]) -> Callable[[S], Awaitable[None]]:
    """The run of an `http` role: build the application and serve it."""

    async def serve(settings: S) -> None:
        app = build(settings)
        await serve_until_cancelled(
            app,
            settings.http_host,
            settings.http_port,
            readiness=app.state.readiness,
            notice_seconds=settings.shutdown_notice_seconds,
        )

    return serve


def start(module: str, roles: Mapping[str, Role[Any]]) -> None:
    """Run the role named on the command line; exit 2 with the usage for any other."""
    named = sys.argv[1] if len(sys.argv) == 2 else ""
    if named not in roles:
        sys.stderr.write(f"usage: python -m {module} {'|'.join(roles)}\n")
        sys.exit(2)
    role = roles[named]
    settings = role.settings()
    configure(settings.service_name, named, settings.log_level)
    asyncio.run(_run(role, settings))
    leave(0)


async def _run(role: Role[S], settings: S) -> None:
    running = asyncio.ensure_future(role.run(settings))
    told = False

    def end() -> None:
        nonlocal told
        if not told:
            told = True
            log.info("ending")
            _give_up_after(settings.leaves_seconds)
            running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end)
    try:
        await running
    except asyncio.CancelledError:
        if not told:
            raise
    log.info("ended")


def _give_up_after(seconds: float) -> None:
    """In a thread, since the loop may be what does not end."""

    def give_up() -> None:
        log.error("not ended within its time", seconds=seconds)
        leave(1)

    timer = threading.Timer(seconds, give_up)
    timer.daemon = True
    timer.start()
