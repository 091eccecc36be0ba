"""French, and English second. French is the key: a text without an entry stays French.

A catalogue is every `locale/en/*.toml` beside a `templates` folder: `"Se connecter" = "Sign in"`, one a line.
`%(name)s` stands for a value, `{name}` for a figure that the data put into the text before. `_`, `ngettext`
and `{% trans %}` of templates look here.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Literal, get_args

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
COOKIE = "langue"

current: ContextVar[Language] = ContextVar("language", default="fr")
_SPACE = re.compile(r"[ \t\r\n]+")
_FIGURE = re.compile(r"\{([a-z_]+)\}")


def chosen(cookie: str | None) -> Language:
    """What a cookie says; French if it says nothing we know."""
    return next((language for language in LANGUAGES if language == cookie), "fr")


def key(text: str) -> str:
    """Line breaks of a template do not make another text. A no-break space does."""
    return _SPACE.sub(" ", text.strip())


def _figured(french: str) -> re.Pattern[str]:
    """Matches the text with its figures in place."""
    parts = _FIGURE.split(french)
    names = parts[1::2]
    said = [re.escape(words) for words in parts[::2]]
    figures = [
        rf"(?P<{name}>\d+)" if name not in names[:place] else f"(?P={name})"
        for place, name in enumerate(names)
    ]
    return re.compile("".join(part for pair in zip(said, [*figures, ""], strict=True) for part in pair))


class Catalogue:
    """The English of some French texts. `{name}` in a text stands for a figure, which only the data holds."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = {key(french): english for french, english in entries.items()}
        self._figured = [
            (_figured(french), english) for french, english in self._entries.items() if _FIGURE.search(french)
        ]

    @classmethod
    def beside(cls, templates: Iterable[Path]) -> "Catalogue":
        """Of all the files in `locale/en` beside these folders.

        Raises:
            tomllib.TOMLDecodeError: one is not TOML, or says a text twice.
        """
        found: dict[str, str] = {}
        for room in templates:
            for file in sorted((room.parent / "locale" / "en").glob("*.toml")):
                found |= tomllib.loads(file.read_text())
        return cls(found)

    def __contains__(self, text: str) -> bool:
        return self._found(key(text)) is not None

    def gettext(self, text: str) -> str:
        """The text in the language of the request."""
        if current.get() == "fr":
            return text
        return self._found(key(text)) or text

    def _found(self, text: str) -> str | None:
        if text in self._entries:
            return self._entries[text]
        for pattern, english in self._figured:
            if (match := pattern.fullmatch(text)) is not None:
                return english.format_map(match.groupdict())
        return None

    def ngettext(self, one: str, several: str, count: int) -> str:
        """French counts nothing as one, English as several."""
        is_one = abs(count) < 2 if current.get() == "fr" else count == 1
        return self.gettext(one if is_one else several)
