"""« Données personnelles »: what is kept and why; one's own as a file; the account erased."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from services.accounts.api.dependencies import Service
from services.accounts.commands.erase import erase
from services.accounts.domain.errors import AccountGone, AccountsError, NoSession, WindowNotOpen
from services.accounts.domain.window import open_session
from services.accounts.export import my_data
from services.accounts.pages.room import again, refuse, shown, told
from services.accounts.queries import calendars, standing
from services.accounts.service import Accounts
from services.accounts.tokens import take_cookie
from services.chassis.http import ArrivedAt
from services.chassis.identity import Identity
from services.chassis.site import visit
from services.chassis.site.form import Form
from services.chassis.site.routing import CandidatePage, page_router, see_other
from services.chassis.times import lasting
from services.contracts.events import Calendar

router = page_router("/compte/donnees")

_HERE = "/compte/donnees"


@router.get("")
async def about(request: Request, accounts: Service, arrived_at: ArrivedAt) -> Response:
    """For everybody; who is logged in has the file and the way out besides."""
    async with accounts.database.connection() as conn:
        known = await calendars(conn)
        row = None
        if visit.current().is_candidate:
            row = await standing(conn, request.state.identity.candidate_id)
    calendar = next((c for c in known if row is not None and c.session_id == row.session_id), None)
    calendar = calendar or _current(known, arrived_at)
    return shown(
        "donnees.html",
        nav="donnees",
        calendar=calendar,
        activation=lasting(calendar.activation_seconds) if calendar else "48 h",
        mine=row is not None,
        idle=lasting(accounts.settings.cookie_idle_seconds),
        longer_idle=lasting(accounts.settings.cookie_longer_idle_seconds),
        farewell_days=accounts.settings.farewell_seconds // (24 * 3600),
    )


@router.get("/mes-donnees.json")
async def download(accounts: Service, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    found = await my_data(accounts, who.candidate_id, arrived_at)
    return Response(
        found.model_dump_json(indent=2),
        media_type="application/json",
        headers={
            "Content-Disposition": 'attachment; filename="mes-donnees.json"',
            "Cache-Control": "no-store",
        },
    )


@router.get("/effacer")
async def ask(accounts: Service, who: CandidatePage, arrived_at: ArrivedAt) -> Response:
    return shown("effacer.html", form=Form(), **await _around(accounts, who, arrived_at))


@router.post("/effacer")
async def erase_me(
    request: Request, accounts: Service, who: CandidatePage, arrived_at: ArrivedAt
) -> Response:
    form = Form(await request.form())
    refused: AccountsError | None = None
    if form.value("sure") != "oui":
        form.refuse("sure", told("Cochez cette case si vous voulez vraiment tout effacer."))
    if not form.value("password"):
        form.refuse("password", told("Saisissez votre mot de passe."))
    if not form.errors:
        try:
            await erase(accounts, who.candidate_id, form.value("password"), arrived_at)
        except AccountGone:
            raise
        except AccountsError as error:
            refused = error
            refuse(form, error)
        else:
            response = see_other(
                "/",
                told("Votre compte est effacé"),
                told(
                    "Votre candidature prend fin. Vos données sont supprimées dans les minutes qui "
                    "suivent, et un dernier message vous le confirme."
                ),
            )
            take_cookie(response, secure=accounts.settings.secure)
            return response
    return again("effacer.html", form, refused, **await _around(accounts, who, arrived_at))


async def _around(accounts: Accounts, who: Identity, arrived_at: datetime) -> dict[str, Any]:
    async with accounts.database.connection() as conn:
        row = await standing(conn, who.candidate_id)
        known = await calendars(conn)
    if row is None:
        raise AccountGone
    calendar = next(c for c in known if c.session_id == row.session_id)
    return {
        "nav": "donnees",
        "back": _HERE,
        "email": row.email,
        "calendar": calendar,
        "is_open": arrived_at < calendar.closes_at,
    }


def _current(known: list[Calendar], arrived_at: datetime) -> Calendar | None:
    try:
        return open_session(known, arrived_at)
    except NoSession:
        return None
    except WindowNotOpen as error:
        return error.nearest
