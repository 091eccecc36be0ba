"""What an http process needs is opened beside its serving, so that it is alive while a part is waited for.

Until then it says that it is not ready, and every request but those of health is answered with a 503.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send

from services.chassis.problems import AWAY, Unavailable
from services.chassis.readiness import Readiness
from services.chassis.rendering import problem_response
from services.chassis.site import assets
from services.chassis.telemetry import describe, log

Open = Callable[[], AbstractAsyncContextManager[None]]

_PART = "start"
_SOON_SECONDS = 2
_AGAIN_SECONDS = 5
_ALWAYS = ("/health/", "/internal/metrics", assets.ADDRESS)


@asynccontextmanager
async def opened_beside(state: State, readiness: Readiness, resources: Open) -> AsyncIterator[None]:
    """Hold `resources` open in a task of its own; `state.opening` is true until they are.

    What fails at once ends the start, as a wrong setting should; what fails later is tried again, not ready.
    """
    opened, closing, serving = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        while True:
            try:
                async with resources():
                    opened.set()
                    readiness.report(_PART, None)
                    state.opening = False
                    await closing.wait()
                    return
            except Exception as error:
                if closing.is_set() or not serving.is_set():
                    raise
                readiness.report(_PART, type(error).__name__)
                log.error("cannot start yet, trying again", **describe(error))
                await asyncio.sleep(_AGAIN_SECONDS)

    state.opening = True
    readiness.report(_PART, "opening")
    holding, waiting = asyncio.create_task(hold()), asyncio.create_task(opened.wait())
    try:
        await asyncio.wait({holding, waiting}, timeout=_SOON_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if holding.done():
            holding.result()
        serving.set()
        yield
    finally:
        waiting.cancel()
        closing.set()
        if not opened.is_set():
            holding.cancel()
        with suppress(asyncio.CancelledError):
            await holding


class NotYetOpen:
    """Answers for the application until it is open."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        opening = scope["type"] == "http" and getattr(scope["app"].state, "opening", False)
        if opening and not scope["path"].startswith(_ALWAYS):
            problem = Unavailable(
                AWAY,
                "Le service démarre, ou une de ses parties ne répond pas. Rien n’a été modifié : réessayez "
                "dans quelques instants.",
                headers={"Retry-After": "5"},
            )
            await problem_response(scope, problem)(scope, receive, send)
            return
        await self.app(scope, receive, send)
