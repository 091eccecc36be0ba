"""What reached whom, by the mail server's log: only what it took, and nothing of a line half written."""

import base64
import json
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.faults.ledger.mailbag import Log, Mail, Mailbag, size

_CANDIDATE = UUID("0199aaaa-0000-7000-8000-000000000001")
_DOMAIN = "essai.registre.example"
_ADDRESS = f"vie-0001@{_DOMAIN}"


def _read(log: Path) -> list[Mail]:
    return [mail for mail, _ in Log(log, _DOMAIN).read_on()]


def _line(answer: int | str, to: str = _ADDRESS, issue: int = 1) -> str:
    message = EmailMessage()
    message["Subject"] = "Activez votre compte candidat"
    message.set_content(f"http://127.0.0.1:1/compte/activation?lien=k1.{_CANDIDATE}.{issue}.secret\n")
    message.add_alternative("<p>…</p>", subtype="html")
    line: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(),
        "to": [to],
        "message_id": f"<{issue}@essai>",
        "subject": message["Subject"],
        "raw": base64.b64encode(message.as_bytes()).decode(),
        "answer": answer,
    }
    return json.dumps(line) + "\n"


def test_only_a_250_is_a_mail_that_somebody_has(tmp_path: Path) -> None:
    log = tmp_path / "mails.jsonl"
    log.write_text(_line(451) + _line("dropped") + _line(250))
    found = _read(log)
    assert [mail.accepted for mail in found] == [False, False, True]
    assert not any(mail.returned for mail in found)
    assert {mail.link for mail in found} == {_CANDIDATE}


def test_mails_of_another_round_are_not_ours_and_those_to_strangers_are(tmp_path: Path) -> None:
    log = tmp_path / "mails.jsonl"
    log.write_text(_line(250, "vie-0001@autre.registre.example") + _line(250, "personne@ailleurs.example"))
    assert [mail.to for mail in _read(log)] == [("personne@ailleurs.example",)]


async def test_the_newest_link_that_was_taken_is_followed(tmp_path: Path) -> None:
    log = tmp_path / "mails.jsonl"
    log.write_text(_line(250) + _line(451, issue=3) + _line(250, issue=2) + _line(250, issue=4)[:-40])
    mailbag = Mailbag(Log(log, _DOMAIN))
    mailbag.read_on()
    now = datetime.now(UTC)
    found = await mailbag.latest_link(_ADDRESS, "/compte/activation", now)
    assert found is not None
    assert found[1] == f"k1.{_CANDIDATE}.2.secret"
    assert await mailbag.latest_link(_ADDRESS, "/compte/mot-de-passe", now) is None


async def test_a_line_is_read_once_it_is_whole(tmp_path: Path) -> None:
    log = tmp_path / "mails.jsonl"
    whole = _line(250)
    log.write_text(whole[:-40])
    mailbag = Mailbag(Log(log, _DOMAIN))
    mailbag.read_on()
    assert await mailbag.latest_link(_ADDRESS, "/compte/activation", datetime.now(UTC)) is None
    log.write_text(whole)
    mailbag.read_on()
    assert await mailbag.latest_link(_ADDRESS, "/compte/activation", datetime.now(UTC)) is not None


def test_what_lay_in_the_log_before_the_round_is_passed_over(tmp_path: Path) -> None:
    log = tmp_path / "mails.jsonl"
    assert size(log) == 0
    log.write_text(_line(250))
    begins_at = size(log)
    with log.open("a") as more:
        more.write(_line(250, issue=2))
    following = Log(log, _DOMAIN, begins_at)
    assert [mail.message_id for mail, _ in following.read_on()] == ["<2@essai>"]
    assert following.read_on() == []


def test_a_mail_that_came_back_is_no_delivery(tmp_path: Path) -> None:
    log = tmp_path / "mails.jsonl"
    log.write_text(_line(250) + _line("returned"))
    assert [(mail.accepted, mail.returned) for mail in _read(log)] == [(True, False), (False, True)]
