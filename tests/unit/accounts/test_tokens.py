import pytest
from starlette.responses import Response

from services.accounts.tokens import Presented, digest, give_cookie, new_token, presented


def test_a_token_is_256_random_bits_and_kept_as_its_sha256() -> None:
    one, two = new_token(), new_token()
    assert one != two
    assert len(one) == 43
    assert len(digest(one)) == 32


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"authorization": "Bearer abc"}, Presented("bearer", "abc")),
        ({"authorization": "bearer abc", "cookie": "session=other"}, Presented("bearer", "abc")),
        ({"authorization": "Basic abc"}, None),
        ({"cookie": "a=1; session=abc; b=2"}, Presented("cookie", "abc")),
        ({"cookie": "__Host-session=abc; session=def"}, Presented("cookie", "def")),
        ({"authorization": "Bearer " + "a" * 129}, None),
        ({"authorization": "Bearer "}, None),
    ],
)
def test_a_token_is_read_from_bearer_or_cookie(headers: dict[str, str], expected: Presented | None) -> None:
    assert presented(headers, secure=False) == expected


def test_by_https_only_the_cookie_that_no_other_host_can_set_counts() -> None:
    assert presented({"cookie": "session=planted"}, secure=True) is None
    found = presented({"cookie": "session=planted; __Host-session=abc"}, secure=True)
    assert found == Presented("cookie", "abc")


@pytest.mark.parametrize(("secure", "start"), [(True, "__Host-session=t"), (False, "session=t")])
def test_the_cookie_is_closed_to_scripts_and_other_sites(secure: bool, start: str) -> None:
    response = Response()
    give_cookie(response, "t", secure=secure)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(start)
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert ("Secure" in cookie.split("; ")) is secure


def test_the_cookie_ends_with_the_browser() -> None:
    response = Response()
    give_cookie(response, "t", secure=True)
    assert not {"expires", "max-age"} & {
        part.partition("=")[0].lower() for part in response.headers["set-cookie"].split("; ")
    }
