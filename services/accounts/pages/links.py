"""What the links in mails open. Opening one changes nothing (mail scanners do); its button does."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from services.accounts import browsers
from services.accounts.api.dependencies import Network, Service
from services.accounts.commands.activate import activate, judge
from services.accounts.commands.reset import check_reset, complete_reset, request_reset
from services.accounts.domain.errors import AccountsError, LinkError, WeakPassword
from services.accounts.domain.links import LONGEST_TOKEN, Kind
from services.accounts.domain.passwords import LONGEST, SHORTEST
from services.accounts.pages.room import LONGEST_PASSWORD, PAGES, again, refuse, shown, told
from services.accounts.problems import problem_of
from services.accounts.queries import calendar_of, standing
from services.accounts.service import Accounts
from services.chassis.http import ArrivedAt
from services.chassis.site.form import Form
from services.chassis.site.routing import LOGIN, page_router, see_other
from services.contracts.events import Calendar

router = page_router("/compte")

Lien = Annotated[str, Query(max_length=LONGEST_TOKEN)]


@router.get("/activation")
async def ask_activation(accounts: Service, arrived_at: ArrivedAt, lien: Lien = "") -> Response:
    """The page with the button *Activer mon compte*."""
    try:
        link = accounts.links.read("activation", lien)
        async with accounts.database.connection() as conn:
            await judge(conn, link, arrived_at)
    except LinkError as error:
        return _refusal(error, "activation")
    return shown("activation.html", form=Form(), lien=lien, **await _limits(accounts, lien, arrived_at))


@router.post("/activation")
async def press_activation(request: Request, accounts: Service, arrived_at: ArrivedAt) -> Response:
    """The button, with the password that was chosen: activates, and logs nobody in."""
    form = Form(await request.form())
    lien, password = form.value("lien"), form.value("password")
    if not password:
        form.refuse("password", told("Saisissez votre mot de passe."))
        return again("activation.html", form, lien=lien, **await _limits(accounts, lien, arrived_at))
    try:
        activation = await activate(accounts, lien, password[:LONGEST_PASSWORD], arrived_at)
    except LinkError as error:
        return _refusal(error, "activation")
    except AccountsError as error:
        refuse(form, error)
        return again("activation.html", form, error, lien=lien, **await _limits(accounts, lien, arrived_at))
    done = told("Votre compte est activé")
    response = see_other(LOGIN, done, _next_step(activation.calendar, arrived_at))
    browsers.give(response, activation.browser, secure=accounts.settings.secure)
    return response


@router.post("/activation/oubli")
async def forgot_before_activation(
    request: Request, accounts: Service, arrived_at: ArrivedAt, network: Network
) -> Response:
    """For who forgot the password: the link to choose another goes to the same address."""
    form = Form(await request.form())
    lien = form.value("lien")
    try:
        link = accounts.links.read("activation", lien)
        async with accounts.database.connection() as conn:
            await judge(conn, link, arrived_at)
            row = await standing(conn, link.account_id)
        if row is not None:
            await request_reset(accounts, row.email, arrived_at, network, candidate_id=row.id)
    except LinkError as error:
        return _refusal(error, "activation")
    except AccountsError as error:
        refuse(form, error)
        return again("activation.html", form, error, lien=lien, **await _limits(accounts, lien, arrived_at))
    return see_other("/compte/mot-de-passe-oublie/message")


@router.get("/mot-de-passe")
async def ask_password(accounts: Service, arrived_at: ArrivedAt, lien: Lien = "") -> Response:
    """The page that asks for a new password."""
    try:
        await check_reset(accounts, lien, arrived_at)
    except LinkError as error:
        return _refusal(error, "password_reset")
    return shown("password.html", form=Form(), lien=lien, shortest=SHORTEST, longest=LONGEST)


@router.post("/mot-de-passe")
async def set_password(
    request: Request, accounts: Service, arrived_at: ArrivedAt, network: Network
) -> Response:
    form = Form(await request.form())
    lien = form.value("lien")
    try:
        reset = await complete_reset(accounts, lien, form.value("password"), arrived_at, network)
    except LinkError as error:
        return _refusal(error, "password_reset")
    except AccountsError as error:
        refuse(form, error)
        refused = error if not isinstance(error, WeakPassword) else None
        return again("password.html", form, refused, lien=lien, shortest=SHORTEST, longest=LONGEST)
    if reset.activated:
        response = see_other(
            LOGIN,
            told("Votre mot de passe est changé et votre compte est activé"),
            _next_step(reset.activated, arrived_at),
        )
    else:
        response = see_other(
            LOGIN,
            told("Votre mot de passe est changé"),
            told("Connectez-vous avec le nouveau. Vos autres connexions ont été fermées."),
        )
    browsers.give(response, reset.browser, secure=accounts.settings.secure)
    return response


async def _limits(accounts: Accounts, lien: str, arrived_at: datetime) -> dict[str, Any]:
    """What the page says of the two limits that the reader has: of the activation and of the window.

    limit: None while the message has not left. closes_at: None where the link is no good.
    """
    unknown = {"limit": None, "closes_at": None, "closed": False}
    try:
        link = accounts.links.read("activation", lien)
    except LinkError:
        return unknown
    async with accounts.database.connection() as conn:
        row = await standing(conn, link.account_id)
        if row is None:
            return unknown
        closes_at = (await calendar_of(conn, row.id)).closes_at
    return {"limit": row.activation_expires_at, "closes_at": closes_at, "closed": closes_at <= arrived_at}


def _refusal(error: LinkError, kind: Kind) -> Response:
    problem = problem_of(error)
    return shown("refused.html", problem.status, problem=problem, kind=kind)


def _next_step(calendar: Calendar, now: datetime) -> str:
    """For whoever has just activated: the form and until when; or that it is too late for this session."""
    if now < calendar.closes_at:
        text = told(
            "Connectez-vous, remplissez le formulaire et n’oubliez pas d’enregistrer : la pré-inscription "
            "ferme le %(limit)s."
        )
    else:
        text = told(
            "La pré-inscription est close depuis le %(limit)s : il n’est plus possible de s’inscrire à "
            "cette session."
        )
    return text % {"limit": PAGES.filters["paris_limit"](calendar.closes_at)}
