"""R7: residence, a complete preparation, three years of qualifying work counted exactly."""

from datetime import date
from typing import Any

import pytest

from deploy.demo.forms import valid_form
from services.registration.domain.eligibility import Eligibility, assess
from services.registration.domain.experience import anniversary
from services.registration.domain.form import Form
from tests.unit.registration.rows import CONFIGURATION

LAST_DAY = date(2020, 11, 22)


def judge(form: dict[str, Any]) -> Eligibility:
    rules = CONFIGURATION.rules.eligibility
    return assess(Form.model_validate(form), rules, LAST_DAY, session_ends_on=date(2021, 8, 1))


def period(starts_on: str, ends_on: str, *, level: bool = True, field: bool = True) -> dict[str, Any]:
    return {
        "employer": "Résidence Les Pins",
        "job": "Aide-soignante",
        "starts_on": starts_on,
        "ends_on": ends_on,
        "qualified_level": level,
        "related_field": field,
    }


def worked(*periods: dict[str, Any]) -> bool:
    form = valid_form()
    form["modalities"] = {"form": "globale", "route": "experience", "experience": list(periods)}
    return judge(form).eligible


@pytest.mark.parametrize(
    ("postcode", "eligible"),
    [("04000", True), ("05100", True), ("13001", True), ("84000", True), ("83000", False), ("06000", False)],
)
def test_one_lives_in_the_four_departments(postcode: str, eligible: bool) -> None:
    address = {"lines": ["1 rue du Port"], "postcode": postcode, "commune": "Ici"}
    assert judge(valid_form(identification={"address": address})).eligible is eligible


def test_an_address_abroad_is_not_in_the_academy() -> None:
    address = {"lines": ["1"], "postcode": "13001", "commune": "Là", "country": "Italie"}
    assert not judge(valid_form(identification={"address": address})).eligible


@pytest.mark.parametrize(
    ("complete", "ends_on", "eligible"),
    [(True, "2021-08-01", True), (True, "2021-08-02", False), (False, "2020-06-30", False)],
)
def test_a_preparation_is_complete_by_the_sessions_end(complete: bool, ends_on: str, eligible: bool) -> None:
    preparation = {
        "kind": "apprentissage",
        "establishment": "CFA d’Aix",
        "ends_on": ends_on,
        "complete": complete,
    }
    form = valid_form()
    form["modalities"]["preparation"] = preparation
    found = judge(form)
    assert found.eligible is eligible
    assert len(found.reasons) == 2


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "enough"),
    [
        ("2017-11-23", "2020-11-22", True),
        ("2017-11-23", "2020-11-21", False),
        ("2017-11-24", "2020-11-22", False),
        ("2017-11-24", "2025-01-01", False),  # what follows the window's close does not count
        ("2013-01-01", "2015-12-31", True),  # no leap day in it
        ("2013-01-01", "2015-12-30", False),
        ("2016-02-29", "2019-02-28", True),
        ("2016-02-29", "2019-02-27", False),
    ],
)
def test_three_years_to_the_day(starts_on: str, ends_on: str, enough: bool) -> None:
    assert worked(period(starts_on, ends_on)) is enough


def test_overlapping_periods_count_once() -> None:
    assert not worked(period("2017-01-01", "2018-12-31"), period("2018-01-01", "2019-06-30"))
    assert worked(period("2017-01-01", "2018-12-31"), period("2018-01-01", "2019-12-31"))


def test_days_left_over_are_laid_end_to_end() -> None:
    halves = [period(f"{year}-01-01", f"{year}-06-30") for year in (2010, 2012, 2014)]
    others = [period(f"{year}-07-01", f"{year}-12-31") for year in (2016, 2018)]
    assert worked(*halves, *others, period("2019-07-01", "2019-12-31"))
    assert not worked(*halves, *others, period("2019-07-01", "2019-12-29"))


def test_three_separate_years_are_three_years() -> None:
    parts = (period("2010-01-01", "2010-12-31"), period("2015-01-01", "2015-12-31"))
    assert worked(*parts, period("2018-01-01", "2018-12-31"))
    assert not worked(*parts, period("2018-01-01", "2018-12-30"))


def test_a_period_inside_another_adds_nothing() -> None:
    assert not worked(period("2016-01-01", "2018-12-30"), period("2017-01-01", "2017-12-31"))


@pytest.mark.parametrize(("level", "field"), [(False, True), (True, False), (False, False)])
def test_work_below_the_level_or_in_another_field_does_not_count(level: bool, field: bool) -> None:
    assert not worked(period("2010-01-01", "2020-11-22", level=level, field=field))
    assert not worked(
        period("2010-01-01", "2020-11-22", level=level, field=field), period("2019-01-01", "2020-11-22")
    )


def test_the_anniversary_of_a_leap_day_is_the_first_of_march() -> None:
    assert anniversary(date(2016, 2, 29), 3) == date(2019, 3, 1)
    assert anniversary(date(2016, 2, 29), 4) == date(2020, 2, 29)
