"""A candidate in a house, and an officer: what they do, over HTTP, with real files."""

import asyncio
import io
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from PIL import Image
from temporalio.client import WorkflowHandle

from deploy.demo.forms import valid_form
from services.accounts.domain.links import Link
from services.chassis.identity import Identity
from services.contracts.events import AccountCreated
from tests.workflow.house import House
from tests.workflow.lives import runs
from workflows.life import CandidateLife
from workflows.names import life_id
from workflows.shapes import LifeEnded

PASSWORD = "agrafe lune tréteau"
OFFICER = Identity("officer", "g-5", "officer", (5, 12))
DIRECTION = Identity("officer", "chef", "head", ())


def scan(seed: int) -> bytes:
    """A small real JPEG, another for each seed."""
    out = io.BytesIO()
    Image.new("RGB", (64, 90), (200, seed % 256, seed // 256 % 256)).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Person:
    house: House
    email: str
    id: UUID

    @classmethod
    async def opens_an_account(cls, house: House, email: str) -> "Person":
        body = {"email": email, "password": PASSWORD}
        before = len(house.pump.facts)
        response = await house.ask("POST", "accounts", "", json=body)
        assert response.status_code == 202, response.text
        (created,) = (e for e in house.pump.facts[before:] if isinstance(e, AccountCreated))
        return cls(house, email, created.candidate_id)

    @classmethod
    async def activated(cls, house: House, email: str) -> "Person":
        person = await cls.opens_an_account(house, email)
        assert (await person.activates()).is_success
        return person

    @classmethod
    async def registered(cls, house: House, email: str, **form: Any) -> "Person":
        person = await cls.activated(house, email)
        assert (await person.saves(**form)).status_code == 201
        return person

    @property
    def identity(self) -> Identity:
        return Identity("candidate", str(self.id))

    @property
    def life(self) -> WorkflowHandle[CandidateLife, LifeEnded]:
        return self.house.client.get_workflow_handle_for(CandidateLife.run, life_id(self.id))

    async def stage(self) -> str:
        return await self.house.stage(self.id)

    def facts(self) -> list[str]:
        return self.house.pump.names(self.id)

    async def is_over(self) -> bool:
        """Whether the life has ended; gives its last tasks a moment of real time."""
        for _ in range(100):
            if not await runs(self.house.client, life_id(self.id)):
                return True
            await asyncio.sleep(0.02)
        return False

    async def activation_expires_at(self) -> datetime:
        async with self.house.accounts.database.connection() as conn:
            found: datetime = await conn.fetchval(
                "SELECT activation_expires_at FROM account WHERE id = $1", self.id
            )
        return found

    async def activates(self, arrived_at: datetime | None = None) -> httpx.Response:
        token = self.house.accounts.links.token("activation", Link(self.id, 1))
        return await self.house.ask(
            "POST",
            "accounts",
            "/activations",
            json={"token": token, "password": PASSWORD},
            arrived_at=arrived_at,
        )

    async def saves(
        self, version: int = 0, arrived_at: datetime | None = None, **form: Any
    ) -> httpx.Response:
        condition = {"If-Match": f'"{version}"'} if version else {"If-None-Match": "*"}
        return await self.house.ask(
            "PUT",
            "registration",
            "/me/form",
            who=self.identity,
            arrived_at=arrived_at,
            headers=condition,
            json=valid_form(email=self.email, **form),
        )

    async def withdraws(self) -> httpx.Response:
        return await self.house.ask("POST", "registration", "/me/withdrawal", who=self.identity)

    async def pieces(self) -> list[str]:
        response = await self.house.ask("GET", "registration", "/me/checklist", who=self.identity)
        return [piece["piece"] for piece in response.json()["pieces"]]

    async def uploads(
        self, piece: str, arrived_at: datetime | None = None, *, seed: int = 0, body: Any = None
    ) -> httpx.Response:
        return await self.house.ask(
            "POST",
            "documents",
            f"/me/pieces/{piece}/files",
            who=self.identity,
            arrived_at=arrived_at,
            headers={"Content-Type": "image/jpeg"},
            content=body or scan(seed),
        )

    async def uploads_all(self, but: int = 0) -> list[str]:
        """Upload every piece asked for except the last `but`; returns those left out."""
        pieces = await self.pieces()
        cut = len(pieces) - but
        for piece in pieces[:cut]:
            response = await self.uploads(piece)
            assert response.status_code == 201, response.text
        return pieces[cut:]

    async def upload_is_cut(self, piece: str) -> None:
        """The line breaks while the body travels."""

        class Cut(Exception):
            pass

        async def half() -> Any:
            yield scan(1)[:200]
            raise Cut

        with suppress(Cut):
            await self.uploads(piece, body=half())

    async def officer(self, act: str, **body: Any) -> httpx.Response:
        """An officer's act on the candidature, with its reason."""
        path = f"/candidatures/{self.id}"
        seen = await self.house.ask("GET", "registration", path, who=OFFICER)
        response = await self.house.ask(
            "POST",
            "registration",
            f"{path}/{act}",
            who=OFFICER,
            headers={"If-Match": seen.headers["ETag"]},
            json={"reason": "Vu avec le bureau des examens.", **body},
        )
        assert response.is_success, response.text
        return response

    async def officer_reviews(self, piece: str, act: str) -> None:
        dossier = f"/candidates/{self.id}"
        seen = (await self.house.ask("GET", "documents", dossier, who=OFFICER)).headers["ETag"]
        response = await self.house.ask(
            "POST",
            "documents",
            f"{dossier}/pieces/{piece}/{act}",
            who=OFFICER,
            headers={"If-Match": seen},
            json={"reason": "Pièce illisible."},
        )
        assert response.is_success, response.text


async def officer_moves_session(house: House, deadline_at: datetime) -> None:
    path = "/sessions/2021/deadline"
    seen = await house.ask("GET", "registration", path, who=DIRECTION)
    response = await house.ask(
        "POST",
        "registration",
        path,
        who=DIRECTION,
        headers={"If-Match": seen.headers["ETag"]},
        json={"reason": "Grève des transports.", "deadline_at": deadline_at.isoformat()},
    )
    assert response.is_success, response.text
