"""The ledger itself: JSON lines, written before a request leaves and after its answer has come.

    {"began": …, "mail_log": 1234}                                    the round; where its mails begin
    {"life": 3, "email": …, "kind": …, "plan": {…}}                   somebody begins
    {"n": 17, "life": 3, "act": "save", "sent": …, "facts": {…}}      headers are about to leave
    {"n": 17, "heard": …, "status": 201, "slug": null, "told": {…}}   the response is complete
    {"n": 17, "heard": …, "error": "ReadTimeout", "reached": true}    no answer; `reached`: it may be there
    {"life": 3, "ended": …, "note": …}                                they have done their part

No password and nothing that opens anything is written.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

_NOT_AN_ANSWER = frozenset({408, 429})
"""Ours as much as theirs: the body took too long or too many came at once; what became of it is not said."""


class Act(BaseModel):
    """One request and what became of it. `arrived_by`: proven to be at the gateway by then."""

    model_config = ConfigDict(frozen=True)

    n: int
    life: int
    act: str
    sent: AwareDatetime
    facts: dict[str, Any] = {}
    heard: AwareDatetime | None = None
    status: int | None = None
    slug: str | None = None
    told: dict[str, Any] = {}
    error: str | None = None
    reached: bool = True
    arrived_by: AwareDatetime | None = None

    @property
    def done(self) -> bool:
        """Acknowledged."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Answered that nothing was done, for a reason of the candidate's."""
        return self.status is not None and 400 <= self.status < 500 and self.status not in _NOT_AN_ANSWER

    @property
    def unknown(self) -> bool:
        """It may or may not have been done: 5xx, no answer, or one that does not say."""
        return self.reached and not self.done and not self.refused

    def surely_before(self, limit: datetime) -> bool:
        """It had surely arrived: the answer was complete, or the gateway had shown that it was there."""
        seen = [one for one in (self.arrived_by, self.heard if self.status is not None else None) if one]
        return bool(seen) and min(seen) < limit

    def surely_after(self, limit: datetime) -> bool:
        """Not even its headers had left."""
        return self.sent >= limit


class LifeRecord(BaseModel):
    """All that one life did, in order."""

    model_config = ConfigDict(frozen=True)

    life: int
    email: str
    kind: str
    plan: dict[str, Any] = {}
    acts: tuple[Act, ...] = ()
    ended: AwareDatetime | None = None
    note: str = ""

    def of(self, *kinds: str) -> list[Act]:
        return [act for act in self.acts if act.act in kinds]

    def done(self, *kinds: str) -> list[Act]:
        return [act for act in self.of(*kinds) if act.done]

    def unknown(self, *kinds: str) -> list[Act]:
        return [act for act in self.of(*kinds) if act.unknown]


class Recorder:
    """Appends; every line is on its way to the disk before the caller goes on."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a")
        self._next = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def opens(self, mail_log: int) -> None:
        self._write(began=_now(), mail_log=mail_log)

    def begins(self, life: int, email: str, kind: str, plan: dict[str, Any]) -> None:
        self._write(life=life, email=email, kind=kind, plan=plan)

    def sends(self, life: int, act: str, facts: dict[str, Any]) -> int:
        number, self._next = self._next, self._next + 1
        self._write(n=number, life=life, act=act, sent=_now(), facts=facts)
        return number

    def hears(self, number: int, status: int, slug: str | None, told: dict[str, Any], **more: Any) -> None:
        self._write(n=number, heard=_now(), status=status, slug=slug, told=told, **more)

    def fails(self, number: int, error: str, *, reached: bool, **more: Any) -> None:
        self._write(n=number, heard=_now(), error=error, reached=reached, **more)

    def ends(self, life: int, note: str) -> None:
        self._write(life=life, ended=_now(), note=note)

    def _write(self, **line: Any) -> None:
        self._file.write(json.dumps(line, default=str) + "\n")
        self._file.flush()


def read(path: Path) -> list[LifeRecord]:
    """The lives of a ledger, in their order. A last line that was cut short is left out."""
    with path.open() as lines:
        return gather(_parsed(lines))


def mails_begin_at(path: Path) -> int:
    """Where the mails of the ledger's round begin in the mail log."""
    with path.open() as lines:
        first = next(iter(_parsed(lines)), {})
    return int(first.get("mail_log", 0))


def gather(lines: Iterable[dict[str, Any]]) -> list[LifeRecord]:
    lives: dict[int, dict[str, Any]] = {}
    acts: dict[int, dict[str, Any]] = {}
    for line in lines:
        if "began" in line:
            continue
        if "n" in line:
            acts.setdefault(line["n"], {}).update(line)
        else:
            lives.setdefault(line["life"], {}).update(line)
    by_life: dict[int, list[Act]] = {number: [] for number in lives}
    for number in sorted(acts):
        act = Act.model_validate(acts[number])
        by_life[act.life].append(act)
    return [LifeRecord(**lives[number], acts=tuple(by_life[number])) for number in sorted(lives)]


def _parsed(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    for line in lines:
        if line.endswith("\n"):
            yield json.loads(line)


def _now() -> str:
    return datetime.now(UTC).isoformat()
