"""What the conductor says of one round: a JSON file, read once."""

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

_DEADLY = frozenset({"kill", "failpoint"})
"""Faults that end a process of ours, which stands after them: `kill:notifications-worker`."""
_SENDER, _TAKES_UPLOADS = "notifications-worker", "documents-http"
SENDERS_PLACES = 8
"""How many mails one sender has on their way at once: so many may be between the 250 and the commit."""


class Session(BaseModel):
    """The exam session's calendar. Instants are exclusive limits (domain, ours 1)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    session_id: str
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    deadline_at: AwareDatetime
    activation_seconds: int
    grace_seconds: int
    reminders: tuple[int, ...] = ()
    fault_window_seconds: int = 60

    @property
    def grace(self) -> timedelta:
        return timedelta(seconds=self.grace_seconds)

    @property
    def window(self) -> timedelta:
        return self.closes_at - self.opens_at


class Round(BaseModel):
    """`faults` names the faults of this round, each as often as it strikes: fault, whom and, of a failpoint,
    where. Only to know which excuses may be taken.

    `behaviours`: the kinds of life to draw (`plans.Kind`); None: all, by their weights.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    seed: int
    lives: int
    gateway: str
    mail_log: Path
    databases: dict[str, str]
    kafka: str
    temporal: str
    temporal_namespace: str
    object_store: str = ""
    session: Session
    behaviours: tuple[str, ...] | None = None
    faults: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Self:
        return cls.model_validate_json(path.read_text())

    @property
    def mail_domain(self) -> str:
        """Of the addresses of this round's candidates: a mail to another one is nobody's."""
        plain = "".join(one if one.isalnum() else "-" for one in self.session.session_id.lower())
        return f"{plain}.registre.example"

    def address(self, life: int) -> str:
        return f"vie-{life:04}@{self.mail_domain}"

    @property
    def faulty(self) -> bool:
        """Whether any fault was made: without one nothing may be excused."""
        return bool(self.faults)

    @property
    def mails_that_may_double(self) -> int:
        """So many as its sender may have had between the server's 250 and its own commit when it died."""
        return self._deaths_of(_SENDER) * SENDERS_PLACES

    @property
    def outage(self) -> bool:
        """Whether nobody could hand anything in for so long, across the deadline, that it counts (ours 7)."""
        return any(fault.split(":")[0] == "outage" for fault in self.faults)

    def may_forget_attempts(self) -> bool:
        """Whether the process that took an upload may have died before it wrote down that it had failed."""
        return self._deaths_of(_TAKES_UPLOADS) > 0

    def _deaths_of(self, whom: str) -> int:
        named = [fault.split(":") for fault in self.faults]
        return sum(words[0] in _DEADLY and whom in words[1:2] for words in named)
