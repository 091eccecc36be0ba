"""What the confirmation says of the form."""

from typing import Any

import pytest

from bench.reading.sheets import sheet
from deploy.demo.forms import valid_form


@pytest.mark.parametrize("kept", [False, True])
def test_the_confirmation_names_eps_tests_or_the_acquis_for_eps(kept: bool) -> None:
    acquis = {"acquis": [{"kind": "dispense", "paper": "E7", "title": "BEP"}], "sport": None}
    form = valid_form(candidature=acquis if kept else {})
    candidature = dict(sheet(form, "a", 1, latest=1).data()["sections"][2]["fields"])
    assert ("EPS" in candidature) is not kept
    assert ("Acquis E7" in candidature) is kept


@pytest.mark.parametrize(
    ("born", "printed"),
    [
        ({"birth_commune": "Saint-Denis", "birth_commune_code": "97411"}, "Saint-Denis (974), France"),
        ({"birth_commune": "Marseile"}, "Marseile, France"),
        (
            {"birth_commune": "Fès", "birth_country": "Maroc", "parents": {"first": "Durand Anne"}},
            "Fès, Maroc",
        ),
    ],
    ids=["in the list", "in no list", "abroad"],
)
def test_the_confirmation_tells_a_birthplace_from_others_of_its_name(
    born: dict[str, Any], printed: str
) -> None:
    identification = dict(sheet(valid_form(identification=born)).data()["sections"][0]["fields"])
    assert identification["Naissance"] == f"17/05/1994, {printed}"


def test_the_confirmation_shows_an_address_without_a_postcode_as_it_is() -> None:
    away = {"lines": ["1 rue du Port"], "commune": "Dubaï", "country": "Émirats arabes unis"}
    identification = dict(sheet(valid_form(identification={"address": away})).data()["sections"][0]["fields"])
    assert identification["Adresse"] == "1 rue du Port, Dubaï, Émirats arabes unis"
