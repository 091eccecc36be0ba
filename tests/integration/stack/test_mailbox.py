"""A mail sent over SMTP is shown by the mailbox, on its page and as JSON."""

from email.message import EmailMessage

import aiosmtplib
import httpx

from deploy.local import LocalStack


async def test_a_sent_mail_is_in_the_json_and_on_the_page(parts: LocalStack) -> None:
    mail = EmailMessage()
    mail["From"] = "bureau@exemple.test"
    mail["To"] = "stack@exemple.test"
    mail["Subject"] = "Activer mon compte <é>"
    mail.set_content("https://exemple.test/compte/activation?lien=abc")
    host, _, port = parts.addresses.smtp.rpartition(":")
    await aiosmtplib.send(mail, hostname=host, port=int(port))
    async with httpx.AsyncClient(base_url=parts.addresses.mailbox) as client:
        (found,) = (await client.get("/api/messages", params={"to": "stack@exemple.test"})).json()
        assert found["subject"] == "Activer mon compte <é>"
        assert "lien=abc" in found["text"]
        page = await client.get("/")
        assert "Activer mon compte &lt;é&gt;" in page.text
        opened = await client.get(f"/messages/{found['id']}")
        assert "lien=abc" in opened.text
        assert (await client.get("/messages/9999")).status_code == 404
