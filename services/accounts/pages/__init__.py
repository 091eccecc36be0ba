"""The pages of this service: the commands of the API behind French HTML, English second.

room       the templates, and how a refusal is told in a form
opening    « Créer un compte », and the link sent again
links      what the links in mails open: activation, a new password
entering   logging in and out, a forgotten password
"""

from fastapi import APIRouter

from services.accounts.pages import entering, links, opening

ROUTERS: tuple[APIRouter, ...] = (opening.router, links.router, entering.router)
