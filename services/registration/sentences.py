"""A sentence that the API says in French and a page in its reader’s language: words apart from values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis.times import paris_limit
from services.registration.domain.words import Words


class Quoted(str):
    """What an officer wrote: French whatever the language around it."""

    __slots__ = ()


Value = str | int | datetime | Words


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` is the key of the catalogue; `%(name)s` stands for a value: an instant is an exclusive limit,
    words are told in the language of the sentence, what is quoted as `quote` shows it."""

    text: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def said(
        self,
        translate: Callable[[str], str],
        limit: Callable[[datetime], str],
        quote: Callable[[str], str] = str,
    ) -> str:
        words = {name: _told(value, translate, limit, quote) for name, value in self.values.items()}
        return translate(self.text) % words if words else translate(self.text)

    def __str__(self) -> str:
        """In French."""
        return self.said(str, paris_limit)


def _told(
    value: Value,
    translate: Callable[[str], str],
    limit: Callable[[datetime], str],
    quote: Callable[[str], str],
) -> str | int:
    match value:
        case Quoted():
            return quote(value)
        case datetime():
            return limit(value)
        case Words():
            return value.said(translate)
        case _:
            return value
