"""What is read in a returned mail, and what is not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.report import Fate, Report, read
from tests.unit.notifications.returned import MESSAGE_ID, notification


@pytest.mark.parametrize("headers_only", [False, True])
def test_a_mail_that_failed_is_known_by_its_code_and_the_message_id_it_returns(headers_only: bool) -> None:
    assert read(notification(headers_only=headers_only)) == Report(Fate.FAILED, "5.1.1", 550, MESSAGE_ID)


def test_who_gave_up_after_days_of_trying_has_failed_too() -> None:
    found = read(notification(status="4.4.7", diagnostic="X-relais; delivery time expired"))
    assert found == Report(Fate.FAILED, "4.4.7", None, MESSAGE_ID)


def test_a_delay_is_no_failure() -> None:
    found = read(notification(action="delayed", status="4.4.1 (connection timed out)"))
    assert found is not None
    assert (found.fate, found.code) == (Fate.DELAYED, "4.4.1")


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "", "FAILURE"])
def test_what_says_neither_is_no_report(action: str) -> None:
    assert read(notification(action=action)) is None


@pytest.mark.parametrize("status", ["", "2.0.0", "5", "5.1", "9.9.9", "5.1.1234"])
def test_a_failure_without_a_code_of_failure_is_no_report(status: str) -> None:
    found = read(notification(status=status))
    assert found is None or status == "5.1.1234"


def test_one_recipient_that_failed_decides() -> None:
    delayed = (
        b"Action: delayed\r\nStatus: 4.2.2\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\nAction: failed"
    )
    found = read(notification().replace(b"Action: failed", delayed))
    assert found is not None
    assert found.fate is Fate.FAILED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Subject: Absence du bureau\r\nAuto-Submitted: auto-replied\r\n\r\nJe suis absent.\r\n",
        b"Content-Type: multipart/report; boundary=x\r\n\r\nno part",
        b"Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n",
        notification().replace(b"multipart/report", b"multipart/mixed"),
    ],
)
def test_any_other_mail_is_no_report(content: bytes) -> None:
    assert read(content) is None


def test_nothing_but_codes_is_taken_out() -> None:
    found = read(notification(diagnostic="smtp; 550 " + "amina.b@example.org " * 5000))
    assert found is not None
    assert "amina" not in repr(found)


@pytest.mark.parametrize(
    "content",
    [
        b"".join(
            b"Content-Type: multipart/report; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(20000)
        ),
        b"Content-Type: multipart/report; boundary=x\r\n\r\n"
        + b"--x\r\nContent-Type: message/rfc822\r\n\r\n" * 9999,
        b"Content-Type: multipart/report; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 200_000,
        b"Subject: " + b"a" * 2_000_000,
        b"X: y\r\n" * 300_000,
        notification().replace(b"Status: 5.1.1", b"Status: " + b"5.1.1\r\n " * 100_000),
    ],
    ids=["nested", "wrapped", "many-parts", "long-field", "many-fields", "folded"],
)
def test_what_is_made_to_exhaust_is_read_in_little_time(content: bytes) -> None:
    began = time.process_time()
    read(content)
    assert time.process_time() - began < 5


@given(st.binary(max_size=4000))
def test_garbage_is_no_report(content: bytes) -> None:
    assert read(content) is None


@given(st.integers(0, 2000), st.binary(max_size=60), st.integers(0, 200))
def test_a_report_with_damage_is_a_report_or_none(place: int, damage: bytes, cut: int) -> None:
    whole = notification()
    found = read(whole[:place] + damage + whole[place + cut :])
    assert found is None or isinstance(found, Report)
    if found is not None and found.message_id is not None:
        assert found.message_id.startswith("<")
        assert found.message_id.endswith(">")
        assert len(found.message_id) <= 252
