"""No line ends within an hour or a date, nor before a sign."""

from datetime import UTC, datetime

import pytest
from jinja2 import DictLoader
from markupsafe import Markup

from services.chassis.rendering import environment
from services.chassis.site import language
from services.chassis.site.form import Form
from services.chassis.site.language import Language
from services.chassis.typography import unbroken

LIMIT = datetime(2020, 11, 22, 23, tzinfo=UTC)


def shown(text: str) -> str:
    """Where no line may end, an underscore."""
    return text.replace("\N{NO-BREAK SPACE}", "_")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("à 14 h 06", "à 14_h_06"),
        ("sous 48 h", "sous 48_h"),
        ("le 22 novembre 2020", "le 22_novembre 2020"),
        ("le 1er décembre", "le 1er_décembre"),
        ("au bout de 3 ans", "au bout de 3_ans"),
        ("Pourquoi ? Voici : « oui » ; non !", "Pourquoi_? Voici_: «_oui_»_; non_!"),
        ("pour mars, 12 heures et 10 Mo", "pour mars, 12_heures et 10_Mo"),
        ("Version 2, la version 1 est périmée", "Version_2, la version_1 est périmée"),
        ("jusqu’au %(closes)s", "jusqu’au %(closes)s"),
        ("until 22 November 2020 at 23:59", "until 22_November 2020 at 23:59"),
    ],
)
def test_a_line_does_not_end_there(text: str, expected: str) -> None:
    assert shown(unbroken(text)) == expected
    assert unbroken(unbroken(text)) == unbroken(text)


def test_markup_stays_markup_and_a_text_a_text() -> None:
    assert type(unbroken(Markup("<b>48 h</b>"))) is Markup
    assert type(unbroken("48 h")) is str


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        (
            "fr",
            "Fermée depuis le dimanche 22_novembre 2020 à 23_h_59_? &lt;48_h&gt; Oui_! dimanche 22_novembre",
        ),
        ("en", "Fermée depuis le Sunday 22_November 2020 at 23:59_? &lt;48_h&gt; Oui_! Sunday 22_November"),
    ],
)
def test_a_page_is_set_so_with_the_values_of_its_sentences(reader: Language, expected: str) -> None:
    pages = environment()
    pages.loader = DictLoader(
        {
            "page.html": "{% trans limit=limit | paris_limit, span=span %}Fermée depuis le {{ limit }} ? "
            "{{ span }}{% endtrans %} {{ _('Oui !') }} {{ limit | paris_limit }}"
        }
    )
    token = language.current.set(reader)
    try:
        found = pages.get_template("page.html").render(limit=LIMIT, span="<48 h>")
    finally:
        language.current.reset(token)
    assert shown(found).startswith(expected)


def test_what_was_typed_is_shown_again_as_it_was() -> None:
    pages = environment()
    pages.loader = DictLoader({"page.html": "{{ ui.input(form, 'job', 'Métier') }}"})
    found = pages.get_template("page.html").render(form=Form({"job": "vente : 3 ans"}))
    assert "vente : 3 ans" in found
