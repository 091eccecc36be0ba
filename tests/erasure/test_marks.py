"""The search finds what it has to find: a check that cannot fail would be worth nothing."""

import base64
import hashlib
import json
import quopri
from urllib.parse import quote

import pytest

from tests.erasure.marks import Marks

MARKS = Marks(
    {"name": "Zéphirine-Quétzal", "email": "zquetzal@courriel.example"}, digested=["email"], stem="tzal"
)
NAME, EMAIL = MARKS.values["name"], MARKS.values["email"]


@pytest.mark.parametrize(
    "text",
    [
        f"hello {NAME}!",
        NAME.upper(),
        NAME.lower(),
        "ZEPHIRINE-QUETZAL",
        json.dumps({"n": NAME}),
        quote(NAME),
        quopri.encodestring(NAME.encode()).decode(),
        NAME.encode().hex(),
    ],
)
def test_a_mark_is_found_however_it_is_written(text: str) -> None:
    assert MARKS.found_in(text.encode()) == {"name"}


def test_a_mark_is_found_as_people_would_write_it() -> None:
    marks = Marks({"born": "1951-11-29"}, spelt={"born": ["29 novembre 1951", "29/11/1951"]})
    assert marks.found_in(b"n\xc3\xa9e le 29 NOVEMBRE 1951") == {"born"}
    assert marks.found_in(quote("29/11/1951", safe="").encode()) == {"born"}
    assert marks.found_in(b"29 novembre 1952") == set()


@pytest.mark.parametrize("before", range(6))
@pytest.mark.parametrize("after", range(4))
def test_a_mark_is_found_in_base64_wherever_it_lies(before: int, after: int) -> None:
    inside = b"x" * before + NAME.encode() + b"y" * after
    assert "name" in MARKS.found_in(base64.b64encode(inside))
    assert "name" in MARKS.found_in(base64.urlsafe_b64encode(inside))


def test_the_digest_of_an_address_is_a_mark_and_a_stranger_is_not() -> None:
    digest = hashlib.sha256(EMAIL.encode())
    assert MARKS.found_in(digest.hexdigest().encode()) == {"email (digest)"}
    assert MARKS.found_in(base64.b64encode(digest.digest())) == {"email (digest)"}
    assert MARKS.found_in(b"Camille Durand, camille@courriel.example" * 50) == set()
