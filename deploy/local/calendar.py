"""The session of a local stack: session 2021 is over, so `make up` gets one that opens today.

The durations are those of session 2021 (services/registration/data/session-2021.toml): three weeks to
register, two more to return the documents; limits fall at midnight in Paris.
"""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from deploy.local.settings import PROJECT

_PARIS = ZoneInfo("Europe/Paris")
_MODEL = PROJECT / "services" / "registration" / "data" / "session-2021.toml"
_WINDOW_DAYS, _DOCUMENTS_DAYS, _SESSION_DAYS = 21, 36, 270


def open_session(root: Path) -> Path:
    """The calendar file of the stack at `root`, made at its first start and kept for the next ones."""
    file = root / "session.toml"
    if not file.exists():
        root.mkdir(parents=True, exist_ok=True)
        file.write_text(_open_today(datetime.now(_PARIS).date()))
    return file


def _open_today(today: date) -> str:
    values = tomllib.loads(_MODEL.read_text()) | {
        "session_id": "locale",
        "label": "Session locale d’essai",
        "opens_at": _midnight(today),
        "closes_at": _midnight(today + timedelta(days=_WINDOW_DAYS)),
        "deadline_at": _midnight(today + timedelta(days=_DOCUMENTS_DAYS)),
        "ends_at": _midnight(today + timedelta(days=_SESSION_DAYS)),
    }
    return "".join(f"{key} = {_toml(value)}\n" for key, value in values.items())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), _PARIS).astimezone(UTC)


def _toml(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return f'"{value}"' if isinstance(value, str) else str(value)
