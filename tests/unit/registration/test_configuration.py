"""The data files: the notice's dates, the rules, the office."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from pydantic import ValidationError

from services.registration.configuration import DATA, calendar
from services.registration.domain.rules import Configuration, Rules, Spared, Subject
from tests.unit.registration.rows import CONFIGURATION


def test_the_calendar_of_2021_is_the_notices() -> None:
    found = calendar(DATA / "session-2021.toml")
    assert found.opens_at == datetime(2020, 11, 1, 23, tzinfo=UTC)
    assert found.closes_at == datetime(2020, 11, 22, 23, tzinfo=UTC)
    assert found.deadline_at == datetime(2020, 12, 7, 23, tzinfo=UTC)
    assert found.activation_seconds == 48 * 3600
    assert found.grace_seconds == 600
    assert found.reminder_offsets_seconds == tuple(days * 86400 for days in (14, 7, 2, 1))


def test_every_speciality_has_an_officer_whose_portfolio_covers_its_family() -> None:
    for speciality in CONFIGURATION.specialities:
        person = CONFIGURATION.office.person_for(speciality.portfolio)
        assert person.role == "officer"
        assert person.covers is not None
        assert speciality.family.split(" (")[0] in person.covers, speciality.id


def test_every_portfolio_that_can_have_a_bac_pro_has_one() -> None:
    # 2 and 11 are asked by subject; 9 handles AEPE, which is a CAP, and pharmacie, which has no bac pro.
    with_one = {speciality.portfolio for speciality in CONFIGURATION.specialities}
    assert with_one == set(range(1, 14)) - {2, 9, 11}


def test_specialities_have_ids_and_titles_of_their_own() -> None:
    specialities = CONFIGURATION.specialities
    assert (
        len({one.id for one in specialities}) == len({one.title for one in specialities}) == len(specialities)
    )
    assert len(specialities) > 85


def test_an_acquis_may_be_declared_for_eps_and_every_optional_paper() -> None:
    spared = {paper.spares for paper in CONFIGURATION.rules.papers}
    assert spared == {None, *get_args(Spared)}


def test_two_specialities_of_the_same_id_are_refused() -> None:
    data = CONFIGURATION.model_dump()
    data["specialities"] = [data["specialities"][0]] * 2
    with pytest.raises(ValidationError):
        Configuration.model_validate(data)


@pytest.mark.parametrize(
    ("subject", "speciality", "portfolio"),
    [
        ("speciality", "assp-structure", 12),
        ("speciality", "esthetique", 7),
        ("speciality", "magie", None),
        ("speciality", None, None),
        ("general", "assp-structure", 2),
        ("sport", "assp-structure", 11),
    ],
)
def test_a_question_is_routed_by_speciality_except_general_subjects_and_sport(
    subject: Subject, speciality: str | None, portfolio: int | None
) -> None:
    person = CONFIGURATION.person_about(subject, speciality)
    assert person.portfolio == portfolio
    assert (person.role == "head") is (portfolio is None)


def test_the_office_has_a_head_a_deputy_and_13_officers() -> None:
    roles = [person.role for person in CONFIGURATION.office.people]
    assert (roles.count("head"), roles.count("deputy"), roles.count("officer")) == (1, 1, 13)
    assert sorted(p.portfolio for p in CONFIGURATION.office.people if p.portfolio) == list(range(1, 14))


@pytest.mark.parametrize("portfolio", [None, 99])
def test_no_match_goes_to_the_head_of_the_office(portfolio: int | None) -> None:
    assert CONFIGURATION.office.person_for(portfolio).role == "head"


def test_rules_without_one_signed_confirmation_are_refused() -> None:
    data = CONFIGURATION.rules.model_dump()
    data["pieces"] = [piece for piece in data["pieces"] if not piece["confirmation"]]
    with pytest.raises(ValidationError):
        Rules.model_validate(data)


def test_a_figure_changed_once_changes_the_texts_that_tell_it() -> None:
    data = CONFIGURATION.rules.model_dump()
    data["eligibility"]["experience_years"] = 5
    data["national_service"] = {"minimum_age": 17, "maximum_age": 23}
    rules = Rules.model_validate(data)
    told = {piece.id: f"{rules.text(piece.title)} {rules.text(piece.reason)}" for piece in rules.pieces}
    assert "de 17 à 23 ans" in told["p4"]
    assert "couvrant 5 ans" in told["p6"]
    assert "3 ans" not in told["p6"]


def test_a_figure_of_the_rules_is_not_said_again_among_the_texts() -> None:
    data = CONFIGURATION.rules.model_dump()
    data["texts"]["experience_years"] = 3
    with pytest.raises(ValidationError, match="experience_years"):
        Rules.model_validate(data)


def test_a_text_that_names_an_unknown_figure_is_refused() -> None:
    data = CONFIGURATION.rules.model_dump()
    data["texts"] = {}
    with pytest.raises(ValidationError):
        Rules.model_validate(data)
