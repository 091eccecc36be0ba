"""The reference model: which outcomes are just after which requests and answers."""

from datetime import timedelta

import pytest

from tests.faults.ledger.model import (
    CANCELLED,
    CONFIRMED,
    ERASED,
    HELD,
    NOT_REGISTERED,
    WITHDRAWN,
    Facts,
    InForce,
    Outcomes,
    facts_of,
    outcomes,
)
from tests.faults.ledger.record import Act
from tests.unit.faults.making import (
    SESSION,
    act,
    activated,
    all_uploaded,
    at,
    life,
    removed,
    restored,
    saved,
    uploaded,
)


def just(*acts: Act, version: int = 1, excused: bool = False, forgetful: bool = False) -> Outcomes:
    return outcomes(known(*acts, version=version, forgetful=forgetful), excused=excused or forgetful)


def known(
    *acts: Act, version: int = 1, forgetful: bool = False, stored: frozenset[str] = frozenset()
) -> Facts:
    in_force = InForce(version, f"06399800{version:02}" if version else None)
    return facts_of(life(activated(), *acts), SESSION, in_force, forgetful=forgetful, stored=stored)


def away(sent: float = 30) -> Act:
    """An upload of the last piece, of which the pieces' owner itself said that a part is away."""
    return uploaded("p3", sent, 503, "pieces-indisponibles")


def answered_late(heard: float) -> Act:
    """The same, of one that was surely there in time."""
    return away(39.5).model_copy(update={"arrived_by": at(39.6), "heard": at(heard)})


def test_complete_in_time_is_confirmed_and_nothing_else_even_under_faults() -> None:
    assert just(saved(5), *all_uploaded()) == {CONFIRMED}
    assert just(saved(5), *all_uploaded(), forgetful=True) == {CONFIRMED}


def test_a_missing_piece_is_cancelled_and_held_only_with_an_excuse() -> None:
    acts = (saved(5), *all_uploaded()[:-1])
    assert just(*acts) == {CANCELLED}
    assert just(*acts, excused=True) == {CANCELLED, HELD}


def test_whoever_saved_nothing_is_not_registered() -> None:
    assert just(version=0) == {NOT_REGISTERED}
    assert just(saved(5, status=409, slug="fenetre-fermee"), version=0) == {NOT_REGISTERED}


def test_a_save_without_an_answer_may_or_may_not_be_there() -> None:
    assert just(saved(5, status=None), version=0) == {NOT_REGISTERED, CANCELLED}


def test_complete_but_ineligible_is_held_and_never_confirmed() -> None:
    assert just(saved(5, eligible=False), *all_uploaded()) == {HELD}


def test_incomplete_and_ineligible_is_cancelled() -> None:
    assert just(saved(5, eligible=False), *all_uploaded()[:1]) == {CANCELLED}


def test_an_upload_without_an_answer_may_count() -> None:
    acts = (saved(5), *all_uploaded()[:-1], uploaded("p3", 39.9, status=None))
    assert just(*acts) == {CONFIRMED, CANCELLED, HELD}


def test_a_file_acknowledged_across_the_deadline_counts() -> None:
    """The 2xx is itself the judgement."""
    acts = (saved(5), *all_uploaded()[:-1], uploaded("p3", 39.95, took=0.5))
    assert just(*acts) == {CONFIRMED}


def test_a_file_to_judge_across_the_deadline_may_be_either() -> None:
    acts = (saved(5), *all_uploaded()[:-1], uploaded("p3", 39.95, state="to_judge", took=0.5))
    assert CONFIRMED in just(*acts)
    assert CANCELLED in just(*acts)


def test_a_file_to_judge_surely_in_time_counts() -> None:
    assert just(saved(5), *all_uploaded()[:-1], uploaded("p3", 30, state="to_judge")) == {CONFIRMED}


def test_a_confirmation_signed_for_an_older_version_does_not_count() -> None:
    acts = (saved(5), *all_uploaded(), saved(15, version=2, status=200))
    assert just(*acts, version=2) == {CANCELLED}
    assert just(*acts, uploaded("p1", 18, version=2), version=2) == {CONFIRMED}


def test_an_outdated_confirmation_that_nobody_could_read_may_count() -> None:
    """What hinders the reading is no fault of the candidate: it was here after the save."""
    acts = (saved(5), *all_uploaded(), saved(15, version=2, status=200))
    assert CONFIRMED in just(*acts, uploaded("p1", 18, version=1, paper="stale"), version=2)


def test_what_was_removed_does_not_count_until_it_is_back() -> None:
    acts = (saved(5), *all_uploaded(), removed("p2", 25))
    assert just(*acts) == {CANCELLED}
    assert just(*acts, restored("p2", 26)) == {CONFIRMED}


def test_a_removal_without_an_answer_may_have_been_done() -> None:
    assert just(saved(5), *all_uploaded(), removed("p2", 25, status=None)) == {CONFIRMED, CANCELLED}


def test_a_removal_that_was_refused_changes_nothing() -> None:
    assert just(saved(5), *all_uploaded(), removed("p2", 25, 409, "dossier-arrete")) == {CONFIRMED}


def test_an_upload_cut_within_the_fault_window_holds() -> None:
    cut = uploaded("p3", 30, status=None, how="cut", arrived_by=at(30.1))
    assert just(saved(5), *all_uploaded()[:-1], cut) == {HELD}


def test_an_upload_cut_while_processes_died_holds() -> None:
    """Whoever had begun it may have died before it could write that down; the gateway wrote it down."""
    cut = uploaded("p3", 30, status=None, how="cut", arrived_by=at(30.1))
    assert just(saved(5), *all_uploaded()[:-1], cut, forgetful=True) == {HELD}


@pytest.mark.parametrize("status", [408, 429])
def test_what_a_limit_of_ours_ended_while_processes_died_may_hold(status: int) -> None:
    """The gateway writes down no 4xx."""
    ended = uploaded("p3", 30, status)
    assert just(saved(5), uploaded("p1", 10), ended, forgetful=True) == {HELD, CANCELLED}


def test_an_upload_cut_and_sent_again_counts() -> None:
    cut = uploaded("p3", 30, status=None, how="cut", arrived_by=at(30.1))
    assert just(saved(5), *all_uploaded()[:-1], cut, uploaded("p3", 31)) == {CONFIRMED}


def test_a_later_success_on_another_piece_does_not_make_up_for_a_cut() -> None:
    cut = uploaded("p3", 30, status=None, how="cut", arrived_by=at(30.1))
    assert just(saved(5), uploaded("p1", 10), cut, uploaded("p2", 31)) == {HELD}


def test_a_cut_after_the_deadline_excuses_nothing() -> None:
    cut = uploaded("p3", 40.5, status=None, how="cut", arrived_by=at(40.6))
    assert just(saved(5), *all_uploaded()[:-1], cut) == {CANCELLED}


@pytest.mark.parametrize("status", [500, 503, 408, 429])
def test_an_upload_in_time_that_failed_through_us_holds(status: int) -> None:
    failed = uploaded("p3", 30, status=status)
    assert just(saved(5), *all_uploaded()[:-1], failed) == {CONFIRMED, HELD}
    assert just(saved(5), uploaded("p1", 10), failed) == {HELD}


def test_who_had_sent_all_and_waited_in_vain_for_an_answer_is_to_be_held() -> None:
    """The gateway saw the request and its end, whatever became of its owner (decision 0012)."""
    assert just(saved(5), uploaded("p1", 10), uploaded("p3", 20, status=None)) == {HELD}
    assert known(saved(5), uploaded("p1", 10), uploaded("p3", 20, status=None)).fault_owed


@pytest.mark.parametrize("state", ["late", "to_judge"])
def test_what_came_late_makes_up_for_no_fault(state: str) -> None:
    cut = uploaded("p3", 39, status=None, how="cut", arrived_by=at(39.1))
    acts = (saved(5), uploaded("p1", 10), cut, uploaded("p3", 40.5, state=state))
    assert known(*acts).fault_surely


@pytest.mark.parametrize(
    "failed",
    [
        uploaded("p3", 39, status=None),
        uploaded("p3", 39.95, 500),
    ],
)
def test_an_upload_that_may_not_have_come_so_far_may_hold(failed: Act) -> None:
    """No answer, or one across the deadline."""
    assert just(saved(5), uploaded("p1", 10), failed) == {HELD, CANCELLED}


@pytest.mark.parametrize(
    "slug",
    [
        "pieces-indisponibles",
        "momentanement-indisponible",
        "identite-indisponible",
        "identite-non-reconnue",
        None,
    ],
)
@pytest.mark.parametrize("forgetful", [True, False])
def test_an_upload_that_was_answered_5xx_by_whomever_holds(slug: str | None, forgetful: bool) -> None:
    """Whoever died with it in memory: the gateway wrote it down."""
    turned_away = uploaded("p3", 11, 503, slug)
    assert just(saved(5), uploaded("p1", 10), turned_away, forgetful=forgetful) == {HELD}


def test_one_that_was_answered_just_before_the_verdict_may_hold() -> None:
    assert just(saved(5), uploaded("p1", 10), answered_late(40.9)) == {HELD}
    assert just(saved(5), uploaded("p1", 10), answered_late(41.2)) == {HELD, CANCELLED}


def test_one_that_was_turned_away_is_to_be_written_however_late() -> None:
    assert known(saved(5), uploaded("p1", 10), away(39)).fault_owed
    assert known(saved(5), uploaded("p1", 10), uploaded("p2", 30), answered_late(45)).fault_owed


@pytest.mark.parametrize(
    "later",
    [uploaded("p3", 39), uploaded("p3", 39, status=None), restored("p3", 39, status=None)],
    ids=["sent again", "sent again without an answer", "put back without an answer"],
)
def test_one_that_was_made_up_for_is_owed_to_nobody(later: Act) -> None:
    assert not known(saved(5), away(11), later, stored=frozenset({"p3-39"})).fault_owed


def test_one_whose_file_is_kept_all_the_same_is_owed_to_nobody() -> None:
    """The connection died at COMMIT."""
    facts = known(saved(5), uploaded("p1", 10), away(11), stored=frozenset({"p3-11"}))
    assert not facts.fault_owed
    assert outcomes(facts, excused=False) == {CANCELLED, HELD}


def test_one_that_was_not_sent_again_is_owed_though_another_was_without_an_answer() -> None:
    lost = uploaded("p3", 39, status=None)
    assert known(saved(5), away(11), lost).fault_owed


def test_one_that_would_have_been_refused_holds_as_well() -> None:
    """Nobody told them why: they could not send another."""
    assert known(saved(5), uploaded("p3", 11, 503, "pieces-indisponibles", paper="broken")).fault_owed


def test_one_after_the_deadline_is_owed_to_nobody() -> None:
    assert not known(saved(5), away(41)).fault_owed


def test_a_refused_upload_holds_nobody() -> None:
    refused = uploaded("p3", 30, 422, "image-illisible", paper="broken")
    assert just(saved(5), *all_uploaded()[:-1], refused) == {CANCELLED}


def test_withdrawn_until_saved_again() -> None:
    assert just(saved(5), act("withdraw", 8)) == {WITHDRAWN}
    assert just(saved(5), act("withdraw", 8), saved(9, version=2, status=200), version=2) == {CANCELLED}


def test_a_withdrawal_without_an_answer_may_have_been_done() -> None:
    assert just(saved(5), *all_uploaded(), act("withdraw", 18, None)) == {CONFIRMED, WITHDRAWN}


def test_erased_is_erased() -> None:
    assert just(saved(5), *all_uploaded(), act("erase", 18, 204)) == {ERASED}
    assert just(saved(5), act("erase", 18, None)) == {ERASED, CANCELLED}


def test_an_act_that_could_not_be_sent_changes_nothing() -> None:
    never = uploaded("p3", 30, status=None, reached=False)
    assert just(saved(5), *all_uploaded()[:-1], never) == {CANCELLED}


def test_the_limit_itself_is_too_late() -> None:
    late = act("save", 20)
    assert late.surely_after(SESSION.closes_at)
    assert not late.surely_before(SESSION.closes_at)
    between = act("save", 19.95)
    assert not between.surely_after(SESSION.closes_at)
    assert not between.surely_before(SESSION.closes_at)
    assert act("save", 19.5).surely_before(SESSION.closes_at)


def test_headers_seen_at_the_gateway_prove_that_it_had_arrived() -> None:
    slow = uploaded(
        "p3", 39.5, 409, "echeance-passee", took=2, arrived_by=SESSION.deadline_at - timedelta(seconds=0.1)
    )
    assert slow.surely_before(SESSION.deadline_at)
