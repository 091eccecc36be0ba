"""The whole service away before the deadline: nobody incomplete is cancelled for it (ours 7)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.contracts.events import CandidatureHeld, CandidatureReleased, DeadlineMoved
from services.contracts.life import CandidateAct, CandidateQuestion, SessionQuestion
from services.contracts.stages import Stage, Verdict
from services.documents.commands.clockwork import settle, settle_batch
from services.documents.commands.outages import Kept, beat, declare
from services.documents.commands.pausing import pause_settling
from services.documents.consumers import Hearing
from tests.conftest import FreshDatabase
from tests.integration.documents.world import (
    AFTER_DEADLINE,
    IN_TIME,
    Site,
    World,
    envelope,
    open_world,
    problem,
)
from tests.unit.documents.rows import CALENDAR, CLOSES, DAY, DEADLINE, GRACE, TICK

MINUTE = timedelta(minutes=1)
LONG = timedelta(seconds=301)
BRIEF = timedelta(seconds=46)
NEAR = timedelta(minutes=10)


@pytest.fixture(scope="module")
async def own_database_url(fresh_database: FreshDatabase) -> str:
    return await fresh_database("documents")


@pytest.fixture
async def world(own_database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A database of these tests' own, emptied for each: an outage concerns every session that runs."""
    connection = await asyncpg.connect(own_database_url)
    try:
        await connection.execute("TRUNCATE exam_session, candidate, outbox CASCADE")
    finally:
        await connection.close()
    async with open_world(own_database_url, tmp_path) as opened:
        yield opened


async def beat_at(world: World, *instants: datetime) -> None:
    for instant in instants:
        world.clock.instant = instant
        await beat(world.ctx)


async def away(world: World, from_at: datetime, to_at: datetime) -> None:
    """No look sees the service between the two."""
    await world.seen_up_at(None)
    await beat_at(world, from_at, to_at)


async def verdict(world: World, candidate: UUID) -> Verdict | None:
    world.clock.instant = max(AFTER_DEADLINE, world.clock.instant)
    await settle(world.ctx, candidate)
    found = await world.verdicts(candidate)
    return found[-1] if found else None


class TestNoticed:
    @pytest.mark.parametrize(
        ("from_at", "to_at", "expected"),
        [
            (DEADLINE - LONG, DEADLINE - TICK, Verdict.HELD),
            (DEADLINE - MINUTE, DEADLINE + LONG, Verdict.HELD),
            (DEADLINE - DAY - LONG, DEADLINE - DAY, Verdict.HELD),
            (DEADLINE - DAY - LONG, DEADLINE - DAY - TICK, Verdict.INCOMPLETE),
            (DEADLINE - 15 * MINUTE, DEADLINE - 11 * MINUTE, Verdict.INCOMPLETE),
            (DEADLINE, DEADLINE + LONG, Verdict.INCOMPLETE),
        ],
        ids=["just before", "over the deadline", "a day before", "earlier", "short", "after"],
    )
    async def test_a_long_silence_before_the_deadline_holds_the_incomplete(
        self, world: World, from_at: datetime, to_at: datetime, expected: Verdict
    ) -> None:
        candidate = await world.saved()
        await away(world, from_at, to_at)
        await world.seen_up_at(AFTER_DEADLINE)
        assert await verdict(world, candidate) is expected

    @pytest.mark.parametrize(
        ("from_at", "to_at", "expected"),
        [
            (DEADLINE - BRIEF, DEADLINE - TICK, Verdict.HELD),
            (DEADLINE - TICK, DEADLINE + BRIEF, Verdict.HELD),
            (DEADLINE - NEAR - BRIEF, DEADLINE - NEAR + TICK, Verdict.HELD),
            (DEADLINE - NEAR - BRIEF, DEADLINE - NEAR, Verdict.INCOMPLETE),
            (DEADLINE, DEADLINE + BRIEF, Verdict.INCOMPLETE),
            (DEADLINE - MINUTE, DEADLINE - MINUTE + timedelta(seconds=45), Verdict.INCOMPLETE),
        ],
        ids=["just before", "over the deadline", "in the last minutes", "earlier", "after", "a slow look"],
    )
    async def test_a_short_silence_in_the_last_minutes_holds_the_incomplete(
        self, world: World, from_at: datetime, to_at: datetime, expected: Verdict
    ) -> None:
        candidate = await world.saved()
        await away(world, from_at, to_at)
        await world.seen_up_at(AFTER_DEADLINE)
        assert await verdict(world, candidate) is expected

    async def test_a_short_one_is_only_of_those_whose_last_minutes_it_was(self, world: World) -> None:
        candidate, longer = await world.saved(), await world.saved(deadline_at=DEADLINE + NEAR)
        await away(world, DEADLINE - MINUTE, DEADLINE - TICK)
        assert (await world.row(candidate)).service_fault_at == DEADLINE - TICK
        assert (await world.row(longer)).service_fault_at is None

    async def test_a_short_one_finds_whoever_is_first_heard_of_afterwards(self, world: World) -> None:
        await away(world, DEADLINE - MINUTE, DEADLINE - TICK)
        candidate = await world.saved()
        await world.seen_up_at(AFTER_DEADLINE)
        assert await verdict(world, candidate) is Verdict.HELD

    async def test_a_short_one_of_long_ago_finds_nobody(self, world: World) -> None:
        await away(world, DEADLINE - DAY, DEADLINE - DAY + BRIEF)
        candidate = await world.saved()
        await world.seen_up_at(AFTER_DEADLINE)
        assert await verdict(world, candidate) is Verdict.INCOMPLETE

    @pytest.mark.parametrize(
        ("deadline_at", "expected"),
        [
            (DEADLINE - NEAR, DEADLINE - NEAR - MINUTE),
            (DEADLINE - NEAR - 2 * MINUTE, DEADLINE - NEAR - 2 * MINUTE - TICK),
            (DEADLINE + DAY, None),
        ],
        ids=["to soon after it", "into it", "far past it"],
    )
    async def test_a_deadline_moved_near_a_short_one_brings_it(
        self, world: World, deadline_at: datetime, expected: datetime | None
    ) -> None:
        candidate = await world.saved()
        await away(world, DEADLINE - NEAR - 3 * MINUTE, DEADLINE - NEAR - MINUTE)
        assert (await world.row(candidate)).service_fault_at is None
        await world.tell(candidate, DeadlineMoved, deadline_at=deadline_at)
        assert (await world.row(candidate)).service_fault_at == expected

    async def test_a_deadline_moved_away_from_a_short_one_forgets_it(self, world: World) -> None:
        candidate = await world.saved()
        await away(world, DEADLINE - MINUTE, DEADLINE - TICK)
        await world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE + DAY)
        assert (await world.row(candidate)).service_fault_at is None

    async def test_the_complete_are_confirmed_all_the_same(self, world: World) -> None:
        candidate = await world.saved()
        await world.complete(candidate)
        before = await world.row(candidate)
        await away(world, DEADLINE - LONG, DEADLINE - TICK)
        assert (await world.row(candidate)).evidence_rev == before.evidence_rev
        assert await verdict(world, candidate) is Verdict.COMPLETE

    async def test_one_weeks_before_the_deadline_changes_no_evidence(self, world: World) -> None:
        candidate = await world.saved()
        before = await world.row(candidate)
        await away(world, IN_TIME, IN_TIME + LONG)
        after = await world.row(candidate)
        assert (after.service_fault_at, after.evidence_rev) == (IN_TIME + LONG, before.evidence_rev)

    async def test_none_while_no_session_runs(self, world: World) -> None:
        candidate = await world.saved()
        await away(world, CALENDAR.opens_at - DAY, CALENDAR.opens_at)
        assert (await world.row(candidate)).service_fault_at is None

    async def test_the_row_has_the_last_instant_before_its_own_deadline(self, world: World) -> None:
        candidate, longer = await world.saved(), await world.saved(deadline_at=DEADLINE + DAY)
        await away(world, DEADLINE - MINUTE, DEADLINE + LONG)
        assert (await world.row(candidate)).service_fault_at == DEADLINE - TICK
        assert (await world.row(longer)).service_fault_at == DEADLINE + LONG

    async def test_a_candidate_first_heard_of_afterwards_has_it_too(self, world: World) -> None:
        await away(world, DEADLINE - LONG, DEADLINE - TICK)
        candidate = await world.saved()
        await world.seen_up_at(AFTER_DEADLINE)
        assert await verdict(world, candidate) is Verdict.HELD

    async def test_a_deadline_moved_past_it_brings_it(self, world: World) -> None:
        candidate = await world.saved()
        await away(world, DEADLINE + MINUTE, DEADLINE + LONG + MINUTE)
        assert (await world.row(candidate)).service_fault_at is None
        await world.tell(candidate, DeadlineMoved, deadline_at=DEADLINE + DAY)
        assert (await world.row(candidate)).service_fault_at == DEADLINE + LONG + MINUTE

    async def test_a_release_forgets_it(self, world: World) -> None:
        candidate = await world.saved()
        await away(world, DEADLINE - LONG, DEADLINE)
        assert await verdict(world, candidate) is Verdict.HELD
        await world.tell(candidate, CandidatureHeld, stage=Stage.HELD)
        await world.tell(candidate, CandidatureReleased, stage=Stage.AWAITING_DOCUMENTS, releases=1)
        assert (await world.verdicts(candidate))[-1] is Verdict.INCOMPLETE

    async def released(self, world: World, at: datetime, **changes: Any) -> UUID:
        """Held for an outage that ended at the deadline, and released."""
        candidate = await world.saved()
        await away(world, DEADLINE - LONG, DEADLINE)
        assert await verdict(world, candidate) is Verdict.HELD
        await world.tell(candidate, CandidatureHeld, stage=Stage.HELD)
        await world.tell(
            candidate,
            CandidatureReleased,
            stage=Stage.AWAITING_DOCUMENTS,
            releases=1,
            released_at=at,
            **changes,
        )
        return candidate

    async def test_a_release_with_another_deadline_forgets_it_too(self, world: World) -> None:
        """Near enough for the outage to lie in its fault window."""
        new = DEADLINE + timedelta(hours=12)
        candidate = await self.released(world, DEADLINE + MINUTE, deadline_at=new)
        assert (await world.row(candidate)).service_fault_at is None
        await world.tell(candidate, DeadlineMoved, deadline_at=new + MINUTE)
        assert (await world.row(candidate)).service_fault_at is None

    async def test_one_that_was_under_way_at_the_release_holds_again(self, world: World) -> None:
        """The officer could not know of it, heard of before the release or after."""
        candidate = await self.released(world, DEADLINE - MINUTE)
        assert (await world.row(candidate)).service_fault_at == DEADLINE - TICK
        assert (await world.verdicts(candidate))[-1] is Verdict.HELD

    async def test_one_declared_after_the_release_holds_again(self, world: World) -> None:
        new = DEADLINE + timedelta(hours=12)
        candidate = await self.released(world, DEADLINE + MINUTE, deadline_at=new)
        world.clock.instant = DEADLINE + 2 * MINUTE
        span = (DEADLINE - MINUTE, DEADLINE + MINUTE)
        await declare(world.ctx, "2021", *span, reason="Le stockage était en panne.", actor="chef")
        await world.tell(candidate, DeadlineMoved, deadline_at=new + MINUTE)
        assert (await world.row(candidate)).service_fault_at == DEADLINE + MINUTE

    async def test_it_holds_in_a_batch_too(self, world: World) -> None:
        candidates = [await world.saved() for _ in range(3)]
        await away(world, DEADLINE - LONG, DEADLINE)
        world.clock.instant = AFTER_DEADLINE
        assert (await settle_batch(world.ctx, "2021", 10)).decided == 3
        for candidate in candidates:
            assert await world.verdicts(candidate) == [Verdict.HELD]

    async def test_it_reaches_a_row_whose_deadline_is_being_moved(self, world: World) -> None:
        """Moved past an outage that was not kept yet when the move looked for one."""
        candidate = await world.saved()
        await world.seen_up_at(DEADLINE + MINUTE)
        world.clock.instant = DEADLINE + MINUTE + LONG
        event = world.registry.change(candidate, deadline_at=DEADLINE + DAY).told(DeadlineMoved)
        async with world.ctx.database.transaction() as conn:
            await Hearing(world.ctx).from_registration(conn, envelope(event))
            keeping = asyncio.create_task(beat(world.ctx))
            await asyncio.sleep(0.2)
        await keeping
        assert (await world.row(candidate)).service_fault_at == world.clock.instant


class TestNoVerdictOnSilence:
    async def test_nobody_incomplete_is_settled_before_the_service_was_seen_up_after_the_deadline(
        self, world: World
    ) -> None:
        candidate = await world.saved()
        await world.seen_up_at(DEADLINE - TICK)
        assert await verdict(world, candidate) is None
        assert (await settle_batch(world.ctx, "2021", 10)).decided == 0
        await world.seen_up_at(DEADLINE)
        assert await verdict(world, candidate) is Verdict.INCOMPLETE

    async def test_nor_while_it_was_never_seen(self, world: World) -> None:
        candidate = await world.saved()
        await world.seen_up_at(None)
        assert await verdict(world, candidate) is None

    async def test_nor_in_the_transaction_of_an_upload(self, world: World) -> None:
        candidate = await world.saved()
        await world.seen_up_at(DEADLINE - TICK)
        world.clock.instant = AFTER_DEADLINE
        await world.put(candidate, "p2")
        assert await world.verdicts(candidate) == []

    async def test_an_outage_over_the_deadline_and_the_grace_is_known_before_the_verdict(
        self, world: World
    ) -> None:
        candidate = await world.saved()
        await world.seen_up_at(DEADLINE - MINUTE)
        world.clock.instant = DEADLINE + GRACE + MINUTE
        assert not await settle(world.ctx, candidate)
        await beat(world.ctx)
        assert await settle(world.ctx, candidate)
        assert await world.verdicts(candidate) == [Verdict.HELD]

    async def test_the_complete_need_not_wait(self, world: World) -> None:
        candidate = await world.saved()
        await world.complete(candidate)
        await world.seen_up_at(None)
        world.clock.instant = CLOSES + GRACE
        assert await settle(world.ctx, candidate)

    async def test_the_clocks_ask_again(self, world: World) -> None:
        candidate = await world.saved()
        await world.seen_up_at(None)
        world.clock.instant = AFTER_DEADLINE
        step = await world.activities.next_step(CandidateQuestion(candidate_id=candidate))
        assert (step.action, step.wait_seconds) == ("settle", 15)
        session = await world.activities.session_next_step(SessionQuestion(session_id="2021"))
        assert (session.action, session.wait_seconds) == ("settle", 60)


class TestDeclared:
    async def declare(self, world: World, from_at: datetime, to_at: datetime) -> Kept:
        world.clock.instant = max(world.clock.instant, to_at)
        return await declare(
            world.ctx, "2021", from_at, to_at, reason="Panne du stockage des fichiers.", actor="chef"
        )

    async def test_one_holds_like_one_noticed(self, world: World) -> None:
        candidate = await world.saved()
        kept = await self.declare(world, DEADLINE - MINUTE, DEADLINE)
        assert (kept.touched, kept.cancelled) == (1, 0)
        assert await verdict(world, candidate) is Verdict.HELD

    async def test_one_after_the_verdict_asks_for_another_and_says_who_is_cancelled(
        self, world: World
    ) -> None:
        candidate, cancelled = await world.saved(), await world.saved()
        assert await verdict(world, candidate) is Verdict.INCOMPLETE
        await world.tell(cancelled, DeadlineMoved, stage=Stage.CANCELLED)
        kept = await self.declare(world, DEADLINE - MINUTE, DEADLINE)
        assert (kept.touched, kept.cancelled) == (2, 1)
        assert await verdict(world, candidate) is Verdict.HELD


class TestPaused:
    async def pause(self, world: World, session_id: str, paused: bool = True) -> None:
        await pause_settling(world.ctx, session_id, paused=paused, reason="Vérification.", actor="chef")

    async def test_no_verdict_is_given_by_any_way_and_all_after_the_resume(self, world: World) -> None:
        session = await world.session()
        candidate, complete = await world.saved(session_id=session), await world.saved(session_id=session)
        await world.put(complete, "p1")
        await world.put(complete, "p2")
        await self.pause(world, session)
        world.clock.instant = AFTER_DEADLINE
        assert not (await world.activities.act(CandidateAct(candidate_id=candidate, action="settle"))).applied
        assert (await settle_batch(world.ctx, session, 10)).decided == 0
        await world.put(complete, "p3")
        assert (await world.row(complete)).state == "complete"
        for one in (candidate, complete):
            assert await world.verdicts(one) == []
        await self.pause(world, session, paused=False)
        result = await settle_batch(world.ctx, session, 10)
        assert (result.decided, result.remaining) == (2, 0)
        assert await world.verdicts(candidate) == [Verdict.INCOMPLETE]
        assert await world.verdicts(complete) == [Verdict.COMPLETE]

    async def test_the_clocks_wait_without_spinning(self, world: World) -> None:
        session = await world.session()
        candidate = await world.saved(session_id=session)
        await self.pause(world, session)
        world.clock.instant = AFTER_DEADLINE
        step = await world.activities.next_step(CandidateQuestion(candidate_id=candidate))
        assert (step.ended, step.action, step.wait_seconds) == (False, "settle", 3600)
        asked = await world.activities.session_next_step(SessionQuestion(session_id=session))
        assert (asked.action, asked.wait_seconds) == ("settle", 60)
        await self.pause(world, session, paused=False)
        asked = await world.activities.session_next_step(SessionQuestion(session_id=session))
        assert (asked.action, asked.wait_seconds) == ("settle", 0)

    async def test_who_is_first_heard_of_meanwhile_is_paused_too(self, world: World) -> None:
        session = await world.session()
        await self.pause(world, session)
        candidate = await world.saved(session_id=session)
        assert await verdict(world, candidate) is None

    async def test_other_sessions_go_on(self, world: World) -> None:
        candidate = await world.saved()
        await self.pause(world, await world.session())
        assert await verdict(world, candidate) is Verdict.INCOMPLETE


class TestTheOfficersApi:
    """On the package's database: each test has a session of its own."""

    async def act(
        self, site: Site, path: str, role: str = "head", **body: object
    ) -> tuple[int, dict[str, object]]:
        response = await site.ask(
            "POST",
            f"/api/documents/sessions/{path}",
            officer="chef",
            role=role,
            json={"reason": "Panne du réseau.", **body},
        )
        if response.is_error:
            return problem(response)[0], response.json()
        return response.status_code, response.json()

    async def test_the_direction_declares_an_outage_and_it_is_journaled(self, site: Site) -> None:
        session = await site.world.session()
        candidate = await site.world.saved(session_id=session)
        site.world.clock.instant = DEADLINE
        span = {"from_at": (DEADLINE - MINUTE).isoformat(), "to_at": DEADLINE.isoformat()}
        status, found = await self.act(site, f"{session}/outages", **span)
        assert (status, found["touched"], found["already_cancelled"]) == (201, 1, 0)
        assert (await site.world.row(candidate)).service_fault_at == DEADLINE - TICK
        dossier = (await site.ask("GET", f"/api/documents/candidates/{candidate}", officer="o1")).json()
        assert [one["doubt"] for one in dossier["doubts"]] == ["service_away"]
        shown = (await site.ask("GET", f"/api/documents/sessions/{session}", officer="o1")).json()
        assert [(one["cause"], one["deadlines_before"]) for one in shown["outages"]] == [("declared", None)]
        [entry] = shown["journal"]
        assert (entry["act"], entry["actor"], entry["reason"]) == (
            "outage_declared",
            "chef",
            "Panne du réseau.",
        )
        assert entry["outage_id"] == shown["outages"][0]["outage_id"]

    async def test_the_direction_pauses_and_resumes(self, site: Site) -> None:
        session = await site.world.session()
        await site.world.saved(session_id=session)
        site.world.clock.instant = AFTER_DEADLINE
        _, paused = await self.act(site, f"{session}/settling/pause")
        assert (paused["settling_paused"], paused["due"], paused["withheld"]) == (True, 0, 1)
        _, resumed = await self.act(site, f"{session}/settling/resume", role="deputy")
        assert (resumed["settling_paused"], resumed["due"], resumed["withheld"]) == (False, 1, 0)

    @pytest.mark.parametrize("act", ["outages", "settling/pause", "settling/resume"])
    async def test_nobody_else_may(self, site: Site, act: str) -> None:
        session = await site.world.session()
        span = {"from_at": IN_TIME.isoformat(), "to_at": (IN_TIME + MINUTE).isoformat()}
        body = span if act == "outages" else {}
        status, found = await self.act(site, f"{session}/{act}", role="officer", **body)
        assert (status, str(found["type"]).rsplit(":", 1)[1]) == (403, "reserve-a-la-direction")

    @pytest.mark.parametrize(
        ("from_at", "to_at"), [(IN_TIME, IN_TIME), (IN_TIME, IN_TIME - MINUTE), (IN_TIME, IN_TIME + DAY)]
    )
    async def test_an_outage_ends_after_it_began_and_is_over(
        self, site: Site, from_at: datetime, to_at: datetime
    ) -> None:
        session = await site.world.session()
        span = {"from_at": from_at.isoformat(), "to_at": to_at.isoformat()}
        status, found = await self.act(site, f"{session}/outages", **span)
        assert (status, str(found["type"]).rsplit(":", 1)[1]) == (422, "interruption-incoherente")

    async def test_the_session_must_be_known(self, site: Site) -> None:
        status, found = await self.act(site, f"s-{uuid4()}/settling/pause")
        assert (status, str(found["type"]).rsplit(":", 1)[1]) == (404, "session-inconnue")
