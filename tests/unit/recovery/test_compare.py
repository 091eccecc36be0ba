"""What is a disagreement and what is not: the pure rules of reconciliation."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from deploy.cli.recovery_words import ACTS, KINDS
from services.contracts.recovery import (
    CONSUMERS,
    AccountLine,
    DocumentsLine,
    NotificationsLine,
    RegistrationLine,
    RepairItem,
)
from services.contracts.stages import AccountState, Stage, Verdict
from workflows.recovery.compare import CURES, Case, compare, item_for, suspicious_life
from workflows.recovery.reconcile import _ORDER
from workflows.recovery.shapes import LifeSeen, Scope

NOW = datetime(2020, 12, 1, 12, tzinfo=UTC)
DEADLINE = datetime(2020, 12, 7, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)
WHO = UUID("00000000-0000-7000-8000-000000000001")
SCOPE = Scope()


def case(**spoilt: Any) -> Case:
    """Somebody registered who awaits the deadline, everywhere alike; `documents__stage=…` spoils a line."""
    lines: dict[str, dict[str, Any]] = {
        "accounts": {"revision": 3, "session_id": "2021", "state": AccountState.ACTIVATED, "ended": True},
        "registration": {
            "revision": 2,
            "stage": Stage.AWAITING_DOCUMENTS,
            "version": 1,
            "closes_at": DEADLINE - 2 * HOUR,
            "deadline_at": DEADLINE,
            "limit_at": DEADLINE,
        },
        "documents": {
            "revision": 1,
            "registration_revision": 2,
            "stage": Stage.AWAITING_DOCUMENTS,
            "version": 1,
            "closes_at": DEADLINE - 2 * HOUR,
            "deadline_at": DEADLINE,
            "open": True,
            "evidence_rev": 1,
            "act_at": DEADLINE,
        },
        "notifications": {"revision": 1},
        "life": {"limit_at": DEADLINE, "wakes_at": DEADLINE, "asked": True},
    }
    for name, value in spoilt.items():
        line, _, member = name.partition("__")
        if member:
            lines[line][member] = value
        else:
            del lines[line]
    shapes = {
        "accounts": AccountLine,
        "registration": RegistrationLine,
        "documents": DocumentsLine,
        "notifications": NotificationsLine,
        "life": LifeSeen,
    }
    return Case(
        WHO, NOW, **{name: shapes[name](candidate_id=WHO, **values) for name, values in lines.items()}
    )


def kinds(**spoilt: Any) -> set[str]:
    return {finding.kind for finding in compare(case(**spoilt), SCOPE)}


def test_those_who_agree_have_no_findings() -> None:
    assert kinds() == set()
    assert not suspicious_life(case(), SCOPE)


@pytest.mark.parametrize(
    ("spoilt", "expected"),
    [
        ({"registration": None}, {"account_unheard_by_registration"}),
        (
            {"registration__stage": Stage.AWAITING_ACTIVATION, "registration__revision": 0},
            {"registration_behind"},
        ),
        (
            {
                "registration__stage": Stage.AWAITING_ACTIVATION,
                "registration__revision": 0,
                "documents__registration_revision": 0,
            },
            None,
        ),
        ({"documents": None}, {"standing_unheard"}),
        ({"accounts": None}, {"account_missing"}),
        ({"documents__registration_revision": 1}, {"standing_unheard"}),
        ({"documents__registration_revision": 3}, {"registration_behind"}),
        ({"registration__accounts_revision": 4}, {"accounts_behind"}),
        ({"registration__accounts_revision": 3}, set()),
        ({"registration__verdict_evidence_rev": 2}, {"documents_behind"}),
        ({"documents__reachability_revision": 2}, {"notifications_behind"}),
        ({"registration__hold_unheeded": True}, {"cancelled_but_held"}),
        ({"registration__save_unheeded": True}, {"save_turned_away"}),
        ({"documents__deadline_at": DEADLINE + HOUR}, {"standing_unheard"}),
        ({"documents__closes_at": DEADLINE - HOUR}, {"standing_unheard"}),
        ({"documents__closes_at": None}, set()),
        ({"documents__deadline_at": DEADLINE + HOUR, "documents__own_deadline": True}, set()),
        ({"documents__stage": Stage.CANCELLED}, {"standing_unheard"}),
        ({"documents__releases": 1}, {"standing_unheard"}),
        ({"documents__version": 0}, {"standing_unheard"}),
        ({"documents__missing_counted": 2}, {"evidence_miscounted"}),
        ({"documents__to_judge": 1}, {"evidence_miscounted"}),
        ({"documents__lost_counted": 1}, {"evidence_miscounted"}),
        ({"documents__lost_files": (WHO,)}, {"object_missing"}),
        ({"notifications__reachable": False}, {"reachability_unheard"}),
        ({"notifications__warned_for": (DEADLINE,)}, {"warning_unheard"}),
        ({"notifications__warned_for": (DEADLINE,), "documents__warned_for": (DEADLINE,)}, set()),
        ({"documents__warned_for": (DEADLINE,)}, set()),
        ({"documents__dead_letters": 1, "documents__dead_letters_noted": 1}, {"dead_letters_open"}),
        ({"registration__dead_letters_noted": 1}, {"dead_letters_miscounted_by_registration"}),
        ({"registration__undecided_seconds": 3601}, {"verdict_missing"}),
        ({"registration__undecided_seconds": 3599}, set()),
        ({"registration__undecided_seconds": 3601, "documents__paused": True}, {"settling_paused"}),
        (
            {"documents__verdict": Verdict.COMPLETE, "documents__settled_rev": 1},
            {"verdict_unheard"},
        ),
        (
            {
                "documents__verdict": Verdict.COMPLETE,
                "documents__settled_rev": 1,
                "registration__verdict_evidence_rev": 1,
                "registration__stage": Stage.CONFIRMED,
                "documents__stage": Stage.CONFIRMED,
            },
            set(),
        ),
        ({"accounts__unpublished_since": NOW - HOUR}, {"facts_unpublished"}),
        ({"accounts__unpublished_since": NOW}, set()),
        ({"notifications__failed": ("cancelled",)}, {"mail_failed"}),
        ({"notifications__late": ("confirmed",)}, {"mail_late"}),
        ({"life": None}, {"life_missing"}),
        ({"life__wakes_at": DEADLINE + HOUR}, {"life_oversleeps"}),
        ({"life__wakes_at": NOW + HOUR}, set()),
        ({"life__silent": True, "life__wakes_at": None}, {"life_silent"}),
    ],
)
def test_each_difference_is_named(spoilt: dict[str, Any], expected: set[str] | None) -> None:
    found = kinds(**spoilt)
    if expected is None:
        assert "account_unheard_by_registration" in found
    else:
        assert found == expected


KEPT: dict[str, Any] = {
    "registration__judgeable": True,
    "registration__verdict_evidence_rev": 5,
    "documents__evidence_rev": 5,
    "documents__settled_rev": 5,
    "documents__verdict": Verdict.COMPLETE,
}
"""A verdict was heard and changed nothing, and the evidence is still what it was about."""


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ({}, {"verdict_unapplied"}),
        ({"documents__evidence_rev": 7}, set()),
        ({"documents__evidence_rev": 7, "documents__settled_rev": 7}, {"verdict_unheard"}),
        ({"documents__registration_revision": 1}, {"standing_unheard"}),
        ({"documents__evidence_rev": 7, "registration__undecided_seconds": 3601}, {"verdict_missing"}),
    ],
)
def test_a_verdict_kept_is_applied_only_while_the_evidence_is_what_it_was_about(
    since: dict[str, Any], expected: set[str]
) -> None:
    """A piece that was refused since would be confirmed with the rest, from memory."""
    assert kinds(**KEPT | since) == expected


def test_no_verdict_is_applied_where_documents_has_no_line() -> None:
    found = kinds(registration__judgeable=True, registration__verdict_evidence_rev=5, documents=None)
    assert "verdict_unapplied" not in found


@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        ({}, {"verdict_closed"}),
        ({"documents__paused": True}, {"settling_paused"}),
        ({"registration__stage": Stage.HELD, "documents__stage": Stage.HELD}, set()),
    ],
)
def test_who_waits_again_on_a_verdict_that_was_closed_is_settled_again(
    waits: dict[str, Any], expected: set[str]
) -> None:
    """Cancelled and reinstated between two tellings: `documents` saw neither, and would say nothing more."""
    assert kinds(**KEPT | {"registration__judgeable": False} | waits) == expected


def test_a_life_that_has_nothing_ahead_is_one_too_many_unless_it_asks_soon() -> None:
    ended = {"registration__ended": True, "documents__ended": True}
    assert kinds(**ended, life__wakes_at=NOW + HOUR) == {"life_not_over"}
    assert kinds(**ended, life__wakes_at=NOW + timedelta(seconds=5)) == set()
    assert kinds(**ended, life=None) == set()


def test_a_deletion_is_carried_out_only_on_the_word_of_accounts() -> None:
    deleted = {"accounts__gone": True, "life": None}
    found = kinds(**deleted)
    assert {"deletion_unheard_by_registration", "deletion_unheard_by_documents"} <= found
    erasing = {kind for kind, cure in CURES.items() if cure is not None and cure.act == "erase"}
    assert not erasing & kinds(accounts=None)
    assert not erasing & kinds(registration__gone=True)


def test_the_scans_of_somebody_erased_that_the_store_keeps_are_raised_for_people() -> None:
    gone = {f"{name}__gone": True for name in ("accounts", "registration", "documents", "notifications")}
    assert kinds(**gone, life=None) == set()
    assert kinds(**gone, life=None, documents__undeleted=True) == {"objects_undeleted"}
    assert CURES["objects_undeleted"] is None


@pytest.mark.parametrize("who", ["registration", "documents", "notifications"])
def test_an_account_that_others_have_buried_is_raised_and_never_erased_by_itself(who: str) -> None:
    """A backup of `accounts` from before an erasure brought it back, address and password included."""
    assert kinds(**{f"{who}__gone": True}, life=None) == {"deletion_unheard_by_accounts"}
    assert CURES["deletion_unheard_by_accounts"] is None


@pytest.mark.parametrize(
    "spoilt",
    [
        {"documents__missing": 1},
        {"registration__undecided_seconds": 3601},
        {"registration__judgeable": True},
        {"documents__registration_revision": 1},
        {"documents__verdict": Verdict.INCOMPLETE, "documents__settled_rev": 4},
        {"documents": None},
    ],
)
def test_no_evidence_is_made_and_no_verdict_given_by_an_owner_that_is_behind(spoilt: dict[str, Any]) -> None:
    """`documents` was restored: its uploads since are lost, and a verdict from the rest would cancel."""
    restored = {"registration__verdict_evidence_rev": 9, "documents__evidence_rev": 4} | spoilt
    if "documents" in spoilt:
        del restored["documents__evidence_rev"]
    assert kinds(**restored) == {"documents_behind"}
    assert CURES["documents_behind"] is None


def test_nothing_is_judged_by_a_candidature_that_is_behind() -> None:
    restored = {"documents__registration_revision": 3, "registration__undecided_seconds": 3601}
    assert kinds(**restored, registration__judgeable=True) == {"registration_behind"}


def test_what_is_in_quarantine_is_not_published_again_and_again() -> None:
    one = case(documents__dead_letters=1, documents__dead_letters_noted=1)
    one.unheard = (("registration", "documents.registration", 1),)
    assert {finding.kind for finding in compare(one, SCOPE)} == {"dead_letters_open"}
    another = case()
    another.unheard = (("registration", "documents.registration", 1),)
    assert {finding.kind for finding in compare(another, SCOPE)} == {"facts_of_registration_unheard"}


def test_a_change_of_what_is_seen_makes_it_another_finding() -> None:
    one, another = case(documents__registration_revision=0), case(documents__registration_revision=1)
    assert compare(one, SCOPE) != compare(another, SCOPE)


def test_a_cure_is_told_what_the_owner_says() -> None:
    found = item_for("account_unheard_by_registration", case(registration=None))
    assert (found.session_id, found.state, found.revision) == ("2021", "activated", 3)
    told = item_for("reachability_unheard", case(notifications__reachable=False))
    assert (told.state, told.revision) == ("unreachable", 1)
    warned = item_for("warning_unheard", case(notifications__warned_for=(DEADLINE,)))
    assert warned.deadlines == (DEADLINE,)


def test_every_kind_has_a_cure_or_words_for_people() -> None:
    assert set(KINDS) == set(CURES)
    assert {kind for kind, cure in CURES.items() if cure is None} <= set(ACTS)
    assert {cure.act for cure in CURES.values() if cure is not None} <= set(_ORDER)


def test_a_life_is_asked_itself_when_its_owners_time_is_near_or_its_limit_is_another() -> None:
    near = case(documents__act_at=NOW + timedelta(minutes=10))
    assert suspicious_life(near, SCOPE)
    assert suspicious_life(case(life__limit_at=DEADLINE - HOUR), SCOPE)


def test_an_act_refuses_what_it_was_not_told_and_guesses_nothing() -> None:
    with pytest.raises(ValueError, match="no state was told"):
        RepairItem(key=WHO).said("state")


@pytest.mark.parametrize(
    ("reader", "owner", "own"),
    [
        ("registration", "accounts", 3),
        ("documents", "accounts", 3),
        ("notifications", "accounts", 3),
        ("accounts", "registration", 2),
        ("notifications", "registration", 2),
        ("registration", "documents", 1),
        ("notifications", "documents", 1),
        ("accounts", "notifications", 1),
        ("documents", "notifications", 1),
    ],
)
def test_an_owner_is_behind_when_any_reader_has_taken_in_a_later_fact(
    reader: str, owner: str, own: int
) -> None:
    assert kinds(**{f"{reader}__heard": {owner: own}}) == set()
    assert kinds(**{f"{reader}__heard": {owner: own + 1}}) == {f"{owner}_behind"}


def test_every_pair_of_the_contracts_is_compared_by_the_facts() -> None:
    pairs = {(reader, owner) for owner, readers in CONSUMERS.items() for reader in readers}
    for reader, owner in pairs:
        assert kinds(**{f"{reader}__heard": {owner: 99}}) == {f"{owner}_behind"}


@pytest.mark.parametrize("owner", ["registration", "documents", "notifications"])
def test_a_row_that_was_lost_with_its_facts_is_raised_and_not_made_anew(owner: str) -> None:
    found = kinds(**{owner: None, "accounts__heard": {owner: 1}})
    assert f"{owner}_behind" in found
    assert found.isdisjoint({"account_unheard_by_registration", "account_unheard_by_documents"})
    assert "standing_unheard" not in found


def test_what_somebody_erased_had_taken_in_accuses_nobody() -> None:
    assert "documents_behind" not in kinds(notifications__heard={"documents": 9}, notifications__gone=True)
    assert "documents_behind" not in kinds(notifications__heard={"documents": 9}, documents__gone=True)
