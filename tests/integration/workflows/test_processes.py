"""`python -m workflows.main worker|bridge`: each gets ready, and ends at once when told."""

import asyncio
import os
import signal
import socket
import sys
from typing import Any

import httpx
import pytest

from tests.integration.messaging.support import eventually


@pytest.mark.parametrize("role", ["worker", "bridge"])
async def test_process_gets_ready_and_ends_when_told(role: str, environment: dict[str, Any]) -> None:
    port = _free_port()
    told = {name.upper(): str(value) for name, value in environment.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "workflows.main",
        role,
        env=os.environ | told | {"HEALTH_PORT": str(port)},
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient() as client:

            async def ready() -> bool:
                try:
                    answer = await client.get(f"http://127.0.0.1:{port}/health/ready")
                except httpx.TransportError:
                    return False
                return answer.status_code == 200

            await eventually(ready, 30)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_unknown_role_is_refused(environment: dict[str, Any]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workflows.main", "both", stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await process.communicate()
    assert process.returncode == 2
    assert b"worker|bridge" in complaint


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
    return port
