from datetime import UTC, datetime

import pytest
from starlette.responses import Response

from services.accounts.tokens import digest, give_cookie, new_token, presented


def test_a_token_is_256_random_bits_and_kept_as_its_sha256() -> None:
    one, two = new_token(), new_token()
    assert one != two
    assert len(one) == 43
    assert len(digest(one)) == 32


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"authorization": "Bearer abc"}, "abc"),
        ({"authorization": "bearer abc", "cookie": "session=other"}, "abc"),
        ({"authorization": "Basic abc"}, None),
        ({"cookie": "a=1; session=abc; b=2"}, "abc"),
        ({"cookie": "__Host-session=abc; session=planted"}, "abc"),
        ({"authorization": "Bearer " + "a" * 129}, None),
        ({"authorization": "Bearer "}, None),
    ],
)
def test_a_token_is_read_from_bearer_or_cookie(headers: dict[str, str], expected: str | None) -> None:
    assert presented(headers) == expected


@pytest.mark.parametrize(("secure", "start"), [(True, "__Host-session=t"), (False, "session=t")])
def test_the_cookie_is_closed_to_scripts_and_other_sites(secure: bool, start: str) -> None:
    response = Response()
    give_cookie(response, "t", datetime(2021, 7, 15, 22, tzinfo=UTC), secure=secure)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(start)
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert ("Secure" in cookie.split("; ")) is secure
