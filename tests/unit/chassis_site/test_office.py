"""The office that answers: in the footer of pages, under mails, on the confirmation."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from services.chassis.office import load_office


def test_another_academie_gives_its_own_file(tmp_path: Path) -> None:
    file = tmp_path / "office.toml"
    file.write_text(
        'name = "B"\ndivision = "D"\nacademy = "Académie de Nantes"\naddress = ["1 rue X"]\n'
        'email = "b@nantes.example"\nphone = "02"\n'
        'data_protection = "dpd@nantes.example"\n[[people]]\nname = "X"\n'
    )
    assert load_office(file).academy == "Académie de Nantes"


def test_an_office_without_an_address_is_refused_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "office.toml"
    file.write_text('name = "B"\n')
    with pytest.raises(ValidationError):
        load_office(file)
