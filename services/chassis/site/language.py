"""French, and English second. French is the key: a text without an entry stays French.

A catalogue is every `locale/en/*.toml` beside a `templates` folder: `"Se connecter" = "Sign in"`, one a line.
`%(name)s` stands for a value. `_`, `ngettext` and `{% trans %}` of templates look here.
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


def chosen(cookie: str | None) -> Language:
    """What a cookie says; French if it says nothing we know."""
    return next((language for language in LANGUAGES if language == cookie), "fr")


def key(text: str) -> str:
    """Line breaks of a template do not make another text. A no-break space does."""
    return _SPACE.sub(" ", text.strip())


class Catalogue:
    """The English of some French texts."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self._entries = {key(french): english for french, english in entries.items()}

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
        return key(text) in self._entries

    def gettext(self, text: str) -> str:
        """The text in the language of the request."""
        if current.get() == "fr":
            return text
        return self._entries.get(key(text), text)

    def ngettext(self, one: str, several: str, count: int) -> str:
        """French counts nothing as one, English as several."""
        is_one = abs(count) < 2 if current.get() == "fr" else count == 1
        return self.gettext(one if is_one else several)
