"""Which pieces are due and why (domain, 'Pieces and why they are asked')."""

from datetime import date
from typing import Any

import pytest

from deploy.demo.forms import valid_form
from services.registration.domain.checklist import due_pieces
from services.registration.domain.form import Form
from tests.unit.registration.rows import CONFIGURATION

ALWAYS = {"p1", "p2", "p3"}


def due(form: dict[str, Any]) -> set[str]:
    return {piece.piece for piece in pieces(form)}


def pieces(form: dict[str, Any]) -> Any:
    return due_pieces(Form.model_validate(form), CONFIGURATION.rules, date(2020, 11, 22))


def without_acquis(**changes: Any) -> dict[str, Any]:
    return valid_form(candidature={"acquis": []}, **changes)


def test_the_preparation_route_asks_its_certificate_only() -> None:
    assert due(without_acquis()) == ALWAYS | {"p5"}


def test_the_experience_route_asks_work_certificates_only() -> None:
    form = without_acquis()
    form["modalities"] = {
        "form": "globale",
        "route": "experience",
        "experience": [
            {
                "employer": "E",
                "job": "J",
                "starts_on": "2010-01-01",
                "ends_on": "2015-01-01",
                "qualified_level": True,
                "related_field": True,
            }
        ],
    }
    assert due(form) == ALWAYS | {"p6"}


@pytest.mark.parametrize(
    ("born", "asked"),
    [
        ("2004-11-22", True),  # 16 that day
        ("2004-11-23", False),  # 15
        ("1995-11-23", True),  # 24
        ("1995-11-22", False),  # 25 that day
    ],
)
def test_the_jdc_is_asked_from_16_to_24_on_the_windows_last_day(born: str, asked: bool) -> None:
    assert ("p4" in due(valid_form(identification={"birth_date": born}))) is asked


@pytest.mark.parametrize("nationality", ["union_europeenne", "autre"])
def test_the_jdc_is_asked_of_the_french_only(nationality: str) -> None:
    assert "p4" not in due(
        valid_form(identification={"birth_date": "2001-01-01", "nationality": nationality})
    )


@pytest.mark.parametrize(
    ("handicap", "asked"),
    [
        ({"declared": False}, False),
        ({"declared": True, "existing": True}, True),
        ({"declared": True, "requested": True}, False),
        ({"declared": True, "existing": True, "requested": True}, True),
    ],
)
def test_only_an_existing_arrangement_asks_its_notification(handicap: dict[str, bool], asked: bool) -> None:
    assert ("p7" in due(valid_form(modalities={"handicap": handicap}))) is asked


@pytest.mark.parametrize(
    "acquis",
    [
        {"kind": "note", "paper": "E2", "mark": "12.5", "year": 2019},
        {"kind": "dispense", "paper": "E5", "title": "BEP"},
    ],
)
def test_any_acquis_asks_a_transcript_or_a_diploma(acquis: dict[str, Any]) -> None:
    assert "p8" in due(valid_form(candidature={"acquis": [acquis]}))


def test_unfit_for_sport_asks_a_medical_certificate() -> None:
    assert "p9" in due(valid_form(candidature={"sport": {"fit": False}}))


def test_who_keeps_eps_is_asked_no_medical_certificate() -> None:
    kept = {"acquis": [{"kind": "dispense", "paper": "E7", "title": "BEP"}], "sport": None}
    found = due(valid_form(candidature=kept))
    assert "p9" not in found
    assert "p8" in found


def test_one_piece_is_the_confirmation_and_each_says_why() -> None:
    found = pieces(valid_form())
    assert [piece.piece for piece in found if piece.confirmation] == ["p1"]
    assert all(piece.title and piece.reason for piece in found)
    assert not any("{" in piece.title + piece.reason for piece in found)
