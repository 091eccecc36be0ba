"""« Mes documents »: the queries and commands of the API behind French HTML, English second.

room        the templates, and what they have besides the chassis's
checklist   the confirmation, the pieces with their states, the list to print
piece       one piece: its files, sending, taking back, putting back
"""

from fastapi import APIRouter

from services.documents.pages import checklist, piece

ROUTERS: tuple[APIRouter, ...] = (checklist.router, piece.router)
