"""The matrix: rows of faults, summed over their seeds; for the screen and for docs/reliability.md."""

from collections.abc import Sequence

from tests.faults.conductor import KINDS, Result

_REGISTERED_AT_LEAST = 0.3
_JUDGED_AT_LEAST = 0.2
_RACED_AT_LEAST = 0.3
_HEAD = (
    *("fault", "seeds", "lives", "registered", "confirmed", "cancelled", "held", "raced (surely)", "struck"),
    *KINDS,
    *("disagreements", "turned away and cancelled", "kept from saving", "mail doubles", "settle s, max"),
)
_HOLDING = "outage"
"""The row that is about nothing but whom an outage holds."""
_CLOSING = "closing"
"""The row that is about nothing but whom an outage keeps from saving."""
_RACING = frozenset({"races", "limits"})
"""Rows that are about nothing but requests which meet a limit."""


def matrix(results: Sequence[Result]) -> str:
    """A Markdown table."""
    rows = [_row(name, [one for one in results if one.row == name]) for name in _names(results)]
    lines = [_HEAD, tuple("---" for _ in _HEAD), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def summary(results: Sequence[Result]) -> str:
    """The last line: all rows together."""
    counts = " ".join(f"{kind}={sum(one.counts[kind] for one in results)}" for kind in KINDS)
    lives = sum(one.lives for one in results)
    return f"seeds={len(results)} lives={lives} {counts} settle_s={_settled(results)}"


def vacuous(results: Sequence[Result]) -> list[str]:
    """Rounds that showed nothing, each with why: no strike, no race, hardly a life with something to lose."""
    found = ["no round was played"] if not results else []
    return found + [f"{one.row} seed={one.seed}: {why}" for one in results for why in shows_nothing(one)]


def shows_nothing(one: Result) -> list[str]:
    """Why a round counts for nothing; empty where it counts."""
    found = []
    if one.registered < one.lives * _REGISTERED_AT_LEAST:
        found.append(f"only {one.registered} of {one.lives} could register; try a slower pace")
    if one.planned and not one.struck:
        found.append("nothing was struck")
    if one.row in _RACING and one.raced < one.lives * _RACED_AT_LEAST:
        found.append(f"only {one.raced} of {one.lives} met a limit")
    if one.row == _CLOSING and not one.kept_from_saving:
        found.append("nobody was kept from saving")
    if one.row == _HOLDING:
        if not one.held_for_us:
            found.append("nobody was held for our fault")
    elif (judged := one.confirmed + one.cancelled) < one.registered * _JUDGED_AT_LEAST:
        found.append(f"only {judged} of {one.registered} were judged, the others held; try a slower pace")
    return found


def _names(results: Sequence[Result]) -> list[str]:
    return list(dict.fromkeys(one.row for one in results))


def _row(name: str, results: Sequence[Result]) -> tuple[str, ...]:
    return (
        name,
        _seeds(results),
        str(sum(one.lives for one in results)),
        str(sum(one.registered for one in results)),
        str(sum(one.confirmed for one in results)),
        str(sum(one.cancelled for one in results)),
        str(sum(one.held for one in results)),
        f"{sum(one.raced for one in results)} ({sum(one.raced_surely for one in results)})",
        f"{sum(one.struck for one in results)}/{sum(one.planned for one in results)}",
        *(str(sum(one.counts[kind] for one in results)) for kind in KINDS),
        str(sum(len(one.disagreements) for one in results)),
        str(sum(one.turned_away for one in results)),
        str(sum(one.kept_from_saving for one in results)),
        str(sum(one.mail_doubles for one in results)),
        _settled(results),
    )


def _seeds(results: Sequence[Result]) -> str:
    """How many; where some showed nothing, of how many that were played."""
    counting = sum(not shows_nothing(one) for one in results)
    return str(counting) if counting == len(results) else f"{counting} of {len(results)}"


def _settled(results: Sequence[Result]) -> str:
    times = [one.settle_seconds for one in results]
    if not times or None in times:
        return "never"
    return f"{max(time for time in times if time is not None):.1f}"
