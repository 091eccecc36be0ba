"""What the routes of accounts take from their request."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request

from services.accounts.networks import network_of
from services.accounts.service import Accounts


def _accounts(request: Request) -> Accounts:
    found: Accounts = request.app.state.accounts
    return found


def _network(request: Request) -> str:
    """By the gateway's header: it overwrites what a client sends under that name."""
    return network_of(request.headers.get(CLIENT_ADDRESS, ""))


Service = Annotated[Accounts, Depends(_accounts)]
Network = Annotated[str, Depends(_network)]

CLIENT_ADDRESS = "x-client-address"

_STEADY_SECONDS = 0.1


@asynccontextmanager
async def steadily() -> AsyncIterator[None]:
    """Have the block last at least 100 ms: what an address caused within it does not show in the time.

    For routes whose work is far shorter; those that compute a password cost the same by themselves.
    """
    wait = asyncio.create_task(asyncio.sleep(_STEADY_SECONDS))
    try:
        yield
        await wait
    finally:
        wait.cancel()
