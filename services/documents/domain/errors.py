"""What the rules refuse. The texts people read are made at the edge (`services.documents.refusals`).

Refused
├── NotRegistered   nothing is saved yet, so no piece is asked for
├── NotAsked        this piece is not asked of this candidate
├── TooLate         arrived at the deadline or after it (R6)
├── Decided         the candidature's stage takes no document any more
├── Filed           the verdict *complete* is out: its files stay
├── TooMany         the piece has all the files it may have
├── RefusedBefore   an officer refused this very content, with a reason
├── Outdated        a confirmation signed for an older version than the one in force (périmée)
├── NotTheirs       a confirmation with somebody else's code
├── NotDated        a confirmation whose date frame is surely empty
├── NotSigned       a confirmation whose signature frame is surely empty
├── NothingThere    a review of a piece without files
├── Changed         a review of what is no longer as the officer saw it
├── SessionOver     a refusal whose deadline would lie after the end of the session
├── NoSpan          an outage that does not end after it began, or not yet
├── Erased          the account is deleted or erased
├── Unknown         no such candidate, file or review
└── BadFile         the file is not one of those accepted; `why` says which check failed
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.contracts.stages import Stage


class Refused(Exception):
    """An act the rules do not allow; nothing was changed."""


class NotRegistered(Refused):
    pass


class NotAsked(Refused):
    pass


@dataclass
class TooLate(Refused):
    arrived_at: datetime
    deadline_at: datetime


@dataclass
class Decided(Refused):
    stage: Stage


class Filed(Refused):
    pass


@dataclass
class TooMany(Refused):
    limit: int


@dataclass
class RefusedBefore(Refused):
    """`name`: which one, where several were sent together."""

    reason: str
    name: str = ""


@dataclass
class Outdated(Refused):
    """`version`: the one it was signed for, None where that is not known. `name`: as of `RefusedBefore`."""

    version: int | None
    in_force: int
    name: str = ""


class NotTheirs(Refused):
    pass


class NotDated(Refused):
    pass


@dataclass
class NotSigned(Refused):
    """`dated`: the date frame is not empty."""

    dated: bool


class NothingThere(Refused):
    pass


class Changed(Refused):
    pass


@dataclass
class SessionOver(Refused):
    """`deadline_at`: the one that the refusal would give; nobody can log in after `ends_at` (R2)."""

    ends_at: datetime
    deadline_at: datetime


class NoSpan(Refused):
    pass


class Erased(Refused):
    pass


@dataclass
class Unknown(Refused):
    what: str


class Flaw(StrEnum):
    """Why a file is not accepted; each is a stable problem type."""

    EMPTY = "fichier-vide"
    TOO_LARGE = "fichier-trop-lourd"
    TYPE = "format-non-accepte"
    MISLABELLED = "format-different"
    PDF_ENCRYPTED = "pdf-chiffre"
    PDF_BROKEN = "pdf-illisible"
    PDF_PAGES = "pdf-trop-de-pages"
    PDF_ACTIVE = "pdf-actif"
    IMAGE_BROKEN = "image-illisible"
    IMAGE_SIZE = "image-trop-grande"
    PDF_SIGNED = "pdf-signe"
    SEND_TOO_LARGE = "envoi-trop-lourd"
    SEND_TOO_MANY = "envoi-trop-de-fichiers"


@dataclass
class BadFile(Refused):
    """`name`: which one, where several were sent together."""

    why: Flaw
    name: str = ""
