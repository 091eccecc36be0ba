"""How many civil days are left until a limit, as one counts them in Paris."""

from datetime import datetime, timedelta

from services.chassis.times import PARIS


def days_left(limit: datetime, now: datetime) -> int:
    """0 on the last day that counts, 1 on the eve; `limit` is an exclusive upper bound."""
    last_day = (limit - timedelta(microseconds=1)).astimezone(PARIS).date()
    return (last_day - now.astimezone(PARIS).date()).days
