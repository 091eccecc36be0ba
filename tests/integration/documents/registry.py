"""A small application that speaks `registration`'s contract (`services.contracts.internal`).

Of that of `accounts` it says whose login begins how.

What this service asks of the owner, and how it takes each answer, is its own business; the real owner is met
in the stack and in the lives of session 2021.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import FastAPI, HTTPException

from services.contracts.events import CandidatureEvent, CandidatureHeld, CandidatureReleased, DeadlineMoved
from services.contracts.internal import (
    Checklist,
    ConfirmationMarks,
    DuePiece,
    ServiceToken,
    SessionHolders,
    Standing,
)
from services.contracts.stages import Stage
from tests.unit.documents.rows import CLOSES, DEADLINE, SAVED

PIECES = ("p1", "p2", "p3")


@dataclass(frozen=True)
class Candidature:
    """As the owner has it. `p1` is the signed confirmation."""

    candidate_id: UUID
    session_id: str = "2021"
    revision: int = 1
    version: int = 1
    saved_at: datetime = SAVED
    stage: Stage = Stage.REGISTERED
    deadline_at: datetime = DEADLINE
    releases: int = 0
    released_at: datetime | None = None
    settle_now: bool = False
    pieces: tuple[str, ...] = PIECES
    portfolio: int | None = 12
    closes_at: datetime = CLOSES

    def checklist(self) -> Checklist:
        return Checklist(
            candidate_id=self.candidate_id,
            session_id=self.session_id,
            version=self.version,
            revision=self.revision,
            confirmation_code="code",
            saved_at=self.saved_at,
            pieces=tuple(
                DuePiece(piece=piece, title=f"Titre {piece}", reason="Raison", confirmation=piece == "p1")
                for piece in self.pieces
            ),
            portfolio=self.portfolio,
            closes_at=self.closes_at,
        )

    def standing(self) -> Standing:
        return Standing(
            candidate_id=self.candidate_id,
            session_id=self.session_id,
            revision=self.revision,
            stage=self.stage,
            registration_version=self.version,
            closes_at=self.closes_at,
            deadline_at=self.deadline_at,
            releases=self.releases,
            released_at=self.released_at,
            settle_now=self.settle_now,
        )

    def told(self, kind: type[CandidatureEvent]) -> CandidatureEvent:
        """The fact of how it stands now."""
        values: dict[str, Any] = {
            "revision": self.revision,
            "candidate_id": self.candidate_id,
            "session_id": self.session_id,
            "state": self.stage,
            "registration_version": self.version,
            "deadline_at": self.deadline_at,
        }
        if kind is DeadlineMoved:
            values["scope"] = "candidate"
        if kind is CandidatureHeld:
            values["cause"] = "ours"
        if kind is CandidatureReleased:
            values |= {
                "releases": self.releases,
                "released_at": self.released_at,
                "settle_now": self.settle_now,
            }
        return kind(**values)


@dataclass
class Registry:
    """`away`: it fails. `refusing`: it refuses the question. `asked`: the routes it answered or failed.

    holders: the beginning of a login's digest → whose it is.
    """

    candidatures: dict[UUID, Candidature] = field(default_factory=dict)
    erased: set[UUID] = field(default_factory=set)
    marks: dict[UUID, ConfirmationMarks] = field(default_factory=dict)
    away: bool = False
    refusing: bool = False
    asked: list[str] = field(default_factory=list)
    holders: dict[str, tuple[UUID, ...]] = field(default_factory=dict)

    def change(self, candidate_id: UUID, **changes: Any) -> Candidature:
        """Something happened there: the revision grows."""
        before = self.candidatures.get(candidate_id)
        if before is None:
            after = Candidature(candidate_id, **changes)
        else:
            after = replace(before, **({"revision": before.revision + 1} | changes))
        self.candidatures[candidate_id] = after
        return after

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/internal/token")
        async def token() -> ServiceToken:
            return ServiceToken(access_token="token", expires_in=60)

        @app.get("/internal/candidates/{candidate_id}/checklist")
        async def checklist(candidate_id: UUID) -> Checklist:
            return self._find("checklist", candidate_id).checklist()

        @app.get("/internal/candidates/{candidate_id}/standing")
        async def standing(candidate_id: UUID) -> Standing:
            return self._find("standing", candidate_id).standing()

        @app.get("/internal/candidates/{candidate_id}/confirmation-marks")
        async def confirmation_marks(candidate_id: UUID) -> ConfirmationMarks:
            self._find("confirmation-marks", candidate_id)
            if candidate_id not in self.marks:
                raise HTTPException(404)
            return self.marks[candidate_id]

        @app.get("/internal/sessions/{beginning}/holders")
        async def holders(beginning: str) -> SessionHolders:
            if self.away:
                raise HTTPException(503)
            return SessionHolders(candidate_ids=self.holders.get(beginning, ()))

        return app

    def _find(self, route: str, candidate_id: UUID) -> Candidature:
        self.asked.append(route)
        if self.away:
            raise HTTPException(503)
        if self.refusing:
            raise HTTPException(422)
        if candidate_id in self.erased:
            raise HTTPException(410)
        if candidate_id not in self.candidatures:
            raise HTTPException(404)
        return self.candidatures[candidate_id]
