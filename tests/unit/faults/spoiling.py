"""The recorded round, to be spoilt: each test of a judge spoils one thing and expects to be told of that."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.faults.ledger.audit.cases import docket
from tests.faults.ledger.audit.evidence import Candidature, Dossier, Stored, Tables, Told
from tests.faults.ledger.audit.report import Report, judge
from tests.faults.ledger.model import IN_VAIN
from tests.faults.ledger.record import Act, LifeRecord
from tests.faults.ledger.rounds import Death, Round
from tests.unit.faults.recording import recorded

CONFIRMED, CANCELLED, SILENT, WITHDRAWN = "edits", "missing", "silent", "withdraws"
OTHER_CANCELLED = "outdated"
ERASED, DELETED = "erases", "unactivated"
"""What a life was about stands for what became of it in the round that was recorded."""


class Recorded:
    """The recorded round, to be spoilt. `of` finds a life by what it is about."""

    def __init__(self) -> None:
        self.round, self.lives, self.evidence = recorded()

    @property
    def tables(self) -> Tables:
        return self.evidence.tables

    def of(self, kind: str) -> LifeRecord:
        return next(life for life in self.lives if life.kind == kind)

    def candidate(self, kind: str) -> UUID:
        life = self.of(kind)
        return next(case.candidate for case in docket(self.round, self.lives, self.evidence).of_life(life))

    def candidature(self, kind: str) -> Candidature:
        return next(one for one in self.tables.candidatures if one.candidate_id == self.candidate(kind))

    def dossier(self, kind: str) -> Dossier:
        return next(one for one in self.tables.dossiers if one.candidate_id == self.candidate(kind))

    def file(self, kind: str) -> Stored:
        return next(one for one in self.tables.files if one.candidate_id == self.candidate(kind))

    def told(self, kind: str, name: str) -> Told:
        candidate = self.candidate(kind)
        return next(one for one in self.evidence.told if one.key == candidate and one.name == name)

    def do(self, kind: str, act: str, **facts: Any) -> None:
        """Have this life be told that one thing more is done, of which nothing is to be found."""
        self._asks(kind, act, self.round.session.closes_at, timedelta(), facts, status=200)

    def turn_away(
        self, kind: str, *, status: int = 503, after_the_close: timedelta = timedelta(seconds=-1)
    ) -> datetime:
        """Have a save of this life fail at the gateway, by default a second before the window closes."""
        sent = self.round.session.closes_at + after_the_close
        facts = {"mark": "0", "expected": 0, "eligible": True}
        self._asks(kind, "save", sent, timedelta(milliseconds=500), facts, status=status)
        return sent

    def try_in_vain(self, kind: str, times: int, seconds: float) -> None:
        """Have this life send again, before the deadline, what it handed in, and give up after so long."""
        facts = next(act.facts for act in self.of(kind).of("upload") if act.done)
        wait = timedelta(seconds=seconds)
        began = self.round.session.deadline_at - timedelta(seconds=5) - wait * times
        for number in range(times):
            self._asks(kind, "upload", began + wait * number, wait, facts, error=IN_VAIN)

    def _asks(
        self, kind: str, act: str, sent: datetime, after: timedelta, facts: dict[str, Any], **more: Any
    ) -> None:
        number = max(act.n for life in self.lives for act in life.acts) + 1
        whose = self.of(kind).life
        asked = Act(n=number, life=whose, act=act, sent=sent, facts=facts, heard=sent + after, **more)
        self.lives = [
            one.model_copy(update={"acts": (*one.acts, asked)}) if one.life == whose else one
            for one in self.lives
        ]

    def answer(self, kind: str, act: str, **changes: object) -> None:
        """Change the last answer that a life got to an act."""
        life = self.of(kind)
        last = next(one for one in reversed(life.acts) if one.act == act)
        changed: tuple[Act, ...] = tuple(
            one.model_copy(update=changes) if one.n == last.n else one for one in life.acts
        )
        self.lives = [
            one.model_copy(update={"acts": changed}) if one.life == life.life else one for one in self.lives
        ]

    def hold(self, kind: str) -> None:
        """Held for a fault of ours, and no fault on any row."""
        row = self.candidature(kind)
        row.stage, row.hold_cause = "held", "ours"

    def release(self, kind: str) -> None:
        """An officer ends a hold, and it is told."""
        candidate = self.candidate(kind)
        told = next(one for one in self.evidence.told if one.key == candidate)
        new = {"ce_id": uuid4(), "type": "registration.CandidatureReleased.v1"}
        self.evidence.told.append(told.model_copy(update=new))
        self.round = self.round.model_copy(update={"released": (*self.round.released, candidate)})

    def judged(
        self, *, faults: tuple[str, ...] = (), deaths: Sequence[Death] | Sequence[tuple[str, datetime]] = ()
    ) -> Report:
        fell = tuple(one if isinstance(one, Death) else Death(name=one[0], at=one[1]) for one in deaths)
        of_round: Round = self.round.model_copy(update={"faults": faults, "deaths": fell})
        return judge(docket(of_round, self.lives, self.evidence))


Spoil = Callable[[Recorded], object]


def named(spoil: object) -> str:
    """A test's case is called as the function that spoils."""
    return getattr(spoil, "__name__", "said").strip("_")


def complaints(played: Recorded, kind: str) -> list[str]:
    """What the judges say of one kind."""
    return [one.what for one in played.judged().violations if one.kind == kind]
