"""For everybody, without login: the notice in its seven sections, and the help."""

from fastapi import APIRouter

from services.chassis.http import ArrivedAt
from services.chassis.openapi import problems
from services.registration.api.resources import Opened
from services.registration.notice import Question, Section, notice, questions
from services.registration.queries import current_session

router = APIRouter(prefix="/api/registration", tags=["public"])


@router.get("/notice", responses=problems(404))
async def sections(ctx: Opened, arrived_at: ArrivedAt) -> tuple[Section, ...]:
    async with ctx.database.connection() as conn:
        return notice(await current_session(conn, arrived_at), ctx.settings.configuration)


@router.get("/help", responses=problems(404))
async def answers(ctx: Opened, arrived_at: ArrivedAt) -> tuple[Question, ...]:
    async with ctx.database.connection() as conn:
        return questions(await current_session(conn, arrived_at), ctx.settings.configuration)
