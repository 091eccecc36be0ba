"""The look at Temporal: the state of each candidate's workflow, whose id is the candidate's."""

import asyncio
from collections.abc import Collection
from uuid import UUID

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

_AT_ONCE = 8


async def look(address: str, namespace: str, candidates: Collection[UUID]) -> dict[UUID, str]:
    """`RUNNING`, `COMPLETED`, …; who has no workflow is not in it.

    Raises:
        RPCError, RuntimeError: Temporal could not be asked.
    """
    client = await Client.connect(address, namespace=namespace)
    places = asyncio.Semaphore(_AT_ONCE)

    async def state(candidate_id: UUID) -> str | None:
        async with places:
            try:
                described = await client.get_workflow_handle(str(candidate_id)).describe()
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return None
                raise
        return described.status.name if described.status is not None else "UNKNOWN"

    whom = list(candidates)
    states = await asyncio.gather(*(state(candidate_id) for candidate_id in whom))
    return {one: found for one, found in zip(whom, states, strict=True) if found is not None}
