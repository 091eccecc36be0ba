"""A sentence with values in it, written in French or in its reader's language.

French is the key of its translation (`services.chassis.site.language`), so a value stands as `%(name)s` until
the sentence is written: a date then takes the form of the language, and an officer's words stay as they are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from services.chassis.site.language import Language
from services.chassis.times import paris_limit, paris_minute
from services.chassis.typography import unbroken


@dataclass(frozen=True)
class Limit:
    """An exclusive bound, shown as the last minute it includes (ours 1)."""

    instant: datetime


@dataclass(frozen=True)
class Minute:
    instant: datetime


@dataclass(frozen=True)
class Quote:
    """An officer's words: French, whatever the language around them."""

    words: str


Value = Limit | Minute | Quote | str | int


@dataclass(frozen=True)
class Sentence:
    text: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __str__(self) -> str:
        """In French."""
        if not self.values:
            return self.text
        return self.text % {name: _written(value, "fr") for name, value in self.values.items()}

    def on_a_page(self, translate: Callable[[str], str], language: Language) -> Markup:
        """In the language of the page; what stays French in an English one is marked so."""
        text = Markup.escape(translate(self.text))
        if not self.values:
            return text
        return unbroken(text % {name: _marked(value, language) for name, value in self.values.items()})


def _marked(value: Value, language: Language) -> str:
    if isinstance(value, Quote) and language != "fr":
        return Markup('<span lang="fr">{}</span>').format(value.words)
    return _written(value, language)


def _written(value: Value, language: Language) -> str:
    match value:
        case Limit(instant):
            return paris_limit(instant, language)
        case Minute(instant):
            return paris_minute(instant, language)
        case Quote(words):
            return words
        case _:
            return str(value)
