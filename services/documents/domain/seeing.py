"""What is known of the time in which candidates may have been turned away, before their verdicts (ours 7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Seen:
    """up_at: the service's last beat (decision 0006); None: it was never seen up.

    logs_read_at: until when the gateways' logs are taken for read, and what was read stands on the rows
        (0012): three of the times between two looks after the last one. None: none is read.
    """

    up_at: datetime | None
    logs_read_at: datetime | None = None

    def all_of(self, deadline_at: datetime, grace: timedelta) -> bool:
        """Whether whatever hindered somebody before the deadline is known."""
        up = self.up_at is not None and deadline_at <= self.up_at
        return up and (self.logs_read_at is None or deadline_at + grace <= self.logs_read_at)

    @property
    def values(self) -> dict[str, datetime | None]:
        """As the statements take it."""
        return {"seen_up_at": self.up_at, "logs_read_at": self.logs_read_at}
