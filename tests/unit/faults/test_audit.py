"""The judges on a round that was really played: clean as it was."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.faults.ledger.audit.evidence import Evidence, Told
from tests.faults.ledger.record import LifeRecord
from tests.unit.faults.spoiling import CONFIRMED, Recorded


def test_the_round_as_it_was_played_is_clean(played: Recorded) -> None:
    report = played.judged()
    assert report.violations == []
    assert set(report.outcomes) == {
        "confirmed",
        "cancelled",
        "not_registered",
        "deleted",
        "erased",
        "withdrawn",
    }
    assert report.saved >= 5
    assert report.complete >= 2
    assert report.lines({})[-1].startswith("seeds=3 lives=8 lost=0 doubled=0 unjust=0 unresolved=0 settle_s=")


def test_an_account_no_mail_could_leave_for_is_no_loss(played: Recorded) -> None:
    """Ours 3: it is listed to operators and never deleted."""
    life = LifeRecord(
        life=99, email=f"vie-0099@{played.round.mail_domain}", kind="unactivated", ended=played.lives[0].ended
    )
    account = played.tables.accounts[0].model_copy(
        update={"id": uuid4(), "email": life.email, "state": "awaiting_activation", "expiry_due_at": None}
    )
    played.lives.append(life)
    played.tables.accounts.append(account)
    played.evidence.clocks[account.id] = "RUNNING"
    created = Told(
        topic="accounts.events",
        ce_id=uuid4(),
        key=account.id,
        type="accounts.AccountCreated.v1",
        payload={"revision": 1},
    )
    played.evidence.told.append(created)
    fact = next(one for one in played.tables.facts if one.name == "AccountCreated")
    played.tables.facts.append(fact.model_copy(update={"ce_id": created.ce_id, "key": account.id}))
    refused = next(one for one in played.tables.mails if one.kind == "activation")
    changes = {"candidate_id": account.id, "state": "failed", "message_id": "<refused@example>"}
    played.tables.mails.append(refused.model_copy(update=changes | {"cause": f"activation:{account.id}:1"}))
    delivery = {"to": (life.email,), "message_id": "<refused@example>", "accepted": False, "link": account.id}
    delivery["refused_for_good"] = True
    played.evidence.mails.append(played.evidence.mails[0].model_copy(update=delivery))
    assert played.judged(faults=("smtp",)).violations == []


@pytest.mark.parametrize(
    ("act", "limit", "of_all", "of_the_last_documents"),
    [("save", "closes_at", 1, 0), ("upload", "deadline_at", 1, 1)],
)
def test_a_round_about_the_last_document_counts_nothing_else_as_a_race(
    played: Recorded, act: str, limit: str, of_all: int, of_the_last_documents: int
) -> None:
    played.lives = [played.of(CONFIRMED)]
    before = played.judged().raced
    at = getattr(played.round.session, limit)
    played.answer(CONFIRMED, act, sent=at - timedelta(milliseconds=300), heard=at)
    assert played.judged().raced - before == of_all
    played.round = played.round.model_copy(update={"behaviours": ("race",)})
    assert played.judged().raced == of_the_last_documents


@pytest.mark.parametrize(
    ("sent_ms", "arrived_ms", "heard_ms", "surely"),
    [(-300, None, 200, 0), (-300, -1, 200, 1), (-300, 1, 200, 0), (0, 100, 200, 1), (-300, None, -1, 1)],
)
def test_of_a_race_it_is_told_whether_only_one_answer_is_right(
    played: Recorded, sent_ms: int, arrived_ms: int | None, heard_ms: int, surely: int
) -> None:
    played.lives = [played.of(CONFIRMED)]
    played.round = played.round.model_copy(update={"behaviours": ("race",)})
    assert played.judged().raced_surely == 0
    of_limit = {
        name: played.round.session.deadline_at + timedelta(milliseconds=shift)
        for name, shift in (("sent", sent_ms), ("heard", heard_ms), ("arrived_by", arrived_ms))
        if shift is not None
    }
    played.answer(CONFIRMED, "upload", **of_limit)
    assert (played.judged().raced, played.judged().raced_surely) == (1, surely)


def test_evidence_comes_back_as_it_was_kept(played: Recorded) -> None:
    assert Evidence.model_validate_json(played.evidence.model_dump_json()) == played.evidence
