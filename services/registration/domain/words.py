"""What a rule says to its candidate: French words apart from values, so that a page may say them in another
language. An instant is no value here (`services.registration.sentences` tells them).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Words:
    """`text` is the key of the catalogue; `%(name)s` stands for a value, itself words where it is told so."""

    text: str
    values: "Mapping[str, str | int | Words]" = field(default_factory=dict)

    def said(self, translate: Callable[[str], str]) -> str:
        told = {
            name: value.said(translate) if isinstance(value, Words) else value
            for name, value in self.values.items()
        }
        return translate(self.text) % told if told else translate(self.text)

    def __str__(self) -> str:
        """In French."""
        return self.said(str)
