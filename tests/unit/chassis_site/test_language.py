"""The catalogue of English: a figure that the data holds is not said again in it."""

import pytest

from services.chassis.site import language
from services.chassis.site.language import Catalogue

PIECE = "Justificatif de moins de {months} mois, de {low} à {high} ans"
CATALOGUE = Catalogue(
    {
        PIECE: "Proof under {months} months, aged {low} to {high}",
        "Justificatif de moins de 1 mois, de 1 à 2 ans": "Proof, exactly",
        "Il faut {years} ans (article L. 1). {years} ans pleins.": "{years} years",
    }
)


@pytest.mark.parametrize(
    ("french", "english"),
    [
        ("Justificatif de moins de 3 mois, de 16 à 24 ans", "Proof under 3 months, aged 16 to 24"),
        ("Justificatif de moins de 1 mois, de 1 à 2 ans", "Proof, exactly"),
        ("Il faut 3 ans (article L. 1). 3 ans pleins.", "3 years"),
    ],
)
def test_a_figure_of_the_data_stands_in_the_english_as_it_is_there(french: str, english: str) -> None:
    token = language.current.set("en")
    try:
        assert CATALOGUE.gettext(french) == english
        assert french in CATALOGUE
    finally:
        language.current.reset(token)


@pytest.mark.parametrize(
    "other",
    ["Justificatif de moins de trois mois, de 16 à 24 ans", "Il faut 3 ans (article L. 1). 4 ans pleins."],
)
def test_what_is_no_such_figure_stays_french(other: str) -> None:
    token = language.current.set("en")
    try:
        assert CATALOGUE.gettext(other) == other
        assert other not in CATALOGUE
    finally:
        language.current.reset(token)
