"""The pages to open while the stack runs. Each is opened once before it is shown, as a browser would."""

from dataclasses import dataclass

import httpx
from rich.table import Table
from rich.text import Text

from deploy.demo.players import PASSWORD
from deploy.local.addresses import Addresses

_PUBLIC = {
    "/": "l’accueil et le calendrier",
    "/notice": "la notice",
    "/compte/creer": "créer un compte",
    "/connexion": "se connecter",
    "/aide": "l’aide",
    "/contact": "le bureau des examens",
    "/accessibilite": "l’accessibilité",
}
_OWN = {
    "/mon-espace": "mon espace : où j’en suis, que faire, avant quand",
    "/inscription": "m’inscrire",
    "/documents": "mes documents",
    "/messages": "ma boîte",
    "/compte/donnees": "mes données personnelles",
}
_AS_A_BROWSER = {"Accept": "text/html"}


@dataclass(frozen=True)
class Opened:
    """`owned` pages need a login; `status` is what the site answered."""

    path: str
    what: str
    owned: bool
    status: int


async def open_all(addresses: Addresses, email: str) -> list[Opened]:
    """Open every page, those of one's own as the player with this address, who must be able to log in.

    Raises:
        httpx.HTTPError: the login was refused, or a page did not answer.
    """
    async with httpx.AsyncClient(base_url=addresses.gateway, headers=_AS_A_BROWSER, timeout=15) as client:
        found = [await _open(client, path, what, owned=False) for path, what in _PUBLIC.items()]
        login = {"email": email, "password": PASSWORD}
        (await client.post("/api/accounts/sessions", json=login)).raise_for_status()
        return found + [await _open(client, path, what, owned=True) for path, what in _OWN.items()]


def pages_table(pages: list[Opened], addresses: Addresses, email: str) -> Table:
    found = Table(box=None, show_header=False, title="Les pages à ouvrir", title_justify="left")
    for page in pages:
        mark = "✔" if page.status == 200 else f"✘ {page.status}"
        found.add_row(mark, page.what, Text(f"{addresses.gateway}{page.path}", overflow="fold"))
    found.add_row("", "se connecter avec", f"{email} / {PASSWORD}")
    if addresses.mailbox:
        found.add_row("", "les messages envoyés", addresses.mailbox)
    return found


async def _open(client: httpx.AsyncClient, path: str, what: str, *, owned: bool) -> Opened:
    return Opened(path, what, owned, (await client.get(path)).status_code)
