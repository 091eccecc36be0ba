"""The pages of this service: the queries and commands of the API behind French HTML, English second.

room       the templates, and what they have besides the chassis's
public     what everybody reads: the home page
"""

from fastapi import APIRouter

from services.registration.pages import public

ROUTERS: tuple[APIRouter, ...] = (public.router,)
