"""One poke covers what stood on the topic when it was given, and nothing else."""

from uuid import UUID, uuid4

import pytest

from services.chassis.dlq import Record
from workflows.coverage import Coverage
from workflows.signals import Wake, WakeClosing, WakeLife

ONE, OTHER = uuid4(), uuid4()


def at(offset: int, end: int, *, partition: int = 0, incarnation: int = 1) -> Record:
    return Record("documents.events", partition, offset, None, None, (), incarnation, end)


def start(candidate: UUID = ONE) -> WakeLife:
    return WakeLife(candidate, Wake.START)


def poke(candidate: UUID = ONE) -> WakeLife:
    return WakeLife(candidate, Wake.POKE)


@pytest.fixture
def started() -> Coverage:
    """A life was started from the record at 10, when the partition ended at 20."""
    found = Coverage()
    found.woken(at(10, 20), start())
    return found


@pytest.mark.parametrize("wake", [start(), poke()])
@pytest.mark.parametrize(("offset", "covered"), [(11, True), (19, True), (20, False), (25, False)])
def test_a_start_covers_its_candidate_until_the_end_of_then(
    started: Coverage, wake: WakeLife, offset: int, covered: bool
) -> None:
    assert started.covers(at(offset, 30), wake) is covered


@pytest.mark.parametrize(
    ("record", "wake"),
    [
        (at(11, 20), start(OTHER)),
        (at(11, 20, partition=1), start()),
        (at(11, 20, incarnation=2), start()),
        (at(11, 20), WakeClosing("2026")),
        (at(11, 20), None),
    ],
    ids=["another candidate", "another partition", "a partition made anew", "a session", "nothing"],
)
def test_nothing_else_is_covered(
    started: Coverage, record: Record, wake: WakeLife | WakeClosing | None
) -> None:
    assert not started.covers(record, wake)


def test_a_poke_covers_no_fact_that_may_start_a_life() -> None:
    """No life ran when it was given, perhaps; then one is to be started."""
    covered = Coverage()
    covered.woken(at(10, 20), poke())
    assert covered.covers(at(11, 20), poke())
    assert not covered.covers(at(12, 20), start())


def test_the_last_record_of_a_partition_covers_nothing() -> None:
    covered = Coverage()
    covered.woken(at(10, 11), start())
    assert not covered.covers(at(11, 12), start())


def test_what_the_reader_has_come_to_is_forgotten(started: Coverage) -> None:
    assert not started.covers(at(20, 30), start(OTHER))
    assert not started.covers(at(11, 20), start())
