"""`/api/accounts/sessions`: log in and out. One opaque token, as a cookie and for `Authorization: Bearer`."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from services.accounts.api.accounts import AccountRequest
from services.accounts.api.dependencies import Service
from services.accounts.commands.login import log_in, log_out
from services.accounts.tokens import give_cookie, presented, take_cookie
from services.chassis.http import ArrivedAt

router = APIRouter(prefix="/api/accounts/sessions", tags=["sessions"])


class Opened(BaseModel):
    token: str
    candidate_id: UUID
    expires_at: datetime


@router.post("", status_code=201)
async def open_session(
    body: AccountRequest, accounts: Service, arrived_at: ArrivedAt, response: Response
) -> Opened:
    """Log in; always with a new token. Open until the exam session ends, whatever the outcome (R2)."""
    login = await log_in(accounts, body.email, body.password.get_secret_value(), arrived_at)
    give_cookie(response, login.token, login.expires_at, secure=accounts.settings.secure)
    response.headers["Cache-Control"] = "no-store"
    return Opened(token=login.token, candidate_id=login.candidate_id, expires_at=login.expires_at)


@router.delete("/current", status_code=204)
async def close_session(request: Request, accounts: Service, response: Response) -> None:
    """Log out, at once; without a session it does nothing."""
    token = presented(request.headers)
    if token is not None:
        await log_out(accounts, token)
    take_cookie(response, secure=accounts.settings.secure)
