"""The years of work, told: what counts, what is shared, what is missing."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.registration.domain.experience import Experience, Length, reckon
from services.registration.domain.modalities import Period

LAST_DAY = date(2020, 11, 22)


def period(starts_on: str, ends_on: str | None, *, level: bool = True, field: bool = True) -> Period:
    return Period.model_validate(
        {
            "employer": "Résidence Les Pins",
            "job": "Aide-soignante",
            "starts_on": starts_on,
            "ends_on": ends_on,
            "qualified_level": level,
            "related_field": field,
        }
    )


def count(*periods: Period) -> Experience:
    return reckon(periods, 3, LAST_DAY)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "total", "reached", "missing"),
    [
        ("2017-11-23", "2020-11-22", Length(3, 0, 0), True, 0),
        ("2017-11-23", "2020-11-21", Length(2, 11, 30), False, 1),
        ("2017-11-24", None, Length(2, 11, 30), False, 1),
        ("2017-11-23", None, Length(3, 0, 0), True, 0),
        ("2010-01-01", "2014-02-14", Length(4, 1, 14), True, 0),
        ("2020-11-22", "2020-11-22", Length(0, 0, 1), False, 1094),
        ("2020-01-31", "2020-02-29", Length(0, 1, 0), False, 1066),
    ],
)
def test_one_period_is_counted_to_the_day(
    starts_on: str, ends_on: str | None, total: Length, reached: bool, missing: int
) -> None:
    found = count(period(starts_on, ends_on))
    assert (found.total, found.reached, found.missing_days) == (total, reached, missing)


def test_work_that_goes_on_counts_up_to_the_close() -> None:
    assert count(period("2019-01-01", None)) == count(period("2019-01-01", "2020-11-22"))


def test_days_that_two_periods_share_count_once_and_are_told() -> None:
    found = count(period("2018-01-01", "2018-12-31"), period("2018-07-01", "2019-06-30"))
    assert found.total == Length(1, 6, 0)
    assert found.overlaps == ((date(2018, 7, 1), date(2018, 12, 31)),)
    assert found.gaps == ()


def test_a_period_within_another_adds_nothing() -> None:
    found = count(period("2018-01-01", "2018-12-31"), period("2018-03-01", "2018-03-31"))
    assert found.total == Length(1, 0, 0)
    assert found.overlaps == ((date(2018, 3, 1), date(2018, 3, 31)),)


def test_a_gap_is_told_and_does_not_count() -> None:
    found = count(period("2018-01-01", "2018-06-30"), period("2019-01-01", "2019-06-30"))
    assert found.total == Length(0, 11, 28)  # 181 days twice, laid end to end from 1 January 2018
    assert found.gaps == ((date(2018, 7, 1), date(2018, 12, 31)),)


def test_a_period_that_fails_level_or_field_does_not_count_and_says_why() -> None:
    found = count(
        period("2010-01-01", "2019-12-31", level=False),
        period("2010-01-01", "2019-12-31", field=False),
        period("2020-01-01", "2020-01-31"),
    )
    assert [one.counts for one in found.periods] == [False, False, True]
    assert "ouvrier qualifié" in str(found.periods[0].why_not)
    assert "domaine" in str(found.periods[1].why_not)
    assert found.total == Length(0, 1, 0)
    assert found.overlaps == ()


def test_what_comes_after_the_close_does_not_count() -> None:
    found = count(period("2020-11-01", "2021-06-30"), period("2020-11-23", None))
    assert [one.counts for one in found.periods] == [True, False]
    assert "jusqu’à la clôture" in str(found.periods[0].why_not)
    assert found.total == Length(0, 0, 22)


def test_nothing_is_no_day_and_all_is_missing() -> None:
    found = count()
    assert (found.total.text, found.reached, found.missing_days > 1090) == ("aucun jour", False, True)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (Length(1, 0, 0), "1 an"),
        (Length(2, 1, 0), "2 ans et 1 mois"),
        (Length(2, 11, 30), "2 ans, 11 mois et 30 jours"),
        (Length(0, 0, 1), "1 jour"),
    ],
)
def test_a_length_is_said_in_french(length: Length, text: str) -> None:
    assert length.text == text


DAYS = st.dates(date(2010, 1, 1), date(2022, 12, 31))


@given(st.lists(st.tuples(DAYS, st.integers(0, 1500)), max_size=6))
@settings(max_examples=150)
def test_the_total_the_verdict_and_what_is_missing_agree(drawn: list[tuple[date, int]]) -> None:
    periods = [
        period(start.isoformat(), date.fromordinal(start.toordinal() + days).isoformat())
        for start, days in drawn
    ]
    found = reckon(periods, 3, LAST_DAY)
    assert found.reached == (found.total.years >= 3) == (found.missing_days == 0)
    assert 0 <= found.total.months < 12
    assert 0 <= found.total.days < 31
