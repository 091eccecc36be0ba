"""What an audit found, in numbers and in words: printed for people, kept as JSON for the conductor."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.faults.ledger.audit.cases import Docket, Violation
from tests.faults.ledger.audit.doubled import doubled, mail_doubles
from tests.faults.ledger.audit.lost import lost
from tests.faults.ledger.audit.races import raced, surely_on_one_side
from tests.faults.ledger.audit.unjust import hold_grounds, told_of_a_save, unjust
from tests.faults.ledger.audit.unresolved import unresolved
from tests.faults.ledger.model import CANCELLED

_MOST_TOLD = 100
_NOT_OURS = frozenset({"eligibility", "officer"})
_KINDS = ("lost", "doubled", "unjust", "unresolved")


@dataclass(frozen=True)
class Report:
    """`held`: ground → how many. `outcomes`: of all candidates of the round.

    raced: candidates of whom a request met a limit. raced_surely: of whom one did that had surely come before
        it, or not left, so that only one answer is right. turned_away: who was cancelled though an upload of
        theirs in time was neither taken nor refused. kept_from_saving: who has nothing in force, while
        an officer is told of a save that was turned away.
    acknowledged: requests. saved, complete: lives that surely were; a round of none proves nothing.
    """

    seed: int
    lives: int
    violations: list[Violation]
    outcomes: dict[str, int]
    held: dict[str, int]
    mail_doubles_allowed: int
    settled_seconds: float | None
    acknowledged: int
    saved: int
    complete: int
    raced: int
    raced_surely: int
    turned_away: int
    kept_from_saving: int

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(violation.kind for violation in self.violations)
        return {kind: found[kind] for kind in _KINDS}

    @property
    def clean(self) -> bool:
        return not self.violations

    def lines(self, lives: dict[int, str]) -> list[str]:
        """For people; `lives`: what each life was about."""
        more = len(self.violations) - _MOST_TOLD
        return [
            *(_told(violation, self.seed, lives) for violation in self.violations[:_MOST_TOLD]),
            *([f"… and {more} more (all are in the report)"] if more > 0 else []),
            f"outcomes: {_listed(self.outcomes)}",
            f"acknowledged={self.acknowledged} saved={self.saved} complete={self.complete}"
            f" raced={self.raced} raced_surely={self.raced_surely} turned_away={self.turned_away}"
            f" kept_from_saving={self.kept_from_saving}",
            f"held={sum(self.held.values())} ({_listed(self.held)})"
            f" mail_doubles_allowed={self.mail_doubles_allowed}",
            f"seeds={self.seed} lives={self.lives} {_listed(self.counts)} settle_s={self._settled()}",
        ]

    def write(self, path: Path) -> None:
        ours = sum(times for why, times in self.held.items() if why not in _NOT_OURS)
        found = asdict(self) | self.counts | {"held_total": sum(self.held.values()), "held_for_us": ours}
        path.write_text(json.dumps(found, indent=1, default=str))

    def _settled(self) -> str:
        return "never" if self.settled_seconds is None else f"{self.settled_seconds:.1f}"


def judge(docket: Docket) -> Report:
    """Every judge's violations, and what is counted besides."""
    judges = (lost, doubled, unjust, unresolved)
    held = Counter(
        case.candidature.hold_cause
        if case.candidature.hold_cause != "ours"
        else " + ".join(hold_grounds(case))
        for case in docket.cases
        if case.candidature is not None and case.candidature.hold_cause is not None and case.outcome == "held"
    )
    return Report(
        seed=docket.of_round.seed,
        lives=len(docket.lives),
        violations=_with_the_bound([violation for one in judges for violation in one(docket)], docket),
        outcomes=dict(Counter(case.outcome or "none" for case in docket.cases).most_common()),
        held={str(why): times for why, times in held.items()},
        mail_doubles_allowed=mail_doubles(docket).excused,
        settled_seconds=docket.evidence.settled_seconds,
        acknowledged=sum(act.done for life in docket.lives for act in life.acts),
        saved=sum(bool(life.done("save", "read_form")) for life in docket.lives),
        complete=sum(case.activated[0] and case.sure_and_possible.complete_surely for case in docket.cases),
        raced=sum(raced(case) > 0 for case in docket.cases),
        raced_surely=sum(map(surely_on_one_side, docket.cases)),
        turned_away=sum(
            case.outcome == CANCELLED and case.sure_and_possible.fault_possibly for case in docket.cases
        ),
        kept_from_saving=sum(map(told_of_a_save, docket.cases)),
    )


def _with_the_bound(found: list[Violation], docket: Docket) -> list[Violation]:
    """What came to rest only after the bound did not come to rest in time."""
    late = docket.evidence.settled_seconds is None
    if not late or any(violation.kind == "unresolved" for violation in found):
        return found
    return [*found, Violation("unresolved", None, None, "all came to rest, but only after the bound")]


def _told(violation: Violation, seed: int, lives: dict[int, str]) -> str:
    about = "" if violation.life is None else f" life={violation.life} ({lives.get(violation.life, '?')})"
    whom = "" if violation.candidate is None else f" candidate={violation.candidate}"
    return f"{violation.kind.upper()} seed={seed}{about}{whom}: {violation.what}"


def _listed(numbers: dict[str, int]) -> str:
    return " ".join(f"{name}={number}" for name, number in numbers.items())
