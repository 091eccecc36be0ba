"""Ledgers written by hand, for the tests of the model: `life` tells a story as requests and answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.faults.ledger.record import Act, LifeRecord
from tests.faults.ledger.rounds import Session

OPENS = datetime(2026, 11, 24, 12, tzinfo=UTC)
SESSION = Session(
    session_id="essai",
    opens_at=OPENS,
    closes_at=OPENS + timedelta(seconds=20),
    deadline_at=OPENS + timedelta(seconds=40),
    activation_seconds=8,
    grace_seconds=2,
)
CANDIDATE = "0199aaaa-0000-7000-8000-000000000001"
PIECES = ("p1", "p2", "p3")


def at(seconds: float) -> datetime:
    return OPENS + timedelta(seconds=seconds)


def life(*acts: Act) -> LifeRecord:
    numbered = tuple(act.model_copy(update={"n": number}) for number, act in enumerate(acts, start=1))
    return LifeRecord(life=1, email="vie-0001@essai.registre.example", kind="complete", acts=numbered)


def act(
    kind: str,
    sent: float,
    status: int | None = 200,
    slug: str | None = None,
    *,
    took: float = 0.1,
    facts: dict[str, Any] | None = None,
    told: dict[str, Any] | None = None,
    **more: Any,
) -> Act:
    """`status` None: no answer came."""
    error = None if status else "ReadTimeout"
    return Act(
        n=0,
        life=1,
        act=kind,
        sent=at(sent),
        heard=at(sent + took),
        status=status,
        slug=slug,
        error=error,
        facts=facts or {},
        told=told or {},
        **more,
    )


def activated(sent: float = 2) -> Act:
    return act("activate", sent, facts={"candidate": CANDIDATE})


def saved(
    sent: float, version: int = 1, status: int | None = 201, slug: str | None = None, *, eligible: bool = True
) -> Act:
    mark = f"06399800{version:02}"
    facts = {"expected": version - 1, "mark": mark, "eligible": eligible, "acquis": False}
    told = {
        "version": version,
        "mark": mark,
        "eligible": eligible,
        "pieces": list(PIECES),
        "confirmation": ["p1"],
    }
    return act("save", sent, status, slug, facts=facts, told=told if status in (200, 201) else {})


def uploaded(
    piece: str,
    sent: float,
    status: int | None = 201,
    slug: str | None = None,
    *,
    version: int = 1,
    paper: str = "good",
    how: str = "plain",
    state: str = "received",
    file: int = 0,
    **more: Any,
) -> Act:
    facts = {
        "piece": piece,
        "sha256": f"{piece}-{sent}",
        "paper": paper,
        "how": how,
        "version": version,
        "confirmation": piece == "p1",
    }
    told = {"file_id": file_id(piece, file), "piece": piece, "sha256": f"{piece}-{sent}", "state": state}
    return act("upload", sent, status, slug, facts=facts, told=told if status in (200, 201) else {}, **more)


def file_id(piece: str, file: int = 0) -> str:
    return f"0199bbbb-0000-7000-8000-0000000{piece[1:]}{file:04}"


def removed(piece: str, sent: float, status: int | None = 204, slug: str | None = None, file: int = 0) -> Act:
    return act("remove", sent, status, slug, facts={"piece": piece, "file_id": file_id(piece, file)})


def restored(piece: str, sent: float, status: int | None = 200, file: int = 0) -> Act:
    told = {"file_id": file_id(piece, file), "piece": piece, "sha256": "", "state": "received"}
    facts = {"piece": piece, "file_id": file_id(piece, file)}
    return act("restore", sent, status, facts=facts, told=told if status == 200 else {})


def all_uploaded(sent: float = 10, version: int = 1) -> list[Act]:
    return [uploaded(piece, sent + number, version=version) for number, piece in enumerate(PIECES)]
