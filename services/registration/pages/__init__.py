"""The pages of this service: the queries and commands of the API behind French HTML, English second.

room       the templates, and what they have besides the chassis's
public     what everybody reads without login: the home page, the notice, the help, accessibility
contact    the office, one's own officer first (R11)
espace     « Mon espace »: the candidate's own
form       « M'inscrire »: the list of steps and those that are fields; form_communes, form_periods and
           form_acquis have pages of their own, form_saving the summary and the save
form_desk, form_content, form_fields, form_steps, form_places, form_typed, form_route
           what the steps rest on: the draft, its fields and their order, places, and losing nothing typed
"""

from fastapi import APIRouter

from services.registration.pages import (
    contact,
    espace,
    form,
    form_acquis,
    form_communes,
    form_periods,
    form_saving,
    public,
)

ROUTERS: tuple[APIRouter, ...] = (
    public.router,
    contact.router,
    espace.router,
    form.router,
    form_communes.router,
    form_periods.router,
    form_acquis.router,
    form_saving.router,
)
