"""Whom a gateway turned away: its log is read on, and the fault stands on the row before the verdict."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.context import Context
from services.chassis.gateway_logs import logs
from services.chassis.gateway_logs.lines import short
from services.contracts.events import AccountCreated, CandidatureHeld, CandidatureReleased, RegistrationSaved
from services.contracts.stages import AccountState, Stage, Verdict
from services.documents.commands.clockwork import judge, settle
from services.documents.commands.upload import begin, refuse, store
from services.documents.domain.candidate import GATEWAY, Candidate
from services.documents.domain.doubts import Doubt, doubts
from services.documents.progress import progress
from services.documents.settings import Settings
from services.documents.statements import sql
from services.documents.turned_away.uploads import log_reader
from tests.gateway_lines import line
from tests.integration.documents.world import AFTER_DEADLINE, IN_TIME, World, received
from tests.unit.documents.rows import DAY, DEADLINE, GRACE, TICK

LAST = DEADLINE - TICK


@dataclass
class Gate:
    """A gateway's log, and the worker's part that reads it."""

    world: World
    log: Path
    ctx: Context[Settings]

    def line(self, candidate: UUID, piece: str = "p2", arrived_at: datetime = LAST, **changes: Any) -> bytes:
        """Of a request with a login of the candidate's."""
        cookie = short(f"cookie of {candidate}")
        self.world.registry.holders[cookie] = (candidate,)
        asked = short(f"/api/documents/me/pieces/{piece}/files")
        told = {"msg": uuid4().hex, "cookie": cookie, "asked": asked} | changes
        return line(arrived_at, **told) + b"\n"

    def turns_away(self, *lines: bytes) -> None:
        with self.log.open("ab") as file:
            file.writelines(lines)

    async def look(self) -> bool:
        """A worker that knows nothing but what the database has."""
        return await log_reader(self.ctx).look()

    async def row(self, candidate: UUID) -> Candidate:
        return await self.world.row(candidate)

    async def verdicts(self, candidate: UUID) -> list[Verdict]:
        self.world.clock.instant = AFTER_DEADLINE
        await settle(self.ctx, candidate)
        return await self.world.verdicts(candidate)


@pytest.fixture
async def gate(world: World, tmp_path: Path) -> AsyncIterator[Gate]:
    log = tmp_path / "turned-away.log"
    log.touch()
    settings = world.ctx.settings.model_copy(update={"gateway_logs": f"{tmp_path}/turned-away*.log"})
    yield Gate(world, log, replace(world.ctx, settings=settings))
    async with world.ctx.database.transaction() as conn:
        await sql.read_no_logs(conn)
        await conn.execute("DELETE FROM turned_away")


async def test_one_turned_away_in_time_is_held_and_another_is_not(gate: Gate) -> None:
    turned, other = await gate.world.saved(), await gate.world.saved()
    gate.turns_away(gate.line(turned))
    assert await gate.look()
    assert doubts(await gate.row(turned)) == [Doubt.TURNED_AWAY]
    assert await gate.verdicts(turned) == [Verdict.HELD]
    assert await gate.verdicts(other) == [Verdict.INCOMPLETE]


async def test_a_save_that_was_turned_away_is_none_of_its_faults(gate: Gate) -> None:
    candidate = await gate.world.saved()
    gate.turns_away(gate.line(candidate, what="save"))
    assert await gate.look()
    assert (await gate.row(candidate)).faults == {}


async def test_one_turned_away_after_the_deadline_is_not_held(gate: Gate) -> None:
    candidate = await gate.world.saved()
    gate.turns_away(
        gate.line(candidate, arrived_at=DEADLINE), gate.line(candidate, arrived_at=DEADLINE - 2 * DAY)
    )
    assert await gate.look()
    assert await gate.verdicts(candidate) == [Verdict.INCOMPLETE]


async def test_a_later_success_on_the_piece_makes_up_for_it_however_late_the_log_is_read(gate: Gate) -> None:
    early, late = await gate.world.saved(), await gate.world.saved()
    gate.turns_away(gate.line(early, arrived_at=IN_TIME))
    assert await gate.look()
    for candidate in (early, late):
        await gate.world.put(candidate, "p2", IN_TIME)
    gate.turns_away(gate.line(late, arrived_at=IN_TIME))
    assert await gate.look()
    assert (await gate.row(early)).faults == (await gate.row(late)).faults == {}
    assert await gate.verdicts(early) == await gate.verdicts(late) == [Verdict.INCOMPLETE]


async def test_so_does_the_same_file_sent_again_after_its_first_answer_was_lost(gate: Gate) -> None:
    """It was stored, and answered 5xx; then turned away; then taken as there already."""
    candidate = await gate.world.saved()
    for arrived_at in (IN_TIME, IN_TIME + 2 * TICK):
        attempt = await begin(gate.ctx, candidate, "p2", arrived_at)
        await store(gate.ctx, attempt, received(candidate, "the same"))
    gate.turns_away(
        gate.line(candidate, arrived_at=IN_TIME + TICK), gate.line(candidate, arrived_at=IN_TIME + 3 * TICK)
    )
    assert await gate.look()
    [left] = (await gate.row(candidate)).faults.values()
    assert datetime.fromisoformat(left["arrived_at"]) == IN_TIME + 3 * TICK


@pytest.mark.parametrize("refused_first", [False, True])
async def test_a_refusal_that_reached_nobody_ends_nothing(gate: Gate, refused_first: bool) -> None:
    """Given up while it was with us; then the file was refused, and nobody was there to read why."""
    candidate = await gate.world.saved()
    attempt = await begin(gate.ctx, candidate, "p2", LAST)
    if refused_first:
        await refuse(gate.ctx, attempt)
    gate.turns_away(gate.line(candidate, status=499))
    assert await gate.look()
    if not refused_first:
        await refuse(gate.ctx, attempt)
    assert doubts(await gate.row(candidate)) == [Doubt.TURNED_AWAY]
    assert await gate.verdicts(candidate) == [Verdict.HELD]


async def test_whoever_tried_again_and_again_is_held_though_the_file_was_there(gate: Gate) -> None:
    """Taken the first time, which nobody was told: the other pieces were never sent. (ours 7)"""
    candidate, other = await gate.world.saved(), await gate.world.saved()
    for whom, tries in ((candidate, 5), (other, 2)):
        arrivals = [DEADLINE - timedelta(seconds=70 - 13 * number) for number in range(tries)]
        for arrived_at in arrivals:
            attempt = await begin(gate.ctx, whom, "p2", arrived_at)
            await store(gate.ctx, attempt, received(whom, f"the same of {whom}"))
            ended = arrived_at + timedelta(seconds=12)
            gate.turns_away(gate.line(whom, arrived_at=arrived_at, status=499, ts=ended.timestamp()))
    assert await gate.look()
    assert doubts(await gate.row(candidate)) == [Doubt.SERVICE_AWAY]
    assert await gate.verdicts(candidate) == [Verdict.HELD]
    assert await gate.verdicts(other) == [Verdict.INCOMPLETE]


@pytest.mark.parametrize("judged_first", [False, True])
async def test_a_file_that_is_judged_late_does_not(gate: Gate, judged_first: bool) -> None:
    """It was sent again after the deadline, while the deadline's owner could not be asked."""
    candidate = await gate.world.saved()
    gate.world.registry.away = True
    await gate.world.put(candidate, "p2", DEADLINE + TICK)
    gate.world.registry.away = False
    gate.turns_away(gate.line(candidate))
    if judged_first:
        assert await judge(gate.ctx, candidate)
    assert await gate.look()
    await judge(gate.ctx, candidate)
    assert await gate.world.file_states(candidate, "p2") == ["late"]
    assert await gate.verdicts(candidate) == [Verdict.HELD]


async def test_a_success_on_another_piece_does_not(gate: Gate) -> None:
    candidate = await gate.world.saved()
    gate.turns_away(gate.line(candidate, "p3", IN_TIME), gate.line(candidate, "unheard-of", IN_TIME))
    assert await gate.look()
    await gate.world.put(candidate, "p2")
    assert sorted(one["piece"] for one in (await gate.row(candidate)).faults.values()) == ["", "p3"]


async def test_what_was_for_a_piece_not_heard_of_yet_is_made_up_for_once_it_is(gate: Gate) -> None:
    """The save was acknowledged, its fact still on the way, when the upload was turned away."""
    candidate = uuid4()
    await gate.world.hear(
        AccountCreated(
            revision=1, candidate_id=candidate, state=AccountState.AWAITING_ACTIVATION, session_id="2021"
        )
    )
    gate.turns_away(
        gate.line(candidate, "p2"), gate.line(candidate, "p9"), gate.line(candidate, "unheard-of")
    )
    assert await gate.look()
    await gate.world.saved(candidate)
    await gate.world.put(candidate, "p2", LAST)
    assert sorted(one["piece"] for one in (await gate.row(candidate)).faults.values()) == ["", ""]
    await gate.world.tell(candidate, RegistrationSaved, version=2, pieces=("p1", "p9"))
    assert sorted(one["piece"] for one in (await gate.row(candidate)).faults.values()) == ["", "p9"]
    await gate.world.put(candidate, "p9", LAST)
    assert [one["piece"] for one in (await gate.row(candidate)).faults.values()] == [""]


async def test_who_is_complete_is_complete(gate: Gate) -> None:
    candidate = await gate.world.saved()
    gate.turns_away(gate.line(candidate))
    assert await gate.look()
    await gate.world.complete(candidate)
    assert await gate.verdicts(candidate) == [Verdict.COMPLETE]


async def test_one_read_after_the_verdict_asks_for_another(gate: Gate) -> None:
    candidate = await gate.world.saved()
    assert await gate.verdicts(candidate) == [Verdict.INCOMPLETE]
    gate.turns_away(gate.line(candidate))
    assert await gate.look()
    assert await gate.world.verdicts(candidate) == [Verdict.INCOMPLETE, Verdict.HELD]


async def test_a_line_has_its_effect_once_through_rolling_truncation_and_a_new_worker(gate: Gate) -> None:
    first, second, third = [await gate.world.saved() for _ in range(3)]
    gate.turns_away(gate.line(first))
    assert await gate.look()
    await release(gate.world, first)
    half = gate.line(second)
    gate.turns_away(half[:50])
    assert await gate.look()
    assert (await gate.row(second)).faults == {}
    gate.turns_away(half[50:])
    gate.log.rename(gate.log.with_name("turned-away-2020-12-07.log"))
    gate.turns_away(gate.line(third))
    assert await gate.look()
    assert await gate.look()
    assert (await gate.row(first)).faults == {}, "read again, it would stand after its release"
    assert len((await gate.row(second)).faults) == len((await gate.row(third)).faults) == 1
    gate.log.write_bytes(b"")
    gate.turns_away(gate.line(first))
    assert await gate.look()
    assert len((await gate.row(first)).faults) == 1


async def test_what_is_rolled_away_amid_a_look_is_read_in_the_same(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate, named = await gate.world.saved(), logs.found
    gate.turns_away(gate.line(candidate))

    def rolled_once_listed(patterns: str) -> list[Path]:
        files = named(patterns)
        monkeypatch.setattr(logs, "found", named)
        gate.log.rename(gate.log.with_name("turned-away-2020-12-07.log"))
        gate.log.touch()
        return files

    monkeypatch.setattr(logs, "found", rolled_once_listed)
    assert await gate.look()
    assert len((await gate.row(candidate)).faults) == 1


async def release(world: World, candidate: UUID) -> None:
    await world.tell(candidate, CandidatureHeld, stage=Stage.HELD)
    await world.tell(candidate, CandidatureReleased, stage=Stage.AWAITING_DOCUMENTS, releases=1)
    assert (await world.row(candidate)).faults == {}


async def test_garbage_is_passed_over_and_what_stands_beside_it_counts(gate: Gate) -> None:
    candidate = await gate.world.saved()
    gate.turns_away(
        b"what is this\n", b"\xff\xfe\n", gate.line(candidate)[:30] + gate.line(candidate), b"{}\n"
    )
    assert await gate.look()
    assert len((await gate.row(candidate)).faults) == 1


async def test_what_the_owner_wrote_down_itself_is_not_written_twice(gate: Gate) -> None:
    candidate = await gate.world.saved()
    await gate.world.put(candidate, "p2")
    attempt = str(uuid4())
    fault = {"piece": "p3", "arrived_at": LAST.isoformat()}
    async with gate.world.ctx.database.transaction() as conn:
        query = "UPDATE candidate SET faults = $2 WHERE candidate_id = $1"
        await conn.execute(query, candidate, {attempt: fault})
    gate.turns_away(gate.line(candidate, "p3"))
    assert await gate.look()
    assert (await gate.row(candidate)).faults == {attempt: fault | {"by": GATEWAY}}


async def test_whose_login_nobody_knows_and_the_erased_leave_nothing(gate: Gate) -> None:
    erased, nobody = await gate.world.saved(), uuid4()
    gate.turns_away(gate.line(erased), gate.line(nobody, cookie=short("no such login")))
    await gate.world.erase(erased)
    assert await gate.look()
    async with gate.ctx.database.connection() as conn:
        assert await conn.fetchval("SELECT count(*) FROM turned_away") == 0


async def test_who_is_not_known_here_yet_is_asked_for_again(gate: Gate) -> None:
    candidate = uuid4()
    gate.turns_away(gate.line(candidate))
    assert await gate.look(), "it holds up nobody else"
    await gate.world.saved(candidate)
    gate.world.clock.instant += 10_000 * TICK
    assert await gate.look()
    assert len((await gate.row(candidate)).faults) == 1


async def test_the_candidates_own_space_is_told_when_and_for_which_piece(gate: Gate) -> None:
    candidate = await gate.world.saved()
    await gate.world.put(candidate, "p3")
    gate.turns_away(gate.line(candidate), gate.line(candidate, "unheard-of", IN_TIME))
    assert await gate.look()
    async with gate.ctx.database.connection() as conn:
        told = await progress(conn, candidate, IN_TIME)
    assert [(one.at, one.act, one.title) for one in told.events] == [
        (IN_TIME, "uploaded", "Titre p3"),
        (IN_TIME, "turned_away", ""),
        (LAST, "turned_away", "Titre p2"),
    ]


class TestNoVerdictOnTheIncomplete:
    """Before it is known whom the gateway turned away until their grace was over."""

    @pytest.fixture(autouse=True)
    async def reading(self, gate: Gate) -> None:
        async with gate.ctx.database.connection() as conn:
            await sql.begin_reading_logs(conn)

    async def test_while_the_accounts_cannot_say_whose_login_it_was(self, gate: Gate) -> None:
        candidate = await gate.world.saved()
        gate.turns_away(gate.line(candidate))
        gate.world.clock.instant = AFTER_DEADLINE
        gate.world.registry.away = True
        assert not await gate.look()
        assert await gate.verdicts(candidate) == []
        gate.world.registry.away = False
        assert await gate.look()
        assert await gate.verdicts(candidate) == [Verdict.HELD]

    async def test_while_no_log_can_be_read(self, gate: Gate) -> None:
        candidate, complete = await gate.world.saved(), await gate.world.saved()
        await gate.world.complete(complete)
        gate.log.unlink()
        gate.world.clock.instant = AFTER_DEADLINE
        assert not await gate.look()
        assert "gateway-logs" in await gate.ctx.readiness.reasons()
        assert await gate.verdicts(complete) == [Verdict.COMPLETE]
        assert await gate.verdicts(candidate) == []
        gate.log.touch()
        assert await gate.look()
        assert "gateway-logs" not in await gate.ctx.readiness.reasons()
        assert await gate.verdicts(candidate) == [Verdict.INCOMPLETE]

    async def test_by_the_grace_and_not_by_the_deadline(self, gate: Gate) -> None:
        candidate = await gate.world.saved()
        gate.world.clock.instant = DEADLINE + GRACE / 2
        assert await gate.look()
        assert await gate.verdicts(candidate) == []
        gate.world.clock.instant = DEADLINE + GRACE
        assert await gate.look()
        assert await gate.verdicts(candidate) == [Verdict.INCOMPLETE]
