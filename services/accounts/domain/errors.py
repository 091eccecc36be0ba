"""What accounts refuses. The words for the reader are in `services.accounts.problems`.

AccountsError
├── NoSession            no exam session is known yet: ours, to be tried again
├── WindowNotOpen        no account outside the window (ours 3)
├── BadAddress           not an e-mail address
├── WeakPassword         the password breaks a rule
├── LinkError
│   ├── UnknownLink      not one of ours, or of an account that was erased or never was
│   ├── LinkExpired      ours, but too late
│   └── LinkUsed         ours, and already used
├── NotThePassword       the link is good, the password that of no request for the account
├── WrongCredentials     address, password or activation: which one is not said
├── WrongPassword        of somebody logged in, who must show it for what they ask
├── AccountGone          deleted since the request was let in
├── NoSuchCandidate      nobody has this id, or ever had
├── KeptElsewhere        not known here; whether another service keeps something cannot be told now: ours
├── SessionOver          the exam session has ended, and logins with it (notice §1)
├── TooManyTries         too often
└── Overloaded           more passwords to check than can wait, or no memory for it: ours
"""

from datetime import datetime

from services.contracts.events import Calendar


class AccountsError(Exception):
    """See the module."""


class NoSession(AccountsError):
    pass


class WindowNotOpen(AccountsError):
    """`nearest`: the session to tell the reader about; `over` when its window has already closed."""

    def __init__(self, nearest: Calendar, *, over: bool) -> None:
        super().__init__(nearest.session_id)
        self.nearest = nearest
        self.over = over


class BadAddress(AccountsError):
    pass


class WeakPassword(AccountsError):
    """`reason` is for the reader, in French."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class LinkError(AccountsError):
    pass


class UnknownLink(LinkError):
    pass


class LinkExpired(LinkError):
    pass


class LinkUsed(LinkError):
    pass


class NotThePassword(AccountsError):
    pass


class WrongCredentials(AccountsError):
    pass


class WrongPassword(AccountsError):
    """`field`: where it was given."""

    def __init__(self, field: str = "password") -> None:
        super().__init__()
        self.field = field


class AccountGone(AccountsError):
    pass


class NoSuchCandidate(AccountsError):
    pass


class KeptElsewhere(AccountsError):
    pass


class SessionOver(AccountsError):
    pass


class TooManyTries(AccountsError):
    def __init__(self, until: datetime, now: datetime) -> None:
        super().__init__()
        self.retry_after_seconds = max(1, int((until - now).total_seconds()) + 1)


class Overloaded(AccountsError):
    pass
