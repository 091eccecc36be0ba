"""The address that a mail comes back to (RFC 5321 §4.4): made for this one mail, and sealed.

A mail server that cannot deliver what it took returns a report to it, so the address alone says which mail
that was (« variable envelope return path »). It names no person, and nobody can make one for a mail they do
not have.
"""

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from services.notifications.settings import NotificationsSettings

_PURPOSE = b"return path:"
_SEAL_BYTES = 10
_LONGEST = 64


def return_path(settings: NotificationsSettings, mail_id: UUID) -> str | None:
    """The sealed address of one mail; None where no returned mail is taken."""
    if not settings.bounce_address:
        return None
    local, _, domain = settings.bounce_address.rpartition("@")
    sealed = base64.b32encode(mail_id.bytes + _seal(settings, mail_id)).decode().rstrip("=").lower()
    return f"{local}+{sealed}@{domain}"


def is_ours(settings: NotificationsSettings, address: str) -> bool:
    """Whether returned mail for `address` is for us: the plain address, or a sealed one that is genuine."""
    plain = address.casefold() == settings.bounce_address.casefold()
    return bool(settings.bounce_address) and (plain or mail_of(settings, address) is not None)


def mail_of(settings: NotificationsSettings, address: str) -> UUID | None:
    """The mail whose sealed address this is. Letters may have changed their case on the way."""
    local, _, domain = address.rpartition("@")
    ours, _, ours_domain = settings.bounce_address.rpartition("@")
    name, _, sealed = local.rpartition("+")
    if not ours or (name.casefold(), domain.casefold()) != (ours.casefold(), ours_domain.casefold()):
        return None
    if len(sealed) > _LONGEST:
        return None
    try:
        found = base64.b32decode(sealed.upper() + "=" * (-len(sealed) % 8))
    except (binascii.Error, ValueError):
        return None
    if len(found) != 16 + _SEAL_BYTES:
        return None
    mail_id = UUID(bytes=found[:16])
    return mail_id if hmac.compare_digest(found[16:], _seal(settings, mail_id)) else None


def _seal(settings: NotificationsSettings, mail_id: UUID) -> bytes:
    secret = settings.service_secret.get_secret_value().encode()
    return hmac.digest(secret, _PURPOSE + mail_id.bytes, hashlib.sha256)[:_SEAL_BYTES]
