"""E-mail addresses: valid in form, and one key for each mailbox whatever the case it is typed in.

Whether the address is the candidate's own is what the activation shows; no DNS question is asked, which
would tell an address's domain to others and fail with the network.
"""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from services.accounts.domain.errors import BadAddress

LONGEST = 254


@dataclass(frozen=True, slots=True)
class Address:
    """`email` as mail servers take it (ASCII, RFC 5321); `key` for comparing."""

    email: str
    key: str


def parse(text: str) -> Address:
    """Read an address as typed.

    Raises:
        BadAddress: not an address, of a reserved domain, or with a local part that mail servers may refuse.
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise BadAddress from None  # its text quotes the address
    if found.ascii_email is None:
        raise BadAddress
    return Address(found.ascii_email, found.ascii_email.casefold())
