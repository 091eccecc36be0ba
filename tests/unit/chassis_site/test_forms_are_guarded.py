"""No page of any service takes a form of another site."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from fastapi import APIRouter
from fastapi.routing import APIRoute

import services
from services.chassis.requests import SAFE_METHODS
from services.chassis.site.routing import sent_from_our_page


def form_routes() -> Iterator[APIRoute]:
    """Every unsafe route outside the API, in whatever module its router stands."""
    for found in pkgutil.walk_packages(services.__path__, "services."):
        if "templates" in found.name or found.name.endswith((".main", ".inspector", "__main__")):
            continue
        for router in vars(import_module(found.name)).values():
            if isinstance(router, APIRouter):
                for route in router.routes:
                    if isinstance(route, APIRoute) and (route.methods or set()) - SAFE_METHODS:
                        yield route


def test_every_form_of_a_page_is_asked_for_its_token() -> None:
    pages = {
        route.path: route for route in form_routes() if not route.path.startswith(("/api/", "/internal"))
    }
    assert pages.keys() >= {"/compte/activation", "/connexion", "/deconnexion"}, "the walk finds the pages"
    unguarded = {
        path
        for path, route in pages.items()
        if sent_from_our_page not in {needed.dependency for needed in route.dependencies}
    }
    assert unguarded == set()
