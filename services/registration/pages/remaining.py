"""Spans as people count them: the civil days left until a limit, in Paris; how long something lasts."""

from datetime import datetime, timedelta

from services.chassis.times import PARIS


def days_left(limit: datetime, now: datetime) -> int:
    """0 on the last day that counts, 1 on the eve; `limit` is an exclusive upper bound."""
    last_day = (limit - timedelta(microseconds=1)).astimezone(PARIS).date()
    return (last_day - now.astimezone(PARIS).date()).days


def lasting(seconds: int) -> str:
    """A span in its largest whole unit, the same in both languages: « 48 h », « 10 min »."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
