"""Reconciliation after a round: where all is well it finds nothing, and a repairing run changes nothing."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.stage import Stage

_TOLD_TO_PEOPLE = frozenset({"mail_failed"})
"""No disagreement: the mail server refused a mail for good, which the witness judges by itself."""
_TOLD_WHERE_MAILS_COME_BACK = frozenset({"cancelled_but_held"})
"""A reminder may come back after the cancellation; what becomes of that is for an officer to say."""
_SAVE = "save_turned_away"
_WITHIN_SECONDS = 300


@dataclass(frozen=True)
class Expected:
    """What a reconciliation has to say that is no disagreement.

    bounces: mails came back in the round. saves_turned_away: of how many candidates, by the witness: each is
    to be told, and nobody else.
    """

    bounces: bool = False
    saves_turned_away: int = 0


async def findings(stage: Stage, session_id: str, expected: Expected, *, repair: bool) -> list[str]:
    """What `candidat-libre reconcile` says of the session besides: nothing, where all is well."""
    words = ["reconcile", "--session", session_id, "--repair" if repair else "--dry-run", "--json"]
    words += ["--addresses", str(stage.addresses.root / "addresses.json")]
    try:
        code, said = await stage.command(*words, within=_WITHIN_SECONDS)
    except TimeoutError:
        return [f"reconcile did not end within {_WITHIN_SECONDS} s"]
    if code not in (0, 1) or "{" not in said:
        return [f"reconcile failed: {' '.join(said.split())}"]
    return told(_report_in(said), expected)


def told(report: dict[str, Any], expected: Expected) -> list[str]:
    """Each kind of finding, mended or left, with how many there are and the first that was listed."""
    passed = _TOLD_TO_PEOPLE | (_TOLD_WHERE_MAILS_COME_BACK if expected.bounces else frozenset()) | {_SAVE}
    first = {one["kind"]: one for one in reversed([*report["repaired"], *report["left"]])}
    found = [
        f"reconcile {verb} {times} {kind}: {first[kind]['key']} {first[kind]['seen']}".rstrip()
        for verb, counts in (("found", report["left_by_kind"]), ("mended", report["repaired_by_kind"]))
        for kind, times in counts.items()
        if kind not in passed
    ]
    saves = report["left_by_kind"].get(_SAVE, 0)
    if saves != expected.saves_turned_away:
        found.append(f"reconcile found {saves} {_SAVE}, of {expected.saves_turned_away}")
    return found


def _report_in(said: str) -> dict[str, Any]:
    """The command prints its report alone; what it says besides stands before or after it."""
    found, _ = json.JSONDecoder().raw_decode(said[said.index("{") :])
    return dict(found)


async def changes(before: Path, after: Path) -> list[str]:
    """What another audit saw otherwise: rows of the tables, mails that left."""
    return await asyncio.to_thread(_changes, before, after)


def _changes(before: Path, after: Path) -> list[str]:
    was, is_now = (_rows(json.loads(one.read_text())) for one in (before, after))
    return [
        f"a repairing run without findings changed {name}: {len(was[name] ^ is_now[name])} rows"
        for name in sorted(was)
        if was[name] != is_now[name]
    ]


def _rows(evidence: dict[str, Any]) -> dict[str, set[str]]:
    """Table → its rows as they were seen, in no order; `mails` are those that left."""
    tables = evidence["tables"]
    found = {
        name: {json.dumps(row, sort_keys=True) for row in _listed(rows)} for name, rows in tables.items()
    }
    left = {json.dumps([place, mail], sort_keys=True) for place, mail in enumerate(evidence["mails"])}
    return found | {"the mails that left": left}


def _listed(rows: Any) -> list[Any]:
    """`buried` names a list for each service."""
    if isinstance(rows, dict):
        return [[service, one] for service, some in rows.items() for one in some]
    return list(rows)
