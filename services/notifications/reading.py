"""A message read again by its candidate: no words are kept, so they are written anew by today's facts.

That is no copy of the mail, and whoever reads is told so. Where nothing true can be written any more,
`Unwritten` says why. A secret link is in its mail alone: who has got hold of an open session must not find
there how to change the password.
"""

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from uuid import UUID

import httpx

from services.chassis.context import Context
from services.chassis.failures import PartUnavailable
from services.chassis.office import load_office
from services.chassis.peers import PeerError, PeerGone
from services.chassis.telemetry import describe, log
from services.notifications.content import content_for
from services.notifications.domain import Conditions, expired, moot_because
from services.notifications.kinds import Kind, Need
from services.notifications.letters import Words, Writer
from services.notifications.queries import MailStatus, calendar_of, one_told_to
from services.notifications.settings import NotificationsSettings

_PATIENCE_SECONDS = 3
_PIECES = {Need.MISSING_PIECES, Need.MISSING_PIECES_IF_KNOWN}
_SECRETS = {Need.ACTIVATION_LINK, Need.PASSWORD_RESET_LINK}


class Unwritten(StrEnum):
    """Why the words of a message are not shown."""

    SECRET_LINK = "secret_link"
    SITUATION_CHANGED = "situation_changed"
    ERASED = "erased"
    UNAVAILABLE = "unavailable"
    """An owner does not answer, or has not heard yet of what the message is about: to be tried again."""


@dataclass(frozen=True, slots=True)
class Reading:
    mail: MailStatus
    words: Words | Unwritten


async def read_again(
    ctx: Context[NotificationsSettings], candidate_id: UUID, mail_id: UUID
) -> Reading | None:
    """None: no such message of this candidate, or none that is shown."""
    async with ctx.database.connection() as conn:
        mail = await one_told_to(conn, candidate_id, mail_id)
    return None if mail is None else Reading(mail, await _words(ctx, candidate_id, mail))


async def _words(
    ctx: Context[NotificationsSettings], candidate_id: UUID, mail: MailStatus
) -> Words | Unwritten:
    kind = mail.of_kind
    if _SECRETS.intersection(kind.needs):
        return Unwritten.SECRET_LINK
    conditions = kind.when_read or kind.conditions
    asking = replace(kind, needs=_needs(kind, conditions))
    async with ctx.database.connection() as conn:
        now = await ctx.clock.now(conn)
        calendar = await calendar_of(conn, candidate_id)
    if expired(conditions, mail.facts, calendar, now):
        return Unwritten.SITUATION_CHANGED
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            content = await content_for(ctx.peers, candidate_id, asking, mail.facts, calendar)
    except PeerGone:
        return Unwritten.ERASED
    except (PeerError, PartUnavailable, httpx.HTTPError, TimeoutError) as error:
        log.warning("message not written again: an owner is away", kind=kind.name, **describe(error))
        return Unwritten.UNAVAILABLE
    if conditions.owner_is_behind(content):
        return Unwritten.UNAVAILABLE
    if moot_because(conditions, mail.facts, content):
        return Unwritten.SITUATION_CHANGED
    return _writer(ctx.settings.office_file, ctx.settings.public_url).repeat(kind, mail.facts, content, now)


def _needs(kind: Kind, conditions: Conditions) -> tuple[Need, ...]:
    """The PDF that went with it is not needed to say where the one in force is."""
    needs = tuple(need for need in kind.needs if need is not Need.CONFIRMATION)
    asks_for_pieces = conditions.still_refused or conditions.missing is not None
    return (*needs, Need.MISSING_PIECES_IF_KNOWN) if asks_for_pieces and not _PIECES & set(needs) else needs


@cache
def _writer(office_file: Path | None, site: str) -> Writer:
    return Writer(load_office(office_file), site)
