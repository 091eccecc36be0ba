"""The pages of this service: the commands of the API behind French HTML, English second.

room       the templates, and how a refusal is told in a form
opening    « Créer un compte », and the link sent again
links      what the links in mails open: activation, a new password
entering   logging in and out, a forgotten password
own        « Mon compte », the password changed
data       « Données personnelles »: what is kept, one's own as a file, the account erased
"""

from fastapi import APIRouter

from services.accounts.pages import data, entering, links, opening, own

ROUTERS: tuple[APIRouter, ...] = (opening.router, links.router, entering.router, own.router, data.router)
