"""Answers that no state of the world justifies are named; those that some state does are not."""

from collections.abc import Callable

import pytest

from tests.faults.ledger.answers import activation_answer, unjust_answers
from tests.faults.ledger.record import Act
from tests.unit.faults.making import (
    CANDIDATE,
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


def wrong(*acts: Act) -> list[str]:
    return [why for _, why in unjust_answers(life(*acts), SESSION)]


def test_an_ordinary_life_has_no_unjust_answer() -> None:
    logged_in = act("login", 3, 201, told={"candidate": CANDIDATE})
    assert wrong(act("create", 1, 202), activated(), logged_in, saved(5), *all_uploaded()) == []


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (saved(19.5, status=409, slug="fenetre-fermee"), "surely within"),
        (saved(20.0), "surely closed"),
        (saved(19, status=409, slug="enregistrement-trop-long"), "time was not over"),
        (act("create", 5, 409, "inscription-close"), "asked for within"),
        (act("create", 20, 202), "surely closed"),
    ],
)
def test_a_form_judged_against_its_instant(told: Act, said: str) -> None:
    assert [said in why for why in wrong(told)] == [True]


@pytest.mark.parametrize(
    "told",
    [
        saved(19.95, status=409, slug="fenetre-fermee"),
        saved(19.95),
        saved(20, status=409, slug="fenetre-fermee"),
    ],
)
def test_across_a_limit_either_answer_is_right(told: Act) -> None:
    assert wrong(told) == []


def test_a_retry_after_the_close_gets_the_answer_it_missed() -> None:
    assert wrong(saved(19.9, status=None), saved(20.5)) == []


def test_a_save_over_what_was_not_seen_is_unjust() -> None:
    hidden = saved(8, version=2).model_copy(update={"told": saved(8, version=3).told})
    assert wrong(saved(5), hidden) == ["version 3 was made from version 1"]


def test_outdated_without_anything_newer_is_unjust() -> None:
    assert "nothing newer" in wrong(saved(5), saved(8, version=2, status=412, slug="version-perimee"))[0]
    outdated = saved(8, version=2, status=412, slug="version-perimee")
    assert wrong(saved(5), saved(7, version=2, status=200), outdated) == []


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (uploaded("p3", 39.5, 409, "echeance-passee"), "surely in time"),
        (uploaded("p3", 40.0), "surely passed"),
        (uploaded("p3", 38, paper="broken"), "a broken file taken"),
        (uploaded("p3", 30, 422, "image-illisible"), "a good file refused"),
        (uploaded("p1", 30, 409, "confirmation-non-signee"), "was good refused"),
        (uploaded("p3", 30, 404, "piece-non-demandee"), "refused for nothing"),
        (uploaded("p3", 10, 409, "aucune-piece-attendue"), "refused for nothing"),
    ],
)
def test_a_file_judged_against_its_instant_or_its_content(told: Act, said: str) -> None:
    assert [said in why for why in wrong(saved(5), told)] == [True]


@pytest.mark.parametrize(
    "told",
    [
        uploaded("p3", 40.0, state="late"),
        uploaded("p3", 40.0, state="to_judge"),
        uploaded("p3", 39.95, 409, "echeance-passee"),
        uploaded("p1", 30, 409, "confirmation-non-signee", paper="unsigned"),
        uploaded("p3", 30, 409, "aucune-piece-attendue"),
        uploaded("p3", 30, 503, "momentanement-indisponible"),
    ],
)
def test_a_file_that_may_be_answered_so(told: Act) -> None:
    assert wrong(saved(5), told) == []


@pytest.mark.parametrize("asked", [removed, restored])
def test_nothing_is_taken_back_or_put_back_after_the_deadline(asked: Callable[..., Act]) -> None:
    done = [saved(5), *all_uploaded(), *([removed("p2", 30)] if asked is restored else [])]
    assert "surely passed" in wrong(*done, asked("p2", 40))[0]
    assert wrong(*done, asked("p2", 39.9)) == []
    assert wrong(*done, asked("p2", 39, status=None), asked("p2", 41)) == [], "the first may have been done"


def test_an_upload_held_up_on_the_way_is_judged_by_when_it_was_seen_at_the_gateway() -> None:
    slow = uploaded("p3", 39.2, 409, "echeance-passee", how="slow", took=2, arrived_by=at(39.4))
    assert len(wrong(saved(5), slow)) == 1


def test_a_login_that_was_good_stays_good() -> None:
    logged_in = act("login", 3, 201, told={"candidate": CANDIDATE})
    assert wrong(logged_in, saved(5), uploaded("p3", 30, 401)) != []
    assert wrong(logged_in, saved(5), act("erase", 20, 204), uploaded("p3", 30, 401)) == []


def test_an_acknowledged_save_is_known_ever_after() -> None:
    assert wrong(saved(5), act("read_form", 6, 409, "rien-enregistre")) != []
    assert wrong(act("read_form", 6, 409, "rien-enregistre")) == []


def test_no_login_after_an_acknowledged_activation_is_unjust() -> None:
    assert wrong(activated(), act("login", 3, 401, "identifiants-incorrects")) != []


def test_a_withdrawal_within_the_window_is_taken() -> None:
    assert wrong(saved(5), act("withdraw", 8, 409, "etat-incompatible")) != []
    assert wrong(saved(5), act("withdraw", 45, 409, "etat-incompatible")) == []


def test_nothing_is_decided_before_the_window_is_over() -> None:
    assert wrong(saved(5), *all_uploaded(), removed("p2", 15, 409, "dossier-arrete")) != []
    assert wrong(saved(5), *all_uploaded(), removed("p2", 30, 409, "dossier-arrete")) == []


def test_an_activation_is_judged_by_the_end_of_its_time() -> None:
    def answer(sent: float, status: int, slug: str | None = None) -> str | None:
        return activation_answer(act("activate", sent, status, slug, facts={"candidate": CANDIDATE}), at(10))

    assert answer(9.5, 410, "lien-expire") is not None
    assert answer(10.0, 200) is not None
    assert answer(9.95, 410, "lien-expire") is None
    assert answer(9.95, 200) is None
    assert answer(10.0, 410, "lien-expire") is None


@pytest.mark.parametrize(
    "told",
    [
        act("create", 1, 422, "donnees-invalides"),
        act("create", 1, 409, "inscription-pas-ouverte"),
        act("resend", 1, 422, "donnees-invalides"),
        act("activate", 2, 404, "lien-inconnu"),
        act("activate", 2, 422, "mot-de-passe-different"),
        act("activate", 2, 409, "lien-deja-utilise"),
        act("login", 3, 403, "session-terminee"),
        act("reset_ask", 3, 422, "donnees-invalides"),
        act("reset", 3, 404, "lien-inconnu"),
        act("reset", 3, 410, "lien-expire"),
        act("erase", 3, 422, "mot-de-passe-incorrect"),
        saved(5, status=404, slug="candidat-inconnu"),
        saved(5, status=422, slug="donnees-invalides"),
        act("confirmation", 6, 403, "reserve-aux-candidats"),
        act("remove", 6, 422, "donnees-invalides"),
        act("withdraw", 45, 404, "adresse-inconnue"),
        act("read_form", 6, 400),
    ],
    ids=lambda told: f"{told.act} {told.status} {told.slug}",
)
def test_a_refusal_that_no_state_justifies_is_for_nothing(told: Act) -> None:
    told = told.model_copy(update={"facts": {"candidate": CANDIDATE, **told.facts}})
    assert [f"{told.act} refused for nothing" in why for why in wrong(told)] == [True]


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_an_answer_that_decides_nothing_is_no_refusal(status: int) -> None:
    assert wrong(act("create", 1, status), act("reset_ask", 3, status)) == []


def test_a_link_may_be_used_already_where_an_answer_was_missed() -> None:
    facts = {"candidate": CANDIDATE}
    used = act("activate", 3, 409, "lien-deja-utilise", facts=facts)
    assert wrong(act("activate", 2, None, facts=facts), used) == []
    again = act("reset", 5, 409, "lien-deja-utilise")
    assert wrong(act("reset", 4, None), again) == []
    assert wrong(act("reset", 4, 404, "lien-inconnu"), again) != []


def test_nobody_knows_whom_an_erasure_took() -> None:
    assert wrong(act("erase", 4, 204), act("withdraw", 5, 410, "compte-supprime")) == []
    assert wrong(act("erase", 4, None), act("erase", 5, 410, "compte-supprime")) == []
