"""When the witness may look: not before the last mail has left that a fact asks for."""

from tests.faults.ledger.audit.cases import docket
from tests.faults.ledger.audit.gathering import moves
from tests.unit.faults.spoiling import CANCELLED, Recorded


def test_the_round_as_it_was_played_has_come_to_rest(played: Recorded) -> None:
    assert not moves(docket(played.round, played.lives, played.evidence))


def test_a_mail_whose_fact_is_still_to_be_heard_is_waited_for(played: Recorded) -> None:
    whom = played.candidate(CANCELLED)
    played.tables.mails = [
        mail for mail in played.tables.mails if (mail.candidate_id, mail.kind) != (whom, "cancelled")
    ]
    assert moves(docket(played.round, played.lives, played.evidence))
