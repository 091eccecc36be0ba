"""What the conductor says of one round: a JSON file, read once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

_SENDER, _TAKES_UPLOADS, _DATABASES = "notifications-worker", "documents-http", "postgres"
_LOOKED_AT = frozenset(
    {
        *("accounts-sessions", "accounts-http", "registration-http", "documents-http"),
        *("postgres", "documents-worker"),
    }
)
"""What the service's look at itself needs, and who looks."""
_SLOW_LOOKS = timedelta(seconds=8)
"""By how much a silence may be longer than the absence that made it: the look before it and the one after."""
_DRAWN_FOR = timedelta(seconds=16)
"""Between the window's close and the deadline, where pauses last as long as they were drawn (pace 1)."""
_ONE_SILENCE = timedelta(seconds=4)
"""Between two absences there may have been no look."""


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

    def pause_ends_at(self, drawn: timedelta) -> datetime:
        """A pause until `drawn` after the window's close: longer in a slower round, for else all would come
        back at once; ended early enough for what comes after it.
        """
        left = self.deadline_at - self.closes_at
        return self.closes_at + min(drawn * (left / _DRAWN_FOR), left / 2)


class Death(BaseModel):
    """That a process of the house or a part ended, and when; its name is the deployable's or the part's.

    `back_at`: when it was ready again; None: it was not.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    at: AwareDatetime
    back_at: AwareDatetime | None = None


class Round(BaseModel):
    """`faults` names the faults of this round, each as often as it did strike: fault, whom and, of a
    failpoint, where. `deaths`: who did die. `released`: whose hold an officer ended. All of it only to know
    which excuses may be taken; before it is played nothing of it is there.

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
    deaths: tuple[Death, ...] = ()
    released: tuple[UUID, ...] = ()
    outage_seconds: float = 20

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
    def outage(self) -> bool:
        """Whether nobody could hand anything in for so long, across the deadline, that it counts (ours 7)."""
        return "outage" in self._families

    @property
    def poisoned(self) -> bool:
        """Whether there were records that nobody can take in."""
        return "poison" in self._families

    @property
    def may_seem_away(self) -> bool:
        """Whether the service may have looked away to itself for so long that it counts (ours 7)."""
        return self.longest_absence + _SLOW_LOOKS >= timedelta(seconds=self.outage_seconds)

    @property
    def longest_absence(self) -> timedelta:
        """The longest time in which something that the look needs was away."""
        away = sorted(
            (death.at, death.back_at or datetime.max.replace(tzinfo=UTC))
            for death in self.deaths
            if death.name in _LOOKED_AT
        )
        longest, since, until = timedelta(), None, None
        for at, back_at in away:
            if since is None or until is None or at > until + _ONE_SILENCE:
                since, until = at, back_at
            until = max(until, back_at)
            longest = max(longest, until - since)
        return longest

    @property
    def only_mails_fail(self) -> bool:
        """Whether nothing but the mail server did wrong: then what it sends back is heard of at once."""
        return self._families == {"smtp"}

    @property
    def senders_deaths(self) -> list[Death]:
        """When who sends the mails died."""
        return [death for death in self.deaths if death.name == _SENDER]

    @property
    def databases_absences(self) -> list[Death]:
        """When the server of all databases was away."""
        return [death for death in self.deaths if death.name == _DATABASES]

    def may_forget_attempts(self) -> bool:
        """Whether the process that took an upload may have died before it wrote down that it had failed."""
        return any(death.name == _TAKES_UPLOADS for death in self.deaths)

    @property
    def _families(self) -> set[str]:
        return {fault.split(":")[0] for fault in self.faults}
