"""What changes after a round's audit is told of that round."""

from collections import Counter

from tests.faults.afterwards import _of_mails, _of_stages
from tests.unit.faults.spoiling import CANCELLED, Recorded


def test_an_outcome_that_changed_later_is_told(played: Recorded) -> None:
    stages = {one.candidate_id: one.stage for one in played.tables.candidatures}
    assert _of_stages(played.evidence, stages) == []
    candidate = played.candidate(CANCELLED)
    assert _of_stages(played.evidence, stages | {candidate: "confirmed"}) == [
        f"later: {candidate} was cancelled and is confirmed"
    ]


def test_a_mail_that_left_again_later_is_told(played: Recorded) -> None:
    left = Counter(mail.message_id for mail in played.evidence.mails if mail.accepted)
    assert _of_mails(played.evidence, left) == []
    again = next(iter(left))
    assert _of_mails(played.evidence, left + Counter([again])) == [f"later: 1 more of the mail {again}"]
