"""The conductor's own rules: a seed draws the same again, sums are right, words are understood."""

import asyncio
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest

from deploy.local.progress import Progress, State
from deploy.local.settings import PROJECT
from services.chassis.failpoints import Failpoint
from tests.faults.__main__ import SEEDS, Round, possible, rounds
from tests.faults.calendars import timeline
from tests.faults.conductor import Result, _fall, _named, _unasked, strikes_of
from tests.faults.injectors.processes import FAILPOINT, REACHED
from tests.faults.matrix import matrix, summary, vacuous
from tests.faults.rows import ROWS, STRIKES
from tests.faults.smtp import Control, notification
from tests.faults.stage import COMPRESSED as stage_settings
from tests.faults.strikes import Fallen, Strike
from tests.faults.supervisor import Supervisor

_SHOWN: dict[str, Any] = {
    "planned": 3,
    "struck": 2,
    "raced": 14,
    "raced_surely": 11,
    "turned_away": 1,
    "confirmed": 12,
    "cancelled": 9,
    "held_for_us": 1,
    "kept_from_saving": 1,
}


_KILLS = "| kill | 2 | 80 | 60 | 24 | 18 | 4 | 28 (22) | 4/6 | 0 | 0 | 2 | 0 | 0 | 2 | 2 | 2 | 9.5 |"


def _result(row: str, seed: int, *, unjust: int = 0, settled: float | None = 3.0) -> Result:
    counts = {"lost": 0, "doubled": 0, "unjust": unjust, "unresolved": 0}
    return Result(
        row,
        seed,
        40,
        30,
        counts,
        held=2,
        mail_doubles=1,
        settle_seconds=settled,
        said="",
        folder=Path(),
        **_SHOWN,
    )


@pytest.mark.parametrize("row", ROWS)
def test_a_seed_draws_the_same_strikes_again(row: str) -> None:
    assert [str(one) for one in strikes_of(row, 7)] == [str(one) for one in strikes_of(row, 7)]


@pytest.mark.parametrize("row", sorted(set(ROWS) - {"none", "races", "limits"}))
def test_another_seed_draws_others(row: str) -> None:
    assert [str(one) for one in strikes_of(row, 7)] != [str(one) for one in strikes_of(row, 8)]


@pytest.mark.parametrize("row", ROWS)
def test_whatever_is_drawn_can_be_done(row: str) -> None:
    for seed in range(50):
        for strike in strikes_of(row, seed):
            assert strike.fault in STRIKES or strike.fault == "clocks"
            assert strike.seconds >= 0


def test_mixed_comes_to_every_family_in_a_few_seeds() -> None:
    drawn = {strike.fault for seed in range(60) for strike in ROWS["mixed"].plan(Random(seed), timeline(1))}
    assert drawn == STRIKES.keys() - {"outage"} | {"clocks"}


@pytest.mark.parametrize("pace", [1.0, 1.5, 2.0])
def test_an_outage_is_long_enough_to_count_and_lies_across_the_deadline(pace: float) -> None:
    counts_after = float(stage_settings["documents-worker"]["OUTAGE_SECONDS"])
    for seed in range(50):
        (strike,) = strikes_of("outage", seed, pace)
        assert strike.seconds > counts_after + 3
        assert strike.at < timeline(pace).deadline < strike.at + strike.seconds
        assert strike.at > timeline(pace).closes
    drawn = {one.whom for seed in range(20) for one in strikes_of("outage", seed)}
    assert drawn == {"accounts-http", "registration-http", "documents-http", "postgres"}


def test_processes_die_at_the_decision_too_at_every_place_it_passes() -> None:
    of = timeline(1)
    late = {
        (one.whom, one.how["at"])
        for seed in range(60)
        for one in strikes_of("failpoints", seed)
        if one.at > of.closes
    }
    assert {at for _, at in late} == {point.value for point in Failpoint} - {
        Failpoint.UPLOAD_BEFORE_COMMIT.value,
        Failpoint.UPLOAD_BEFORE_ANSWER.value,
        Failpoint.ACTIVATION_BEFORE_ANSWER.value,
        Failpoint.SAVE_BEFORE_ANSWER.value,
        Failpoint.ERASURE_BEFORE_ANSWER.value,
    }
    assert ("documents-worker", Failpoint.ACTIVITY_BEFORE_COMPLETION.value) in late
    assert ("notifications-worker", Failpoint.MAIL_AFTER_250.value) in late
    for seed in range(20):
        early = {one.how["at"] for one in strikes_of("failpoints", seed) if one.at < of.closes}
        assert early == {point.value for point in Failpoint}


def test_one_violation_is_not_clean_nor_is_what_never_settled() -> None:
    assert _result("kill", 1).clean
    assert not _result("kill", 1, unjust=1).clean
    assert not _result("kill", 1, settled=None).clean


def test_whoever_dies_unasked_makes_a_round_unclean() -> None:
    strike = Strike(3, FAILPOINT, "accounts-worker", how={"at": "relay-before-mark"})
    fallen = [
        Fallen(strike, datetime.now(UTC), REACHED),
        Fallen(Strike(4, FAILPOINT, "documents-http"), datetime.now(UTC), "not reached", struck=False),
    ]
    assert _unasked(["accounts-worker"], fallen) == []
    assert _unasked(["accounts-worker", "accounts-worker"], fallen) == ["accounts-worker"]
    assert _unasked(["documents-http"], fallen) == ["documents-http"]
    result = _result("failpoints", 1)
    result.unasked.append("documents-http")
    assert not result.clean


def test_a_fault_is_told_to_the_witness_with_whom_it_ended() -> None:
    killed = Strike(3, "kill", "notifications-worker")
    died = Strike(3, FAILPOINT, "notifications-worker", how={"at": "mail-after-250"})
    assert _named(killed) == "kill:notifications-worker"
    assert _named(died) == "failpoint:notifications-worker:mail-after-250"
    assert _named(Strike(3, "broker")) == "broker"


async def test_a_strike_that_did_not_come_about_is_not_struck(tmp_path: Path) -> None:
    without_a_small_disk: Any = SimpleNamespace(disk=False, objects=tmp_path)
    fallen = await _fall(without_a_small_disk, Strike(0, "disk-full"), datetime.now(UTC))
    assert not fallen.struck
    assert str(fallen).endswith("no small disk could be mounted")


async def test_whoever_was_down_already_was_not_killed(tmp_path: Path) -> None:
    supervisor = Supervisor()
    running: Any = SimpleNamespace(kill=_nothing, restart=_nothing)
    supervisor.serve(running)
    stage: Any = SimpleNamespace(supervisor=supervisor)
    first, second = [
        await _fall(stage, Strike(0, "kill", "documents-http"), datetime.now(UTC)) for _ in range(2)
    ]
    assert (first.struck, second.struck) == (True, False)
    assert [one.name for one in supervisor.fell] == ["documents-http"]
    assert supervisor.fell[0].back_at is None
    await supervisor.whole()
    assert supervisor.fell[0].back_at is not None


async def test_who_was_to_die_at_a_failpoint_was_seen_to(tmp_path: Path) -> None:
    """Else the round is told of a death too few, and a mail that doubles by it has no excuse."""
    supervisor = Supervisor()
    supervisor.serve(cast(Any, SimpleNamespace(restart=_nothing)))
    stage: Any = SimpleNamespace(supervisor=supervisor, failpoints=lambda _: tmp_path)
    strike = Strike(0, FAILPOINT, "notifications-worker", seconds=5, how={"at": "mail-after-250"})
    falling = asyncio.create_task(_fall(stage, strike, datetime.now(UTC)))
    await asyncio.sleep(0.5)
    (tmp_path / "mail-after-250").unlink()
    done, _ = await asyncio.wait([falling], timeout=0.5)
    assert not done
    supervisor.told(Progress("notifications-worker", State.DIED))
    assert (await falling).became == REACHED
    await supervisor.whole()


async def test_who_falls_again_while_it_is_found_ready_is_started_again(tmp_path: Path) -> None:
    supervisor = Supervisor()
    starts: list[str] = []

    async def up_and_down(name: str) -> None:
        starts.append(name)
        if len(starts) == 1:
            supervisor.told(Progress(name, State.DIED))

    supervisor.serve(cast(Any, SimpleNamespace(restart=up_and_down)))
    supervisor.told(Progress("notifications-worker", State.DIED))
    await supervisor.whole()
    assert len(starts) == len(supervisor.fell) == 2
    assert all(one.back_at is not None for one in supervisor.fell)


async def test_who_was_killed_comes_back_though_what_was_to_be_done_meanwhile_failed(tmp_path: Path) -> None:
    """A broker that was away left a worker dead for the rest of its round, and the witness found it lost."""
    supervisor = Supervisor()
    starts: list[str] = []

    async def start(name: str) -> None:
        starts.append(name)

    async def away() -> None:
        raise ConnectionError

    running: Any = SimpleNamespace(kill=_nothing, restart=start)
    supervisor.serve(running)
    await supervisor.kill("documents-worker", away=0, before=away)
    with pytest.raises(ConnectionError):
        await supervisor.back("documents-worker")
    assert starts == ["documents-worker"]
    assert supervisor.fell[0].back_at is not None


async def _nothing(_: str) -> None:
    return None


async def test_a_mail_server_that_nobody_met_has_struck_nothing(tmp_path: Path) -> None:
    stage: Any = SimpleNamespace(mails=tmp_path / "mails.jsonl", mail_control=tmp_path / "smtp.json")
    fallen = await _fall(stage, Strike(0, "smtp", how={"way": "later"}), datetime.now(UTC))
    assert not fallen.struck
    assert str(fallen).endswith("no mail met it")


@pytest.mark.parametrize(
    ("row", "lacking", "said"),
    [
        ("disk-full", {"struck": 0}, "nothing was struck"),
        ("kill", {"registered": 11}, "only 11 of 40 could register; try a slower pace"),
        ("races", {"raced": 11}, "only 11 of 40 met a limit"),
        ("outage", {"held_for_us": 0}, "nobody was held for our fault"),
        ("closing", {"kept_from_saving": 0}, "nobody was kept from saving"),
        (
            "kill",
            {"confirmed": 5, "cancelled": 0},
            "only 5 of 30 were judged, the others held; try a slower pace",
        ),
    ],
)
def test_a_round_that_showed_nothing_is_named_and_does_not_count(
    row: str, lacking: dict[str, Any], said: str
) -> None:
    played = [replace(_result(row, 1), **lacking), _result(row, 2), _result("mixed", 1)]
    assert vacuous(played) == [f"{row} seed=1: {said}"]
    assert f"| {row} | 1 of 2 | 80 |" in matrix(played)


def test_no_round_at_all_shows_nothing() -> None:
    assert vacuous([]) == ["no round was played"]
    assert vacuous([replace(_result("none", 1), planned=0, struck=0, raced=0)]) == []


def test_sums_are_of_all_seeds_and_the_time_is_the_longest() -> None:
    found = [_result("kill", 1), _result("kill", 2, unjust=2, settled=9.5), _result("mixed", 1)]
    assert summary(found) == "seeds=3 lives=120 lost=0 doubled=0 unjust=2 unresolved=0 settle_s=9.5"
    assert _KILLS in matrix(found)
    assert "settle_s=never" in summary([_result("kill", 1, settled=None)])


def test_seeds_are_a_number_or_themselves() -> None:
    assert list(rounds("kill", "3", 20, 2.0)) == [Round("kill", number, 20, 2.0) for number in (1, 2, 3)]
    assert list(rounds("kill,mixed", "17,")) == [Round("kill", 17), Round("mixed", 17)]
    assert {one.row for one in rounds("all", "1")} == ROWS.keys()
    with pytest.raises(ValueError, match="unknown: nonsense"):
        list(rounds("nonsense", "1"))


def test_whoever_may_mount_nothing_plays_all_rows_but_one() -> None:
    everything = list(rounds("all", "2"))
    assert possible(everything, disk=True) == everything
    left_out = set(everything) - set(possible(everything, disk=False))
    assert {one.row for one in left_out} == {"disk-full"}


def test_kept_seeds_name_rows_and_tests_that_there_are() -> None:
    assert all(one.row in ROWS for one in rounds("regressions", ""))
    kept = tomllib.loads(SEEDS.read_text())["seed"]
    assert [one["held_by"] for one in kept if not (PROJECT / one["held_by"]).is_file()] == []


def test_a_kept_seed_is_played_with_the_lives_and_the_pace_it_was_kept_with() -> None:
    [one] = [one for one in rounds("regressions", "", 40, 1.0) if (one.row, one.seed) == ("mixed", 8)]
    assert one == Round("mixed", 8, 16, 1.5)
    assert Round("kill", 9, 20, 1.5) in rounds("regressions", "", 30, 3.0)


def test_the_same_recipients_are_refused_again() -> None:
    some = [f"vie-{number}@essai.example" for number in range(200)]
    concerned = [one for one in some if Control(mode="never", share=0.3).concerns(one)]
    assert concerned == [one for one in some if Control(mode="never", share=0.3).concerns(one)]
    assert 30 < len(concerned) < 90


def test_a_returned_mail_names_the_one_that_was_sent() -> None:
    returned = notification(
        "retours@ici.example", "vie@essai.example", b"Message-ID: <1@ici>\r\n\r\nsecret\r\n"
    )
    assert b"Final-Recipient: rfc822; vie@essai.example\r\n" in returned
    assert b"Message-ID: <1@ici>" in returned
    assert b"secret" not in returned
