"""Whose save a gateway turned away: its log is read on, and the last instant stands on the row."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.chassis.context import Context
from services.chassis.gateway_logs.lines import What, short
from services.chassis.gateway_logs.reader import LogReader
from services.chassis.peers import Peers
from services.contracts.internal import ServiceToken, SessionHolders
from services.contracts.stages import Stage
from services.registration.commands.turned_away import put
from services.registration.commands.window import close_window_of
from services.registration.domain.outcome import save_unheeded
from services.registration.settings import Settings
from tests.gateway_lines import line
from tests.integration.registration.world import World, activated, created, deleted
from tests.unit.registration.rows import CLOSES

TICK = timedelta(milliseconds=1)
LAST_HOUR = CLOSES - timedelta(hours=1)
FAULT_WINDOW = timedelta(days=1)


@dataclass
class Gate:
    """A gateway's log, `accounts`, which knows whose logins are in it, and the worker's part that reads."""

    world: World
    log: Path
    ctx: Context[Settings]
    holders: dict[str, UUID] = field(default_factory=dict)

    def turns_away(self, candidate: UUID, arrived_at: datetime = LAST_HOUR, **changes: Any) -> None:
        """A request with a login of the candidate's."""
        cookie = short(f"cookie of {candidate}")
        self.holders[cookie] = candidate
        told = {"msg": uuid4().hex, "what": "save", "cookie": cookie} | changes
        with self.log.open("ab") as file:
            file.write(line(arrived_at, **told) + b"\n")

    async def look(self) -> bool:
        """A worker that knows nothing but what the database has."""
        return await LogReader(self.ctx, What.SAVE, put).look()

    async def fault_at(self, candidate: UUID) -> datetime | None:
        return (await self.world.row(candidate)).save_fault_at

    def accounts(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/internal/token":
            told: Any = ServiceToken(access_token="token", expires_in=60)
        else:
            beginning = request.url.path.split("/")[3]
            told = SessionHolders(candidate_ids=tuple(filter(None, [self.holders.get(beginning)])))
        return httpx.Response(200, text=told.model_dump_json())


@pytest.fixture
async def gate(world: World, tmp_path: Path) -> AsyncIterator[Gate]:
    log = tmp_path / "turned-away.log"
    log.touch()
    settings = world.ctx.settings.model_copy(update={"gateway_logs": str(log)})
    found = Gate(world, log, world.ctx)
    async with httpx.AsyncClient(transport=httpx.MockTransport(found.accounts)) as client:
        found.ctx = replace(world.ctx, settings=settings, peers=Peers(settings, client))
        yield found


async def test_a_save_that_was_turned_away_stands_on_the_row_and_nothing_else_changes(gate: Gate) -> None:
    turned, other = await gate.world.activated(), await gate.world.activated()
    before = await gate.world.row(turned)
    facts, acts = await gate.world.names(turned), await gate.world.acts(turned)
    gate.turns_away(turned)
    assert await gate.look()
    assert await gate.world.row(turned) == replace(before, save_fault_at=LAST_HOUR)
    assert (await gate.world.names(turned), await gate.world.acts(turned)) == (facts, acts)
    assert await gate.fault_at(other) is None


async def test_an_upload_that_was_turned_away_is_none(gate: Gate) -> None:
    candidate = await gate.world.saved()
    gate.turns_away(candidate, what="upload")
    assert await gate.look()
    assert await gate.fault_at(candidate) is None


async def test_the_last_one_counts_in_whatever_order_they_are_read(gate: Gate) -> None:
    candidate = await gate.world.activated()
    for arrived_at, last in (
        (LAST_HOUR, LAST_HOUR),
        (LAST_HOUR - TICK, LAST_HOUR),
        (LAST_HOUR + TICK, LAST_HOUR + TICK),
    ):
        gate.turns_away(candidate, arrived_at)
        assert await gate.look()
        assert await gate.fault_at(candidate) == last


async def test_one_that_arrived_at_the_close_counts_for_nothing(gate: Gate) -> None:
    late, last = await gate.world.activated(), await gate.world.activated()
    gate.turns_away(late, CLOSES)
    gate.turns_away(last, CLOSES - TICK)
    gate.world.clock.instant = CLOSES + timedelta(days=1)
    assert await gate.look()
    assert await gate.fault_at(late) is None
    assert await gate.fault_at(last) == CLOSES - TICK


async def test_one_long_before_the_close_counts_for_nothing(gate: Gate) -> None:
    before, within = await gate.world.activated(), await gate.world.activated()
    gate.turns_away(before, CLOSES - FAULT_WINDOW - TICK)
    gate.turns_away(within, CLOSES - FAULT_WINDOW)
    assert await gate.look()
    assert await gate.fault_at(before) is None
    assert await gate.fault_at(within) == CLOSES - FAULT_WINDOW


async def test_the_close_is_the_candidates_own(gate: Gate) -> None:
    candidate = await gate.world.activated()
    async with gate.ctx.database.transaction() as conn:
        own = CLOSES + timedelta(days=1)
        await conn.execute("UPDATE candidature SET closes_at = $2 WHERE candidate_id = $1", candidate, own)
    gate.turns_away(candidate, CLOSES)
    assert await gate.look()
    assert await gate.fault_at(candidate) == CLOSES


async def test_whose_login_nobody_knows_and_the_erased_leave_nothing(gate: Gate) -> None:
    erased = await gate.world.activated()
    gate.turns_away(erased)
    gate.turns_away(erased, cookie=short("no such login"))
    await gate.world.hear_account(deleted(erased))
    assert await gate.look()
    assert await gate.world.value("SELECT count(*) FROM turned_away") == 0
    assert await gate.world.value("SELECT count(*) FROM candidature") == 0


async def test_whose_account_was_not_heard_of_gets_a_row_and_the_account_is_heard_of_later(
    gate: Gate,
) -> None:
    """The broker may be away for longer than the last evening; a login says that the account is activated."""
    candidate = uuid4()
    gate.turns_away(candidate)
    assert await gate.look()
    row = await gate.world.row(candidate)
    assert (row.stage, row.save_fault_at) == (Stage.ACTIVATED, LAST_HOUR)
    gate.world.clock.instant = CLOSES + timedelta(hours=1)
    assert await close_window_of(gate.world.ctx, candidate)
    await gate.world.hear_account(created(candidate))
    await gate.world.hear_account(activated(candidate))
    assert save_unheeded(await gate.world.row(candidate))


async def test_while_no_session_is_known_it_is_asked_for_again_within_the_hour(gate: Gate) -> None:
    gate.turns_away(uuid4())
    async with gate.ctx.database.transaction() as conn:
        await conn.execute("DELETE FROM exam_session")
    assert await gate.look(), "it holds up nobody else"
    assert await gate.world.value("SELECT count(*) FROM turned_away") == 1
    gate.world.clock.instant += timedelta(hours=1)
    assert await gate.look()
    assert await gate.world.value("SELECT count(*) FROM turned_away") == 0


async def test_a_line_has_its_effect_once(gate: Gate) -> None:
    candidate = await gate.world.activated()
    gate.turns_away(candidate, msg="the same")
    gate.turns_away(candidate, msg="the same")
    assert await gate.look()
    async with gate.ctx.database.transaction() as conn:
        await conn.execute("UPDATE candidature SET save_fault_at = NULL")
    gate.log.rename(gate.log.with_name("turned-away-rolled.log"))
    gate.log.touch()
    rolled = f"{gate.log.parent}/turned-away*.log"
    gate.ctx = replace(gate.ctx, settings=gate.ctx.settings.model_copy(update={"gateway_logs": rolled}))
    assert await gate.look()
    assert await gate.fault_at(candidate) is None, "read again, it would stand there anew"


async def test_the_worker_is_not_ready_while_no_log_can_be_read(gate: Gate) -> None:
    gate.log.unlink()
    assert not await gate.look()
    assert "gateway-logs" in await gate.ctx.readiness.reasons()
    gate.log.touch()
    assert await gate.look()
    assert "gateway-logs" not in await gate.ctx.readiness.reasons()
