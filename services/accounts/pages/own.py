"""« Mon compte » and the password changed, logged in."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.accounts.api.dependencies import Service
from services.accounts.commands.change_password import change_password
from services.accounts.domain.errors import AccountGone, AccountsError
from services.accounts.domain.passwords import LONGEST, SHORTEST
from services.accounts.pages.room import again, refuse, shown, told
from services.accounts.queries import calendars, standing
from services.accounts.tokens import presented
from services.chassis.http import ArrivedAt
from services.chassis.site.form import Form
from services.chassis.site.routing import CandidatePage, page_router, see_other

router = page_router("/compte")

_CHANGE = "/mot-de-passe/changer"
_RULES: dict[str, Any] = {"nav": "moncompte", "back": "/compte", "shortest": SHORTEST, "longest": LONGEST}


@router.get("")
async def mine(accounts: Service, who: CandidatePage) -> Response:
    async with accounts.database.connection() as conn:
        row = await standing(conn, who.candidate_id)
        if row is None:
            raise AccountGone
        (calendar,) = [c for c in await calendars(conn) if c.session_id == row.session_id]
    return shown("compte.html", nav="moncompte", email=row.email, calendar=calendar)


@router.get(_CHANGE)
async def ask_change(_: CandidatePage) -> Response:
    return shown("changer.html", form=Form(), **_RULES)


@router.post(_CHANGE)
async def change(request: Request, accounts: Service, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    form = Form(await request.form())
    here = presented(request.headers, secure=accounts.settings.secure)
    refused: AccountsError | None = None
    if not form.value("current_password"):
        form.refuse("current_password", told("Saisissez votre mot de passe actuel."))
    else:
        try:
            await change_password(
                accounts,
                who.candidate_id,
                form.value("current_password"),
                form.value("password"),
                arrived_at,
                kept=here.token if here else "",
            )
        except AccountGone:
            raise
        except AccountsError as error:
            refused = error
            refuse(form, error)
        else:
            return see_other(
                "/compte",
                told("Votre mot de passe est changé"),
                told("Vous restez connecté ici. Vos autres connexions ont été fermées."),
            )
    return again("changer.html", form, refused, **_RULES)
