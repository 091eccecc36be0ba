"""Instants as people in France read them: Europe/Paris, a limit shown as the last minute it includes.

English names the same clock: the hours are those of Paris whatever the reader's language.
"""

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
_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ENGLISH_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MONTHS = (*_MONTHS, *_ENGLISH_MONTHS)
"""In both languages, as a date names them."""
SHOWN = ("paris_date", "paris_minute", "paris_limit")
"""The functions that templates have as filters."""


def paris_date(instant: datetime, language: str = "fr") -> str:
    """« lundi 7 décembre 2020 »."""
    local = instant.astimezone(PARIS)
    if language == "en":
        return f"{_ENGLISH_DAYS[local.weekday()]} {local.day} {_ENGLISH_MONTHS[local.month - 1]} {local.year}"
    day = "1er" if local.day == 1 else str(local.day)
    return f"{_DAYS[local.weekday()]} {day} {_MONTHS[local.month - 1]} {local.year}"


def paris_minute(instant: datetime, language: str = "fr") -> str:
    """« lundi 7 décembre 2020 à 14 h 05 » (heure de Paris)."""
    local = instant.astimezone(PARIS)
    if language == "en":
        return f"{paris_date(instant, language)} at {local.hour}:{local.minute:02d}"
    return f"{paris_date(instant)} à {local.hour} h {local.minute:02d}"


def paris_limit(limit: datetime, language: str = "fr") -> str:
    """An exclusive upper bound as the last minute that is wholly included: « … à 23 h 59 » (domain, ours 1).

    Not the minute that it falls into: of a limit at 20:29:12 that would be « 20 h 29 », and 20:29:40 is late.
    """
    return paris_minute(limit.replace(second=0, microsecond=0) - timedelta(minutes=1), language)


def lasting(seconds: int) -> str:
    """A span in its largest whole unit, the same in both languages: « 48 h », « 10 min »."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
