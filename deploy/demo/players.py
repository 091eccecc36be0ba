"""Who plays what, and what the notice says must come out of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from unicodedata import normalize

from deploy.demo import papers
from deploy.demo.calendar import DemoCalendar
from deploy.demo.forms import valid_form
from deploy.demo.visitor import File, Refusal, Unexpected, Visitor

PASSWORD = "chaque-jour-une-page-42"
_LAST_SECOND = timedelta(milliseconds=700)


@dataclass
class Play:
    """What a player needs, and what it leaves: `said` is shown live, `refusals` in the report."""

    visitor: Visitor
    calendar: DemoCalendar
    say: Callable[[str], None]
    refusals: list[Refusal] = field(default_factory=list)

    async def until(self, instant: datetime) -> None:
        """Sleep to an instant of the machine's clock."""
        await asyncio.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds()))


@dataclass(frozen=True)
class Player:
    """`key` names the role in the report; `expected` is the outcome that the notice gives."""

    key: str
    first_name: str
    story: str
    expected: str
    play: Callable[[Play], Awaitable[None]]
    mails: Mapping[str, int]
    """Kind → how many must have left, those in `FREE` beside them."""
    refusals: tuple[str, ...] = ()
    """The problem types that must have been received, in order."""
    again: bool = False
    """Starts with an address whose account was deleted: by the player before."""

    @property
    def email(self) -> str:
        plain = normalize("NFKD", self.first_name).encode("ascii", "ignore").decode()
        return f"{plain.lower()}@courriel.example"


async def confirmed(play: Play) -> None:
    await _enter(play)
    await _register(play, forename="Amina")
    form = valid_form(forename="Amina", email=play.visitor.email)
    form["identification"]["phone"] = "06 98 76 54 32"
    play.say("modifie son inscription")
    saved = await play.visitor.save(form)
    if saved["version"] != 2:
        raise Unexpected(f"the second save made version {saved['version']}")
    await _upload(play, await _papers(play))
    play.say("dossier complet, attend la clôture")


async def never_activates(play: Play) -> None:
    play.say("crée un compte")
    await play.visitor.create_account(PASSWORD)
    await play.visitor.activation_link()
    play.say("n’active jamais son compte")
    until = time.monotonic() + play.calendar.activation + play.calendar.grace + 30
    while time.monotonic() < until:
        if any("supprimé" in mail["subject"] for mail in await play.visitor.mails()):
            if (status := await play.visitor.login_status(PASSWORD)) != 401:
                raise Unexpected(f"a deleted account could log in ({status})")
            play.say("compte supprimé à la fin des 48 h")
            return
        await asyncio.sleep(0.3)
    raise Unexpected("the account was not deleted at the end of its 48 h")


async def starts_again(play: Play) -> None:
    before = len(await play.visitor.mails())
    await _enter(play, after=before)
    await _register(play, forename="Bruno")
    await _upload(play, await _papers(play))
    play.say("dossier complet, attend la clôture")


async def never_saves(play: Play) -> None:
    await _enter(play)
    play.say("n’enregistre rien")


async def one_piece_missing(play: Play) -> None:
    await _enter(play)
    await _register(play, forename="David")
    files = await _papers(play)
    files.popitem()
    await _upload(play, files)
    play.say("il manque une pièce : des rappels, puis l’échéance")


async def last_second(play: Play) -> None:
    await _enter(play)
    await _register(play, forename="Elsa")
    files = await _papers(play)
    piece, file = files.popitem()
    await _upload(play, files)
    play.say("garde la dernière pièce pour la dernière seconde")
    await play.until(play.calendar.deadline_at - _LAST_SECOND)
    await play.visitor.upload(piece, file)
    play.say("dernière pièce déposée à temps")


async def too_late(play: Play) -> None:
    await _enter(play)
    form = await _register(play, forename="Farid")
    files = await _papers(play)
    piece, file = files.popitem()
    await _upload(play, files)
    play.say("attend que la période soit close")
    await play.until(play.calendar.closes_at + timedelta(seconds=1))
    play.refusals.append(await play.visitor.refused_save(form))
    play.say("modification refusée après la clôture")
    await play.until(play.calendar.deadline_at + timedelta(milliseconds=300))
    play.refusals.append(await play.visitor.refused_upload(piece, file))
    play.say("dépôt refusé après l’échéance")


FREE = frozenset({"checklist_complete", "activation_reminder"})
"""« Dossier complet » may be overtaken by the outcome; a slow machine may make a candidate be reminded."""

_SAVED = {"activation": 1, "registration_saved": 1}
_LATE = {**_SAVED, "reminder": 2, "cancelled": 1}

PLAYERS = (
    Player(
        "confirmed",
        "Amina",
        "active, enregistre, modifie, dépose tout",
        "confirmed",
        confirmed,
        {"activation": 1, "registration_saved": 2, "confirmed": 1},
    ),
    Player(
        "never-activates",
        "Bruno",
        "n’active jamais son compte",
        "deleted",
        never_activates,
        {"activation": 1, "activation_reminder": 1, "account_deleted": 1},
    ),
    Player(
        "starts-again",
        "Bruno",
        "recommence avec la même adresse",
        "confirmed",
        starts_again,
        {**_SAVED, "confirmed": 1},
        again=True,
    ),
    Player(
        "never-saves",
        "Chloé",
        "active, n’enregistre jamais",
        "not_registered",
        never_saves,
        {"activation": 1, "not_saved": 1, "not_registered": 1},
    ),
    Player("one-missing", "David", "il lui manque une pièce", "cancelled", one_piece_missing, _LATE),
    Player(
        "last-second",
        "Elsa",
        "dernière pièce à la dernière seconde",
        "confirmed",
        last_second,
        {**_SAVED, "reminder": 2, "confirmed": 1},
    ),
    Player(
        "too-late",
        "Farid",
        "modifie et dépose trop tard",
        "cancelled",
        too_late,
        _LATE,
        refusals=("fenetre-fermee", "echeance-passee"),
    ),
)


async def _enter(play: Play, after: int = 0) -> None:
    play.say("crée un compte")
    await play.visitor.create_account(PASSWORD)
    link = await play.visitor.activation_link(after)
    play.say("active son compte")
    await play.visitor.activate(link, PASSWORD)
    await play.visitor.log_in(PASSWORD)


async def _register(play: Play, forename: str) -> dict[str, Any]:
    form = valid_form(forename=forename, email=play.visitor.email)
    play.say("enregistre son inscription")
    await play.visitor.save(form)
    return form


async def _papers(play: Play) -> dict[str, File]:
    """One file for each piece asked for: the signed confirmation, then scans and a PDF by turns."""
    await play.visitor.wait_for_pieces(play.visitor.version)
    files: dict[str, File] = {}
    for number, piece in enumerate(await play.visitor.checklist()):
        title = str(piece["title"])
        if piece["confirmation"]:
            printed = await play.visitor.confirmation()
            signed = await asyncio.to_thread(papers.sign, printed, "le 24 novembre")
            files[piece["piece"]] = File("confirmation-signee.pdf", "application/pdf", signed)
        elif number % 2:
            scan = await asyncio.to_thread(papers.scan, title, number)
            files[piece["piece"]] = File("scan.jpg", "image/jpeg", scan)
        else:
            several = await asyncio.to_thread(papers.several_pages, title)
            files[piece["piece"]] = File("pages.pdf", "application/pdf", several)
    return files


async def _upload(play: Play, files: dict[str, File]) -> None:
    for number, (piece, file) in enumerate(files.items(), start=1):
        play.say(f"dépose la pièce {number} sur {len(files)}")
        await play.visitor.upload(piece, file)
