"""Every text of « Ma boîte » has its English."""

from pathlib import Path

from services.chassis.site.language import Catalogue
from services.chassis.site.words import without_english
from services.notifications.kinds import KINDS
from services.notifications.pages import PAGES, TEMPLATES


def test_every_text_of_the_templates_has_its_english() -> None:
    layout = Path(TEMPLATES).parents[1] / "chassis" / "templates"
    assert without_english(PAGES, TEMPLATES, Catalogue.beside([layout, TEMPLATES])) == []


def test_every_subject_and_gist_has_its_english() -> None:
    catalogue = Catalogue.beside([TEMPLATES])
    said = [text for kind in KINDS.values() for text in (kind.subject, kind.gist)]
    assert [text for text in said if text not in catalogue] == []


def test_no_gist_calls_anything_definitive_or_names_a_secret() -> None:
    assert not [kind.name for kind in KINDS.values() if "définitive" in kind.gist or "http" in kind.gist]
