"""The office that signs."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from services.notifications.office import load_office

ROOT = Path(__file__).parents[3]


def test_mails_and_the_confirmation_are_signed_by_the_same_office() -> None:
    assert load_office() == load_office(ROOT / "services" / "registration" / "data" / "office.toml")


def test_another_academie_gives_its_own_file(tmp_path: Path) -> None:
    file = tmp_path / "office.toml"
    file.write_text(
        'name = "B"\ndivision = "D"\nacademy = "Académie de Nantes"\naddress = ["1 rue X"]\n'
        'email = "b@nantes.example"\nphone = "02"\n[[people]]\nname = "X"\n'
    )
    assert load_office(file).academy == "Académie de Nantes"


def test_an_office_without_an_address_is_refused_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "office.toml"
    file.write_text('name = "B"\n')
    with pytest.raises(ValidationError):
        load_office(file)
