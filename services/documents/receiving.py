"""An upload: its body taken in, prepared, stored, committed. Bounded in size and time. And a put-back.

What ends by the candidate's doing is refused with its reason; whatever else ends
it (a cut, a slow check, a part away) leaves the attempt on the row as a fault that may be ours.
"""

import asyncio
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from starlette.requests import ClientDisconnect, Request

from services.chassis.context import Context
from services.chassis.failpoints import Failpoint, reach
from services.chassis.problems import BadRequest, RequestTimeout, TooManyRequests, Unavailable
from services.chassis.telemetry import describe, log
from services.documents.bodies import Sent, take
from services.documents.commands.faults import Fault, Unwritten
from services.documents.commands.put_back import put_back
from services.documents.commands.upload import Attempt, Received, Stored, begin, refuse, sent_again, store
from services.documents.confirming import confirm
from services.documents.domain.errors import Refused
from services.documents.inspecting import InspectionFailed, Inspectors
from services.documents.leftovers import upload_folder
from services.documents.objects import Objects, StoreUnavailable, new_key
from services.documents.preparing import Content, Prepared, content_of, prepare
from services.documents.reading.verdict import Reading
from services.documents.settings import Settings
from services.documents.turns import NoPlace, Places

PIECES_AWAY = "pieces-indisponibles"
"""The slug of this service's own 503: it had the request, so an upload that got it left a fault behind."""
_LET_GO_SECONDS = 5


class OurTime:
    """How long a whole body has been with us: what the candidate waits for is not the line any more."""

    def __init__(self) -> None:
        self._began: float | None = None

    def begin(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """0 while the body is still coming."""
        return 0.0 if self._began is None else time.monotonic() - self._began


class Receiver:
    """Takes uploads in, and what is put back."""

    def __init__(
        self,
        ctx: Context[Settings],
        objects: Objects,
        inspectors: Inspectors,
        unwritten: Unwritten,
        places: Places,
    ) -> None:
        self._ctx = ctx
        self._objects = objects
        self._inspectors = inspectors
        self._unwritten = unwritten
        self._places = places

    async def receive(
        self, request: Request, candidate_id: UUID, piece: str, name: str, arrived_at: datetime
    ) -> Stored:
        """Take one upload in.

        Raises:
            Refused: see `services.documents.domain.errors`.
            Problem: 400 for a form without its file; 408 when the body takes longer than the grace; 429,
                nothing of it kept, with as many under way as one may have. The last two limits are ours: the
                attempt stays.
        """
        attempt = await self._begin(candidate_id, piece, arrived_at)
        try:
            with self._places.take(candidate_id):
                return await self._within_the_grace(request, attempt, name)
        except NoPlace:
            raise TooManyRequests(
                "envois-en-cours",
                "D’autres fichiers de votre compte sont en cours d’envoi. Ce que vous aviez déjà déposé est "
                "gardé : attendez un peu, puis envoyez à nouveau ce fichier.",
                headers={"Retry-After": "10"},
            ) from None

    async def _within_the_grace(self, request: Request, attempt: Attempt, name: str) -> Stored:
        seconds = max(self._ctx.settings.shortest_upload_seconds, attempt.grace_seconds)
        limit = asyncio.timeout(seconds)
        ours = OurTime()
        try:
            async with limit:
                return await self._take_in(request, attempt, name, ours)
        except (Refused, BadRequest):
            await refuse(self._ctx, attempt, ours.seconds)
            raise
        except TimeoutError:
            if not limit.expired():
                raise
            raise RequestTimeout(
                "envoi-trop-lent",
                "L’envoi a pris trop de temps et n’a pas abouti. Ce que vous aviez déjà déposé est gardé : "
                "envoyez à nouveau ce fichier.",
            ) from None
        except ClientDisconnect:
            log.info("upload cut", attempt=str(attempt.id))
            raise RequestTimeout(
                "envoi-coupe", "L’envoi a été coupé. Envoyez à nouveau ce fichier."
            ) from None

    async def put_back(self, candidate_id: UUID, file_id: UUID, arrived_at: datetime) -> Any:
        """See `services.documents.commands.put_back`; what hinders it is ours unless it is refused."""
        try:
            return await put_back(self._ctx, candidate_id, file_id, arrived_at)
        except Refused:
            raise
        except BaseException:
            self._unwritten.keep(Fault(uuid4(), candidate_id, arrived_at, file_id=file_id))
            raise

    async def _begin(self, candidate_id: UUID, piece: str, arrived_at: datetime) -> Attempt:
        """What hinders it is ours unless it is refused; the fault is written as soon as it can be."""
        attempt_id = uuid4()
        try:
            return await begin(self._ctx, candidate_id, piece, arrived_at, attempt_id)
        except Refused:
            raise
        except BaseException:
            self._unwritten.keep(Fault(attempt_id, candidate_id, arrived_at, piece=piece))
            raise

    async def _take_in(self, request: Request, attempt: Attempt, name: str, ours: OurTime) -> Stored:
        with upload_folder(self._ctx.settings.upload_folder) as made:
            folder = Path(made)
            sent = await take(request, folder, name)
            ours.begin()
            content = await content_of(sent)
            there = await sent_again(self._ctx, attempt, content.sha256, ours.seconds)
            if there is not None:
                return there
            inspectors = self._inspectors.of(attempt.candidate_id)
            found = await self._prepare(inspectors, sent, content, folder)
            reading = await self._read(inspectors, attempt, found)
            key = new_key(attempt.candidate_id)
            size_bytes = found.size_bytes
            await self._put(key, found.file)
            reach(Failpoint.UPLOAD_BEFORE_COMMIT)
        flags = tuple(doubt.value for doubt in reading.doubts) if reading else ()
        version = reading.version if reading else None
        received = Received(
            found.name, found.media_type, size_bytes, found.sha256, key, flags, version, found.parts
        )
        return await self._commit(attempt, received, ours)

    async def _read(self, inspectors: Inspectors, attempt: Attempt, found: Prepared) -> Reading | None:
        """None: not a confirmation, so there is nothing to read back."""
        if not attempt.confirmation:
            return None
        return await confirm(self._ctx, inspectors, attempt.candidate_id, found.file, found.media_type)

    async def _commit(self, attempt: Attempt, received: Received, ours: OurTime) -> Stored:
        """An object that no row names is deleted again; not where the commit's outcome is unknown."""
        try:
            stored = await store(self._ctx, attempt, received, ours.seconds)
        except Refused:
            await self._let_go(received.object_key)
            raise
        reach(Failpoint.UPLOAD_BEFORE_ANSWER)
        if not stored.created:
            await self._let_go(received.object_key)
        return stored

    async def _put(self, key: str, file: Path) -> None:
        try:
            await self._objects.put(key, file)
        except StoreUnavailable as error:
            log.error("object not stored", **describe(error))
            raise Unavailable(
                "fichier-non-garde",
                "Votre fichier n’a pas pu être gardé, par notre faute. Ce que vous aviez déjà déposé est "
                "gardé : envoyez à nouveau ce fichier dans quelques instants.",
                headers={"Retry-After": "5"},
            ) from None

    async def _let_go(self, key: str) -> None:
        """What is decided stands, whatever the store says, and is said soon; the sweep takes what is left."""
        try:
            async with asyncio.timeout(_LET_GO_SECONDS):
                await self._objects.delete(key)
        except (StoreUnavailable, TimeoutError) as error:
            log.warning("object that no file names not deleted", **describe(error))

    async def _prepare(
        self, inspectors: Inspectors, sent: list[Sent], content: Content, folder: Path
    ) -> Prepared:
        try:
            return await prepare(inspectors, sent, content, folder)
        except InspectionFailed as error:
            log.error("inspection failed", **describe(error))
            raise Unavailable(
                "verification-impossible",
                "La vérification de ce fichier n’a pas abouti. Ce que vous aviez déjà déposé est gardé : "
                "réessayez, ou enregistrez le fichier autrement.",
                headers={"Retry-After": "5"},
            ) from None
