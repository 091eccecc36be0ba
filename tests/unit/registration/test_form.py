"""The form: what is coherent, what is refused and with which French words."""

import copy
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from deploy.demo.forms import valid_form
from services.chassis.http import field_errors
from services.registration.domain.checks import complaints
from services.registration.domain.form import Form
from tests.unit.registration.rows import CONFIGURATION

LAST_DAY = date(2020, 11, 22)
PERIOD = {
    "employer": "E",
    "job": "J",
    "starts_on": "2010-01-01",
    "ends_on": "2015-01-01",
    "qualified_level": True,
    "related_field": True,
}


def errors(form: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        Form.model_validate(form)
    return {one.pointer: one.detail for one in field_errors(refused.value.errors())}


def changed(path: str, value: Any) -> dict[str, Any]:
    form = copy.deepcopy(valid_form())
    place: Any = form
    *parents, last = path.strip("/").split("/")
    for part in parents:
        place = place[int(part) if part.isdigit() else part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return form


def complaints_of(form: dict[str, Any]) -> list[str]:
    found = complaints(Form.model_validate(form), CONFIGURATION, LAST_DAY)
    return [one.pointer for one in found]


def test_the_demos_form_is_valid() -> None:
    assert complaints_of(valid_form()) == []


def test_a_form_survives_its_storage() -> None:
    form = Form.model_validate(valid_form())
    assert Form.model_validate(form.model_dump(mode="json")) == form


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("/identification/birth_name", None, "obligatoire"),
        ("/identification/birth_name", "  ", "vide"),
        ("/identification/birth_name", "山田", "latines"),
        ("/identification/birth_name", "a\u0000b", "latines"),
        ("/identification/birth_name", "x" * 81, "trop long"),
        ("/identification/birth_date", "17/05/1994", "AAAA-MM-JJ"),
        ("/identification/birth_date", "1994-02-30", "n’existe pas"),
        ("/identification/birth_date", "0001-01-01", "ancienne"),
        ("/identification/phone", "12", "10 chiffres"),
        ("/identification/email", "camille", "complète"),
        ("/identification/ine", "123", "11 caractères"),
        ("/identification/sex", "X", "liste"),
        ("/identification/address/lines", [], "acceptée"),
        ("/identification/unknown", 1, "n’existe pas"),
        ("/modalities/form", "partielle", "liste"),
        ("/candidature/sport/tests", ["danse"], "deux épreuves"),
        ("/candidature/sport/tests", ["danse", "danse"], "différentes"),
        ("/candidature/sport/tests", None, "deux épreuves"),
        ("/identification/ine", "ABCDEFGHIJK", "chiffres"),
        ("/identification/ine", "12345678901", "lettre"),
        ("/identification/address/postcode", "1300", "5 chiffres"),
        ("/identification/address/commune_code", "Aubagne", "5 caractères"),
    ],
)
def test_a_wrong_field_is_named_with_what_to_do(path: str, value: Any, words: str) -> None:
    found = errors(changed(path, value))
    assert list(found) == [path]
    assert words in found[path]


def living(**address: Any) -> dict[str, Any]:
    return valid_form(identification={"address": {"lines": ["1 rue du Port"]} | address})


def test_a_postcode_is_asked_in_france_and_may_be_left_out_elsewhere() -> None:
    at_home = errors(living(commune="Aubagne"))
    assert at_home == {"/identification/address/postcode": "En France, indiquez le code postal."}
    abroad = living(country="Émirats arabes unis", commune="Dubaï")
    assert Form.model_validate(abroad).identification.address.postcode is None
    assert complaints_of(abroad) == []


@pytest.mark.parametrize(
    ("handicap", "pointer", "words"),
    [
        ({"declared": True}, "requested", "OUI"),
        ({"declared": False, "existing": True}, "existing", "NON"),
        ({"declared": False, "requested": True}, "requested", "NON"),
    ],
)
def test_a_yes_to_handicap_tells_which_and_a_no_tells_nothing(
    handicap: dict[str, bool], pointer: str, words: str
) -> None:
    found = errors(valid_form(modalities={"handicap": handicap}))
    assert list(found) == [f"/modalities/handicap/{pointer}"]
    assert words in found[f"/modalities/handicap/{pointer}"]


def test_who_is_unfit_chooses_no_test() -> None:
    found = errors(valid_form(candidature={"sport": {"fit": False, "tests": ["danse", "demi_fond"]}}))
    assert "Inapte" in found["/candidature/sport/tests"]


def test_several_wrong_fields_are_told_at_once() -> None:
    form = valid_form(identification={"birth_country": "Maroc", "phone": "12"})
    form["modalities"]["route"] = "experience"
    assert sorted(errors(form)) == [
        "/identification/parents",
        "/identification/phone",
        "/modalities/experience",
        "/modalities/preparation",
    ]


@pytest.mark.parametrize(
    ("acquis", "pointer"),
    [
        ({"kind": "note", "paper": "E2", "mark": "vingt", "year": 2019}, "mark"),
        ({"kind": "note", "paper": "E2", "mark": "NaN", "year": 2019}, "mark"),
        ({"kind": "note", "paper": "E2", "mark": 12}, "year"),
        ({"kind": "dispense", "paper": "E2"}, "title"),
        ({"kind": "rien", "paper": "E2", "mark": 12, "year": 2019}, "kind"),
        ({"paper": "E2", "mark": 12, "year": 2019}, "kind"),
    ],
)
def test_the_pointer_to_a_wrong_acquis_is_its_place_in_the_form(acquis: dict[str, Any], pointer: str) -> None:
    assert list(errors(valid_form(candidature={"acquis": [acquis]}))) == [f"/candidature/acquis/0/{pointer}"]


def test_parents_are_asked_of_those_born_abroad_only() -> None:
    abroad = valid_form(identification={"birth_country": "Maroc"})
    assert "parents" in errors(abroad)["/identification/parents"]
    abroad["identification"]["parents"] = {"first": "Amina Durand"}
    assert complaints_of(abroad) == []
    at_home = valid_form(identification={"parents": {"first": "Amina Durand"}})
    assert "étranger" in errors(at_home)["/identification/parents"]


@pytest.mark.parametrize(
    ("route", "with_preparation", "with_experience", "pointer"),
    [
        ("preparation", False, False, "/modalities/preparation"),
        ("preparation", True, True, "/modalities/experience"),
        ("experience", True, True, "/modalities/preparation"),
        ("experience", False, False, "/modalities/experience"),
    ],
)
def test_only_the_chosen_route_is_described(
    route: str, with_preparation: bool, with_experience: bool, pointer: str
) -> None:
    form = valid_form()
    form["modalities"]["route"] = route
    if not with_preparation:
        del form["modalities"]["preparation"]
    if with_experience:
        form["modalities"]["experience"] = [PERIOD]
    assert list(errors(form)) == [pointer]


def test_a_period_ends_after_it_starts() -> None:
    form = valid_form()
    del form["modalities"]["preparation"]
    form["modalities"] |= {"route": "experience", "experience": [PERIOD | {"ends_on": "2009-12-31"}]}
    assert "précède" in errors(form)["/modalities/experience/0/ends_on"]


def test_no_optional_sport_for_who_is_unfit() -> None:
    form = valid_form(candidature={"sport": {"fit": False}, "options": {"sport": True}})
    assert complaints_of(form) == ["/candidature/options/sport"]


EPS_KEPT = {"kind": "dispense", "paper": "E7", "title": "BEP"}


@pytest.mark.parametrize(
    ("acquis", "sport", "pointers"),
    [
        ([EPS_KEPT], None, []),
        ([EPS_KEPT], {"fit": True, "tests": ["danse", "demi_fond"]}, ["/candidature/sport"]),
        ([EPS_KEPT], {"fit": False}, ["/candidature/sport"]),
        ([EPS_KEPT | {"paper": "E5"}], None, ["/candidature/sport"]),
        ([], None, ["/candidature/sport"]),
    ],
)
def test_eps_is_kept_or_sat_not_both_nor_neither(
    acquis: list[dict[str, Any]], sport: dict[str, Any] | None, pointers: list[str]
) -> None:
    assert complaints_of(valid_form(candidature={"acquis": acquis, "sport": sport})) == pointers


@pytest.mark.parametrize(
    ("paper", "option"),
    [("EF1", {"language": "italien"}), ("EF2", {"mobility": True}), ("EF3", {"sport": True})],
)
def test_an_optional_paper_is_kept_or_asked_for_not_both(paper: str, option: dict[str, Any]) -> None:
    kept = {"acquis": [EPS_KEPT | {"paper": paper}]}
    assert complaints_of(valid_form(candidature=kept | {"options": {}})) == []
    (name,) = option
    assert complaints_of(valid_form(candidature=kept | {"options": option})) == [
        f"/candidature/options/{name}"
    ]


def test_a_paper_has_one_acquis() -> None:
    one = {"kind": "dispense", "paper": "E5", "title": "BEP"}
    assert complaints_of(valid_form(candidature={"acquis": [one, one]})) == ["/candidature/acquis/1/paper"]


@pytest.mark.parametrize(
    ("acquis", "pointers"),
    [
        ({"mark": "10", "year": 2015}, []),
        ({"mark": "9.99", "year": 2015}, ["/candidature/acquis/0/mark"]),
        ({"mark": "10", "year": 2014}, ["/candidature/acquis/0/year"]),
        ({"mark": "10", "year": 2021}, ["/candidature/acquis/0/year"]),
        ({"mark": "10", "year": 2020, "paper": "E42"}, ["/candidature/acquis/0/paper"]),
    ],
)
def test_a_mark_is_retained_from_10_and_for_five_years(acquis: dict[str, Any], pointers: list[str]) -> None:
    form = valid_form(candidature={"acquis": [{"kind": "note", "paper": "E2"} | acquis]})
    assert complaints_of(form) == pointers


def test_a_speciality_is_in_the_list() -> None:
    assert complaints_of(valid_form(candidature={"speciality": "magie"})) == ["/candidature/speciality"]


def test_a_birth_date_is_plausible() -> None:
    assert complaints_of(valid_form(identification={"birth_date": "2007-01-01"})) == [
        "/identification/birth_date"
    ]


@pytest.mark.parametrize("field", ["birth_name", "usage_name", "forenames"])
def test_a_name_has_no_figure(field: str) -> None:
    assert complaints_of(valid_form(identification={field: "Mart1n"})) == [f"/identification/{field}"]


def test_the_names_of_parents_have_no_figure() -> None:
    abroad = {"birth_country": "Maroc", "birth_commune": "Fès", "parents": {"first": "A", "second": "B 2"}}
    assert complaints_of(valid_form(identification=abroad)) == ["/identification/parents/second"]


def test_text_is_kept_composed_and_single_spaced() -> None:
    form = Form.model_validate(valid_form(identification={"birth_name": "  De\u0301  Souza\u00a0 "}))
    assert form.identification.birth_name == "Dé Souza"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
PATHS = [
    "/modalities",
    "/modalities/experience",
    "/modalities/preparation",
    "/modalities/preparation/ends_on",
    "/modalities/handicap",
    "/identification/birth_date",
    "/identification/birth_country",
    "/identification/birth_name",
    "/identification/nationality",
    "/identification/parents",
    "/identification/phone",
    "/identification/address",
    "/identification/address/lines",
    "/identification/address/postcode",
    "/identification/address/commune_code",
    "/candidature",
    "/candidature/sport",
    "/candidature/sport/tests",
    "/candidature/options",
    "/candidature/acquis",
]


@given(st.sampled_from(PATHS), JSON)
@settings(max_examples=150)
def test_whatever_is_sent_is_taken_or_refused_with_french_words(path: str, value: Any) -> None:
    form = changed(path, value if value is not None else False)
    try:
        complaints(Form.model_validate(form), CONFIGURATION, LAST_DAY)
    except ValidationError as refused:
        for one in field_errors(refused.errors()):
            assert one.pointer.startswith("/")
            assert one.detail.endswith(".")
