"""R7's years of work, counted exactly, and told period by period.

Qualifying periods (last day included) are cut at the last day of the window (ours 10), and overlaps and
neighbours are merged, so a day counts once. The whole years of each merged period count, from a day to the
eve of the same day of the calendar; the days left over are laid end to end from the first of them and must
reach what is missing in the same way. So a single period from 23 November 2017 to 22 November 2020 is three
years and one that ends on the 21st is not, and three separate years are three, whatever the leap days. A year
from a 29 February reaches 1 March (code de procédure civile, art. 641).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from services.registration.domain.modalities import Period
from services.registration.domain.words import Words

_DAY = timedelta(days=1)
LEVEL_TOO_LOW = "Ne compte pas : le niveau est inférieur à celui d’un ouvrier qualifié."
OTHER_FIELD = "Ne compte pas : ce n’est pas le domaine de la spécialité."
TOO_LATE = "Ne compte pas : cette période commence après la clôture (%(until)s)."
CUT = "Comptée jusqu’à la clôture (%(until)s)."
Span = tuple[date, date]
"""The first day and the last, both included."""


@dataclass(frozen=True, slots=True)
class Length:
    """Whole years, then whole months, then days."""

    years: int
    months: int
    days: int

    @property
    def said(self) -> Words:
        """« 2 ans, 11 mois et 30 jours »."""
        parts = [
            Words(one) if number == 1 else Words(many, {"count": number})
            for number, one, many in (
                (self.years, "1 an", "%(count)s ans"),
                (self.months, "1 mois", "%(count)s mois"),
                (self.days, "1 jour", "%(count)s jours"),
            )
            if number
        ]
        match parts:
            case []:
                return Words("aucun jour")
            case [one]:
                return one
            case [one, other]:
                return Words("%(one)s et %(other)s", {"one": one, "other": other})
            case [one, other, last]:
                return Words("%(one)s, %(other)s et %(last)s", {"one": one, "other": other, "last": last})
        raise ValueError(parts)

    @property
    def text(self) -> str:
        """The same, in French."""
        return str(self.said)


@dataclass(frozen=True, slots=True)
class Counted:
    """What becomes of one period. `why_not`: said if nothing of it counts, or not all of it."""

    counts: bool
    why_not: Words | None


@dataclass(frozen=True, slots=True)
class Experience:
    """The whole of it. `overlaps`: days that several qualifying periods share, counted once; `gaps`: between
    qualifying periods; `missing`, `missing_days`: from the first day that is missing to the years asked."""

    periods: tuple[Counted, ...]
    total: Length
    reached: bool
    missing: Length
    missing_days: int
    overlaps: tuple[Span, ...]
    gaps: tuple[Span, ...]


def reckon(periods: Sequence[Period], years: int, last_day: date) -> Experience:
    """Count `periods` up to `last_day` against the `years` asked."""
    spans = qualifying_spans(periods, last_day)
    found, base, days = _years_and_rest(spans)
    end = base + days
    goal = end if found >= years else max(end, anniversary(base, years - found))
    return Experience(
        periods=tuple(_counted(period, last_day) for period in periods),
        total=_length(found, base, end),
        reached=goal == end,
        missing=_length(0, end, goal),
        missing_days=(goal - end).days,
        overlaps=_overlaps(periods, last_day),
        gaps=tuple((before, after - _DAY) for (_, before), (after, _) in pairwise(spans)),
    )


def qualifying_spans(periods: Iterable[Period], last_day: date) -> list[tuple[date, date]]:
    """The qualifying periods up to `last_day`, merged and in order, as (first day, day after the last)."""
    merged: list[tuple[date, date]] = []
    for start, end in _cut(periods, last_day):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def anniversary(day: date, years: int) -> date:
    """The same day `years` later; 1 March for a 29 February that does not exist."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _cut(periods: Iterable[Period], last_day: date) -> list[tuple[date, date]]:
    return sorted(
        (period.starts_on, min(period.ends_on or last_day, last_day) + _DAY)
        for period in periods
        if period.qualifies and period.starts_on <= last_day
    )


def _years_and_rest(spans: list[tuple[date, date]]) -> tuple[int, date, timedelta]:
    """The spans' whole years; the days left over, laid end to end from the first of them."""
    found, days, base = 0, timedelta(), None
    for start, end in spans:
        whole = _whole_years(start, end)
        rest = anniversary(start, whole)
        base = base or rest
        found, days = found + whole, days + (end - rest)
    return found, base or date(2000, 1, 1), days


def _whole_years(start: date, end: date) -> int:
    whole = end.year - start.year
    return whole if anniversary(start, whole) <= end else whole - 1


def _length(found: int, base: date, end: date) -> Length:
    more = _whole_years(base, end)
    start = anniversary(base, more)
    months = 0
    while _month_after(start, months + 1) <= end:
        months += 1
    return Length(found + more, months, (end - _month_after(start, months)).days)


def _month_after(day: date, months: int) -> date:
    """The same day `months` later, or the first of the month after where there is none."""
    place = day.month - 1 + months
    year, month = day.year + place // 12, place % 12 + 1
    try:
        return day.replace(year=year, month=month)
    except ValueError:
        return date(year + month // 12, month % 12 + 1, 1)


def _counted(period: Period, last_day: date) -> Counted:
    if not period.qualified_level:
        return Counted(False, Words(LEVEL_TOO_LOW))
    if not period.related_field:
        return Counted(False, Words(OTHER_FIELD))
    until = {"until": f"{last_day:%d/%m/%Y}"}
    if period.starts_on > last_day:
        return Counted(False, Words(TOO_LATE, until))
    if period.ends_on is not None and period.ends_on > last_day:
        return Counted(True, Words(CUT, until))
    return Counted(True, None)


def _overlaps(periods: Iterable[Period], last_day: date) -> tuple[Span, ...]:
    shared: list[Span] = []
    reach: date | None = None
    for start, end in _cut(periods, last_day):
        if reach is not None and start < reach:
            shared.append((start, min(reach, end) - _DAY))
        reach = end if reach is None else max(reach, end)
    return tuple(shared)
