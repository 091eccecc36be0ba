"""Temporal's development server with its web page, on a file database.

The two pragmas make it three times as fast. A search attribute of ours that the operators filter by is
declared here, once.
"""

import asyncio
from typing import ClassVar

from deploy.local.children import Command, base_environment
from deploy.local.context import HOST, StackContext
from deploy.local.errors import PartFailed
from deploy.local.parts.base import Part
from deploy.local.parts.migrations import executable
from deploy.local.probes import Probe, http, tcp, until

SEARCH_ATTRIBUTES = {
    "Session": "Keyword",
    "Stage": "Keyword",
    "Portfolio": "Keyword",
    "NextDeadlineAt": "Datetime",
}
NAMESPACE = "default"


class Temporal(Part):
    name = "temporal"
    ports: ClassVar[dict[str, int]] = {"temporal": 7233, "temporal-ui": 8233}

    def reserve(self, context: StackContext) -> None:
        given = context.settings.temporal
        if given is None:
            super().reserve(context)
            context.addresses.temporal = f"{HOST}:{context.ports['temporal']}"
            context.addresses.temporal_ui = f"http://{HOST}:{context.ports['temporal-ui']}"
        else:
            context.addresses.temporal = given
            context.addresses.temporal_ui = context.settings.temporal_ui

    async def start(self, context: StackContext) -> None:
        if context.settings.temporal is not None:
            await self._declare(context)
            return
        home = context.root / "temporal"
        home.mkdir(exist_ok=True)
        attributes = [
            word
            for name, kind in SEARCH_ATTRIBUTES.items()
            for word in ("--search-attribute", f"{name}={kind}")
        ]
        child = await context.children.start(
            Command(
                name=self.name,
                argv=[
                    executable("temporal"),
                    "server",
                    "start-dev",
                    "--ip",
                    HOST,
                    "--port",
                    str(context.ports["temporal"]),
                    "--ui-port",
                    str(context.ports["temporal-ui"]),
                    "--ui-disable-news-fetch",
                    "--db-filename",
                    str(home / "temporal.sqlite"),
                    "--sqlite-pragma",
                    "journal_mode=wal",
                    "--sqlite-pragma",
                    "synchronous=normal",
                    "--namespace",
                    NAMESPACE,
                    *attributes,
                    "--log-level",
                    "warn",
                ],
                environment=base_environment() | {"TEMPORAL_DISABLE_UPDATE_CHECK": "1"},
                folder=home,
            )
        )
        await until(tcp(context.ports["temporal"]), self.name, child, 60)
        await until(_serving(context), self.name, child, 60)
        await until(http(f"{context.addresses.temporal_ui}/"), self.name, child, 30)

    async def _declare(self, context: StackContext) -> None:
        """On a cluster that is not ours: add the attributes that it lacks."""
        words = [
            word for name, kind in SEARCH_ATTRIBUTES.items() for word in ("--name", name, "--type", kind)
        ]
        code, output = await _operator(context, "search-attribute", "create", *words)
        if code != 0 and "already exist" not in output:
            raise PartFailed(
                self.name, "les attributs de recherche ne peuvent pas être déclarés", None, output
            )


def _serving(context: StackContext) -> Probe:
    async def probe() -> bool:
        code, output = await _operator(context, "search-attribute", "list")
        return code == 0 and all(name in output for name in SEARCH_ATTRIBUTES)

    return probe


async def _operator(context: StackContext, *words: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        executable("temporal"),
        "operator",
        *words,
        "--address",
        context.addresses.temporal,
        "--namespace",
        NAMESPACE,
        env=base_environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, output.decode(errors="replace")
