from datetime import UTC, datetime, timedelta

from services.accounts.addresses import parse
from services.accounts.browsers import known, new_cookie
from services.accounts.domain.links import LinkKeys

KEYS = LinkKeys("k1", {"k1": b"one" * 11})
OTHER_KEYS = LinkKeys("k1", {"k1": b"two" * 11})
ADDRESS = parse("camille@exemple.fr")
NOW = datetime(2020, 11, 10, 12, tzinfo=UTC)


def test_a_browser_is_known_for_the_address_it_logged_in_to() -> None:
    one, two = new_cookie(KEYS, ADDRESS, NOW), new_cookie(KEYS, ADDRESS, NOW)
    assert known(KEYS, one, parse("CAMILLE@exemple.fr"), NOW) is not None
    assert known(KEYS, one, ADDRESS, NOW) != known(KEYS, two, ADDRESS, NOW)
    assert known(KEYS, one, parse("dominique@exemple.fr"), NOW) is None


def test_nobody_makes_or_changes_such_a_cookie() -> None:
    cookie = new_cookie(KEYS, ADDRESS, NOW)
    since, name, seal = cookie.split(".")
    for wrong in (
        "",
        "..",
        f"{int(since) + 1}.{name}.{seal}",
        f"{since}.other.{seal}",
        f"{since}.{name}.",
        f"{since}.{name}.é",
        new_cookie(OTHER_KEYS, ADDRESS, NOW),
        f"{since}.{'a' * 500}.{seal}",
    ):
        assert known(KEYS, wrong, ADDRESS, NOW) is None


def test_it_is_forgotten_in_time() -> None:
    cookie = new_cookie(KEYS, ADDRESS, NOW)
    assert known(KEYS, cookie, ADDRESS, NOW + timedelta(days=399)) is not None
    assert known(KEYS, cookie, ADDRESS, NOW + timedelta(days=401)) is None
