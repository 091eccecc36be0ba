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


async def test_an_attachment_is_linked_on_the_page_and_comes_as_it_was_sent(parts: LocalStack) -> None:
    mail = EmailMessage()
    mail["From"] = "bureau@exemple.test"
    mail["To"] = "piece@exemple.test"
    mail["Subject"] = "Avec une pièce jointe"
    mail.set_content("Bonjour.")
    mail.add_alternative("<p>Bonjour.</p>", subtype="html")
    mail.add_attachment(b"%PDF-1.7 \xff", maintype="application", subtype="pdf", filename="été-v2.pdf")
    mail.add_attachment(b"<script>", maintype="text", subtype="html", filename="page.html")
    host, _, port = parts.addresses.smtp.rpartition(":")
    await aiosmtplib.send(mail, hostname=host, port=int(port))
    async with httpx.AsyncClient(base_url=parts.addresses.mailbox) as client:
        (found,) = (await client.get("/api/messages", params={"to": "piece@exemple.test"})).json()
        pdf, page = found["attachments"]
        assert (pdf["name"], pdf["size"]) == ("été-v2.pdf", 10)
        assert f'href="{pdf["path"]}"' in (await client.get(f"/messages/{found['id']}")).text
        opened = await client.get(pdf["path"])
        assert (opened.content, opened.headers["content-type"]) == (b"%PDF-1.7 \xff", "application/pdf")
        assert "filename*=UTF-8''%C3%A9t%C3%A9-v2.pdf" in opened.headers["content-disposition"]
        other = await client.get(page["path"])
        assert other.headers["content-type"] == "application/octet-stream"
        assert (await client.get(f"/messages/{found['id']}/pieces-jointes/3")).status_code == 404
