"""One complete example of each kind of mail, on the real calendar of session 2021."""

from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from services.chassis.office import load_office
from services.contracts.events import Calendar
from services.contracts.internal import Link, MissingPieces, Refusal, Standing
from services.contracts.stages import Stage
from services.notifications.domain import Content, Facts
from services.notifications.kinds import KINDS
from services.notifications.letters import Letter, Writer

CANDIDATE = UUID("01890000-0000-7000-8000-000000000001")
CLOSES_AT = datetime(2020, 11, 22, 23, tzinfo=UTC)
DEADLINE = datetime(2020, 12, 7, 23, tzinfo=UTC)
IN_THE_WINDOW = datetime(2020, 11, 10, 9, 30, tzinfo=UTC)
SITE = "https://candidats.academie.example"
TITLES = ("Confirmation d’inscription datée et signée", "Certificat médical & <copie>")

CALENDAR = Calendar(
    session_id="2021",
    label="session 2021",
    opens_at=datetime(2020, 11, 1, 23, tzinfo=UTC),
    closes_at=CLOSES_AT,
    deadline_at=DEADLINE,
    ends_at=datetime(2021, 7, 31, 22, tzinfo=UTC),
    activation_seconds=48 * 3600,
    undelivered_seconds=7 * 24 * 3600,
    grace_seconds=600,
    fault_window_seconds=24 * 3600,
    spread_seconds=1800,
    reminder_offsets_seconds=(14 * 24 * 3600,),
    reminder_gap_seconds=20 * 3600,
)
FACTS = Facts(version=2, deadline_at=DEADLINE, issue=1, hold_cause="ours", session_id="2021")


def standing(stage: Stage, *, version: int = 2, reason: str | None = None) -> Standing:
    return Standing(
        candidate_id=CANDIDATE,
        session_id="2021",
        revision=9,
        stage=stage,
        registration_version=version,
        closes_at=CLOSES_AT,
        deadline_at=DEADLINE,
        reason=reason,
        appeal_months=2,
    )


_STAGES = {
    "not_saved": Stage.ACTIVATED,
    "released": Stage.AWAITING_DOCUMENTS,
    "registration_saved": Stage.REGISTERED,
    "reminder": Stage.AWAITING_DOCUMENTS,
    "piece_refused": Stage.AWAITING_DOCUMENTS,
    "checklist_complete": Stage.REGISTERED,
    "confirmed": Stage.CONFIRMED,
    "cancelled": Stage.CANCELLED,
    "held": Stage.HELD,
    "not_registered": Stage.NOT_REGISTERED,
    "withdrawn": Stage.WITHDRAWN,
    "reinstated": Stage.AWAITING_DOCUMENTS,
    "form_opened": Stage.ACTIVATED,
    "deadline_moved": Stage.AWAITING_DOCUMENTS,
}
_MISSING = {
    "reminder": MissingPieces(registration_version=2, titles=TITLES),
    "released": MissingPieces(registration_version=2, titles=TITLES),
    "cancelled": MissingPieces(registration_version=2, titles=TITLES),
    "checklist_complete": MissingPieces(registration_version=2, titles=()),
    "confirmed": MissingPieces(registration_version=2, titles=()),
    "reinstated": MissingPieces(registration_version=2, titles=TITLES),
}
_LINKS = {
    "activation": Link(url=f"{SITE}/compte/activation?lien=k1.{CANDIDATE}.1.AbC-_9"),
    "activation_reminder": Link(
        url=f"{SITE}/compte/activation?lien=k1.{CANDIDATE}.1.AbC-_9",
        expires_at=IN_THE_WINDOW + timedelta(hours=24),
    ),
    "password_reset": Link(
        url=f"{SITE}/compte/mot-de-passe?lien=k1.{CANDIDATE}.1.AbC-_9",
        expires_at=IN_THE_WINDOW + timedelta(hours=1),
    ),
}
_REFUSALS = {"piece_refused": Refusal(title="Justificatif de domicile", reason="La date est illisible.")}
_CONFIRMATIONS = {"registration_saved": b"%PDF-1.7"}
_AFTER_THE_DEADLINE = frozenset({"confirmed", "cancelled", "held", "not_registered"})


def content(kind: str) -> Content:
    """What the owners would say for this kind."""
    return Content(
        link=_LINKS.get(kind),
        standing=standing(_STAGES[kind]) if kind in _STAGES else None,
        missing=_MISSING.get(kind),
        refusal=_REFUSALS.get(kind),
        confirmation=_CONFIRMATIONS.get(kind),
        calendar=CALENDAR,
    )


def usual_instant(kind: str) -> datetime:
    return DEADLINE + timedelta(minutes=10) if kind in _AFTER_THE_DEADLINE else IN_THE_WINDOW


@cache
def writer() -> Writer:
    """One for all letters, which keeps its templates compiled."""
    return Writer(load_office(), SITE + "/")


def letter(
    kind: str, *, said: Content | None = None, facts: Facts = FACTS, now: datetime | None = None
) -> Letter:
    return writer().write(KINDS[kind], facts, said or content(kind), now or usual_instant(kind))
