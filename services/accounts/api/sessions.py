"""`/api/accounts/sessions`: log in and out. Two opaque tokens: a bearer and a cookie."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.accounts import browsers
from services.accounts.api.accounts import AccountRequest
from services.accounts.api.dependencies import Network, Service
from services.accounts.commands.login import log_in, log_out
from services.accounts.tokens import give_cookie, presented, read_cookie, take_cookie
from services.chassis.http import ArrivedAt
from services.chassis.openapi import problems

router = APIRouter(prefix="/api/accounts/sessions", tags=["sessions"])


class LoginRequest(AccountRequest):
    """`session_id`: of which exam session, for an address with several accounts; else the running one's.

    `longer`: whether the cookie may be without use for a day and not for two hours only.
    """

    session_id: Annotated[str, Field(max_length=64)] | None = None
    longer: bool = False


class Opened(BaseModel):
    token: str
    candidate_id: UUID
    expires_at: datetime


@router.post("", status_code=201, responses=problems(401, 429))
async def open_session(
    body: LoginRequest,
    accounts: Service,
    arrived_at: ArrivedAt,
    network: Network,
    request: Request,
    response: Response,
) -> Opened:
    """Log in; always with new tokens. Open until the exam session ends, whatever the outcome (R2).

    The token lives until then; the cookie until the browser is closed or was not used for two hours, or for a
    day with `longer`.
    """
    secure = accounts.settings.secure
    login = await log_in(
        accounts,
        body.email,
        body.password.get_secret_value(),
        arrived_at,
        network,
        browser=read_cookie(request.headers, browsers.NAME, secure=secure),
        session_id=body.session_id,
        longer=body.longer,
    )
    give_cookie(response, login.cookie, secure=secure)
    browsers.give(response, login.browser, secure=secure)
    response.headers["Cache-Control"] = "no-store"
    return Opened(token=login.token, candidate_id=login.candidate_id, expires_at=login.expires_at)


@router.delete("/current", status_code=204)
async def close_session(request: Request, accounts: Service, response: Response) -> None:
    """Log out, at once; without a session it does nothing."""
    shown = presented(request.headers, secure=accounts.settings.secure)
    if shown is not None:
        await log_out(accounts, shown.token)
    take_cookie(response, secure=accounts.settings.secure)
