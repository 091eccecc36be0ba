"""The small rules: ways back, forms, languages; and that every text of a page has its English."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from starlette.datastructures import FormData

import services
from services.chassis import http
from services.chassis.problems import FieldError
from services.chassis.rendering import TEMPLATES, environment
from services.chassis.site import language
from services.chassis.site.form import Form
from services.chassis.site.language import Catalogue
from services.chassis.site.routing import local_path
from services.chassis.site.words import without_english
from services.chassis.times import paris_limit, paris_minute
from tests.words import problems_made

SERVICES = Path(services.__file__).parent


@pytest.mark.parametrize("path", ["/", "/mon-espace", "/documents?piece=1#haut", "/é"])
def test_an_address_of_the_site_is_a_way_back(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "mon-espace",
        "//autre.test",
        "///autre.test",
        "/\\autre.test",
        "\\/autre.test",
        "https://autre.test",
        "javascript:1",
        "/a\nb",
        "/\tb",
        " /",
        "/a b",
        "/" + "a" * 2000,
    ],
)
def test_any_other_address_is_not(path: str) -> None:
    assert local_path(path, "/mon-espace") == "/mon-espace"


def test_problems_point_at_the_fields_of_the_form() -> None:
    errors = [FieldError(pointer="/address/street", detail="a"), FieldError(pointer="/email", detail="b")]
    form = Form.refused({"email": "x"}, [*errors, FieldError(pointer="/email", detail="c")])
    assert form.errors == {"address.street": "a", "email": "b"}


def test_a_form_reads_several_values_of_one_name() -> None:
    assert Form(FormData([("a", "1"), ("a", "2")])).values_of("a") == ["1", "2"]
    assert Form({"a": ["1", "2"]}).values_of("a") == ["1", "2"]
    assert Form().values_of("a") == []


def test_a_date_is_read_from_three_fields() -> None:
    typed = {"naissance-day": " 7", "naissance-month": "11", "naissance-year": "1867"}
    assert Form(typed).day("naissance") == date(1867, 11, 7)
    for wrong in ({"naissance-day": "31"}, {"naissance-year": "67"}, {"naissance-month": ""}):
        with pytest.raises(ValueError, match=r".+"):
            Form(typed | wrong).day("naissance")


def test_french_counts_nothing_as_one_and_english_as_several() -> None:
    catalogue = Catalogue({"%(num)s fichier": "%(num)s file", "%(num)s fichiers": "%(num)s files"})

    def counted(number: int) -> str:
        return catalogue.ngettext("%(num)s fichier", "%(num)s fichiers", number)

    assert [counted(number) for number in (0, 1, 2)] == [
        "%(num)s fichier",
        "%(num)s fichier",
        "%(num)s fichiers",
    ]
    token = language.current.set("en")
    try:
        assert [counted(number) for number in (0, 1, 2)] == ["%(num)s files", "%(num)s file", "%(num)s files"]
    finally:
        language.current.reset(token)


def test_a_limit_is_told_by_its_last_minute_in_both_languages() -> None:
    limit = datetime(2020, 12, 7, 23, tzinfo=UTC)
    assert paris_limit(limit) == "lundi 7 décembre 2020 à 23 h 59"
    assert paris_limit(limit, "en") == "Monday 7 December 2020 at 23:59"
    assert paris_minute(limit, "en") == "Tuesday 8 December 2020 at 0:00"


@pytest.mark.parametrize("second", [0, 1, 12, 59])
def test_whoever_comes_in_the_minute_that_is_told_comes_in_time(second: int) -> None:
    limit = datetime(2120, 11, 5, 19, 29, second, tzinfo=UTC)
    assert paris_limit(limit).endswith("20 h 28")


@pytest.mark.parametrize("service", ["chassis", "accounts", "registration", "documents", "notifications"])
def test_every_text_of_a_page_has_its_english(service: str) -> None:
    templates = SERVICES / service / "templates"
    catalogue = Catalogue.beside([TEMPLATES, templates])
    assert without_english(environment(templates), templates, catalogue) == []


def test_every_problem_of_the_chassis_has_its_english() -> None:
    """But that of a service which asks another one what it may not."""
    catalogue = Catalogue.beside([TEMPLATES])
    found = list(problems_made(SERVICES / "chassis", but=("service-non-autorise", "jeton-invalide")))
    assert "Connectez-vous pour continuer." in found, "the walk finds them"
    away = (http._PART_AWAY, http._PART_AWAY_AT_A_CHANGE)
    assert [text for text in (*found, *away) if text not in catalogue] == []
