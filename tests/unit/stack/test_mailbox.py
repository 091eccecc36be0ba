"""The mailbox keeps what arrives, over a restart too, and finds it by the envelope's recipient."""

from email.message import EmailMessage
from pathlib import Path

from deploy.local.mailbox.messages import Messages


def _mail(subject: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = "Bureau <bureau@exemple.test>"
    mail["To"] = "quelqu’un d’autre <autre@exemple.test>"
    mail["Subject"] = subject
    mail["Message-ID"] = "<cause@exemple.test>"
    mail.set_content("Bonjour, voilà.")
    mail.add_alternative("<p>Bonjour, <b>voilà</b>.</p>", subtype="html")
    return mail.as_bytes()


def test_a_mail_is_found_by_who_really_gets_it(tmp_path: Path) -> None:
    messages = Messages(tmp_path / "messages.jsonl")
    messages.add("bureau@exemple.test", ["Awa@exemple.test"], _mail("Activer mon compte"))
    (found,) = messages.newest_first("awa@exemple.test")
    assert (found.subject, found.message_id) == ("Activer mon compte", "<cause@exemple.test>")
    assert "voilà" in found.text
    assert "<b>voilà</b>" in found.html
    assert messages.newest_first("autre@exemple.test") == []


def test_the_newest_comes_first_and_all_outlive_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    first = Messages(file)
    first.add("b@exemple.test", ["a@exemple.test"], _mail("un"))
    first.add("b@exemple.test", ["a@exemple.test"], _mail("deux"))
    second = Messages(file)
    assert [message.subject for message in second.newest_first()] == ["deux", "un"]
    assert second.add("b@exemple.test", ["a@exemple.test"], _mail("trois")).id == 3
