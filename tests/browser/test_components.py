"""Every component, once as it is and once refused: what pages are built from is accessible by itself."""

from pathlib import Path

import pytest

from services.chassis.rendering import environment, page
from services.chassis.site.form import Form
from tests.browser.conftest import NewVisitor
from tests.browser.sight import look_at

PAGES = environment(Path(__file__).parent / "templates")
FIELDS = ["email", "postcode", "password", "reason", "country", "route", "papers", "birth", "file"]


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
@pytest.mark.parametrize("refused", [False, True], ids=["plain", "refused"])
async def test_every_component_is_accessible(visitor: NewVisitor, javascript: bool, refused: bool) -> None:
    form = Form({"email": "amina", "country": "BE", "route": "experience", "papers": ["b"], "birth-day": "7"})
    for name in [*FIELDS, "address.street"] if refused else []:
        form.refuse(name, f"Il manque quelque chose dans {name}.")
    html = bytes(page(PAGES, "components.html", form=form, nav="aide", back="/").body).decode()
    window = await visitor(javascript=javascript)
    await window.page.route(
        "**/composants", lambda route: route.fulfill(status=200, body=html, content_type="text/html")
    )
    await window.goto("/composants")
    assert await window.page.get_by_label("Belgique").count() == 0
    assert await window.page.get_by_label("Pays").input_value() == "BE"
    assert await window.page.get_by_label("Expérience").is_checked()
    assert await window.page.get_by_label("Hippologie et équitation").is_checked()
    await look_at(window, f"composants{'-erreurs' if refused else ''}-{'js' if javascript else 'sans-js'}")


async def test_each_error_of_the_summary_leads_to_its_field(visitor: NewVisitor) -> None:
    form = Form()
    for name in FIELDS:
        form.refuse(name, f"Il manque {name}.")
    html = bytes(page(PAGES, "components.html", form=form).body).decode()
    window = await visitor()
    await window.page.route(
        "**/composants", lambda route: route.fulfill(status=200, body=html, content_type="text/html")
    )
    await window.goto("/composants")
    for name in FIELDS:
        await window.page.get_by_role("alert").get_by_role("link", name=f"Il manque {name}.").click()
        reached = await window.page.evaluate("document.activeElement.name || document.activeElement.id")
        assert reached in (name, f"{name}-day"), name
