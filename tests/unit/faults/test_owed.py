"""A fault that is owed, on a recorded round: waited for, and missed where it never came."""

from datetime import timedelta

from tests.faults.ledger.record import Act
from tests.unit.faults.spoiling import CANCELLED, Recorded, complaints

UNJUST = "cancelled, where held would be just"
UNRESOLVED = "no fault was written of an upload that was cut or answered 5xx"


def answered_with_a_503(
    played: Recorded, slug: str = "pieces-indisponibles", took: timedelta = timedelta()
) -> None:
    """To the last upload of one who was cancelled, a second before the deadline; nothing of it is kept."""
    deadline = played.round.session.deadline_at
    sent = deadline - timedelta(seconds=1)
    answer = {"status": 503, "slug": slug, "told": {}, "heard": sent + took}
    played.answer(CANCELLED, "upload", sent=sent, arrived_by=sent, **answer)
    last: Act = played.of(CANCELLED).of("upload")[-1]
    played.tables.files = [one for one in played.tables.files if one.sha256 != last.facts["sha256"]]


def test_one_that_never_came_is_missed(played: Recorded) -> None:
    answered_with_a_503(played)
    assert UNRESOLVED in complaints(played, "unresolved")
    assert UNJUST in complaints(played, "unjust")


def test_one_that_came_too_late_for_the_outcome_is_seen_by_its_verdict(played: Recorded) -> None:
    answered_with_a_503(played, took=played.round.session.grace + timedelta(seconds=1))
    assert UNRESOLVED in complaints(played, "unresolved")
    played.dossier(CANCELLED).verdict = "held"
    assert UNRESOLVED not in complaints(played, "unresolved")
    assert not any(what.startswith("cancelled, where") for what in complaints(played, "unjust"))


def test_one_that_the_owner_never_saw_is_missed_too(played: Recorded) -> None:
    answered_with_a_503(played, "momentanement-indisponible")
    assert UNRESOLVED in complaints(played, "unresolved")
    assert UNJUST in complaints(played, "unjust")
