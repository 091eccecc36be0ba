"""Runs the players on a running stack and gathers what came of each. Nothing is decided here."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from deploy.demo.calendar import DemoCalendar
from deploy.demo.players import FREE, PLAYERS, Play, Player
from deploy.demo.visitor import Refusal, Unexpected, Visitor
from deploy.local.addresses import Addresses

OnStep = Callable[[Player, str], None]
_SETTLING_SECONDS = 30
_POLL_SECONDS = 0.5


@dataclass
class Outcome:
    """What came of one player. `error` says what went otherwise than the notice says."""

    player: Player
    email: str
    candidate_id: UUID | None = None
    outcome: str = "unknown"
    deadline_at: datetime | None = None
    decided_at: datetime | None = None
    refusals: list[Refusal] = field(default_factory=list)
    mails: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None

    @property
    def deviations(self) -> list[str]:
        """What went otherwise than the notice says; empty when all went well."""
        found = [self.error] if self.error else []
        if self.outcome != self.player.expected:
            found.append(f"issue {self.outcome} au lieu de {self.player.expected}")
        left = Counter(mail["kind"] for mail in self.mails if mail["state"] == "sent")
        for free in FREE - self.player.mails.keys():
            del left[free]
        if left != Counter(self.player.mails):
            found.append(f"messages {dict(left)} au lieu de {dict(self.player.mails)}")
        slugs = tuple(refusal.slug for refusal in self.refusals)
        if slugs != self.player.refusals:
            found.append(f"refus {slugs} au lieu de {self.player.refusals}")
        return found

    @property
    def as_the_notice_says(self) -> bool:
        return not self.deviations


async def _browser(browsers: AsyncExitStack, addresses: Addresses) -> httpx.AsyncClient:
    """Each player's own: a form is taken only from the browser whose cookies it was written for."""
    return await browsers.enter_async_context(httpx.AsyncClient(base_url=addresses.gateway, timeout=30))


async def perform(addresses: Addresses, calendar: DemoCalendar, on_step: OnStep) -> list[Outcome]:
    """Play all players side by side; who starts again waits for the one whose address it takes."""
    async with AsyncExitStack() as browsers:
        visitors = {
            player.key: Visitor(await _browser(browsers, addresses), addresses.mailbox, player.email)
            for player in PLAYERS
        }
        first = [player for player in PLAYERS if not player.again]
        async with asyncio.TaskGroup() as group:
            tasks = {
                player.key: group.create_task(_one(player, visitors[player.key], calendar, on_step))
                for player in first
            }
            for player in PLAYERS:
                if player.again:
                    before = next(other for other in first if other.first_name == player.first_name)
                    tasks[player.key] = group.create_task(
                        _after(tasks[before.key], player, visitors[player.key], calendar, on_step)
                    )
        return [tasks[player.key].result() for player in PLAYERS]


async def _after(
    before: "asyncio.Task[Outcome]",
    player: Player,
    visitor: Visitor,
    calendar: DemoCalendar,
    on_step: OnStep,
) -> Outcome:
    on_step(player, "attend la fin des 48 h")
    await asyncio.wait({before})
    return await _one(player, visitor, calendar, on_step)


async def _one(player: Player, visitor: Visitor, calendar: DemoCalendar, on_step: OnStep) -> Outcome:
    result = Outcome(player, visitor.email)
    play = Play(visitor, calendar, lambda words: on_step(player, words))
    try:
        await player.play(play)
        if player.expected == "deleted":
            await _deleted(result, visitor)
        else:
            await _decided(result, visitor, calendar, on_step)
    except (Unexpected, httpx.HTTPError, KeyError) as error:
        result.error = f"{type(error).__name__}: {error}"
        on_step(player, f"échec : {result.error}")
    result.candidate_id = visitor.candidate_id
    result.refusals = play.refusals
    return result


async def _deleted(result: Outcome, visitor: Visitor) -> None:
    """The deletion is seen from outside: no login any more, and the mail that says so."""
    result.outcome = "deleted"
    result.mails = [_seen(mail) for mail in await visitor.mails()]
    result.decided_at = datetime.fromisoformat(result.mails[-1]["at"])


async def _decided(result: Outcome, visitor: Visitor, calendar: DemoCalendar, on_step: OnStep) -> None:
    limit = calendar.closes_at if result.player.expected == "not_registered" else calendar.deadline_at
    until = time.monotonic() + _seconds_to(limit) + calendar.grace + _SETTLING_SECONDS
    final = {"confirmed", "cancelled", "held", "not_registered", "withdrawn"}
    while time.monotonic() < until:
        standing = await visitor.standing()
        if standing["stage"] in final and standing.get("decided_at"):
            break
        await asyncio.sleep(_POLL_SECONDS)
    else:
        raise Unexpected("no outcome came in time")
    result.outcome = standing["stage"]
    result.deadline_at = datetime.fromisoformat(standing["deadline_at"])
    result.decided_at = datetime.fromisoformat(standing["decided_at"])
    on_step(result.player, "décision connue, attend le dernier message")
    result.mails = await _settled_mails(visitor, result.outcome)
    on_step(result.player, "terminé")


async def _settled_mails(visitor: Visitor, outcome: str) -> list[dict[str, Any]]:
    until = time.monotonic() + _SETTLING_SECONDS
    while time.monotonic() < until:
        messages = await visitor.messages()
        if any(message["kind"] == outcome and message["state"] == "sent" for message in messages):
            return messages
        await asyncio.sleep(_POLL_SECONDS)
    raise Unexpected(f"the mail of the outcome '{outcome}' did not leave")


_OF_THE_DELETED = {"supprimé": "account_deleted", "Rappel": "activation_reminder"}


def _seen(mail: dict[str, Any]) -> dict[str, Any]:
    kind = next((kind for word, kind in _OF_THE_DELETED.items() if word in mail["subject"]), "activation")
    return {"kind": kind, "subject": mail["subject"], "state": "sent", "at": mail["received_at"]}


def _seconds_to(instant: datetime) -> float:
    return (instant - datetime.now(instant.tzinfo)).total_seconds()
