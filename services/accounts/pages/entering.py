"""Logging in and out, and a forgotten password. After the login one is where one wanted to go."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.accounts import browsers
from services.accounts.api.dependencies import Network, Service, steadily
from services.accounts.commands.login import log_in, log_out
from services.accounts.commands.reset import request_reset
from services.accounts.domain.errors import AccountsError, WrongCredentials
from services.accounts.pages.room import LONGEST_PASSWORD, again, refuse, shown, told
from services.accounts.queries import calendars
from services.accounts.service import Accounts
from services.accounts.tokens import give_cookie, presented, read_cookie, take_cookie
from services.chassis.http import ArrivedAt
from services.chassis.site import visit
from services.chassis.site.form import Form
from services.chassis.site.routing import LOGIN, local_path, page_router, see_other
from services.chassis.times import lasting

router = page_router()

_FORGOTTEN = "/compte/mot-de-passe-oublie"
_HOME = "/mon-espace"


@router.get(LOGIN)
async def ask_login(accounts: Service, arrived_at: ArrivedAt, retour: str = "", perdu: str = "") -> Response:
    """`perdu`: a form was sent after the session ended, and nothing of it was received."""
    if visit.current().is_candidate:
        return see_other(_way_back(retour))
    around = await _around(accounts, arrived_at, retour)
    return shown("connexion.html", form=Form(), lost=bool(perdu), **around)


@router.post(LOGIN)
async def enter(request: Request, accounts: Service, arrived_at: ArrivedAt, network: Network) -> Response:
    """A new session each time; the one that this browser had before ends."""
    form = Form(await request.form())
    _check(form)
    secure = accounts.settings.secure
    refusal: AccountsError | None = None
    if not form.errors:
        try:
            login = await log_in(
                accounts,
                form.value("email"),
                form.value("password"),
                arrived_at,
                network,
                browser=read_cookie(request.headers, browsers.NAME, secure=secure),
                session_id=form.value("session") or None,
                longer=bool(form.value("longer")),
            )
        except AccountsError as error:
            refusal = error
            refuse(form, error, "password" if isinstance(error, WrongCredentials) else None)
        else:
            await _leave(request, accounts)
            response = _back(form)
            give_cookie(response, login.cookie, secure=secure)
            browsers.give(response, login.browser, secure=secure)
            return response
    around = await _around(accounts, arrived_at, form.value("retour"))
    return again("connexion.html", form, refusal, lost=bool(form.value("perdu")), **around)


@router.post("/deconnexion")
async def leave(request: Request, accounts: Service) -> Response:
    """At once; without a session it does nothing."""
    await _leave(request, accounts)
    response = see_other("/", told("Vous êtes déconnecté"))
    take_cookie(response, secure=accounts.settings.secure)
    return response


@router.get(_FORGOTTEN)
async def forgotten() -> Response:
    return shown("oubli.html", back=LOGIN, form=Form())


@router.post(_FORGOTTEN)
async def send_reset(
    request: Request, accounts: Service, arrived_at: ArrivedAt, network: Network
) -> Response:
    form = Form(await request.form())
    try:
        async with steadily():
            await request_reset(accounts, form.value("email"), arrived_at, network)
    except AccountsError as error:
        refuse(form, error)
        return again("oubli.html", form, error, back=LOGIN)
    return see_other(f"{_FORGOTTEN}/message")


@router.get(f"{_FORGOTTEN}/message")
async def reset_sent() -> Response:
    return shown("messagerie.html", sent="password", activation=None)


def _check(form: Form) -> None:
    """What is empty was not tried, and does not count as a try."""
    if not form.value("email").strip():
        form.refuse("email", told("Saisissez votre adresse e-mail."))
    if not form.value("password"):
        form.refuse("password", told("Saisissez votre mot de passe."))
    elif len(form.value("password")) > LONGEST_PASSWORD:
        form.refuse("password", told("Ce mot de passe est trop long."))


async def _leave(request: Request, accounts: Accounts) -> None:
    """End the session of this browser, if it has one."""
    shown_token = presented(request.headers, secure=accounts.settings.secure)
    if shown_token is not None:
        await log_out(accounts, shown_token.token)


def _back(form: Form) -> Response:
    path = _way_back(form.value("retour"))
    if not form.value("perdu"):
        return see_other(path)
    return see_other(
        path,
        told("Vous êtes reconnecté"),
        told("Ce que vous aviez envoyé n’avait pas été reçu : envoyez-le à nouveau."),
        "information",
    )


def _way_back(retour: str) -> str:
    """Of this site only, and not to the login itself."""
    path = local_path(retour, _HOME)
    return _HOME if path.partition("?")[0] in ("/", LOGIN, "/deconnexion") else path


async def _around(accounts: Accounts, arrived_at: datetime, retour: str) -> dict[str, Any]:
    """What the page has besides the form; `sessions` only where there are several that have not ended."""
    async with accounts.database.connection() as conn:
        found = [c for c in await calendars(conn) if arrived_at < c.ends_at]
    found.sort(key=lambda calendar: calendar.opens_at, reverse=True)
    return {
        "nav": "connexion",
        "idle": lasting(accounts.settings.cookie_idle_seconds),
        "longer_idle": lasting(accounts.settings.cookie_longer_idle_seconds),
        "retour": local_path(retour, ""),
        "sessions": [(c.session_id, c.label) for c in found] if len(found) > 1 else [],
    }
