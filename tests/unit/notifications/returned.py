"""Delivery status notifications as mail servers write them (RFC 3464, appendix E, and Postfix)."""

MESSAGE_ID = "<0b6cb2f6-5b1c-5e7c-9d31-0c9b3f5a1c11@academie.example>"


def notification(
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 <amina.b@example.org>: no such user",
    message_id: str = MESSAGE_ID,
    headers_only: bool = False,
) -> bytes:
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    body = "" if headers_only else "\r\nBonjour,\r\n"
    text = f"""\
From: MAILER-DAEMON@relais.example
To: retours@academie.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="limite"

--limite
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--limite
Content-Type: message/delivery-status

Reporting-MTA: dns; relais.example
Arrival-Date: Tue, 24 Nov 2026 16:00:00 +0100 (CET)

Final-Recipient: rfc822; amina.b@example.org
Action: {action}
Status: {status}
Diagnostic-Code: {diagnostic}

--limite
Content-Type: {kind}

From: Bureau <bureau@academie.example>
To: amina.b@example.org
Subject: Rappel
Message-ID: {message_id}
{body}
--limite--
"""
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
