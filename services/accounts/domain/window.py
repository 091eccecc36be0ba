"""Which exam session is meant, by the request's arrival (R1, R2, ours 1 to 3).

An account can be opened in a session's window only; an address may have one account in each session.
"""

from collections.abc import Sequence
from datetime import datetime

from services.accounts.domain.errors import NoSession, WindowNotOpen
from services.contracts.events import Calendar


def open_session(calendars: Sequence[Calendar], arrived_at: datetime) -> Calendar:
    """The session whose window is open at `arrived_at`; of several, the one that closes first.

    Raises:
        NoSession: no calendar at all.
        WindowNotOpen: about the next window, or if there is none the one that closed last.
    """
    if not calendars:
        raise NoSession
    is_open = [c for c in calendars if c.opens_at <= arrived_at < c.closes_at]
    if is_open:
        return min(is_open, key=lambda c: c.closes_at)
    coming = [c for c in calendars if arrived_at < c.opens_at]
    if coming:
        raise WindowNotOpen(min(coming, key=lambda c: c.opens_at), over=False)
    raise WindowNotOpen(max(calendars, key=lambda c: c.closes_at), over=True)


def precedence(calendar: Calendar, arrived_at: datetime) -> tuple[bool, bool, float]:
    """Sorts first the session that an address alone means.

    The one whose window is open, of several the one that closes first; else the one that opened last; those
    that have ended after all others.
    """
    is_open = calendar.opens_at <= arrived_at < calendar.closes_at
    within = calendar.closes_at.timestamp() if is_open else -calendar.opens_at.timestamp()
    return (calendar.ends_at <= arrived_at, not is_open, within)
