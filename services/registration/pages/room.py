"""What the pages of this service share: their templates, and how a sentence of the rules is said in them."""

from pathlib import Path

from markupsafe import Markup, escape

from services.chassis.rendering import environment
from services.chassis.typography import unbroken
from services.registration.domain.words import Words
from services.registration.notice import Question
from services.registration.sentences import Quoted, Sentence

PAGES = environment(Path(__file__).parents[1] / "templates")


def said(sentence: Sentence | Words | str) -> str:
    """In the language of the reader; its values are escaped, here or by the template. What was typed, or is
    markup already, stays as it is."""
    limit, translated = PAGES.filters["paris_limit"], PAGES.filters["translated"]
    match sentence:
        case Quoted():
            return french(sentence)
        case str():
            return sentence
        case Words():
            return sentence.said(translated)
        case Sentence():
            return sentence.said(lambda text: escape(translated(text)), limit, french)


def french(text: str) -> Markup:
    """An official name or an officer's words, French in every language: said so to screen readers."""
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
