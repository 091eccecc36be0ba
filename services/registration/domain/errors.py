"""What the rules refuse. The texts people read are made at the edge (`services.registration.refusals`).

Refused
├── WindowShut          arrived before the window opens or after it closed (R1, R5)
├── TooSlow             arrived in time, but did not end before the window's end was decided (ours 2)
├── VersionMismatch     somebody saved in between
├── Changed             what the officer looked at is not any more what there is
├── CalendarChanged     the same of a session
├── DraftMismatch       the draft was written or dropped in between
├── Incorrect           the form against the configuration
├── NotAllowed          the stage of the candidature does not allow the act
├── NothingSaved        there is no registration yet
├── NothingToUphold     nothing speaks against the outcome that an officer would let stand
├── DeadlineRefused     a new deadline that may not be given
├── ReleaseUndecided    a hold ended near or after the deadline: by when, or as it is?
├── Erased              the account is deleted or erased
└── Unknown             no such candidate, session or version
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from services.contracts.events import Calendar
from services.contracts.stages import Stage
from services.registration.domain.candidature import Candidature
from services.registration.domain.checks import Complaint


class Refused(Exception):
    """An act the rules do not allow; nothing was changed."""


@dataclass
class WindowShut(Refused):
    opens_at: datetime
    closes_at: datetime
    arrived_at: datetime


class TooSlow(Refused):
    pass


@dataclass
class VersionMismatch(Refused):
    current: int


@dataclass
class DraftMismatch(Refused):
    """`current`: the draft's revision now, 0 for none."""

    current: int


@dataclass
class Changed(Refused):
    present: Candidature


@dataclass
class CalendarChanged(Refused):
    present: Calendar
    revision: int


@dataclass
class Incorrect(Refused):
    complaints: list[Complaint] = field(default_factory=list)


@dataclass
class NotAllowed(Refused):
    act: str
    stage: Stage


class NothingSaved(Refused):
    pass


class NothingToUphold(Refused):
    pass


@dataclass
class DeadlineRefused(Refused):
    """`limit` is the bound the new deadline must be after (past, window), or not before (notice, release), or
    not after (session_end: login ends there). form_past: the form would be open until then. form_deadline: no
    other was given, and the one in force does not come after the form's.
    """

    why: Literal["past", "form_past", "form_deadline", "window", "notice", "release", "same", "session_end"]
    limit: datetime


@dataclass
class ReleaseUndecided(Refused):
    """`earliest`: the nearest new deadline that may be given instead of settling by the one in force.

    `passed`: that one has passed, so it would be settled at once.
    """

    deadline_at: datetime
    earliest: datetime
    passed: bool


class Erased(Refused):
    pass


@dataclass
class Unknown(Refused):
    what: Literal["candidate", "session", "version"]
