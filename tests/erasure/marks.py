"""Unmistakable marks of a person, and the forms in which they could lie somewhere.

A mark is found as it is, in other case, without accents, composed or decomposed, escaped (JSON, percent,
quoted-printable), in base64 at any alignment, in hexadecimal, in UTF-16; an e-mail address and a phone number
also by their unkeyed digests.
"""

import base64
import hashlib
import json
import quopri
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus


def plain(text: str) -> str:
    """Without accents."""
    return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))


@dataclass
class Marks:
    """`values`: what each mark is called → the mark. `digested`: marks whose digest would be a mark too.

    `spelt`: how people would write a mark that is kept otherwise, as a date.
    `stem`: ASCII letters that most marks contain. Where they lie in no form, those marks are not searched.
    """

    values: dict[str, str]
    digested: Iterable[str] = ()
    spelt: Mapping[str, Iterable[str]] = field(default_factory=dict)
    stem: str = ""
    _folded: dict[bytes, str] = field(init=False, repr=False)
    _exact: dict[bytes, str] = field(init=False, repr=False)
    _stemmed: "Marks | None" = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        self._folded, self._exact = {}, {}
        if self.stem:
            self._stemmed = Marks({name: one for name, one in self.values.items() if self._has_stem(one)})
        spelt = [(name, spelling) for name, spellings in self.spelt.items() for spelling in spellings]
        for name, value in (*self.values.items(), *spelt):
            if self._has_stem(value):
                continue
            for text in {value, value.lower(), value.upper(), plain(value)}:
                for form in _written(text):
                    self._folded[form.lower()] = name
                for form in _base64(text.encode()):
                    self._exact[form] = name
        self._digest()

    def _has_stem(self, value: str) -> bool:
        return bool(self.stem) and self.stem in value.lower()

    def _digest(self) -> None:
        for name in self.digested:
            value = self.values[name]
            for text in {value, value.lower(), value.upper()}:
                for algorithm in (hashlib.sha256, hashlib.sha1, hashlib.md5):
                    digest = algorithm(text.encode()).digest()
                    self._folded[digest.hex().encode()] = f"{name} (digest)"
                    self._exact[digest] = f"{name} (digest)"
                    self._exact[base64.b64encode(digest).rstrip(b"=")] = f"{name} (digest)"

    def found_in(self, data: bytes) -> set[str]:
        """The names of the marks that lie in `data`, in whatever form."""
        folded = data.lower()
        found = {name for form, name in self._folded.items() if form in folded}
        found |= {name for form, name in self._exact.items() if form in data}
        if self._stemmed is not None and self._stem_in(data, folded):
            found |= self._stemmed.found_in(data)
        return found

    def _stem_in(self, data: bytes, folded: bytes) -> bool:
        cases = (self.stem, self.stem.upper(), self.stem.capitalize())
        return any(form.lower() in folded for text in cases for form in _written(text)) or any(
            form in data for text in cases for form in _base64(text.encode(), shortest=4)
        )


def _written(text: str) -> Iterator[bytes]:
    for form in ("NFC", "NFD"):
        written = unicodedata.normalize(form, text)
        raw = written.encode()
        yield raw
        yield quopri.encodestring(raw)
        yield quopri.encodestring(raw, header=True)
        yield quote(raw, safe="").encode()
        yield quote(raw, safe="@").encode()
        yield quote_plus(raw).encode()
        yield json.dumps(written)[1:-1].encode()
        yield raw.hex().encode()
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield text.encode("latin-1", "replace")


def _base64(raw: bytes, shortest: int = 6) -> Iterator[bytes]:
    """As it looks inside a longer text, at each of the three alignments."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).rstrip(b"=")
        # A letter holds six bits: those that a neighbour's byte shares are left out.
        first = (0, 2, 3)[before]
        last = len(encoded) - (1 if (before + len(raw)) % 3 else 0)
        inner = encoded[first:last]
        if len(inner) >= shortest:
            yield inner
            yield inner.replace(b"+", b"-").replace(b"/", b"_")
