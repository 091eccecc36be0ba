"""Parts start as soon as what they need is ready, and end in the opposite order."""

import asyncio
from graphlib import CycleError

import pytest

from deploy.local import graph

NEEDS = {
    "database": frozenset[str](),
    "broker": frozenset[str](),
    "migrations": frozenset({"database"}),
    "service": frozenset({"migrations", "broker"}),
}


async def _order(needs: dict[str, frozenset[str]]) -> list[str]:
    done: list[str] = []

    async def step(name: str) -> None:
        await asyncio.sleep(0)
        done.append(name)

    await graph.run(needs, step)
    return done


async def test_a_part_starts_after_all_that_it_needs() -> None:
    order = await _order(NEEDS)
    for name, needs in NEEDS.items():
        assert all(order.index(need) < order.index(name) for need in needs)


async def test_ending_is_the_opposite_order() -> None:
    order = await _order(graph.reverse(NEEDS))
    for name, needs in NEEDS.items():
        assert all(order.index(need) > order.index(name) for need in needs)


async def test_independent_parts_start_side_by_side() -> None:
    both = asyncio.Barrier(2)

    async def step(name: str) -> None:
        await asyncio.wait_for(both.wait(), 2)

    await graph.run({"one": frozenset(), "two": frozenset()}, step)


async def test_a_failure_cancels_what_is_under_way() -> None:
    cancelled = asyncio.Event()

    async def step(name: str) -> None:
        if name == "bad":
            raise ValueError(name)
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(ValueError, match="bad"):
        await graph.run({"bad": frozenset(), "slow": frozenset(), "late": frozenset({"slow"})}, step)
    assert cancelled.is_set()


async def test_a_cycle_is_refused() -> None:
    with pytest.raises(CycleError):
        await graph.run({"a": frozenset({"b"}), "b": frozenset({"a"})}, _never)


async def _never(name: str) -> None:
    raise AssertionError(name)


def test_a_subset_brings_what_it_needs_and_nothing_else() -> None:
    assert set(graph.closure(frozenset({"migrations"}), NEEDS)) == {"migrations", "database"}
