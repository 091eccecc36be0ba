"""The matrix: rows of faults, summed over their seeds; for the screen and for docs/reliability.md."""

from collections.abc import Sequence

from tests.faults.conductor import KINDS, Result

_REGISTERED_AT_LEAST = 0.3
_HEAD = (
    *("fault", "seeds", "lives", "registered", "raced", "struck", *KINDS, "disagreements"),
    *("held", "turned away and cancelled", "mail doubles", "settle s, max"),
)
_HOLDING = "outage"
"""The row that is about nothing but whom an outage holds."""
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
    """Rows that showed nothing, each with why: no strike, no race, hardly a life with something to lose."""
    found = ["no round was played"] if not results else []
    for name in _names(results):
        row = [one for one in results if one.row == name]
        registered, lives = sum(one.registered for one in row), sum(one.lives for one in row)
        if registered < lives * _REGISTERED_AT_LEAST:
            found.append(f"{name}: only {registered} of {lives} could register; try a slower pace")
        if any(one.planned for one in row) and not any(one.struck for one in row):
            found.append(f"{name}: nothing was struck")
        if name in _RACING and not any(one.raced for one in row):
            found.append(f"{name}: nothing met a limit")
        if name == _HOLDING and not any(one.held for one in row):
            found.append(f"{name}: nobody was held")
    return found


def _names(results: Sequence[Result]) -> list[str]:
    return list(dict.fromkeys(one.row for one in results))


def _row(name: str, results: Sequence[Result]) -> tuple[str, ...]:
    return (
        name,
        str(len(results)),
        str(sum(one.lives for one in results)),
        str(sum(one.registered for one in results)),
        str(sum(one.raced for one in results)),
        f"{sum(one.struck for one in results)}/{sum(one.planned for one in results)}",
        *(str(sum(one.counts[kind] for one in results)) for kind in KINDS),
        str(sum(len(one.disagreements) for one in results)),
        str(sum(one.held for one in results)),
        str(sum(one.turned_away for one in results)),
        str(sum(one.mail_doubles for one in results)),
        _settled(results),
    )


def _settled(results: Sequence[Result]) -> str:
    times = [one.settle_seconds for one in results]
    if not times or None in times:
        return "never"
    return f"{max(time for time in times if time is not None):.1f}"
