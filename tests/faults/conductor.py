"""One round: a session is opened, lives are played while strikes fall, and the witness is asked what became.

The witness (`tests.faults.ledger`) is a process of its own and knows the round by its file alone.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
from aiokafka.errors import KafkaError

from deploy.demo.calendar import DemoCalendar
from deploy.local.parts.temporal import NAMESPACE
from tests.faults import calendars, reconciled
from tests.faults.injectors import clocks
from tests.faults.injectors.parts import WIPED, RefillFailed, refill
from tests.faults.injectors.processes import REACHED
from tests.faults.rows import ROWS, STRIKES
from tests.faults.stage import CALENDAR_PART, COMPRESSED, Stage, end, start
from tests.faults.strikes import Fallen, Missed, Strike

BOUND_SECONDS = 120.0
"""C: within it all has settled after the last fault (docs/reliability.md says why)."""
_LEFT_SECONDS = 180
"""For what lives still do after all is decided, on a slow machine."""
_JUDGED_WITHIN_SECONDS = BOUND_SECONDS + 120
_KNOWN_WITHIN_SECONDS = 60
_OPENINGS = 4
_SHORTEST_LEAD_SECONDS, _SPARE_SECONDS = 4.0, 7.0
_REGISTERED = ("confirmed", "cancelled", "held", "withdrawn")
_HINDERED = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, KafkaError)
KINDS = ("lost", "doubled", "unjust", "unresolved")


class RoundFailed(Exception):
    """The round could not be played or judged: neither clean nor a violation."""


@dataclass
class Result:
    """What the witness said of one round. `notes`: what became of each strike.

    registered: whose pre-registration was saved. Where hardly anybody got to anything, little can be lost.
    planned, struck: how many strikes were drawn, and how many did go wrong.
    confirmed, cancelled, held_for_us: of all lives; who is held was judged by nobody.
    raced: of how many candidates a request met a limit of the calendar; raced_surely: and was surely on one
        side of it.
    turned_away: who was cancelled though an upload of theirs in time came to no end that was a refusal.
    kept_from_saving: who has nothing in force, and an officer is told of a save that was turned away.
    unasked: who died though nobody had asked for it.
    disagreements: what reconciling afterwards found, or changed though it had found nothing.
    """

    row: str
    seed: int
    lives: int
    registered: int
    counts: dict[str, int]
    held: int
    mail_doubles: int
    settle_seconds: float | None
    said: str
    folder: Path
    notes: list[str] = field(default_factory=list)
    planned: int = 0
    struck: int = 0
    confirmed: int = 0
    cancelled: int = 0
    held_for_us: int = 0
    raced: int = 0
    raced_surely: int = 0
    turned_away: int = 0
    kept_from_saving: int = 0
    unasked: list[str] = field(default_factory=list)
    disagreements: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        if self.settle_seconds is None or any(self.counts.values()):
            return False
        return not self.unasked and not self.disagreements


def strikes_of(row: str, seed: int, pace: float = 1) -> list[Strike]:
    """All that goes wrong in a round; the same for the same row, seed and pace."""
    found = ROWS[row].plan(Random(f"{row} {seed}"), calendars.timeline(pace))
    return sorted(found, key=lambda strike: strike.at)


async def play_round(
    stage: Stage, row: str, seed: int, lives: int, folder: Path, *, pace: float = 1
) -> Result:
    """Play it and have it judged; `folder` keeps the round's file, its ledger and the report.

    Raises:
        RoundFailed: see there.
    """
    strikes = strikes_of(row, seed, pace)
    await asyncio.to_thread(_begin, folder, strikes)
    stage.supervisor.begin(f"{row} {seed}")
    stage.released.clear()
    await clocks.prepare(stage, [strike for strike in strikes if strike.fault == clocks.CLOCKS])
    opened = await open_session(stage, f"{row}-{seed}", pace)
    begins_at = calendars.begins_at(opened, pace)
    round_file = await asyncio.to_thread(_write_round, stage, folder, row, seed, lives, opened)
    play = ["tests.faults.ledger", "play", str(round_file), str(folder / "ledger.jsonl")]
    player = await start(play, folder / "play.log")
    try:
        falling = [
            asyncio.create_task(_fall(stage, strike, begins_at))
            for strike in strikes
            if strike.fault != clocks.CLOCKS
        ]
        fallen, healed_at = await _played(player, falling, folder, calendars.timeline(pace).decided)
    finally:
        await end(player)
        await stage.supervisor.whole()  # also for the next round, where this one failed
    prepared = [strike for strike in strikes if strike.fault == clocks.CLOCKS]
    struck = [*prepared, *(one.strike for one in fallen if one.struck)]
    await asyncio.to_thread(_add_what_fell, round_file, struck, stage)
    said, found = await _judged(folder, round_file, healed_at)
    bounces = any(strike.how.get("way") == "bounce" for strike in strikes)
    expected = reconciled.Expected(bounces=bounces, saves_turned_away=found["kept_from_saving"])
    disagreements, again = await _reconciled(stage, row, folder, round_file, expected)
    registered = sum(found["outcomes"].get(outcome, 0) for outcome in _REGISTERED)
    unasked = _unasked(stage.supervisor.deaths, fallen)
    return Result(
        row,
        seed,
        found["lives"],
        registered,
        {kind: found[kind] + again.get(kind, 0) for kind in KINDS},
        found["held_total"],
        found["mail_doubles_allowed"],
        found["settled_seconds"],
        said,
        folder,
        [*map(str, fallen), *(f"died by itself: {name}" for name in unasked)],
        planned=len(strikes),
        struck=sum(one.struck for one in fallen) + len(strikes) - len(falling),
        confirmed=found["outcomes"].get("confirmed", 0),
        cancelled=found["outcomes"].get("cancelled", 0),
        held_for_us=found["held_for_us"],
        raced=found["raced"],
        raced_surely=found["raced_surely"],
        turned_away=found["turned_away"],
        kept_from_saving=found["kept_from_saving"],
        unasked=unasked,
        disagreements=disagreements,
    )


async def _reconciled(
    stage: Stage, row: str, folder: Path, round_file: Path, expected: reconciled.Expected
) -> tuple[list[str], dict[str, Any]]:
    """Look for disagreements; in some rows mend, too, and have it judged once more: nothing may be new."""
    session_id = stage.sessions[-1]
    found = await reconciled.findings(stage, session_id, expected, repair=False)
    if not ROWS[row].repaired:
        return found, {}
    mended = await reconciled.findings(stage, session_id, expected, repair=True)
    again = await asyncio.to_thread(_subfolder, folder, "reconciled")
    _, judged = await _judged(again, round_file, datetime.now(UTC), ledger=folder / "ledger.jsonl")
    changed = await reconciled.changes(folder / "evidence.json", again / "evidence.json")
    return [*found, *mended, *([] if mended else changed)], judged


def _subfolder(folder: Path, name: str) -> Path:
    found = folder / name
    found.mkdir()
    return found


def _unasked(deaths: Sequence[str], fallen: Sequence[Fallen]) -> list[str]:
    """Who died though no failpoint of theirs was reached: no violation, but not clean either."""
    asked = (one.strike.whom for one in fallen if one.became == REACHED)
    return list((Counter(deaths) - Counter(asked)).elements())


async def open_session(stage: Stage, name: str, pace: float) -> DemoCalendar:
    """Install one more session; everybody who has to know it does on return, when the round begins.

    Raises:
        RoundFailed: it takes too long to become known.
    """
    for _ in range(_OPENINGS):
        session_id = f"{name}-{len(stage.sessions) + 1}"
        opened = calendars.calendar(session_id, stage.lead_seconds, pace)
        await _install(stage, opened)
        spare = (calendars.begins_at(opened, pace) - datetime.now(UTC)).total_seconds()
        stage.lead_seconds = max(_SHORTEST_LEAD_SECONDS, stage.lead_seconds - spare + _SPARE_SECONDS)
        if spare >= 0:
            await asyncio.sleep(spare)
            return opened
        # Of two open sessions an account would belong to the one that closes first.
        await asyncio.sleep(max(0.0, (opened.closes_at - datetime.now(UTC)).total_seconds()))
    raise RoundFailed(f"a session became known too late {_OPENINGS} times")


async def _install(stage: Stage, opened: DemoCalendar) -> None:
    await asyncio.to_thread(opened.write, stage.calendar_file)
    if stage.sessions:
        await stage.stack.restart(CALENDAR_PART)
    else:
        await stage.stack.start(CALENDAR_PART)
    stage.sessions.append(opened.session_id)
    query = "SELECT 1 FROM exam_session WHERE session_id = $1"
    until = time.monotonic() + _KNOWN_WITHIN_SECONDS
    while not await stage.rows("accounts", query, opened.session_id):
        if time.monotonic() > until:
            raise RoundFailed(f"accounts does not know the session {opened.session_id}")
        await asyncio.sleep(0.1)


def _begin(folder: Path, strikes: Sequence[Strike]) -> None:
    folder.mkdir(parents=True)
    (folder / "plan.txt").write_text("".join(f"{strike}\n" for strike in strikes))


def _write_round(
    stage: Stage,
    folder: Path,
    row: str,
    seed: int,
    lives: int,
    opened: DemoCalendar,
) -> Path:
    addresses, behaviours = stage.addresses, ROWS[row].behaviours
    told = {
        "seed": seed,
        "lives": lives,
        "gateway": addresses.gateway,
        "mail_log": str(stage.mails),
        "databases": addresses.databases,
        "kafka": addresses.kafka,
        "temporal": addresses.temporal,
        "temporal_namespace": NAMESPACE,
        "object_store": addresses.object_store,
        "session": calendars.told(opened),
        "behaviours": None if behaviours is None else list(behaviours),
        "outage_seconds": float(COMPRESSED["documents-worker"]["OUTAGE_SECONDS"]),
    }
    path = folder / "round.json"
    path.write_text(json.dumps(told, indent=1))
    return path


def _add_what_fell(path: Path, struck: Sequence[Strike], stage: Stage) -> None:
    """What did go wrong: only that excuses anything."""
    told = json.loads(path.read_text())
    told["faults"] = sorted(_named(strike) for strike in struck)
    told["deaths"] = [asdict(one) for one in stage.supervisor.fell]
    told["released"] = [str(one) for one in stage.released]
    path.write_text(json.dumps(told, indent=1, default=str))


def _named(strike: Strike) -> str:
    """With whom, and with the failpoint."""
    words = (strike.fault, strike.whom, strike.how.get("at", ""))
    return ":".join(word for word in words if word)


async def _fall(stage: Stage, strike: Strike, begins_at: datetime) -> Fallen:
    """At its time; what another fault hindered is told and does not count as struck."""
    since = (datetime.now(UTC) - begins_at).total_seconds()
    await asyncio.sleep(max(0.0, strike.at - since))
    try:
        became = await STRIKES[strike.fault](stage, strike)
        over_at = datetime.now(UTC)
        if strike.fault == WIPED:
            became = await refill(stage, strike.how["by"])
    except RefillFailed as error:
        raise RoundFailed(f"the broker was not refilled: {error}") from None
    except Missed as missed:
        return Fallen(strike, datetime.now(UTC), str(missed), struck=False)
    except _HINDERED as error:
        return Fallen(strike, datetime.now(UTC), f"hindered by {type(error).__name__}", struck=False)
    return Fallen(strike, over_at, became)


async def _played(
    player: asyncio.subprocess.Process,
    falling: Sequence["asyncio.Task[Fallen]"],
    folder: Path,
    decided_seconds: float,
) -> tuple[list[Fallen], datetime]:
    """What became of the strikes, and when the last of them and the last life was over."""
    within = decided_seconds + _LEFT_SECONDS
    ending = asyncio.create_task(_ended(player))
    try:
        async with asyncio.timeout(within):
            fallen = await asyncio.gather(*falling)
            ended_at = await ending
            if player.returncode != 0:
                raise RoundFailed(f"the lives could not be played: {folder / 'play.log'}")
    except TimeoutError:
        raise RoundFailed(f"the lives were not played within {within:.0f} s") from None
    finally:
        for task in (ending, *falling):
            task.cancel()
        await asyncio.gather(ending, *falling, return_exceptions=True)
    await asyncio.to_thread((folder / "strikes.txt").write_text, "".join(f"{one}\n" for one in fallen))
    return list(fallen), max([ended_at, *(one.over_at for one in fallen)])


async def _ended(process: asyncio.subprocess.Process) -> datetime:
    await process.wait()
    return datetime.now(UTC)


async def _judged(
    folder: Path, round_file: Path, healed_at: datetime, *, ledger: Path | None = None
) -> tuple[str, dict[str, Any]]:
    """`folder`: where the report is kept, and the ledger where it is not given."""
    ledger = ledger or folder / "ledger.jsonl"
    report, log = folder / "report.json", folder / "audit.log"
    words = ["audit", str(round_file), str(ledger), "--healed-at", healed_at.isoformat()]
    words += ["--bound", str(BOUND_SECONDS), "--report", str(report)]
    words += ["--evidence", str(folder / "evidence.json")]
    judge = await start(["tests.faults.ledger", *words], log)
    try:
        async with asyncio.timeout(_JUDGED_WITHIN_SECONDS):
            await judge.wait()
    except TimeoutError:
        raise RoundFailed(f"not judged within {_JUDGED_WITHIN_SECONDS:.0f} s: {log}") from None
    finally:
        await end(judge)
    if not report.exists():
        raise RoundFailed(f"not judged: {log}")
    return log.read_text(), json.loads(report.read_text())
