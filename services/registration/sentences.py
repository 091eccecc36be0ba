"""A sentence that the API says in French and a page in its reader’s language: words apart from values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.chassis.times import paris_limit

Value = str | int | datetime


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` is the key of the catalogue; `%(name)s` stands for a value. An instant is an exclusive limit."""

    text: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def said(self, translate: Callable[[str], str], limit: Callable[[datetime], str]) -> str:
        words = {
            name: limit(value) if isinstance(value, datetime) else value
            for name, value in self.values.items()
        }
        return translate(self.text) % words if words else translate(self.text)

    def __str__(self) -> str:
        """In French."""
        return self.said(str, paris_limit)
