"""Shapes of the `/internal` HTTP routes between services (each route is allowed to named callers only).

They may carry personal data: they are asked for at the moment of use and are never stored by the caller.
"""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue

from services.contracts.life import NextStep
from services.contracts.stages import Stage


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class TokenRequest(_Shape):
    """`POST {sessions}/internal/token`, HTTP Basic with the service's name and secret (RFC 6749 §4.4)."""

    audience: str


class ServiceToken(_Shape):
    access_token: str
    expires_in: int


class Contact(_Shape):
    """`GET {accounts}/internal/candidates/{id}/contact`; 404 when unknown, 410 when the person is erased."""

    email: str


class SessionHolders(_Shape):
    """`GET {accounts}/internal/sessions/{beginning}/holders`: the candidates a login of whom begins so.

    `beginning`: the first four bytes (hexadecimal) of the SHA-256 of a login's token or cookie. Hardly ever
    more than one. A login is known until a day after it was ended; `documents` asks.
    """

    candidate_ids: tuple[UUID, ...]


class Link(_Shape):
    """`GET {accounts}/internal/candidates/{id}/activation-link?issue=n` (or `password-reset-link`).

    404 when the candidate or the issue is unknown, 410 when the link could do nothing any more.
    """

    url: str
    expires_at: AwareDatetime | None = None


class Export(_Shape):
    """`GET {service}/internal/candidates/{id}/export`: all that a service keeps of a person, for them alone.

    `accounts` asks, when the person does. 404 when nothing is kept, 410 when the person is erased. No name of
    an officer and nothing that opens anything is in it.
    """

    kept: dict[str, JsonValue]


class Holdings(_Shape):
    """`GET {service}/internal/candidates/{id}/holdings`: how much a service keeps of a person, in numbers.

    `accounts` asks, before an erasure and until it is done. Never 404: of who is unknown nothing is kept.
    `buried`: the service knows that the person is erased, so nothing of them can be written any more.
    `kept`: what → how many; all 0 once everything is erased.
    """

    buried: bool
    kept: dict[str, int]


class DuePiece(_Shape):
    """A piece this candidate must give. `piece` is an opaque id; `confirmation` marks the signed PDF.

    `example`: what may be given for it, in words.
    """

    piece: str
    title: str
    reason: str
    confirmation: bool = False
    example: str = ""


class Checklist(_Shape):
    """`GET {registration}/internal/candidates/{id}/checklist?version=n` (no version: the latest).

    404 when nothing is saved, 410 when the person is erased. `confirmation_code` is the version's random
    code; `saved_at` is when the request that saved it arrived: a confirmation signed before is périmée.
    `closes_at`: until when this candidate may change the form, later than the others where an officer opened
    it again; null: not told, by a process of the release before.
    `portfolio`: whose officer handles the speciality of the latest version; null: no officer in particular.
    """

    candidate_id: UUID
    session_id: str
    version: int
    revision: int
    saved_at: AwareDatetime
    confirmation_code: str
    pieces: tuple[DuePiece, ...]
    portfolio: int | None = None
    closes_at: AwareDatetime | None = None


class Standing(_Shape):
    """`GET {registration}/internal/candidates/{id}/standing`: the candidature as its owner has it now."""

    candidate_id: UUID
    session_id: str
    revision: int
    stage: Stage
    registration_version: int
    closes_at: AwareDatetime
    deadline_at: AwareDatetime
    hold_cause: str | None = None
    reason: str | None = None
    """Why it stands so, in French, as the candidate may read it: the rule's words or the officer's."""
    unmet: tuple[str, ...] = ()
    """The conditions of R7 that the version in force does not meet and no officer accepted, in French."""
    portfolio: str | None = None
    releases: int = 0
    """How often an officer released it from a hold: who asks early misses no release by its revision."""
    released_at: AwareDatetime | None = None
    """When it was released last, and whether it was then to be settled by the deadline in force."""
    settle_now: bool = False
    appeal_months: int | None = None
    """For the *recours gracieux* against a cancellation, from its message."""


class MissingPieces(_Shape):
    """`GET {documents}/internal/candidates/{id}/missing-pieces`: for the reminder's text."""

    registration_version: int
    titles: tuple[str, ...]


class Refusal(_Shape):
    """`GET {documents}/internal/candidates/{id}/reviews/{review_id}`: a refused piece, for the mail's text.

    404 when the review is unknown or was no refusal, 410 when the person is erased.
    """

    title: str
    reason: str
    deadline_at: AwareDatetime | None = None


class AwaitedPiece(_Shape):
    """A piece that misses a file that counts. `refusal`: an officer's words, where one refused it.

    lost: what counted was there, and the store has lost it: our fault (ours 7).
    """

    piece: str
    title: str
    state: str
    confirmation: bool = False
    refusal: str | None = None
    lost: bool = False


class DossierEvent(_Shape):
    """What happened to a piece. `late`: it came after the deadline; `reason` is an officer's.

    turned_away: something was sent that no service of ours received; `title` is empty where it is not known
    for which piece.
    """

    at: AwareDatetime
    act: Literal["uploaded", "late", "removed", "accepted", "refused", "turned_away"]
    title: str
    reason: str | None = None


class Progress(_Shape):
    """`GET {documents}/internal/candidates/{id}/progress`: the pieces' part of « Mon espace ».

    404 when the candidate is not known there yet, 410 when the person is erased. `registration_version`: the
    one these are the pieces of. `next` is what the clock awaits of `documents`, as the workflow is told it;
    `deadline_at` is the limit that its verdict is given after.
    """

    registration_version: int
    state: Literal["unknown", "incomplete", "complete"]
    deadline_at: AwareDatetime
    next: NextStep
    awaited: tuple[AwaitedPiece, ...] = ()
    events: tuple[DossierEvent, ...] = ()


class Rectangle(_Shape):
    """A place on a page, in mm from its top left."""

    x: float
    y: float
    width: float
    height: float


class ConfirmationMarks(_Shape):
    """`GET {registration}/internal/candidates/{id}/confirmation-marks`: by what a scan of it is read.

    404 when nothing is saved, 410 when the person is erased. The printed code is `prefix` + a version's code;
    `codes` has the SHA-256 (hexadecimal) of each version's code. Lengths are in mm.
    """

    candidate_id: UUID
    version: int
    prefix: str
    codes: dict[int, str]
    page_width: float
    page_height: float
    code: Rectangle
    """The square of the code's modules, without its quiet zone."""
    targets: tuple[tuple[float, float], ...]
    """Centres of the bull's eyes by which the page is aligned."""
    target_radii: tuple[float, float, float]
    """Of a bull's eye: the black disc, the white ring in it, the black middle."""
    date: Rectangle
    signature: Rectangle
    """The two frames; inside them nothing is printed."""
    blank: tuple[Rectangle, ...]
    """Where nothing is printed besides: a pen found here may be what a frame misses."""
