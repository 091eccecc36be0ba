"""The sealed address of a mail: only ours are known, however letters change their case on the way."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from services.notifications.return_path import is_ours, mail_of, return_path
from services.notifications.settings import NotificationsSettings


def settings(secret: str = "s", address: str = "retours@academie.example") -> NotificationsSettings:
    return NotificationsSettings(
        service_name="notifications",
        service_secret=SecretStr(secret),
        public_url="http://site.test",
        accounts_url="http://a",
        sessions_url="http://s",
        registration_url="http://r",
        documents_url="http://d",
        notifications_url="http://n",
        bounce_address=address,
    )


@given(st.uuids())
def test_an_address_leads_back_to_its_mail_in_any_case(mail_id: UUID) -> None:
    address = return_path(settings(), mail_id)
    assert address is not None
    assert len(address.partition("@")[0]) <= 64  # RFC 5321 §4.5.3.1.1
    assert {mail_of(settings(), one) for one in (address, address.upper())} == {mail_id}


def test_without_an_address_to_return_to_there_is_none() -> None:
    assert return_path(settings(address=""), uuid4()) is None
    assert not is_ours(settings(address=""), "")
    assert not is_ours(settings(address=""), "@")


def test_the_plain_address_is_ours_and_says_of_no_mail() -> None:
    assert is_ours(settings(), "Retours@Academie.example")
    assert mail_of(settings(), "retours@academie.example") is None


@pytest.mark.parametrize("other", ["secret", "domain", "name", "mail", "short"])
def test_a_forged_address_is_not_ours(other: str) -> None:
    genuine = return_path(settings(), uuid4())
    another = return_path(settings("another"), uuid4())
    assert genuine is not None
    assert another is not None
    forged = {
        "secret": another,
        "domain": genuine.replace("academie", "ailleurs"),
        "name": genuine.replace("retours", "autre"),
        "mail": genuine.replace("+", "+a", 1).replace("@", "", 0)[:-1],
        "short": genuine.replace("@", "", 1).replace("academie.example", "@academie.example")[:20],
    }[other]
    assert not is_ours(settings(), forged)


@given(st.text(max_size=120))
def test_any_text_is_bearable(address: str) -> None:
    assert mail_of(settings(), address) is None
    assert mail_of(settings(), f"retours+{address}@academie.example") is None
