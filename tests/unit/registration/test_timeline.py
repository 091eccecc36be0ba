"""What happened, for its candidate: every act has words, and a hold's reason is not told."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.contracts.internal import DossierEvent, Progress
from services.contracts.life import NextStep
from services.registration import timeline as room
from services.registration.queries import JournalEntry
from services.registration.timeline import timeline
from tests.unit.registration.rows import CLOSES, DEADLINE

AT = datetime(2020, 11, 12, 9, tzinfo=UTC)
ROOM = Path(room.__file__).parent


def entry(act: str, minutes: int = 0, **changes: object) -> JournalEntry:
    values: dict[str, object] = {
        "at": AT + timedelta(minutes=minutes),
        "actor": "system",
        "act": act,
        "revision": 1,
        "reason": None,
        "version": 2,
        "closes_at": CLOSES,
        "deadline_at": DEADLINE,
    }
    return JournalEntry(**(values | changes))  # type: ignore[arg-type]


def test_every_act_that_the_rules_write_has_words() -> None:
    code = "".join(
        file.read_text() for file in [*(ROOM / "domain").glob("*.py"), *ROOM.glob("commands/*.py")]
    )
    acts = set(
        re.findall(r'(?:decided|step|_applied|_moved_out|_resumed)\(\s*row,\s*(?:now,\s*)?"(\w+)"', code)
    )
    assert {"saved", "withdrawn", "confirmed", "released", "reinstated", "deadline_moved"} <= acts
    for act in acts | {"window_closed", "not_registered", "held", "cancelled"}:
        assert timeline([entry(act)], None), act


def test_a_reason_is_told_of_a_cancellation_but_not_of_a_hold() -> None:
    acts = (("held", "soupçon"), ("cancelled", "doublon"), ("upheld", "rien n’a été envoyé"))
    journal = [entry(act, minutes, reason=reason) for minutes, (act, reason) in enumerate(acts)]
    assert [one.why for one in timeline(journal, None)] == ["rien n’a été envoyé", "doublon", None]


def test_a_save_says_its_version_and_a_moved_deadline_its_date() -> None:
    [moved, saved] = timeline([entry("saved"), entry("deadline_moved", 1)], None)
    assert str(saved.what) == "Pré-inscription enregistrée : version 2"
    assert "lundi 7 décembre 2020 à 23 h 59" in str(moved.what)


def test_a_deadline_that_undoes_a_cancellation_is_told_as_such() -> None:
    cancelled, moved = (
        entry("cancelled", stage="cancelled"),
        entry("deadline_moved", 1, stage="awaiting_documents"),
    )
    assert str(timeline([cancelled, moved], None)[0].what).startswith(
        "Candidature rétablie, avec une nouvelle"
    )
    waiting = entry("saved", stage="awaiting_documents")
    assert str(timeline([waiting, moved], None)[0].what).startswith("Nouvelle date limite")
    still = entry("deadline_moved", 1, stage="cancelled")
    assert str(timeline([cancelled, still], None)[0].what).startswith("Nouvelle date limite")


def test_a_reinstatement_names_no_date_that_was_past_by_then() -> None:
    late = entry("reinstated", at=DEADLINE + timedelta(hours=1))
    assert str(timeline([late], None)[0].what) == "Candidature rétablie par le bureau des examens"
    ahead = entry("reinstated", at=DEADLINE - timedelta(milliseconds=1))
    assert "jusqu’au lundi 7 décembre 2020 à 23 h 59" in str(timeline([ahead], None)[0].what)


@pytest.mark.parametrize("act", ["released", "deadline_moved"])
def test_a_hold_that_ends_with_another_deadline_is_told_with_its_date(act: str) -> None:
    held = entry("held", stage="held")
    moved = entry(act, 1, stage="awaiting_documents", deadline_at=DEADLINE + timedelta(days=7))
    assert str(timeline([held, moved], None)[0].what) == (
        "Fin de la mise en attente, avec une nouvelle date limite pour déposer vos pièces : "
        "lundi 14 décembre 2020 à 23 h 59"
    )


def test_a_hold_that_ends_with_the_deadline_it_had_is_told_without() -> None:
    held, released = entry("held", stage="held"), entry("released", 1, stage="awaiting_documents")
    for before in (held, replace(held, deadline_at=None)):
        assert str(timeline([before, released], None)[0].what) == (
            "Fin de la mise en attente : votre dossier suit de nouveau son cours"
        )


def test_lines_without_details_are_told_all_the_same() -> None:
    """The oldest lines of the journal have none."""
    bare = [entry(act, version=None, deadline_at=None) for act in ("saved", "deadline_moved", "reinstated")]
    assert all("%" not in str(one.what) and "None" not in str(one.what) for one in timeline(bare, None))
    assert len(timeline(bare, None)) == 3


def test_what_was_not_received_is_told_with_its_piece_where_that_is_known() -> None:
    events = tuple(DossierEvent(at=AT, act="turned_away", title=title) for title in ("Pièce d’identité", ""))
    progress = Progress(
        registration_version=2,
        state="incomplete",
        deadline_at=DEADLINE,
        next=NextStep(ended=False),
        events=events,
    )
    told = [str(one.what) for one in timeline([], progress)]
    assert told == [
        "Envoi non reçu, un de nos services ne répondait pas : Pièce d’identité",
        "Envoi non reçu : un de nos services ne répondait pas",
    ]


def test_the_pieces_events_stand_among_the_others_latest_first() -> None:
    events = (
        DossierEvent(at=AT + timedelta(minutes=1), act="uploaded", title="Pièce d’identité"),
        DossierEvent(at=AT + timedelta(minutes=3), act="refused", title="100 % pièce", reason="floue"),
    )
    progress = Progress(
        registration_version=2,
        state="incomplete",
        deadline_at=DEADLINE,
        next=NextStep(ended=False),
        events=events,
    )
    told = timeline(
        [entry("saved"), entry("withdrawn", 2, actor="candidate", reason="je déménage")], progress
    )
    assert [str(one.what) for one in told] == [
        "Pièce refusée : 100 % pièce",
        "Candidature retirée à votre demande",
        "Fichier déposé : Pièce d’identité",
        "Pré-inscription enregistrée : version 2",
    ]
    assert [one.why for one in told] == ["floue", "je déménage", None, None]


def test_an_act_without_words_is_left_out() -> None:
    assert timeline([entry("something_new")], None) == []
