"""What the pages of this service share: their templates, and how a sentence of the rules is said in them."""

from pathlib import Path

from services.chassis.rendering import environment
from services.registration.domain.words import Words
from services.registration.sentences import Sentence

PAGES = environment(Path(__file__).parents[1] / "templates")


def said(sentence: Sentence | Words) -> str:
    """In the language of the reader; the template escapes the whole, its values too."""
    limit, translated = PAGES.filters["paris_limit"], PAGES.filters["translated"]
    return sentence.said(translated) if isinstance(sentence, Words) else sentence.said(translated, limit)


PAGES.filters["said"] = said


def told(text: str) -> str:
    """A text of Python in the language of the reader."""
    translated: str = PAGES.filters["translated"](text)
    return translated
