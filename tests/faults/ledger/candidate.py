"""One candidate as they play their plan: the account, the form, the documents, one step after another.

They go on trying while what they want is still to be had, whatever is down meanwhile, and give up at their
own limits (the window's close, the deadline) as anybody would have to.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.faults.ledger import papers
from tests.faults.ledger.client import Answer, Client
from tests.faults.ledger.forms import form, mark_of, password_of
from tests.faults.ledger.mailbag import Mailbag
from tests.faults.ledger.plans import Life, Step
from tests.faults.ledger.rounds import Round

_MOMENT = timedelta(seconds=1)
_SLOW = timedelta(milliseconds=600)
_ACTIVATION_PAGE = "/compte/activation"
_RESET_PAGE = "/compte/mot-de-passe"


class GivenUp(Exception):
    """What comes after needs what was not to be had. The message says what."""


async def sleep_until(instant: datetime) -> None:
    """Sleep to an instant of the machine's clock."""
    await asyncio.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds()))


@dataclass(frozen=True)
class _Kept:
    """A file of theirs that was acknowledged."""

    file_id: str
    version: int
    good: bool


@dataclass
class Candidate:
    """One life as it is played; `version`, `pieces` and `files` are what they were told."""

    of_round: Round
    client: Client
    mailbag: Mailbag
    life: int
    email: str
    plan: Life
    password: str = ""
    version: int = 0
    saves: int = 0
    pieces: list[str] = field(default_factory=list)
    files: dict[str, list[_Kept]] = field(default_factory=dict)
    removed: dict[str, _Kept] = field(default_factory=dict)
    sheets: int = 0

    async def play(self) -> None:
        self.password = password_of(self.of_round.seed, self.life)
        await self._open()
        if self.plan.activation == "never":
            return
        await self._activate()
        await self._log_in()
        for step in self.plan.steps:
            await self._take(step)

    # --- the account ------------------------------------------------------------------------------------

    async def _open(self) -> None:
        wanted = {"email": self.email, "password": self.password}
        until = self.of_round.session.closes_at + _MOMENT
        for _ in range(self.plan.creations):
            answer = await self.client.ask("create", "POST", "/api/accounts", until=until, json=wanted)
            if not answer.done:
                raise GivenUp(f"account: {answer.slug or answer.status}")
            await asyncio.sleep(0.2)
        for _ in range(self.plan.resends):
            path, asked = "/api/accounts/activation-mails", {"email": self.email}
            await self.client.ask("resend", "POST", path, until=until, json=asked)

    async def _activate(self) -> None:
        session = self.of_round.session
        found = await self.mailbag.latest_link(self.email, _ACTIVATION_PAGE, session.deadline_at)
        if found is None:
            raise GivenUp("no activation mail came")
        mail, token = found
        if self.plan.activation == "limit":
            late = timedelta(seconds=session.activation_seconds, milliseconds=self.plan.shift_ms)
            await sleep_until(mail.at + late)
        answer = await self.client.ask(
            "activate",
            "POST",
            "/api/accounts/activations",
            until=session.deadline_at,
            facts={"candidate": str(mail.link)},
            json={"token": token, "password": self.password},
        )
        if not answer.done and answer.slug != "lien-deja-utilise":
            raise GivenUp(f"activation: {answer.slug or answer.status}")

    async def _log_in(self) -> None:
        self.client.token = ""
        answer = await self.client.ask(
            "login",
            "POST",
            "/api/accounts/sessions",
            until=self.of_round.session.deadline_at + _MOMENT,
            tell=lambda answer: {"candidate": answer.body["candidate_id"]},
            json={"email": self.email, "password": self.password},
        )
        if not answer.done:
            raise GivenUp(f"login: {answer.slug or answer.status}")
        self.client.token = answer.body["token"]

    async def _reset(self) -> None:
        until = self.of_round.session.deadline_at
        asked = {"email": self.email}
        await self.client.ask("reset_ask", "POST", "/api/accounts/password-resets", until=until, json=asked)
        found = await self.mailbag.latest_link(self.email, _RESET_PAGE, until)
        if found is None:
            raise GivenUp("no reset mail came")
        path = "/api/accounts/password-resets/completions"
        self.password = password_of(self.of_round.seed, self.life, resets=1)
        body = {"token": found[1], "password": self.password}
        answer = await self.client.ask("reset", "POST", path, until=until, json=body)
        if not answer.done and answer.slug != "lien-deja-utilise":
            raise GivenUp(f"reset: {answer.slug or answer.status}")
        await self._log_in()

    async def _erase(self) -> None:
        until = self.of_round.session.deadline_at + _MOMENT
        body = {"password": self.password}
        await self.client.ask("erase", "POST", "/api/accounts/me/erasure", until=until, json=body)

    # --- the steps --------------------------------------------------------------------------------------

    async def _take(self, step: Step) -> None:
        match step.do:
            case "wait":
                await sleep_until(self._instant(step))
            case "save":
                await self._save(step)
            case "other_tab":
                await self._other_tab(step)
            case "rest":
                await self._rest(step)
            case "upload":
                await self._upload(step)
            case "remove":
                await self._remove(step)
            case "restore":
                await self._restore(step)
            case "withdraw":
                until = self.of_round.session.deadline_at + _MOMENT
                await self.client.ask("withdraw", "POST", "/api/registration/me/withdrawal", until=until)
            case "reset":
                await self._reset()
            case "erase":
                await self._erase()

    def _instant(self, step: Step) -> datetime:
        session = self.of_round.session
        shift = timedelta(milliseconds=step.shift_ms)
        match step.at:
            case "now":
                return datetime.now(UTC) + shift
            case "close" if step.do == "wait":
                return session.pause_ends_at(shift)
            case "close":
                return session.closes_at + shift
            case "deadline":
                return session.deadline_at + shift

    # --- the form ---------------------------------------------------------------------------------------

    async def _save(self, step: Step) -> None:
        """A save whose answer was lost is asked for before it is sent again."""
        if step.at != "now":
            await sleep_until(self._instant(step))
        until = self.of_round.session.closes_at + _MOMENT
        mark = self._next_mark()
        while True:
            answer = await self._put(step, mark, self.version)
            if answer.done:
                self._saved(answer)
                return
            if answer.decided:
                if not self.version:
                    raise GivenUp(f"save: {answer.slug or answer.status}")
                return
            seen = await self._look_at_the_form(until)
            if seen.done and seen.body["form"]["identification"]["phone"] == mark:
                self._saved(seen)
                return
            if datetime.now(UTC) >= until:
                if not self.version:
                    raise GivenUp("save: no answer in time")
                return
            await asyncio.sleep(0.5)

    async def _other_tab(self, step: Step) -> None:
        """Another screen saves over the version before the one in force: it must be told so (412)."""
        await self._put(step, self._next_mark(), max(0, self.version - 1))

    async def _put(self, step: Step, mark: str, expected: int) -> Answer:
        condition = {"If-Match": f'"{expected}"'} if expected else {"If-None-Match": "*"}
        filled = form(self.life, self.email, mark, ineligible=step.ineligible, acquis=step.acquis)
        return await self.client.ask(
            "save",
            "PUT",
            "/api/registration/me/form",
            facts={
                "expected": expected,
                "mark": mark,
                "eligible": not step.ineligible,
                "acquis": step.acquis,
            },
            tell=_version_told,
            headers=condition,
            json=filled,
        )

    async def _look_at_the_form(self, until: datetime) -> Answer:
        path = "/api/registration/me/form"
        return await self.client.ask("read_form", "GET", path, until=until, tell=_version_told)

    def _saved(self, answer: Answer) -> None:
        self.version = answer.body["version"]
        self.pieces = [piece["piece"] for piece in answer.body["checklist"]]

    def _next_mark(self) -> str:
        self.saves += 1
        return mark_of(self.life, self.saves)

    # --- the documents ----------------------------------------------------------------------------------

    async def _rest(self, step: Step) -> None:
        """Every piece that has no good file yet, but the last ones that are left out."""
        for place, piece in list(enumerate(self.pieces))[: len(self.pieces) - step.piece]:
            if not any(kept.good and self._in_force(place, kept) for kept in self.files.get(piece, [])):
                await self._upload(Step(do="upload", piece=place))

    def _in_force(self, place: int, kept: _Kept) -> bool:
        return place != 0 or kept.version == self.version

    async def _upload(self, step: Step) -> None:
        if not self.pieces:
            return
        if step.paper == "stale" and self.version < 2:
            step = step.model_copy(update={"paper": "good"})  # no newer version was taken
        place = step.piece if step.piece < len(self.pieces) else len(self.pieces) - 1
        piece = self.pieces[place]
        file, version = await self._paper(step, place)
        facts = {
            "piece": piece,
            "sha256": file.sha256,
            "paper": step.paper,
            "how": step.how,
            "version": version,
            "confirmation": place == 0,
        }
        if step.at != "now":
            early = _SLOW if step.how == "slow" else timedelta()
            await sleep_until(self._instant(step) - early)
        answer = await self._send(step, piece, file, facts)
        if answer.done:
            kept = _Kept(answer.body["file_id"], version, good=step.paper == "good")
            self.files.setdefault(piece, []).append(kept)

    async def _paper(self, step: Step, place: int) -> tuple[papers.File, int]:
        self.sheets += 1
        mark = f"{self.of_round.seed}.{self.life}.{self.sheets}"
        if step.paper == "broken":
            return papers.broken(mark), self.version
        if place != 0:
            return papers.scan(mark), self.version
        version = max(1, self.version - 1) if step.paper == "stale" else self.version
        until = self.of_round.session.deadline_at + _MOMENT
        path, named = "/api/registration/me/confirmation.pdf", {"version": version}
        printed = await self.client.ask("confirmation", "GET", path, until=until, params=named)
        if not printed.done:
            raise GivenUp(f"confirmation: {printed.slug or printed.status}")
        if step.paper == "unsigned":
            return papers.printed(printed.content), version
        # What is périmée has to be read to be known as such.
        fine = self.plan.fine or step.paper == "stale"
        sign = papers.signed if fine else papers.photographed
        return await asyncio.to_thread(sign, printed.content, mark), version

    async def _send(self, step: Step, piece: str, file: papers.File, facts: dict[str, Any]) -> Answer:
        path = f"/api/documents/me/pieces/{piece}/files"
        if step.how != "plain":
            cut = step.how == "cut"
            target = f"{path}?name={file.name}"
            hold = self._hold_until(step)
            upload = self.client.by_hand(target, file.media_type, file.content, hold_until=hold, cut=cut)
            answer, _ = await self.client.upload_by_hand(facts, upload, _file_told)
            if answer.decided or cut:
                return answer
        return await self.client.ask(
            "upload",
            "POST",
            path,
            until=self.of_round.session.deadline_at + _MOMENT,
            facts=facts | {"how": "plain"},
            tell=_file_told,
            headers={"Content-Type": file.media_type},
            params={"name": file.name},
            content=file.content,
        )

    def _hold_until(self, step: Step) -> datetime | None:
        match step.how:
            case "slow":
                return self._instant(step) + _SLOW
            case "cut":
                return datetime.now(UTC) + timedelta(milliseconds=300)
        return None

    async def _remove(self, step: Step) -> None:
        piece = self.pieces[min(step.piece, len(self.pieces) - 1)] if self.pieces else ""
        if not self.files.get(piece):
            return
        kept = self.files[piece].pop()
        self.removed[piece] = kept
        until = self.of_round.session.deadline_at + _MOMENT
        facts = {"piece": piece, "file_id": kept.file_id}
        await self.client.ask(
            "remove", "DELETE", f"/api/documents/me/files/{kept.file_id}", until=until, facts=facts
        )

    async def _restore(self, step: Step) -> None:
        piece = self.pieces[min(step.piece, len(self.pieces) - 1)] if self.pieces else ""
        kept = self.removed.get(piece)
        if kept is None:
            return
        until = self.of_round.session.deadline_at + _MOMENT
        facts = {"piece": piece, "file_id": kept.file_id}
        path = f"/api/documents/me/files/{kept.file_id}/restoration"
        await self.client.ask("restore", "POST", path, until=until, facts=facts, tell=_file_told)


def _version_told(answer: Answer) -> dict[str, Any]:
    return {
        "version": answer.body["version"],
        "mark": answer.body["form"]["identification"]["phone"],
        "eligible": answer.body["eligible"],
        "pieces": [piece["piece"] for piece in answer.body["checklist"]],
        "confirmation": [piece["piece"] for piece in answer.body["checklist"] if piece["confirmation"]],
    }


def _file_told(answer: Answer) -> dict[str, Any]:
    return {key: answer.body[key] for key in ("file_id", "piece", "sha256", "state")}
