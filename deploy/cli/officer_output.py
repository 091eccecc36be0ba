"""How the officers' commands write what they show."""

from datetime import datetime
from zoneinfo import ZoneInfo

_PARIS = ZoneInfo("Europe/Paris")


def in_paris(instant: str | None) -> str:
    """An instant of an answer, to the second, by the clocks in Paris."""
    if instant is None:
        return "?"
    return f"{datetime.fromisoformat(instant).astimezone(_PARIS):%d/%m/%Y à %H:%M:%S}"
