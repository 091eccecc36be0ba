"""The pages of this service: the queries and commands of the API behind French HTML, English second.

room       the templates, and what they have besides the chassis's
public     what everybody reads without login: the home page, the notice, the help, accessibility
contact    the office, one's own officer first (R11)
espace     « Mon espace »: the candidate's own
"""

from fastapi import APIRouter

from services.registration.pages import contact, espace, public

ROUTERS: tuple[APIRouter, ...] = (public.router, contact.router, espace.router)
