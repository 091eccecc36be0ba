"""The pages of this service: the queries and commands of the API behind French HTML, English second.

room       the templates, and what they have besides the chassis's
public     what everybody reads: the home page
espace     « Mon espace »: the candidate’s own
"""

from fastapi import APIRouter

from services.registration.pages import espace, public

ROUTERS: tuple[APIRouter, ...] = (public.router, espace.router)
