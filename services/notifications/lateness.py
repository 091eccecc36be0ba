"""How long the oldest mail that is due has waited, for Prometheus.

Read from the database, so that every worker says the same.
"""

import asyncio

from prometheus_client import Gauge

from services.chassis.context import Context
from services.notifications.mail_server import MailServer
from services.notifications.settings import NotificationsSettings
from services.notifications.statements import SQL

_SECONDS = 15
OLDEST_DUE = Gauge(
    "notifications_oldest_due_mail_seconds",
    "Age of the oldest mail that should have left, however often it was tried; 0: none is due",
)


class Lateness:
    """A part of the worker: looks until cancelled."""

    name = "lateness"

    def __init__(self, context: Context[NotificationsSettings], mail_server: MailServer) -> None:
        self._context = context
        self._mail_server = mail_server

    async def run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(_SECONDS)

    async def look(self) -> None:
        async with self._context.database.connection() as conn:
            seconds: float | None = await SQL.oldest_due_seconds(conn)
        OLDEST_DUE.set(seconds or 0)
        if seconds is None:
            self._mail_server.nothing_is_due()
