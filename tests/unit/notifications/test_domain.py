"""When a mail no longer makes sense, how long it waits, by what it is known."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.contracts.internal import MissingPieces
from services.contracts.stages import Stage
from services.notifications.domain import (
    Answer,
    Conditions,
    Content,
    Facts,
    Step,
    deadline_to_show,
    expired,
    gives_up,
    message_id,
    moot_because,
    wait_after,
)
from services.notifications.kinds import KINDS
from tests.unit.notifications.samples import (
    CALENDAR,
    CANDIDATE,
    CLOSES_AT,
    DEADLINE,
    FACTS,
    IN_THE_WINDOW,
    content,
    standing,
)

REMINDER = KINDS["reminder"].conditions
MILLISECOND = timedelta(milliseconds=1)


def test_a_reminder_still_makes_sense_a_millisecond_before_its_deadline() -> None:
    assert not expired(REMINDER, FACTS, CALENDAR, DEADLINE - MILLISECOND)


def test_a_reminder_makes_no_sense_from_its_deadline_on() -> None:
    assert expired(REMINDER, FACTS, CALENDAR, DEADLINE)


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"reminder", "activation_reminder", "not_saved"}))
def test_no_other_mail_expires_with_the_deadline(kind: str) -> None:
    assert not expired(KINDS[kind].conditions, FACTS, CALENDAR, DEADLINE + timedelta(days=30))


def test_nobody_is_asked_to_register_once_the_window_has_closed() -> None:
    conditions = KINDS["not_saved"].conditions
    assert not expired(conditions, Facts(), CALENDAR, CLOSES_AT - MILLISECOND)
    assert expired(conditions, Facts(), CALENDAR, CLOSES_AT)


def test_whoever_has_saved_is_not_asked_to() -> None:
    said = Content(standing=standing(Stage.REGISTERED, version=1))
    assert moot_because(KINDS["not_saved"].conditions, Facts(), said) == "stage_registered"


def test_nobody_is_recalled_to_activate_an_account_that_registers_nobody_any_more() -> None:
    conditions, facts = KINDS["activation_reminder"].conditions, Facts(deadline_at=DEADLINE)
    assert not expired(conditions, facts, CALENDAR, CLOSES_AT - MILLISECOND)
    assert expired(conditions, facts, CALENDAR, CLOSES_AT)


@pytest.mark.parametrize("stage", [Stage.CONFIRMED, Stage.HELD, Stage.CANCELLED])
def test_what_remained_to_be_done_after_a_save_is_not_read_again_once_it_is_decided(stage: Stage) -> None:
    kind = KINDS["registration_saved"]
    said = Content(standing=standing(stage))
    assert moot_because(kind.conditions, FACTS, said) is None
    assert kind.when_read is not None
    assert moot_because(kind.when_read, FACTS, said) == f"stage_{stage}"


def test_a_refusal_is_not_read_again_once_the_piece_is_replaced() -> None:
    conditions = KINDS["piece_refused"].when_read
    assert conditions is not None
    said = content("piece_refused")
    assert said.refusal is not None
    still = MissingPieces(registration_version=2, titles=(said.refusal.title,))
    gone = MissingPieces(registration_version=2, titles=())
    assert moot_because(conditions, FACTS, replace(said, missing=still)) is None
    assert moot_because(conditions, FACTS, replace(said, missing=None)) is None
    assert moot_because(conditions, FACTS, replace(said, missing=gone)) == "piece_replaced"


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_makes_sense_while_the_owners_say_what_the_event_said(kind: str) -> None:
    assert moot_because(KINDS[kind].conditions, FACTS, content(kind)) is None


def test_a_reminder_makes_no_sense_when_nothing_is_missing() -> None:
    complete = MissingPieces(registration_version=2, titles=())
    said = Content(standing=standing(Stage.AWAITING_DOCUMENTS), missing=complete)
    assert moot_because(REMINDER, FACTS, said) == "pieces_complete"


def test_a_complete_file_is_not_announced_when_a_piece_is_missing_again() -> None:
    said = Content(
        standing=standing(Stage.REGISTERED),
        missing=MissingPieces(registration_version=2, titles=("Pièce d’identité",)),
    )
    assert moot_because(KINDS["checklist_complete"].conditions, FACTS, said) == "pieces_missing"


@pytest.mark.parametrize(
    "stage", [Stage.CONFIRMED, Stage.HELD, Stage.WITHDRAWN, Stage.CANCELLED, Stage.NOT_REGISTERED]
)
def test_nobody_is_reminded_who_is_confirmed_held_withdrawn_or_cancelled(stage: Stage) -> None:
    said = Content(standing=standing(stage), missing=content("reminder").missing)
    assert moot_because(REMINDER, FACTS, said) == f"stage_{stage}"


@pytest.mark.parametrize("kind", ["confirmed", "cancelled", "held", "not_registered", "withdrawn"])
def test_an_outcome_replaced_before_its_mail_left_is_not_told(kind: str) -> None:
    now_stands = Stage.AWAITING_DOCUMENTS
    assert moot_because(KINDS[kind].conditions, FACTS, Content(standing=standing(now_stands)))


def test_a_hold_for_another_cause_has_a_mail_of_its_own() -> None:
    held = standing(Stage.HELD).model_copy(update={"hold_cause": "officer"})
    assert moot_because(KINDS["held"].conditions, Facts(hold_cause="ours"), Content(standing=held))
    assert moot_because(KINDS["held"].conditions, Facts(hold_cause="officer"), Content(standing=held)) is None


def test_without_conditions_a_mail_always_makes_sense() -> None:
    assert moot_because(Conditions(), Facts(), Content(standing=standing(Stage.WITHDRAWN))) is None


def test_the_waits_are_short_at_first_and_ten_minutes_at_most() -> None:
    waits = [wait_after(attempts).total_seconds() for attempts in range(1, 30)]
    assert waits[:3] == [1, 2, 5]
    assert waits == sorted(waits)
    assert waits[-1] == 600


@pytest.mark.parametrize(
    "answer", [Answer(Step.RECIPIENT, 451), Answer(Step.DATA, 554, "5.7.1"), Answer(Step.US, 421)]
)
def test_a_mail_refused_for_a_week_is_given_up(answer: Answer) -> None:
    refusals = 0
    waited = timedelta()
    while not gives_up(answer, refusals + 1):
        refusals += 1
        waited += wait_after(refusals)
    assert timedelta(days=6) < waited < timedelta(days=8)


@pytest.mark.parametrize("answer", [None, Answer(Step.US, 535), Answer(Step.US, 554)])
def test_a_fault_of_ours_never_ends_a_mail(answer: Answer | None) -> None:
    assert not gives_up(answer, 100_000)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(Step.RECIPIENT, 550, "5.1.1"),
        Answer(Step.RECIPIENT, 552, "5.2.2"),
        Answer(Step.DATA, 550, "5.1.10"),
        Answer(Step.RECIPIENT, 550),
        Answer(Step.RECIPIENT, 551),
        Answer(Step.RECIPIENT, 553),
    ],
)
def test_an_address_that_takes_no_mail_ends_it(answer: Answer) -> None:
    assert answer.about_recipient


@pytest.mark.parametrize(
    "answer",
    [
        Answer(Step.RECIPIENT, 550, "5.4.5"),
        Answer(Step.RECIPIENT, 554, "5.7.1"),
        Answer(Step.RECIPIENT, 550, "5.1.8"),
        Answer(Step.RECIPIENT, 554),
        Answer(Step.RECIPIENT, 450, "4.2.1"),
        Answer(Step.DATA, 554, "5.7.1"),
        Answer(Step.DATA, 552, "5.3.4"),
        Answer(Step.DATA, 550),
        Answer(Step.US, 550, "5.1.1"),
    ],
)
def test_a_quota_a_policy_or_our_own_address_ends_nobodys_mail(answer: Answer) -> None:
    assert not answer.about_recipient


def test_a_cause_has_one_message_id_and_another_cause_another() -> None:
    one = message_id(f"reminder:{CANDIDATE}:J-7", "academie.example")
    assert one == message_id(f"reminder:{CANDIDATE}:J-7", "academie.example")
    assert one != message_id(f"reminder:{CANDIDATE}:J-2", "academie.example")
    assert one.endswith("@academie.example>")


def test_a_message_id_does_not_tell_the_candidate() -> None:
    assert str(CANDIDATE) not in message_id(f"reminder:{CANDIDATE}:J-7", "academie.example")


def test_the_owners_deadline_is_shown() -> None:
    later = standing(Stage.AWAITING_DOCUMENTS).model_copy(
        update={"deadline_at": DEADLINE + timedelta(days=7)}
    )
    assert deadline_to_show(Facts(deadline_at=DEADLINE), later, IN_THE_WINDOW) == later.deadline_at


def test_a_refusals_own_deadline_is_shown_while_the_owners_is_past() -> None:
    own = DEADLINE + timedelta(days=7)
    shown = deadline_to_show(Facts(deadline_at=own), standing(Stage.CANCELLED), DEADLINE)
    assert shown == own


def test_a_refusals_own_deadline_is_shown_though_its_owner_has_not_heard_of_it_yet() -> None:
    """No other mail tells it: the owner's is still ahead, and nearer."""
    own = DEADLINE + timedelta(days=3)
    refused = Facts(review_id=CANDIDATE, deadline_at=own)
    still = standing(Stage.AWAITING_DOCUMENTS)
    assert deadline_to_show(refused, still, IN_THE_WINDOW) == own
    later = still.model_copy(update={"deadline_at": own + timedelta(days=9)})
    assert deadline_to_show(refused, later, IN_THE_WINDOW) == later.deadline_at
