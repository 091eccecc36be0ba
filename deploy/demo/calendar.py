"""The demo session's calendar: the same rules, shorter durations. The dates are data."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path


@dataclass(frozen=True)
class DemoCalendar:
    """A session that opens at `opens_at`; every duration in seconds."""

    opens_at: datetime
    session_id: str = "demo"
    window: int = 80
    documents: int = 45
    activation: int = 20
    grace: int = 3
    reminders: tuple[int, ...] = (30, 12)

    @property
    def closes_at(self) -> datetime:
        return self.opens_at + timedelta(seconds=self.window)

    @property
    def deadline_at(self) -> datetime:
        return self.closes_at + timedelta(seconds=self.documents)

    @property
    def decided_at(self) -> datetime:
        """The earliest instant of a decision at the deadline."""
        return self.deadline_at + timedelta(seconds=self.grace)

    def write(self, path: Path) -> None:
        """As the file that `registration` installs (`services/registration/data/session-2021.toml`)."""
        values: dict[str, object] = {
            "session_id": self.session_id,
            "label": "Session de démonstration",
            "opens_at": self.opens_at,
            "closes_at": self.closes_at,
            "deadline_at": self.deadline_at,
            "ends_at": self.deadline_at + timedelta(days=90),
            "activation_seconds": self.activation,
            "undelivered_seconds": 3600,
            "grace_seconds": self.grace,
            "fault_window_seconds": 60,
            "spread_seconds": 2,
            "reminder_offsets_seconds": list(self.reminders),
            "reminder_gap_seconds": 8,
        }
        path.write_text("".join(f"{key} = {_toml(value)}\n" for key, value in values.items()))


def _toml(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return f'"{value}"'
    return str(value)
