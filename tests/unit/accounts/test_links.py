from uuid import UUID, uuid4

import pytest

from services.accounts.domain.errors import UnknownLink
from services.accounts.domain.links import LONGEST_TOKEN, Link, LinkKeys

ACCOUNT = UUID("0189abcd-0000-7000-8000-000000000001")
KEYS = LinkKeys("k1", {"k1": b"one" * 11})


def test_every_retry_carries_the_same_link() -> None:
    again = LinkKeys("k1", {"k1": b"one" * 11})
    assert KEYS.token("activation", Link(ACCOUNT, 1)) == again.token("activation", Link(ACCOUNT, 1))


@pytest.mark.parametrize("issue", [1, 2, 999_999_999])
def test_a_link_reads_as_what_it_was_made_for(issue: int) -> None:
    token = KEYS.token("activation", Link(ACCOUNT, issue))
    assert KEYS.read("activation", token) == Link(ACCOUNT, issue)
    assert token.startswith(f"k1.{ACCOUNT}.{issue}.")
    assert len(token) <= LONGEST_TOKEN


def test_a_link_serves_one_purpose_only() -> None:
    with pytest.raises(UnknownLink):
        KEYS.read("password_reset", KEYS.token("activation", Link(ACCOUNT, 1)))


def test_nothing_in_a_link_can_be_changed() -> None:
    kid, account, issue, mac = KEYS.token("activation", Link(ACCOUNT, 1)).split(".")
    two = LinkKeys("k1", {"k1": b"one" * 11, "k2": b"two" * 11})
    for wrong in (
        f"k2.{account}.{issue}.{mac}",
        f"{kid}.{uuid4()}.{issue}.{mac}",
        f"{kid}.{account}.2.{mac}",
        f"{kid}.{account}.{issue}.{'A' * 43}",
        f"{kid}.{account}.{issue}.{mac[:-1]}",
        f"{kid}.{account}.{issue}.{mac}=",
        f"{kid}.{account.upper()}.{issue}.{mac}",
        f"{kid}.{account}.01.{mac}",
        f"{kid}.{account}.{issue}.{mac}\n",
        "",
        "...",
        f"{kid}.{'-' * 36}.{issue}.{mac}",
    ):
        with pytest.raises(UnknownLink):
            two.read("activation", wrong)


def test_a_link_made_with_the_key_before_still_works() -> None:
    old = KEYS.token("activation", Link(ACCOUNT, 1))
    rotated = LinkKeys("k2", {"k2": b"two" * 11, "k1": b"one" * 11})
    assert rotated.read("activation", old) == Link(ACCOUNT, 1)
    assert rotated.token("activation", Link(ACCOUNT, 1)).startswith("k2.")
    with pytest.raises(UnknownLink):
        LinkKeys("k2", {"k2": b"two" * 11}).read("activation", old)
