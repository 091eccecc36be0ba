"""Communes and countries: what is found, and by what a place is judged."""

from typing import Any

import pytest

from deploy.demo.forms import valid_form
from services.registration.configuration import DATA
from services.registration.domain.eligibility import assess
from services.registration.domain.form import Form
from services.registration.domain.location import located, misplaced
from services.registration.domain.places import Commune, Places
from services.registration.places import CommunesMissing, places
from tests.unit.registration.rows import CONFIGURATION
from tests.unit.registration.test_eligibility import LAST_DAY

PLACES = places(DATA / "communes.tsv.gz")
ACADEMY = CONFIGURATION.rules.eligibility.departments


def living(**address: Any) -> Form:
    lines = {"lines": ["1 rue du Port"]}
    return located(Form.model_validate(valid_form(identification={"address": lines | address})), PLACES)


def wrong(form: Form) -> list[str]:
    return [one.pointer.removeprefix("/identification/") for one in misplaced(form, PLACES)]


def test_all_communes_are_there_by_postcode_and_by_code() -> None:
    assert sum(one.kind == "C" for one in PLACES.communes) > 34_000
    assert [one.name for one in PLACES.at("13400")] == ["Aubagne"]
    found = PLACES.commune("13055")
    assert found is not None
    assert (found.name, found.department, len(found.postcodes)) == ("Marseille", "13", 16)


def test_the_communes_of_the_academy_come_first() -> None:
    found = PLACES.at("06260", first=ACADEMY)
    assert [one.department for one in found][:3] == ["04", "04", "06"]
    assert len(found) > 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("aubagne", "13005"),
        ("Aix-en-prov", "13001"),
        ("st rémy de provence", "13100"),
        ("L'Isle-sur-la-Sorgue", "84054"),
        ("l’isle sur la sorgue", "84054"),
        ("Marseille 3e", "13203"),
    ],
)
def test_a_commune_is_found_by_the_beginning_of_its_name(words: str, code: str) -> None:
    assert PLACES.search(words)[0].code == code


@pytest.mark.parametrize("words", ["", " ", "a", "—", "zzzzzz"])
def test_too_little_or_nothing_known_finds_nothing(words: str) -> None:
    assert PLACES.search(words) == ()


def test_a_search_is_bounded() -> None:
    assert len(PLACES.search("saint", limit=10)) == 10


def test_countries_are_in_french_with_france_first_and_its_overseas_parts_in_france() -> None:
    assert PLACES.countries[0] == "France"
    assert {"Maroc", "Côte d’Ivoire", "Kosovo", "Royaume-Uni"} <= set(PLACES.countries)
    assert not {"La Réunion", "Mayotte", "Union européenne"} & set(PLACES.countries)


def test_the_code_of_the_commune_is_found_from_postcode_and_name() -> None:
    form = living(postcode="13210", commune="st remy de provence")
    address = form.identification.address
    assert (address.commune, address.commune_code) == ("Saint-Rémy-de-Provence", "13100")
    assert wrong(form) == []


def test_locating_twice_changes_nothing_more() -> None:
    form = living(postcode="13400", commune="aubagne")
    assert located(form, PLACES) == form


@pytest.mark.parametrize(
    ("address", "pointers"),
    [
        ({"postcode": "13400", "commune": "Aubagne"}, []),
        ({"postcode": "13400", "commune": "Ailleurs"}, ["address/commune"]),
        ({"postcode": "13621", "commune": "Aix-en-Provence"}, ["address/postcode"]),
        ({"postcode": "13400", "commune": "Aubagne", "commune_code": "84007"}, ["address/postcode"]),
        ({"postcode": "13400", "commune": "Aubagne", "commune_code": "99999"}, ["address/commune"]),
        ({"postcode": "00100", "commune": "Rome", "country": "italie"}, []),
        ({"postcode": "1", "commune": "Là", "country": "Ailleurs"}, ["address/country"]),
    ],
)
def test_a_residence_is_a_commune_of_its_postcode(address: dict[str, str], pointers: list[str]) -> None:
    assert wrong(living(**address)) == pointers


@pytest.mark.parametrize("code", ["13005", "13001", "84007"], ids=["Aubagne", "Aix", "Avignon"])
def test_a_postcode_of_another_commune_is_refused_without_a_de_before_a_vowel(code: str) -> None:
    (found,) = misplaced(living(postcode="13210", commune="x", commune_code=code), PLACES)
    assert found.detail == "Ce code postal n’est pas celui de la commune choisie."


def test_a_birth_place_is_a_commune_of_the_list_or_words_and_a_country() -> None:
    abroad = {"birth_country": "maroc", "birth_commune": "Fès", "parents": {"first": "A B"}}
    form = located(Form.model_validate(valid_form(identification=abroad)), PLACES)
    assert (form.identification.birth_country, wrong(form)) == ("Maroc", [])
    nowhere = valid_form(identification=abroad | {"birth_country": "Syldavie"})
    assert wrong(located(Form.model_validate(nowhere), PLACES)) == ["birth_country"]
    coded = valid_form(identification={"birth_commune": "x", "birth_commune_code": "13203"})
    named = located(Form.model_validate(coded), PLACES)
    assert named.identification.birth_commune == "Marseille 3e Arrondissement"
    unknown = valid_form(identification={"birth_commune_code": "13999"})
    assert wrong(located(Form.model_validate(unknown), PLACES)) == ["birth_commune"]


def test_who_was_born_in_a_former_commune_keeps_its_name() -> None:
    former = valid_form(identification={"birth_commune": "arbignieu", "birth_commune_code": "01015"})
    assert located(Form.model_validate(former), PLACES).identification.birth_commune == "Arbignieu"
    whole = valid_form(identification={"birth_commune": "x", "birth_commune_code": "01015"})
    assert located(Form.model_validate(whole), PLACES).identification.birth_commune == "Arboys en Bugey"


@pytest.mark.parametrize(
    ("postcode", "commune", "eligible"),
    [
        ("13400", "Aubagne", True),
        ("06260", "La Rochette", True),  # in the Alpes-de-Haute-Provence
        ("06260", "Puget-Théniers", False),
        ("13780", "Riboux", False),  # in the Var
        ("05700", "Villebois-les-Pins", False),  # in the Drôme
        ("69002", "Lyon", False),
    ],
)
def test_residence_is_judged_by_the_communes_departement_not_by_the_postcode(
    postcode: str, commune: str, eligible: bool
) -> None:
    form = living(postcode=postcode, commune=commune)
    assert wrong(form) == []
    found = assess(form, CONFIGURATION.rules.eligibility, LAST_DAY, session_ends_on=LAST_DAY)
    assert found.eligible is eligible


def test_a_former_commune_does_not_hide_the_commune_of_its_code() -> None:
    whole, former = Commune("01015", "Arboys", "01", ("01300",)), Commune("01015", "Arbignieu", "01", (), "D")
    for communes in ((whole, former), (former, whole)):
        assert Places(communes, ()).commune("01015") == whole


def test_a_list_that_is_not_built_is_said_with_what_to_do() -> None:
    with pytest.raises(CommunesMissing, match="candidat-libre site"):
        places(DATA / "absente.tsv.gz")
