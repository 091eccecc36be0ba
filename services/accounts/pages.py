"""French pages for the links in mails. Opening one changes nothing (mail scanners do); its button does."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.responses import HTMLResponse

from services.accounts.api.dependencies import Network, Service
from services.accounts.commands.activate import activate, judge
from services.accounts.commands.reset import check_reset, complete_reset, request_reset
from services.accounts.domain.errors import AccountsError, LinkError, NotThePassword, WeakPassword
from services.accounts.domain.links import LONGEST_TOKEN
from services.accounts.domain.passwords import LONGEST, SHORTEST
from services.accounts.problems import NOT_THE_PASSWORD, problem_of
from services.accounts.queries import standing
from services.chassis.http import ArrivedAt
from services.chassis.rendering import environment, page

router = APIRouter(prefix="/compte", include_in_schema=False)

_PAGES = environment(Path(__file__).parent / "templates")
# The address of these pages is a secret: it goes to no other site. Not `no-referrer`: with it a browser sends
# `Origin: null` with our own form, and one without Fetch Metadata would be refused as another site.
_HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
}

Lien = Annotated[str, Query(max_length=LONGEST_TOKEN)]
LienInForm = Annotated[str, Form(max_length=LONGEST_TOKEN)]


@router.get("/activation")
async def ask_activation(accounts: Service, arrived_at: ArrivedAt, lien: Lien = "") -> HTMLResponse:
    """The page with the button *Activer mon compte*."""
    try:
        link = accounts.links.read("activation", lien)
        async with accounts.database.connection() as conn:
            await judge(conn, link, arrived_at)
    except LinkError as error:
        return _refusal(error)
    return _activation_form(lien)


@router.post("/activation")
async def press_activation(
    accounts: Service,
    arrived_at: ArrivedAt,
    lien: LienInForm,
    password: Annotated[str, Form(max_length=1024)] = "",
) -> HTMLResponse:
    """The button, with the password that was chosen: activates, and logs nobody in."""
    try:
        calendar = await activate(accounts, lien, password, arrived_at)
    except LinkError as error:
        return _refusal(error)
    except NotThePassword:
        return _activation_form(lien, 422, NOT_THE_PASSWORD)
    is_open = arrived_at < calendar.closes_at
    return _page("activated.html", closes_at=calendar.closes_at, is_open=is_open)


@router.post("/activation/oubli")
async def forgot_before_activation(
    accounts: Service, arrived_at: ArrivedAt, network: Network, lien: LienInForm
) -> HTMLResponse:
    """For who forgot the password: the link to choose another goes to the same address."""
    try:
        link = accounts.links.read("activation", lien)
        async with accounts.database.connection() as conn:
            await judge(conn, link, arrived_at)
            row = await standing(conn, link.account_id)
    except LinkError as error:
        return _refusal(error)
    if row is not None:
        await request_reset(accounts, row.email, arrived_at, network, candidate_id=row.id)
    return _page("password_mail_sent.html")


@router.get("/mot-de-passe")
async def ask_password(accounts: Service, arrived_at: ArrivedAt, lien: Lien = "") -> HTMLResponse:
    """The page that asks for a new password."""
    try:
        await check_reset(accounts, lien, arrived_at)
    except LinkError as error:
        return _refusal(error)
    return _password_form(lien)


@router.post("/mot-de-passe")
async def set_password(
    accounts: Service,
    arrived_at: ArrivedAt,
    network: Network,
    lien: LienInForm,
    password: Annotated[str, Form(max_length=1024)],
) -> HTMLResponse:
    try:
        activated = await complete_reset(accounts, lien, password, arrived_at, network)
    except LinkError as error:
        return _refusal(error)
    except WeakPassword as error:
        return _password_form(lien, 422, error.reason)
    return _page("password_changed.html", activated=activated)


def _activation_form(lien: str, status: int = 200, error: str | None = None) -> HTMLResponse:
    return _page("activation.html", status, lien=lien, error=error)


def _password_form(lien: str, status: int = 200, error: str | None = None) -> HTMLResponse:
    return _page("password.html", status, lien=lien, error=error, shortest=SHORTEST, longest=LONGEST)


def _refusal(error: AccountsError) -> HTMLResponse:
    problem = problem_of(error)
    return _page("refused.html", problem.status, problem=problem)


def _page(name: str, status: int = 200, **values: object) -> HTMLResponse:
    response = page(_PAGES, name, status, **values)
    response.headers.update(_HEADERS)
    return response
