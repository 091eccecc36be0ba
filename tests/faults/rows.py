"""The rows of the matrix: for each, what a seed draws, and which lives it is drawn for."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from random import Random

from tests.faults.injectors import clocks, copies, disk, mail, outage, parts, poison, processes, reordered
from tests.faults.stage import Stage
from tests.faults.strikes import Strike, Timeline

Plan = Callable[[Random, Timeline], list[Strike]]
Doing = Callable[[Stage, Strike], Awaitable[str]]

STRIKES: Mapping[str, Doing] = {
    processes.KILL: processes.kill,
    processes.FAILPOINT: processes.let_die,
    parts.BROKER: parts.kill,
    parts.WIPED: parts.kill,
    parts.POSTGRES: parts.kill,
    parts.TEMPORAL: parts.kill,
    copies.COPIES: copies.strike,
    reordered.REORDERED: reordered.strike,
    poison.POISON: poison.strike,
    mail.SMTP: mail.strike,
    disk.DISK: disk.strike,
    outage.OUTAGE: outage.strike,
}
"""Fault → what makes it happen; `clocks` is prepared before the round instead."""
RACES = ("race",)
LIMITS = ("late_edit", "at_the_limit", "cut")
CLOSING = ("last_save", "complete")
_MIXED_AT_MOST = 4
_WRONG_CLOCKS_IN_MIXED = 0.15


@dataclass(frozen=True)
class Row:
    """`behaviours`: which kinds of life to play, None for all.

    repaired: whether a repairing reconciliation follows the audit, and the audit once more.
    """

    plan: Plan
    behaviours: tuple[str, ...] | None = None
    repaired: bool = False


def nothing(chance: Random, timeline: Timeline) -> list[Strike]:
    return []


_ALONE: dict[str, Plan] = {
    "kill": processes.plan_kills,
    "failpoints": processes.plan_failpoints,
    "broker": parts.plan_broker,
    "broker-wiped": parts.plan_wiped,
    "postgres": parts.plan_postgres,
    "temporal": parts.plan_temporal,
    "copies": copies.plan,
    "reordered": reordered.plan,
    "poison": poison.plan,
    "smtp": mail.plan,
    "disk-full": disk.plan,
    "clocks": clocks.plan,
}

_REPAIRED = frozenset({"kill", "failpoints", "broker-wiped", "copies", "reordered"})


def mixed(chance: Random, timeline: Timeline) -> list[Strike]:
    """Two to four families in one round, each with half of its strikes."""
    families = sorted(set(_ALONE) - {"clocks"})
    drawn = chance.sample(families, chance.randint(2, _MIXED_AT_MOST))
    found: list[Strike] = []
    for name in drawn:
        strikes = _ALONE[name](chance, timeline)
        found += chance.sample(strikes, (len(strikes) + 1) // 2)
    if chance.random() < _WRONG_CLOCKS_IN_MIXED:
        found += clocks.plan(chance, timeline)
    return sorted(found, key=lambda one: one.at)


ROWS: dict[str, Row] = {
    "none": Row(nothing),
    **{name: Row(plan, repaired=name in _REPAIRED) for name, plan in _ALONE.items()},
    "outage": Row(outage.plan),
    "closing": Row(outage.plan_closing, CLOSING),
    "races": Row(nothing, RACES),
    "limits": Row(nothing, LIMITS),
    "mixed": Row(mixed, repaired=True),
}
