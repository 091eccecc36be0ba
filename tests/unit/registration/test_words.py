"""Every text of the pages and of the sentences they say has its English."""

import itertools
from pathlib import Path

import pytest

from services.chassis.site import language
from services.chassis.site.language import Catalogue
from services.chassis.site.words import without_english
from services.registration import timeline
from services.registration.domain import eligibility, experience
from services.registration.domain.experience import Length
from services.registration.guidance import next_of
from services.registration.pages.room import PAGES
from services.registration.sentences import Sentence
from services.registration.wording import STAGE_LABELS, headline, outcome_sentence
from tests.plain import plain
from tests.unit.registration.rows import CLOSES, CONFIGURATION, DEADLINE
from tests.unit.registration.test_guidance import EVERYBODY, INSTANTS, KNOWN

ROOM = Path(timeline.__file__).parent
TEMPLATES = ROOM / "templates"
CATALOGUE = Catalogue.beside([TEMPLATES])


def test_every_text_of_the_templates_has_its_english() -> None:
    everything = Catalogue.beside([ROOM.parent / "chassis" / "templates", TEMPLATES])
    assert without_english(PAGES, TEMPLATES, everything) == []


def test_every_sentence_of_mon_espace_has_its_english() -> None:
    said = [*STAGE_LABELS.values(), *timeline.WORDS]
    for candidature, instant, progress in itertools.product(EVERYBODY, INSTANTS, KNOWN):
        step, outcome = next_of(candidature, instant, progress), outcome_sentence(candidature)
        said += [step.what.text, step.then.text, headline(candidature, progress)]
        said += [] if outcome is None else [outcome.text]
    assert [text for text in dict.fromkeys(said) if text not in CATALOGUE] == []


def test_every_condition_and_every_note_on_a_period_has_its_english() -> None:
    notes = (experience.LEVEL_TOO_LOW, experience.OTHER_FIELD, experience.TOO_LATE, experience.CUT)
    assert [text for text in (*eligibility.WORDS, *notes) if text not in CATALOGUE] == []


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (Length(0, 0, 0), "no day"),
        (Length(1, 1, 1), "1 year, 1 month and 1 day"),
        (Length(2, 0, 30), "2 years and 30 days"),
        (Length(0, 11, 0), "11 months"),
    ],
)
def test_a_length_is_told_in_the_readers_language(length: Length, told: str) -> None:
    token = language.current.set("en")
    try:
        assert PAGES.filters["said"](length.said) == told
    finally:
        language.current.reset(token)


@pytest.mark.parametrize(
    ("spoken", "told"),
    [
        ("fr", "jusqu’au dimanche 22 novembre 2020 à 23 h 59"),
        ("en", "until Sunday 22 November 2020 at 23:59"),
    ],
)
def test_a_limit_in_a_sentence_is_told_in_the_readers_language(spoken: language.Language, told: str) -> None:
    sentence = next_of(EVERYBODY[1], CLOSES.replace(day=12)).what
    token = language.current.set(spoken)
    try:
        assert plain(PAGES.filters["said"](sentence)).endswith(f"{told}.")
    finally:
        language.current.reset(token)


def test_what_a_person_wrote_is_never_a_place_for_values() -> None:
    assert str(Sentence("Pièce refusée : %(title)s", {"title": "50 %(x)s"})) == "Pièce refusée : 50 %(x)s"
    assert str(Sentence("Rien.")) == "Rien."
    assert "23 h 59" in str(Sentence("%(limit)s", {"limit": DEADLINE}))


def test_the_pieces_of_our_rules_have_their_english() -> None:
    rules = CONFIGURATION.rules
    titles = [rules.text(piece.title) for piece in rules.pieces]
    assert [title for title in titles if title not in CATALOGUE] == []
