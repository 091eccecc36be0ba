"""What the routes of accounts take from their request."""

from typing import Annotated

from fastapi import Depends, Request

from services.accounts.service import Accounts


def _accounts(request: Request) -> Accounts:
    found: Accounts = request.app.state.accounts
    return found


Service = Annotated[Accounts, Depends(_accounts)]
