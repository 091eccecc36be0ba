"""What stands behind the pages of the form: answers as content, and content as answers."""

from copy import deepcopy
from typing import Any

import pytest

from deploy.demo.forms import valid_form
from services.chassis.site.form import Form
from services.registration.domain.form import Form as Whole
from services.registration.domain.places import Commune, Places
from services.registration.pages.form_content import bare, digest, get, put, settled
from services.registration.pages.form_fields import Box, Day, Lines, Mark, Number, YesNo, answered, showing
from services.registration.pages.form_places import births, home_complaints, place_birth, place_home
from services.registration.pages.form_steps import RECAP, STEPS, after, asked, before
from tests.unit.registration.rows import CONFIGURATION

RULES = CONFIGURATION.rules
PLACES = Places(
    (
        Commune("13001", "Aix-en-Provence", "13", ("13080", "13090", "13100")),
        Commune("13109", "Le Tholonet", "13", ("13100",)),
        Commune("13005", "Aubagne", "13", ("13400",)),
        Commune("93066", "Saint-Denis", "93", ("93200",)),
        Commune("97411", "Saint-Denis", "974", ("97400",)),
    ),
    ("France", "Maroc"),
)


def test_a_saved_form_shown_and_sent_again_unchanged_is_the_same() -> None:
    saved = Whole.model_validate(valid_form()).model_dump(mode="json")
    content = bare(saved)
    for step in STEPS:
        sent = deepcopy(content)
        answered(sent, step.fields, showing(content, step.fields))
        assert bare(sent) == content, step.slug


@pytest.mark.parametrize(
    "written", [("17", "5", "1994"), ("31", "2", "99"), ("", "5", ""), ("x", "", "1994")]
)
def test_a_date_is_shown_as_it_was_typed_even_when_it_is_none(written: tuple[str, str, str]) -> None:
    names = ("born-day", "born-month", "born-year")
    form = Form(dict(zip(names, written, strict=True)))
    content: dict[str, Any] = {}
    answered(content, (Day("born"),), form)
    shown = showing(content, (Day("born"),))
    assert tuple(shown.value(name) for name in names) == written
    assert (Day("born").unreadable(form) is None) is (written == ("17", "5", "1994"))


def test_numbers_and_marks_are_read_as_people_write_them() -> None:
    form = Form({"mark": " 12,5 ", "year": "2018", "sure": "", "lines.0": "1 rue", "lines.2": "Bât. B"})
    content: dict[str, Any] = {}
    answered(content, (Mark("mark"), Number("year"), Box("box"), YesNo("sure"), Lines("lines")), form)
    assert content == {"mark": "12.5", "year": 2018, "box": False, "lines": ["1 rue", "Bât. B"]}
    assert showing(content, (Mark("mark"),)).value("mark") == "12,5"


def test_what_another_way_asked_is_kept_but_would_not_be_saved() -> None:
    content = valid_form()
    content["modalities"] |= {"route": "experience", "experience": [{"employer": "Les Pins"}]}
    content["identification"]["parents"] = {"first": "Durand Anne"}
    found = settled(content, RULES)
    assert get(found, "modalities.preparation") is None
    assert get(found, "modalities.experience") == [{"employer": "Les Pins", "ends_on": None}]
    assert get(found, "identification.parents") is None
    assert get(content, "modalities.preparation.establishment") == "CNED"


def test_who_keeps_eps_is_asked_nothing_of_it_and_finds_the_answers_again_on_giving_it_up() -> None:
    content = valid_form(candidature={"acquis": [{"kind": "dispense", "paper": "E7", "title": "BEP"}]})
    assert get(settled(content, RULES), "candidature.sport") is None
    assert "eps" not in [step.slug for step in asked(content, RULES)]
    content["candidature"]["acquis"] = []
    assert get(settled(content, RULES), "candidature.sport.tests") == ["danse", "demi_fond"]
    assert "eps" in [step.slug for step in asked(content, RULES)]


def test_only_fields_that_changed_make_another_digest() -> None:
    content = valid_form()
    seen = digest(content, ["identification.phone"])
    put(content, "identification.email", "autre@exemple.test")
    assert digest(content, ["identification.phone"]) == seen
    put(content, "identification.phone", "06 39 98 00 00")
    assert digest(content, ["identification.phone"]) != seen


def test_the_steps_lead_one_to_another_and_back() -> None:
    content = {"modalities": {"route": "experience"}, "identification": {"birth_country": "Maroc"}}
    steps = asked(content, RULES)
    slugs = [step.slug for step in steps]
    assert "preparation" not in slugs
    assert "parents" in slugs
    assert [after(step, steps) for step in steps] == [*(step.address for step in steps[1:]), RECAP]
    assert [before(step, steps) for step in steps[1:]] == [step.address for step in steps[:-1]]


def test_every_field_of_the_form_is_in_one_step() -> None:
    pages = [path for step in STEPS for path in step.about]
    assert len(set(pages)) == len(pages)
    for tab, model in Whole.model_fields.items():
        for name in model.annotation.model_fields:  # type: ignore[union-attr]
            assert [path for path in pages if f"{path}.".startswith(f"{tab}.{name}.")], name


def test_one_commune_of_the_postcode_is_taken_and_of_several_the_chosen() -> None:
    content: dict[str, Any] = {}
    put(content, "identification.address.postcode", "13400")
    place_home(content, PLACES)
    assert get(content, "identification.address.commune") == "Aubagne"
    put(content, "identification.address.postcode", "13100")
    place_home(content, PLACES)
    assert get(content, "identification.address.commune") is None
    place_home(content, PLACES, "13109")
    assert get(content, "identification.address.commune") == "Le Tholonet"
    place_home(content, PLACES)
    assert get(content, "identification.address.commune_code") == "13109"


@pytest.mark.parametrize(
    ("postcode", "told"), [("13999", "aucune commune"), ("1340", "5 chiffres"), ("13400", "")]
)
def test_a_postcode_where_nobody_lives_is_told(postcode: str, told: str) -> None:
    content = {"identification": {"address": {"postcode": postcode}}}
    found = home_complaints(content, PLACES)
    assert told in (found[0].detail if found else "")
    assert bool(found) is bool(told)


def test_communes_of_one_name_are_asked_and_the_choice_stays_until_the_name_changes() -> None:
    content: dict[str, Any] = {}
    put(content, "identification.birth_commune", "saint denis")
    place_birth(content, PLACES)
    assert get(content, "identification.birth_commune_code") is None
    assert [one.code for one in births(content, PLACES)] == ["93066", "97411"]
    put(content, "identification.birth_commune_code", "97411")
    place_birth(content, PLACES)
    assert get(content, "identification.birth_commune_code") == "97411"
    put(content, "identification.birth_commune", "AUBAGNE")
    place_birth(content, PLACES)
    assert get(content, "identification.birth_commune_code") == "13005"
    put(content, "identification.birth_country", "Maroc")
    place_birth(content, PLACES)
    assert get(content, "identification.birth_commune_code") is None
