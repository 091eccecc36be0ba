"""What the pages of this service share: their templates, and how a sentence of the rules is said in them."""

from pathlib import Path

from markupsafe import Markup

from services.chassis.rendering import environment
from services.chassis.typography import unbroken
from services.registration.domain.words import Words
from services.registration.notice import Question
from services.registration.sentences import Sentence

PAGES = environment(Path(__file__).parents[1] / "templates")


def said(sentence: Sentence | Words | str) -> str:
    """In the language of the reader; the template escapes the whole, its values too. What was typed, or is
    markup already, stays as it is."""
    if isinstance(sentence, str):
        return sentence
    limit, translated = PAGES.filters["paris_limit"], PAGES.filters["translated"]
    return sentence.said(translated) if isinstance(sentence, Words) else sentence.said(translated, limit)


def french(text: str) -> Markup:
    """An official name, which is French in every language: said so to screen readers."""
    return Markup('<span lang="fr">{}</span>').format(text)


def linked(one: Question) -> Markup:
    """An answer of the help, with its links in it."""
    answer, rest = Markup(), one.answer
    for link in one.links:
        before, _, rest = rest.partition(link.words)
        answer += Markup('{}<a href="{}">{}</a>').format(before, link.address, link.words)
    return unbroken(answer + rest)


def told(text: str) -> str:
    """A text of Python in the language of the reader."""
    translated: str = PAGES.filters["translated"](text)
    return translated


PAGES.filters |= {"said": said, "french": french, "linked": linked}
