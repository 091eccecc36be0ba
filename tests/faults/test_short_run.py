"""A short seeded run of `make faults`: every failpoint is reached, and nothing is lost, doubled or unjust.

The long runs, and what they showed: docs/reliability.md.
"""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import new_root
from tests.faults.conductor import Result, play_round
from tests.faults.stage import Stage, stage

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]
_LIVES = 16
_PACES = (1.5, 3.0)
"""A machine that is shared may be too busy to come to every failpoint in time: then once more, slower."""


@pytest.fixture(scope="module")
async def played_on() -> AsyncIterator[Stage]:
    with new_root() as root:
        async with stage(root) as found:
            yield found


async def _play(on: Stage, row: str, seed: int, pace: float) -> Result:
    result = await play_round(on, row, seed, _LIVES, on.root / "rounds" / f"{row}-{seed}-{pace}", pace=pace)
    assert result.clean, result.said
    assert result.registered > 0, result.said
    assert result.struck > 0, result.notes
    return result


async def test_processes_killed_between_two_of_their_steps_lose_and_double_nothing(played_on: Stage) -> None:
    unreached: list[str] = []
    for pace in _PACES:
        result = await _play(played_on, "failpoints", 2, pace)
        unreached = [note for note in result.notes if not note.endswith(": reached")]
        if not unreached:
            break
    assert not unreached


async def test_faults_of_several_kinds_at_once_lose_and_double_nothing(played_on: Stage) -> None:
    await _play(played_on, "mixed", 8, _PACES[0])
