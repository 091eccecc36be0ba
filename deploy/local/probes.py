"""Is it there yet? Each probe answers without raising for a part that is merely not up."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import httpx

from deploy.local.children import Child, tail
from deploy.local.errors import PartFailed

Probe = Callable[[], Awaitable[bool]]


def tcp(port: int, host: str = "127.0.0.1") -> Probe:
    """Something accepts connections."""

    async def probe() -> bool:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 2)
        except (OSError, TimeoutError):
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return True

    return probe


def http(url: str) -> Probe:
    """A GET answers 2xx. In the clear: reading whom to trust takes 30 ms, at each try."""

    async def probe() -> bool:
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False, verify=False) as client:
                return (await client.get(url)).is_success
        except httpx.HTTPError:
            return False

    return probe


async def until(ready: Probe, name: str, child: Child | None, seconds: float) -> None:
    """Wait until `ready`, unless the child ends first or the time is up.

    Raises:
        PartFailed: with the last lines of the child's log.
    """
    limit = time.monotonic() + seconds
    pause = 0.03
    while not await ready():
        log = child.log if child is not None else None
        if child is not None and child.exit_code is not None:
            raise PartFailed(name, f"s'est arrêté (code {child.exit_code})", log, tail(child.log))
        if time.monotonic() > limit:
            raise PartFailed(name, f"pas prêt après {seconds:.0f} s", log, tail(log) if log else "")
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, 0.25)
