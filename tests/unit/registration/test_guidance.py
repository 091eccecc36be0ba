"""What to do, by when, what then: from the workflow's timers, and nothing called done that is not."""

import itertools
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

import pytest

from services.contracts.internal import AwaitedPiece, Progress
from services.contracts.life import NextStep
from services.contracts.stages import Stage
from services.registration import guidance
from services.registration.domain.candidature import Candidature
from services.registration.domain.life import CLOSE_WINDOW, next_step
from services.registration.wording import headline, outcome_of
from tests.unit.registration.rows import CLOSES, CONFIGURATION, DEADLINE, GRACE, MS, row

next_of = partial(guidance.next_of, appeal_months=CONFIGURATION.rules.appeal.months)
DAY = timedelta(days=1)
WINDOW = CLOSES - 5 * DAY
BETWEEN = CLOSES + 5 * DAY
LATE = DEADLINE + MS
CONFIRMATION = AwaitedPiece(piece="p1", title="Confirmation", state="expected", confirmation=True)
IDENTITY = AwaitedPiece(piece="p2", title="Pièce d’identité", state="refused", refusal="floue")
MISSING = (CONFIRMATION, IDENTITY)
LOST = AwaitedPiece(piece="p2", title="Pièce d’identité", state="expected", lost=True)


def progress(state: Literal["unknown", "incomplete", "complete"], **changes: Any) -> Progress:
    values: dict[str, Any] = {
        "registration_version": 2,
        "state": state,
        "deadline_at": DEADLINE,
        "next": NextStep(ended=False, action="settle", wait_seconds=60, due_at=DEADLINE + GRACE),
        "awaited": MISSING if state == "incomplete" else (),
    }
    return Progress(**(values | changes))


def held(cause: str) -> Candidature:
    return row(Stage.HELD, hold_cause=cause)


EVERYBODY = [
    row(Stage.ACTIVATED),
    row(Stage.REGISTERED),
    row(Stage.REGISTERED, eligible=False),
    row(Stage.AWAITING_DOCUMENTS),
    row(Stage.AWAITING_DOCUMENTS, eligible=False),
    row(Stage.HELD, hold_cause="ours", eligible=False),
    row(Stage.CANCELLED, cancelled_by="verdict"),
    row(Stage.CANCELLED, cancelled_by="officer", officer_reason="doublon"),
    held("ours"),
    held("officer"),
    held("eligibility"),
    row(Stage.NOT_REGISTERED),
    row(Stage.WITHDRAWN),
]
KNOWN = [
    None,
    progress("incomplete"),
    progress("incomplete", awaited=(IDENTITY,)),
    progress("incomplete", awaited=(CONFIRMATION, LOST)),
    progress("complete"),
]
INSTANTS = [WINDOW, CLOSES - MS, CLOSES, BETWEEN, DEADLINE - MS, DEADLINE, LATE]


@pytest.mark.parametrize("instant", INSTANTS)
@pytest.mark.parametrize(("candidature", "told"), list(itertools.product(EVERYBODY, KNOWN)))
def test_definitive_is_said_to_nobody_but_the_confirmed(
    candidature: Candidature, told: Progress | None, instant: datetime
) -> None:
    step = next_of(candidature, instant, told)
    words = [headline(candidature, told), str(step.what), str(step.then), outcome_of(candidature) or ""]
    assert "définiti" not in " ".join(words).lower()


def test_the_confirmed_are_told_that_it_is_definitive_and_nothing_is_left_to_do() -> None:
    confirmed = row(Stage.CONFIRMED)
    step = next_of(confirmed, BETWEEN, progress("complete"))
    assert "définitive" in headline(confirmed, None)
    assert (step.by, step.doing) == (None, None)


def test_the_confirmed_whose_piece_was_refused_since_are_told_by_when_and_that_nothing_is_cancelled() -> None:
    longer = DEADLINE + 5 * DAY
    refused = progress("incomplete", awaited=(IDENTITY,), deadline_at=longer)
    step = next_of(row(Stage.CONFIRMED), LATE, refused)
    assert (step.by, step.doing) == (longer, "documents")
    assert "ne l’annule pas" in str(step.then)
    after = next_of(row(Stage.CONFIRMED), longer, refused)
    assert (after.by, after.doing) == (None, None)
    assert "reste définitive" in str(after.then)


WHOSE_PIECES_COUNT = [
    row(Stage.REGISTERED),
    row(Stage.AWAITING_DOCUMENTS, eligible=False),
    row(Stage.AWAITING_DOCUMENTS),
    held("ours"),
    held("officer"),
    row(Stage.CONFIRMED),
]


@pytest.mark.parametrize("awaited", [(LOST,), (CONFIRMATION, LOST), (IDENTITY, LOST)])
@pytest.mark.parametrize("candidature", WHOSE_PIECES_COUNT)
def test_what_we_lost_is_told_as_our_fault_and_asked_for_only_while_it_may_be_sent(
    candidature: Candidature, awaited: tuple[AwaitedPiece, ...]
) -> None:
    told = progress("incomplete", awaited=awaited)
    before, after = (next_of(candidature, instant, told) for instant in (BETWEEN, LATE))
    assert (before.by, before.doing) == (DEADLINE, "documents")
    assert "renvoyez-la" in str(before.what)
    assert (after.by, after.doing) == (None, "contact")
    assert "Contactez le bureau des examens : rien n’est annulé pour cela." in str(after.what)
    for step in (before, after):
        words = f"{step.what} {step.then}"
        assert "Par notre faute, nous avons perdu" in words
        for blame in ("refus", "n’est perdu", "sera annulée"):
            assert blame not in words


@pytest.mark.parametrize("instant", INSTANTS)
@pytest.mark.parametrize(("candidature", "told"), list(itertools.product(EVERYBODY, KNOWN)))
def test_no_limit_that_has_passed_is_told(
    candidature: Candidature, told: Progress | None, instant: datetime
) -> None:
    by = next_of(candidature, instant, told).by
    assert by is None or by > instant


@pytest.mark.parametrize("stage", [Stage.ACTIVATED, Stage.WITHDRAWN])
def test_the_windows_limit_is_the_one_the_clock_fires_for(stage: Stage) -> None:
    candidature = row(stage)
    timer = next_step(candidature, WINDOW, spread_seconds=0)
    assert timer.action == CLOSE_WINDOW
    assert next_of(candidature, WINDOW).by == timer.due_at == CLOSES
    assert next_of(candidature, CLOSES).by is None


@pytest.mark.parametrize("stage", [Stage.REGISTERED, Stage.AWAITING_DOCUMENTS])
def test_the_deadline_is_the_one_the_verdict_is_given_after(stage: Stage) -> None:
    """A refusal lengthens it at `documents` first (ours 5)."""
    longer = DEADLINE + 5 * DAY
    step = next_of(row(stage), BETWEEN, progress("incomplete", deadline_at=longer))
    assert step.by == longer
    assert step.doing == "documents"


def test_a_complete_file_is_told_until_when_the_form_may_change_and_who_decides() -> None:
    step = next_of(row(Stage.REGISTERED), WINDOW, progress("complete"))
    assert step.by == CLOSES
    assert "complet" in str(step.what)
    assert "automatiquement" in str(step.then)
    doubtful = next_of(row(Stage.REGISTERED, eligible=False), WINDOW, progress("complete"))
    assert "gestionnaire" in str(doubtful.then)


def test_a_complete_file_after_the_close_is_not_told_to_wait_for_it() -> None:
    for eligible in (True, False):
        step = next_of(row(Stage.AWAITING_DOCUMENTS, eligible=eligible), BETWEEN, progress("complete"))
        assert "close" not in str(step.then)
        assert "message" in str(step.then)


@pytest.mark.parametrize("instant", INSTANTS)
@pytest.mark.parametrize("stage", [Stage.REGISTERED, Stage.AWAITING_DOCUMENTS, Stage.HELD])
@pytest.mark.parametrize("told", KNOWN)
def test_whose_condition_failed_is_told_at_every_stage_after_a_save_that_an_officer_decides(
    stage: Stage, told: Progress | None, instant: datetime
) -> None:
    then = str(next_of(row(stage, eligible=False), instant, told).then)
    assert "condition" in then
    assert "gestionnaire" in then
    assert "automatiquement" in then
    accepted = str(next_of(row(stage, eligible=False, eligibility_accepted=True), instant, told).then)
    assert "condition" not in accepted


def test_nobody_who_has_only_saved_is_called_inscrit() -> None:
    for candidature, instant, told in itertools.product(EVERYBODY, INSTANTS, KNOWN):
        step = next_of(candidature, instant, told)
        words = f"{step.what} {step.then}"
        assert "serez pas inscrit" not in words
        assert "votre inscription" not in words


def test_the_pieces_of_an_older_version_say_nothing_of_this_one() -> None:
    older = progress("complete", registration_version=1)
    step = next_of(row(Stage.REGISTERED), WINDOW, older)
    assert step.by == DEADLINE
    assert "complet" not in headline(row(Stage.REGISTERED), older)


def test_who_has_handed_in_the_confirmation_is_not_asked_to_sign_it_again() -> None:
    told = progress("incomplete", awaited=(IDENTITY,))
    for instant in (WINDOW, BETWEEN):
        step = next_of(row(Stage.REGISTERED), instant, told)
        assert "signez" not in str(step.what)
        assert (step.by, step.doing) == (DEADLINE, "documents")
    assert "signez" in str(next_of(row(Stage.REGISTERED), WINDOW, progress("incomplete")).what)


def test_saved_is_never_told_as_handed_in() -> None:
    assert headline(row(Stage.REGISTERED), progress("incomplete")) == (
        "pré-inscription enregistrée, pièces à déposer"
    )


def test_after_the_deadline_nobody_is_asked_to_hurry() -> None:
    step = next_of(row(Stage.AWAITING_DOCUMENTS), LATE, progress("incomplete"))
    assert (step.by, step.doing) == (None, None)
    assert "passée" in str(step.what)


def test_the_held_are_told_that_nothing_is_lost_and_may_go_on_until_the_deadline() -> None:
    before = next_of(held("officer"), BETWEEN, progress("incomplete"))
    assert (before.by, before.doing) == (DEADLINE, "documents")
    after = next_of(held("ours"), LATE, progress("incomplete"))
    assert (after.by, after.doing) == (None, None)
    for step in (before, after):
        assert "n’est perdu" in str(step.what)


def test_whom_the_deadline_cancelled_is_told_of_a_longer_one_and_what_a_complete_file_may_change() -> None:
    """An officer’s refusal lengthened it: evidence in time reinstates, but not whom an officer cancelled."""
    longer = progress("incomplete", deadline_at=DEADLINE + 5 * DAY)
    step = next_of(row(Stage.CANCELLED, cancelled_by="verdict"), LATE, longer)
    assert (step.by, step.doing) == (longer.deadline_at, "documents")
    assert "un dossier complet peut rétablir votre candidature" in str(step.what)
    assert "recours gracieux" in str(step.what)
    by_an_officer = next_of(row(Stage.CANCELLED, cancelled_by="officer", officer_reason="x"), LATE, longer)
    assert (by_an_officer.by, by_an_officer.doing) == (None, "contact")


def test_a_limit_in_the_reason_of_an_outcome_says_whose_clock_it_is() -> None:
    """It is mailed and handed to front ends, where no page around it does."""
    for candidature in (row(Stage.CANCELLED, cancelled_by="verdict"), row(Stage.NOT_REGISTERED)):
        assert (outcome_of(candidature) or "").count("23 h 59 (heure de Paris)") == 1


def test_the_cancelled_are_told_of_the_recours_and_where_to_turn() -> None:
    step = next_of(row(Stage.CANCELLED, cancelled_by="verdict"), LATE, None)
    assert "recours gracieux" in str(step.what)
    assert "dans les 2 mois" in str(step.what)
    assert step.doing == "contact"


def test_a_withdrawal_is_undone_by_saving_then_by_the_office() -> None:
    assert next_of(row(Stage.WITHDRAWN), WINDOW).doing == "register"
    assert next_of(row(Stage.WITHDRAWN), BETWEEN).doing == "contact"
