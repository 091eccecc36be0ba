"""Candidates of the tests: each with a browser of its own, so that no cookie is another's."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from deploy.demo import papers
from deploy.demo.forms import valid_form
from deploy.demo.visitor import File, Visitor

PASSWORD = "chaque-jour-une-page-42"


@dataclass
class Person:
    """`browser` has the session's cookie after the login; `visitor` plays through it."""

    visitor: Visitor
    browser: httpx.AsyncClient
    forename: str

    @property
    def id(self) -> UUID:
        assert self.visitor.candidate_id is not None
        return self.visitor.candidate_id

    @property
    def email(self) -> str:
        return self.visitor.email

    def form(self, **changes: dict[str, Any]) -> dict[str, Any]:
        return valid_form(forename=self.forename, email=self.email, **changes)

    async def open_account(self) -> str:
        """The link of the activation mail."""
        await self.visitor.create_account(PASSWORD)
        return await self.visitor.activation_link()

    async def enter(self, link: str | None = None) -> None:
        """Activation and login; before them the account, unless it was opened."""
        await self.visitor.activate(link or await self.open_account(), PASSWORD)
        await self.visitor.log_in(PASSWORD)

    async def register(self) -> None:
        """Save, entering first if need be, and wait until the pieces are known."""
        if "session" not in self.browser.cookies:
            await self.enter()
        await self.visitor.save(self.form())
        await self.visitor.wait_for_pieces(1)

    async def pieces(self) -> list[str]:
        return [piece["piece"] for piece in await self.visitor.checklist()]

    async def upload(self, pieces: list[str]) -> None:
        for piece in pieces:
            await self.visitor.upload(piece, file_for(piece))

    async def complete(self, *, but: int = 0) -> list[str]:
        """Register and upload every piece `but` the last ones; those are returned."""
        await self.register()
        pieces = await self.pieces()
        there = len(pieces) - but
        await self.upload(pieces[:there])
        return pieces[there:]

    async def stage(self) -> str:
        found: str = (await self.visitor.standing())["stage"]
        return found


def file_for(piece: str) -> File:
    return File(f"{piece}.pdf", "application/pdf", papers.several_pages(piece, pages=1))
