"""What changed, told field by field in French."""

import copy
from typing import Any

import pytest

from deploy.demo.forms import valid_form
from services.registration.domain.changes import Change, changes
from services.registration.domain.form import Form
from services.registration.domain.labels import FIELDS, SPECIALITY
from tests.unit.registration.test_form import PERIOD


def kept(form: dict[str, Any]) -> dict[str, Any]:
    return Form.model_validate(form).model_dump(mode="json")


def read(found: tuple[Change, ...]) -> list[tuple[str, str, str, str]]:
    """As one reads it in French."""
    return [(one.pointer, one.label, str(one.before), str(one.after)) for one in found]


def test_nothing_changed_is_told_as_nothing() -> None:
    form = kept(valid_form())
    assert changes(form, copy.deepcopy(form)) == ()


def test_a_field_is_told_with_its_label_before_and_after() -> None:
    after = valid_form(identification={"birth_date": "1994-05-18", "usage_name": "Martin", "sex": "M"})
    assert read(changes(kept(valid_form()), kept(after))) == [
        ("/identification/usage_name", "Nom d’usage", "rien", "Martin"),
        ("/identification/sex", "Sexe", "féminin", "masculin"),
        ("/identification/birth_date", "Date de naissance", "17/05/1994", "18/05/1994"),
    ]


def test_a_speciality_is_told_by_its_title() -> None:
    after = kept(valid_form(candidature={"speciality": "cuisine"}))
    found = changes(kept(valid_form()), after, {SPECIALITY: str.upper})
    assert found == (Change("/candidature/speciality", "Spécialité", "ASSP-STRUCTURE", "CUISINE"),)


def test_what_is_typed_is_not_taken_for_a_choice() -> None:
    found = changes(kept(valid_form()), kept(valid_form(identification={"birth_name": "M"})))
    assert found[0].after == "M"


def born(commune: str, code: str | None) -> dict[str, Any]:
    return valid_form(identification={"birth_commune": commune, "birth_commune_code": code})


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (("Saint-Denis", "93066"), ("Saint-Denis", "97411"), ("Saint-Denis (93)", "Saint-Denis (974)")),
        (("Saint-Denis", "93066"), ("Saint-Denis", None), ("Saint-Denis (93)", "Saint-Denis")),
        (("Ajaccio", "2A004"), ("Aubagne", "13005"), ("Ajaccio (2A)", "Aubagne (13)")),
    ],
    ids=["another département", "none of these", "another name"],
)
def test_a_birthplace_of_the_same_name_in_another_departement_is_a_change(
    before: tuple[str, str | None], after: tuple[str, str | None], told: tuple[str, str]
) -> None:
    found = read(changes(kept(born(*before)), kept(born(*after))))
    assert found == [("/identification/birth_commune", "Commune de naissance", *told)]


def test_periods_are_told_whole_and_those_that_stay_are_not_told() -> None:
    form = valid_form()
    del form["modalities"]["preparation"]
    form["modalities"] |= {"route": "experience", "experience": [PERIOD]}
    more = copy.deepcopy(form)
    more["modalities"]["experience"] = [PERIOD | {"employer": "Autre", "ends_on": None}, PERIOD]
    (added,) = read(changes(kept(form), kept(more)))
    told = "J, Autre, depuis le 01/01/2010 (emploi qualifié : oui, lié à la spécialité : oui)"
    assert added == ("/modalities/experience/0", "Période de travail", "rien", told)
    (gone,) = read(changes(kept(more), kept(form)))
    assert gone == ("/modalities/experience", "Période de travail", told, "rien")


def test_an_acquis_that_changed_is_told_before_and_after() -> None:
    one = {"kind": "note", "paper": "E2", "mark": "12.50", "year": 2019}
    (found,) = read(changes(kept(valid_form()), kept(valid_form(candidature={"acquis": [one]}))))
    assert found[1:] == (
        "Acquis",
        "E5 : dispense (Baccalauréat général)",
        "E2 : bénéfice de note, 12,5 sur 20 (2019)",
    )


@pytest.mark.parametrize(
    "draft",
    [
        {},
        {"identification": None},
        {"identification": {"address": "ici"}, "modalities": {"experience": ["x", {}]}},
        {"candidature": {"acquis": [{"mark": "vingt"}], "sport": {"tests": "danse"}}},
    ],
)
def test_a_draft_may_be_partial_and_wrong(draft: dict[str, Any]) -> None:
    assert changes(kept(valid_form()), draft)


def test_every_field_of_the_form_has_a_label() -> None:
    def paths(model: Any, at: str = "") -> set[str]:
        found = set()
        for name, field in model.model_fields.items():
            inner = (field.annotation, *getattr(field.annotation, "__args__", ()))
            parts = [one for one in inner if hasattr(one, "model_fields")]
            whole = f"{at}{name}" in ("modalities/experience", "candidature/acquis")
            found |= paths(parts[0], f"{at}{name}/") if parts and not whole else {f"{at}{name}"}
        return found

    assert paths(Form) == set(FIELDS)
