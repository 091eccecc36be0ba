"""The entry of a deployable: `python -m <module> <role>`, configured by the environment alone."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import FastAPI

from services.chassis.serving import serve_until_signal
from services.chassis.settings import Settings
from services.chassis.telemetry import configure

S = TypeVar("S", bound=Settings)


@dataclass(frozen=True)
class Role(Generic[S]):
    """What a role reads from its environment, and what it runs until a signal."""

    settings: type[S]
    run: Callable[[S], Awaitable[None]]


def serving(build: Callable[[S], FastAPI]) -> Callable[[S], Awaitable[None]]:
    """The run of an `http` role: build the application and serve it."""

    async def serve(settings: S) -> None:
        await serve_until_signal(build(settings), settings.http_host, settings.http_port)

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


async def _run(role: Role[S], settings: S) -> None:
    await role.run(settings)
