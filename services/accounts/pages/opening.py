"""« Créer un compte » (R2), only while a window is open; and « Renvoyer le lien », for oneself.

Both answer the same whether the address has an account or not.
"""

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.accounts.addresses import parse
from services.accounts.api.dependencies import Network, Service, steadily
from services.accounts.commands.create import create_account, request_activation_mail
from services.accounts.domain import passwords
from services.accounts.domain.errors import AccountsError, BadAddress, NoSession, WeakPassword, WindowNotOpen
from services.accounts.domain.window import open_session
from services.accounts.pages.room import again, refuse, shown, told
from services.accounts.queries import calendars
from services.accounts.service import Accounts
from services.chassis.http import ArrivedAt
from services.chassis.site import visit
from services.chassis.site.form import Form
from services.chassis.site.routing import page_router, see_other
from services.chassis.times import lasting
from services.contracts.events import Calendar

router = page_router("/compte")


@router.get("/creer")
async def ask_account(accounts: Service, arrived_at: ArrivedAt) -> Response:
    if visit.current().is_candidate:
        return see_other(
            "/mon-espace",
            told("Vous êtes déjà connecté à votre compte"),
            told("Pour créer le compte d’une autre personne, déconnectez-vous d’abord."),
            "information",
        )
    try:
        calendar = await _open(accounts, arrived_at)
    except WindowNotOpen as error:
        return _closed(error)
    return shown("creer.html", nav="compte", form=Form(), **_of(calendar))


@router.post("/creer")
async def create(request: Request, accounts: Service, arrived_at: ArrivedAt, network: Network) -> Response:
    form = Form(await request.form())
    try:
        calendar = await _open(accounts, arrived_at)
        _check(form)
        if not form.errors:
            async with steadily():
                await create_account(
                    accounts, form.value("email"), form.value("password"), arrived_at, network
                )
            return see_other(
                "/compte/creer/message",
                told("Un message part à l’adresse %(email)s") % {"email": form.value("email").strip()},
                kind="information",
            )
    except WindowNotOpen as error:
        return _closed(error, 409)
    except NoSession:
        raise
    except AccountsError as error:
        refuse(form, error)
        return again("creer.html", form, error, nav="compte", **_of(calendar))
    return again("creer.html", form, nav="compte", **_of(calendar))


@router.get("/creer/message")
async def created(accounts: Service, arrived_at: ArrivedAt) -> Response:
    """What to do next; the 48 h as the calendar has them, and the window's close where it comes first."""
    activation, closes_at = None, None
    try:
        calendar = await _open(accounts, arrived_at)
    except (WindowNotOpen, NoSession):
        pass
    else:
        activation = lasting(calendar.activation_seconds)
        if calendar.closes_at < arrived_at + timedelta(seconds=calendar.activation_seconds):
            closes_at = calendar.closes_at
    return shown("messagerie.html", nav="compte", sent="creation", activation=activation, closes_at=closes_at)


@router.get("/renvoyer")
async def ask_link() -> Response:
    return shown("renvoyer.html", back="/connexion", form=Form())


@router.post("/renvoyer")
async def send_link(request: Request, accounts: Service, arrived_at: ArrivedAt, network: Network) -> Response:
    form = Form(await request.form())
    try:
        async with steadily():
            await request_activation_mail(accounts, form.value("email"), arrived_at, network)
    except AccountsError as error:
        refuse(form, error)
        return again("renvoyer.html", form, error, back="/connexion")
    return see_other("/compte/renvoyer/message")


@router.get("/renvoyer/message")
async def link_sent() -> Response:
    return shown("messagerie.html", sent="activation", activation=None)


def _check(form: Form) -> None:
    """Tell everything that is wrong at once; the command judges again, and one thing after the other."""
    email = ""
    try:
        email = parse(form.value("email")).email
    except BadAddress as error:
        refuse(form, error)
    try:
        passwords.check(passwords.normalised(form.value("password")), email)
    except WeakPassword as error:
        refuse(form, error)


async def _open(accounts: Accounts, arrived_at: datetime) -> Calendar:
    """The session whose window is open. Raises `NoSession`, `WindowNotOpen`."""
    async with accounts.database.connection() as conn:
        return open_session(await calendars(conn), arrived_at)


def _of(calendar: Calendar) -> dict[str, Any]:
    return {
        "calendar": calendar,
        "activation": lasting(calendar.activation_seconds),
        "shortest": passwords.SHORTEST,
        "longest": passwords.LONGEST,
    }


def _closed(error: WindowNotOpen, status: int = 200) -> Response:
    return shown("creer_ferme.html", status, nav="compte", calendar=error.nearest, over=error.over)
