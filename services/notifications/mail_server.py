"""Whether the mail server takes what it is given: told to readiness, and each refusal to Prometheus.

Away is told at once: it gave no answer. Refusing is told after some minutes in which it answered and took
nothing, though mails are due: one refusal may be about one mail, but a quota or a policy against us is seen
nowhere else before mails are late.
"""

import asyncio
from datetime import timedelta

from prometheus_client import Counter

from services.chassis.readiness import Readiness
from services.chassis.telemetry import log
from services.notifications.attempt import Ending, Failed, Later, Sent

_PART = "mail server"
_PATIENCE = timedelta(minutes=5)
REFUSALS = Counter(
    "notifications_mail_server_refusals",
    "Attempts that the mail server did not take and that are no recipient's fault, by its answer",
    ("status", "error"),
)


class MailServer:
    """patience: how long it may refuse everything before that is told."""

    def __init__(self, readiness: Readiness, patience: timedelta = _PATIENCE) -> None:
        self._readiness = readiness
        self._patience_seconds = patience.total_seconds()
        self._refuses_since: float | None = None
        self._told = False

    def answered(self, ending: Ending) -> None:
        """Take in how an attempt ended; what never got as far as the server says nothing of it."""
        match ending:
            case Sent() | Failed(given_up=False, status=int()):
                self._takes()
            case Failed(given_up=True) | Later(by_server=True):
                self._refused(ending.error, ending.status)

    def nothing_is_due(self) -> None:
        """A server that refused what no longer has to leave keeps nothing waiting."""
        self._takes()

    def _takes(self) -> None:
        self._refuses_since = None
        self._told = False
        self._readiness.report(_PART, None)

    def _refused(self, error: str, status: int | None) -> None:
        REFUSALS.labels(status or "none", error).inc()
        now = asyncio.get_running_loop().time()
        if self._refuses_since is None:
            self._refuses_since = now
        if status is None:
            self._readiness.report(_PART, error)
        elif now - self._refuses_since < self._patience_seconds:
            self._readiness.report(_PART, None)
        else:
            self._tell_refusing(error, status)

    def _tell_refusing(self, error: str, status: int) -> None:
        self._readiness.report(_PART, "refuses")
        if not self._told:
            self._told = True
            log.error("mail server refuses every mail", status=status, error=error)
