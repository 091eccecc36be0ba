"""What an officer types as a deadline: Paris time, and a day alone counts whole (ours 1)."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
import typer

from deploy.cli.officer_input import candidate_id, instant, limit


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2020-12-07", "2020-12-07T23:00:00+00:00"),
        ("2020-07-07", "2020-07-07T22:00:00+00:00"),
        ("2021-03-28", "2021-03-28T22:00:00+00:00"),
        ("2020-12-31", "2020-12-31T23:00:00+00:00"),
        ("2020-12-07T12:30", "2020-12-07T11:30:00+00:00"),
        ("2020-12-07 12:30:15", "2020-12-07T11:30:15+00:00"),
        ("2020-12-07T12:30+00:00", "2020-12-07T12:30:00+00:00"),
    ],
)
def test_a_deadline_is_an_exclusive_bound_in_paris(typed: str, meant: str) -> None:
    assert limit(typed).astimezone(UTC) == datetime.fromisoformat(meant)


@pytest.mark.parametrize(
    "typed", ["", "demain", "07/12/2020", "2020-02-30", "2020-12-07T25:00", "9999-12-31"]
)
def test_what_is_no_date_ends_the_command_in_french(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        limit(typed)
    assert ended.value.exit_code == 1
    assert "n’est pas une date" in capsys.readouterr().err


def test_an_identifier_is_read_as_it_is_shown() -> None:
    shown = "0190f3a2-7c1e-7abc-8def-0123456789ab"
    assert candidate_id(shown) == UUID(shown)


def test_what_is_no_identifier_ends_the_command_in_french(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        candidate_id("Dupont")
    assert ended.value.exit_code == 1
    assert "n’est pas un identifiant" in capsys.readouterr().err


def test_an_instant_is_in_paris() -> None:
    assert instant("2020-12-07T12:30").astimezone(UTC) == datetime(2020, 12, 7, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["", "hier", "2020-12-07", "2020-12-07T25:00"])
def test_what_is_no_instant_ends_the_command_in_french(
    typed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        instant(typed)
    assert ended.value.exit_code == 1
    assert "n’est pas une heure" in capsys.readouterr().err
