"""An officer's session on the local stack, through OpenID Connect, as a browser would open it."""

import re
from urllib.parse import urljoin

import httpx

from deploy.local.addresses import Addresses

_FORM_ACTION = re.compile(r'<form[^>]*action="([^"]*)"')


class NoOfficer(Exception):
    """Nobody could be logged in; the text is French, for whoever typed the command."""


def local_token(addresses: Addresses, subject: str | None = None) -> str:
    """The token of a new session; the provider's page is answered as its form does.

    Raises:
        NoOfficer, httpx.TransportError.
    """
    if not addresses.officers:
        raise NoOfficer(
            "les gestionnaires ne sont pas ceux de la pile locale : mettez le jeton d’une session dans "
            "CANDIDAT_LIBRE_OFFICER_TOKEN."
        )
    known = [officer.sub for officer in addresses.officers]
    if subject is not None and subject not in known:
        raise NoOfficer(
            f"« {subject} » n’est pas un gestionnaire de la pile locale ; il y a : {', '.join(known)}."
        )
    with httpx.Client(timeout=30, follow_redirects=True) as browser:
        page = browser.get(f"{addresses.gateway}/agents/connexion", params={"format": "json"})
        action = _FORM_ACTION.search(page.text)
        target = urljoin(str(page.url), action.group(1)) if action and action.group(1) else str(page.url)
        answered = browser.post(target, data={"sub": subject or known[0]})
    if answered.status_code != httpx.codes.OK:
        raise NoOfficer(
            f"le fournisseur d’identité n’a pas ouvert de session (réponse {answered.status_code})."
        )
    token: str = answered.json()["token"]
    return token
