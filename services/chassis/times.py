"""Instants as people in France read them: Europe/Paris, a limit shown as the last minute it includes."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def paris_date(instant: datetime) -> str:
    """« lundi 7 décembre 2020 »."""
    local = instant.astimezone(PARIS)
    day = "1er" if local.day == 1 else str(local.day)
    return f"{_DAYS[local.weekday()]} {day} {_MONTHS[local.month - 1]} {local.year}"


def paris_minute(instant: datetime) -> str:
    """« lundi 7 décembre 2020 à 14 h 05 » (heure de Paris)."""
    local = instant.astimezone(PARIS)
    return f"{paris_date(instant)} à {local.hour} h {local.minute:02d}"


def paris_limit(limit: datetime) -> str:
    """An exclusive upper bound as its last included minute: « … à 23 h 59 » (domain, ours 1)."""
    return paris_minute(limit - timedelta(microseconds=1))
