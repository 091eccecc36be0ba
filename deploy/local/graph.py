"""Runs one step per part, each as soon as those before it are done."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from graphlib import TopologicalSorter


async def run(needs: Mapping[str, frozenset[str]], step: Callable[[str], Awaitable[None]]) -> None:
    """Run `step` for each key of `needs`, in parallel as the dependencies allow.

    The first failure cancels the steps under way and is raised as it is.
    """
    TopologicalSorter(needs).prepare()  # refuses a cycle
    done = {name: asyncio.Event() for name in needs}

    async def take(name: str) -> None:
        for other in needs[name] & done.keys():
            await done[other].wait()
        await step(name)
        done[name].set()

    tasks = [asyncio.create_task(take(name)) for name in needs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def reverse(needs: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """The order of ending: a part waits for those that need it."""
    return {name: frozenset(other for other, wanted in needs.items() if name in wanted) for name in needs}


def closure(wanted: frozenset[str], needs: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """`wanted` and all that it needs."""
    found: dict[str, frozenset[str]] = {}
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = needs[name]
            waiting.extend(needs[name])
    return {name: needs[name] for name in needs if name in found}
