"""The two web applications of accounts: candidates and officers (`http`), who is asking (`sessions`)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from starlette.responses import Response

from services.accounts import gate, officers, pages
from services.accounts.api import accounts, erasure, holders, internal, own, sessions
from services.accounts.domain.errors import AccountsError
from services.accounts.oidc import OpenIdProvider
from services.accounts.pages.room import PAGES
from services.accounts.problems import problem_of
from services.accounts.service import open_accounts
from services.accounts.settings import AccountsSettings, SessionsSettings
from services.chassis.context import Context
from services.chassis.http import create_app
from services.chassis.identity import TokenIssuer
from services.chassis.rendering import problem_response

AUTHENTICATE = "/internal/authenticate"


def http_app(settings: AccountsSettings) -> FastAPI:
    app = create_app(
        settings,
        [
            accounts.router,
            own.router,
            erasure.router,
            sessions.router,
            internal.router,
            holders.router,
            officers.router,
            *pages.ROUTERS,
        ],
        title="Comptes des candidats",
        pages=PAGES,
        lifespan=_serve,
    )

    @app.exception_handler(AccountsError)
    async def refuse(request: Request, error: AccountsError) -> Response:
        return problem_response(request.scope, problem_of(error))

    return app


@asynccontextmanager
async def _serve(app: FastAPI, context: Context[AccountsSettings]) -> AsyncIterator[None]:
    settings = context.settings
    app.state.oidc = OpenIdProvider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        redirect_uri=f"{settings.public_url.rstrip('/')}/agents/retour",
        client=context.client,
    )
    async with open_accounts(context) as opened:
        app.state.accounts = opened
        yield


def sessions_app(settings: SessionsSettings) -> FastAPI:
    """`upload_paths`: the gateway passes on the headers of an upload, whose length is none of this app's."""
    app = create_app(
        settings,
        [gate.router],
        title="Sessions",
        verify_identity=False,
        upload_paths=(AUTHENTICATE,),
    )
    app.state.issuer = TokenIssuer(settings.identity_private_key.get_secret_value())
    return app
