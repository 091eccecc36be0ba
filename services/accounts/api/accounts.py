"""`/api/accounts`: open, activate, reset, and what one's own account is."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from services.accounts import browsers
from services.accounts.addresses import LONGEST as LONGEST_ADDRESS
from services.accounts.api.dependencies import Network, Service, steadily
from services.accounts.commands.activate import activate
from services.accounts.commands.create import create_account, request_activation_mail
from services.accounts.commands.reset import complete_reset, request_reset
from services.accounts.domain.links import LONGEST_TOKEN
from services.accounts.queries import Undelivered, standing, undelivered
from services.chassis.http import ArrivedAt, Candidate, Officer
from services.chassis.openapi import problems
from services.chassis.problems import Gone
from services.chassis.texts import storable
from services.contracts.stages import AccountState

router = APIRouter(prefix="/api/accounts", tags=["accounts"])

Email = Annotated[str, Field(min_length=1, max_length=LONGEST_ADDRESS, json_schema_extra={"format": "email"})]


def _storable(password: SecretStr) -> SecretStr:
    storable(password.get_secret_value())
    return password


Password = Annotated[SecretStr, Field(min_length=1, max_length=1024), AfterValidator(_storable)]
Token = Annotated[str, Field(min_length=1, max_length=LONGEST_TOKEN)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AccountRequest(Body):
    email: Email
    password: Password


class MailRequest(Body):
    email: Email


class ActivationRequest(Body):
    """`password`: the one chosen when the account was asked for."""

    token: Token
    password: Password


class ResetCompletion(Body):
    token: Token
    password: Password


class Message(BaseModel):
    """What happens next, in French."""

    message: str


class Activated(BaseModel):
    state: AccountState
    closes_at: datetime


class Me(BaseModel):
    candidate_id: UUID
    email: str
    state: AccountState
    session_id: str


@router.post("", status_code=202, responses=problems(409, 429))
async def create(body: AccountRequest, accounts: Service, arrived_at: ArrivedAt, network: Network) -> Message:
    """Open an account (R2). The answer is the same whether the address has an account or not."""
    async with steadily():
        await create_account(accounts, body.email, body.password.get_secret_value(), arrived_at, network)
    return Message(
        message="Un message est envoyé à cette adresse ; il peut mettre quelques minutes à arriver. Pour "
        "activer votre compte, suivez le lien qu’il contient et saisissez le mot de passe que vous venez de "
        "choisir. Sans activation dans le délai indiqué, le compte est supprimé."
    )


@router.post("/activation-mails", status_code=202, responses=problems(429))
async def send_activation_again(
    body: MailRequest, accounts: Service, arrived_at: ArrivedAt, network: Network
) -> Message:
    """Send the activation link again; the time to activate stays the same."""
    async with steadily():
        await request_activation_mail(accounts, body.email, arrived_at, network)
    return Message(
        message="Si un compte attend son activation à cette adresse, le lien y est envoyé à nouveau. "
        "Le délai pour l’activer reste le même."
    )


@router.post("/activations", responses=problems(404, 409, 410, 429))
async def activate_account(
    body: ActivationRequest, accounts: Service, arrived_at: ArrivedAt, response: Response
) -> Activated:
    """Activate with the token of the link (`lien`) and the password chosen before. It logs nobody in."""
    done = await activate(accounts, body.token, body.password.get_secret_value(), arrived_at)
    browsers.give(response, done.browser, secure=accounts.settings.secure)
    return Activated(state=AccountState.ACTIVATED, closes_at=done.calendar.closes_at)


@router.post("/password-resets", status_code=202, responses=problems(429))
async def ask_reset(body: MailRequest, accounts: Service, arrived_at: ArrivedAt, network: Network) -> Message:
    """Have a link for a new password sent. The answer is the same for every address."""
    async with steadily():
        await request_reset(accounts, body.email, arrived_at, network)
    return Message(
        message="Si un compte existe à cette adresse, un lien pour choisir un nouveau mot de passe y est "
        "envoyé. Il est valable une heure. Si le compte n’est pas encore activé, le nouveau mot de passe "
        "l’active."
    )


@router.post("/password-resets/completions", status_code=204, responses=problems(404, 409, 410, 429))
async def reset(
    body: ResetCompletion, accounts: Service, arrived_at: ArrivedAt, network: Network, response: Response
) -> None:
    """Choose the new password; every open session of the account ends. It activates an account that waits."""
    done = await complete_reset(accounts, body.token, body.password.get_secret_value(), arrived_at, network)
    browsers.give(response, done.browser, secure=accounts.settings.secure)


@router.get("/me", responses=problems(410))
async def me(who: Candidate, accounts: Service) -> Me:
    async with accounts.database.connection() as conn:
        row = await standing(conn, who.candidate_id)
    if row is None:
        raise Gone("compte-supprime", "Ce compte n’existe plus.")
    return Me(candidate_id=row.id, email=row.email, state=row.state, session_id=row.session_id)


@router.get("/undelivered")
async def list_undelivered(_: Officer, accounts: Service) -> list[Undelivered]:
    """Accounts whose activation mail could not leave for days; never deleted by themselves (ours 3)."""
    async with accounts.database.connection() as conn:
        return await undelivered(conn, await accounts.clock.now(conn))
