"""The pages that say something went wrong: what happened, what is kept, what to do."""

import pytest

from services.chassis import problems
from services.chassis.problems import FieldError, Problem
from services.chassis.rendering import problem_response
from tests.browser.conftest import NewVisitor
from tests.browser.sight import look_at

PROBLEMS: list[Problem] = [
    problems.BadRequest("demande-illisible", "La demande ne peut pas être lue."),
    problems.Forbidden("reserve-aux-candidats", "Cette page est réservée aux candidats."),
    problems.Gone("compte-supprime", "Ce compte a été supprimé."),
    problems.Conflict("inscription-close", "La pré-inscription est close."),
    problems.Invalid(
        "donnees-invalides",
        "Certaines données sont à corriger. Rien n’a été enregistré.",
        errors=[FieldError(pointer="/email", detail="Ce champ est obligatoire.")],
    ),
    problems.TooManyRequests("trop-d-essais", "Trop d’essais de connexion. Réessayez dans 12 minutes."),
    problems.Internal("erreur-interne", "Une erreur de notre fait est survenue ; l’équipe est prévenue."),
    problems.Unavailable("momentanement-indisponible", "Un service nécessaire ne répond pas."),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: str(problem.status))
async def test_each_problem_is_an_accessible_page_that_leads_on(
    visitor: NewVisitor, problem: Problem
) -> None:
    """Rendered as a service renders it, shown in place of an address of the running site."""
    scope = {"type": "http", "path": "/probleme", "headers": [(b"accept", b"text/html")]}
    html = bytes(problem_response(scope, problem).body).decode()
    window = await visitor()
    await window.page.route(
        "**/probleme",
        lambda route: route.fulfill(status=problem.status, body=html, content_type="text/html"),
    )
    assert await window.goto("/probleme") == problem.status
    assert await window.page.get_by_text(problem.detail).is_visible()
    assert await window.page.get_by_role("button", name="Aller à l’accueil").is_visible()
    assert await window.page.locator("main").get_by_role("link", name="Nous contacter").is_visible()
    await look_at(window, f"erreur-{problem.status}")


async def test_the_gateways_own_page_looks_like_the_site(visitor: NewVisitor) -> None:
    window = await visitor()
    assert await window.goto("/adresse-de-personne") == 404
    assert await window.page.get_by_text("Cette adresse n’existe pas.").is_visible()
    await look_at(window, "erreur-404-passerelle")
    colour = await window.page.evaluate("getComputedStyle(document.querySelector('header')).backgroundColor")
    assert colour == "rgb(23, 69, 107)"
