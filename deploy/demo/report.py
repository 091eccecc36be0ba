"""What came of the demo: the table people read and `.local/demo.json` for scripts."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from deploy.demo.calendar import DemoCalendar
from deploy.demo.stage import Outcome

_PARIS = ZoneInfo("Europe/Paris")
_FRENCH = {
    "confirmed": "inscription définitive",
    "cancelled": "candidature annulée",
    "deleted": "compte supprimé",
    "not_registered": "non inscrit",
    "held": "en attente",
    "withdrawn": "retirée",
}


def table(outcomes: list[Outcome]) -> Table:
    found = Table(title="Ce qui est arrivé à chacun", show_lines=True)
    for heading in ("Candidat", "Rôle", "Issue", "Décidé à", "Messages partis"):
        found.add_column(heading, overflow="fold")
    for outcome in outcomes:
        mark = "✔" if outcome.as_the_notice_says else "✘"
        words = _FRENCH.get(outcome.outcome, outcome.outcome)
        detail = "\n".join(
            [f"{mark} {words}", *(f"refus {refusal.status} : {refusal.slug}" for refusal in outcome.refusals)]
        )
        found.add_row(
            outcome.player.first_name,
            outcome.player.story,
            "\n".join([detail, *outcome.deviations]),
            _clock(outcome.decided_at),
            "\n".join(_mail_lines(outcome)),
        )
    return found


def lives(outcomes: list[Outcome], temporal_ui: str) -> Table:
    """Each life's page in Temporal's own web interface, while the stack runs."""
    found = Table(box=None, show_header=False, title="Les vies dans Temporal", title_justify="left")
    for outcome in outcomes:
        if outcome.candidate_id is not None:
            page = f"{temporal_ui}/namespaces/default/workflows/{outcome.candidate_id}"
            found.add_row(outcome.player.first_name, Text(page, overflow="fold"))
    return found


def write_json(outcomes: list[Outcome], calendar: DemoCalendar, path: Path) -> None:
    """Per candidate: id, expected, outcome, instants of deadline and decision, mails by cause."""
    body = {
        "session": {
            "opens_at": calendar.opens_at.isoformat(),
            "closes_at": calendar.closes_at.isoformat(),
            "deadline_at": calendar.deadline_at.isoformat(),
            "grace_seconds": calendar.grace,
        },
        "as_the_notice_says": all(outcome.as_the_notice_says for outcome in outcomes),
        "candidates": [_json(outcome) for outcome in outcomes],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n")


def _json(outcome: Outcome) -> dict[str, Any]:
    return {
        "key": outcome.player.key,
        "id": str(outcome.candidate_id) if outcome.candidate_id else None,
        "expected": outcome.player.expected,
        "outcome": outcome.outcome,
        "deadline_at": outcome.deadline_at.isoformat() if outcome.deadline_at else None,
        "decided_at": outcome.decided_at.isoformat() if outcome.decided_at else None,
        "refusals": [{"status": refusal.status, "type": refusal.slug} for refusal in outcome.refusals],
        "mails": outcome.mails,
        "deviations": outcome.deviations,
    }


def _mail_lines(outcome: Outcome) -> list[str]:
    counts = Counter(
        str(mail.get("subject") or mail["kind"]) for mail in outcome.mails if mail["state"] == "sent"
    )
    return [f"{count} × {subject}" if count > 1 else subject for subject, count in counts.items()]


def _clock(instant: datetime | None) -> str:
    return instant.astimezone(_PARIS).strftime("%H:%M:%S") if instant else ""
