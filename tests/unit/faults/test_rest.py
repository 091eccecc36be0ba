"""When the witness may look: not before the last mail has left that a fact asks for."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests.faults.ledger.audit import clocks, gathering, topics
from tests.faults.ledger.audit.cases import docket
from tests.faults.ledger.audit.evidence import Evidence, Told
from tests.faults.ledger.audit.gathering import Gathering, moves
from tests.faults.ledger.mailbag import Log
from tests.unit.faults.spoiling import CANCELLED, Recorded


def test_the_round_as_it_was_played_has_come_to_rest(played: Recorded) -> None:
    assert not moves(docket(played.round, played.lives, played.evidence))


def test_a_mail_whose_fact_is_still_to_be_heard_is_waited_for(played: Recorded) -> None:
    whom = played.candidate(CANCELLED)
    played.tables.mails = [
        mail for mail in played.tables.mails if (mail.candidate_id, mail.kind) != (whom, "cancelled")
    ]
    assert moves(docket(played.round, played.lives, played.evidence))


@pytest.mark.parametrize("wakes", [0, 1, 3])
async def test_a_clock_that_a_late_fact_woke_once_more_is_looked_at_until_it_is_over(
    played: Recorded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wakes: int
) -> None:
    """`broker-wiped` seeds 3 and 5: the refill wakes a life that is over, which asks its owners and ends."""
    whom = played.candidate(CANCELLED)
    over = dict(played.evidence.clocks)
    looks: list[Collection[UUID]] = []

    async def look(address: str, namespace: str, candidates: Collection[UUID]) -> dict[UUID, str]:
        looks.append(candidates)
        return over | ({whom: "RUNNING"} if len(looks) <= wakes else {})

    monkeypatch.setattr(clocks, "look", look)
    monkeypatch.setattr(gathering, "_POLL_SECONDS", 0.01)
    witness = Gathering(played.round, played.lives, Log(tmp_path / "mails.jsonl", "essai.example"))
    until = datetime.now(UTC) + timedelta(seconds=5)
    assert await witness._look_at_clocks([whom], played.evidence, until) is (wakes > 0)
    assert len(looks) == wakes + 1
    assert played.evidence.clocks[whom] == "COMPLETED"


async def test_a_clock_that_never_ends_is_told_when_the_bound_is_over(
    played: Recorded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whom = played.candidate(CANCELLED)

    async def look(address: str, namespace: str, candidates: Collection[UUID]) -> dict[UUID, str]:
        return {whom: "RUNNING"}

    monkeypatch.setattr(clocks, "look", look)
    witness = Gathering(played.round, played.lives, Log(tmp_path / "mails.jsonl", "essai.example"))
    await witness._look_at_clocks([whom], played.evidence, datetime.now(UTC))
    assert any("the workflow still runs" in one.what for one in played.judged().violations)


@pytest.mark.parametrize("looks_without", [0, 1, 3])
async def test_a_topic_that_was_lost_is_looked_at_when_it_is_refilled(
    played: Recorded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, looks_without: int
) -> None:
    """`broker-wiped` seed 5: nothing was to be told any more, so the relays noticed after the first look."""
    looks: list[int] = []

    async def look(kafka: str, candidates: Collection[UUID]) -> list[Told]:
        looks.append(len(candidates))
        return played.evidence.told if len(looks) > looks_without else played.evidence.told[1:]

    witness = _witness(played, tmp_path, monkeypatch)
    monkeypatch.setattr(topics, "look", look)
    until = datetime.now(UTC) + timedelta(seconds=5)
    assert await witness._wait_for_topics(until) is (looks_without > 0)
    assert len(looks) == looks_without + 1


async def test_a_topic_that_is_never_refilled_is_told_when_the_bound_is_over(
    played: Recorded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def look(kafka: str, candidates: Collection[UUID]) -> list[Told]:
        return []

    witness = _witness(played, tmp_path, monkeypatch)
    monkeypatch.setattr(topics, "look", look)
    assert not await witness._wait_for_topics(datetime.now(UTC))
    played.evidence.told = []
    assert any("is not in the topic" in one.what for one in played.judged().violations)


def _witness(played: Recorded, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Gathering:
    """Sees the round's tables as they were recorded."""
    witness = Gathering(played.round, played.lives, Log(folder / "mails.jsonl", "essai.example"))

    async def glance() -> tuple[list[UUID], Evidence]:
        return [played.candidate(CANCELLED)], played.evidence

    monkeypatch.setattr(gathering, "_POLL_SECONDS", 0.01)
    monkeypatch.setattr(witness, "_glance", glance)
    return witness
