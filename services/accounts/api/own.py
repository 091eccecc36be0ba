"""`/api/accounts/me/…`: one's password, one's data as a file, one's account erased."""

from fastapi import APIRouter, Request, Response

from services.accounts.api.accounts import Body, Password
from services.accounts.api.dependencies import Service
from services.accounts.commands.change_password import change_password
from services.accounts.commands.erase import erase
from services.accounts.export import MyData, my_data
from services.accounts.tokens import presented, take_cookie
from services.chassis.http import ArrivedAt, Candidate
from services.chassis.openapi import problems

router = APIRouter(prefix="/api/accounts/me", tags=["accounts"])


class PasswordChange(Body):
    """`password`: the new one."""

    current_password: Password
    password: Password


class Erasure(Body):
    """The password again: nobody else who finds a session open shall erase what cannot be brought back."""

    password: Password


@router.put("/password", status_code=204, responses=problems(410, 429))
async def change(
    body: PasswordChange, who: Candidate, accounts: Service, arrived_at: ArrivedAt, request: Request
) -> None:
    """Change the password; every other login of the account ends."""
    shown = presented(request.headers, secure=accounts.settings.secure)
    await change_password(
        accounts,
        who.candidate_id,
        body.current_password.get_secret_value(),
        body.password.get_secret_value(),
        arrived_at,
        kept=shown.token if shown else "",
    )


@router.get("/data", responses=problems(410))
async def data(who: Candidate, accounts: Service, arrived_at: ArrivedAt, response: Response) -> MyData:
    """All that every service keeps of me; whole, or a 503."""
    response.headers["Cache-Control"] = "no-store"
    return await my_data(accounts, who.candidate_id, arrived_at)


@router.post("/erasure", status_code=204, responses=problems(410, 429))
async def erase_me(
    body: Erasure, who: Candidate, accounts: Service, arrived_at: ArrivedAt, response: Response
) -> None:
    """Erase account and candidature, whatever became of it. It cannot be undone; a last mail says so."""
    await erase(accounts, who.candidate_id, body.password.get_secret_value(), arrived_at)
    take_cookie(response, secure=accounts.settings.secure)
