"""At 320 pixels, a large screen magnified four times, nothing is to be scrolled sideways (WCAG 1.4.10)."""

import pytest

from tests.browser.conftest import Newcomer, NewVisitor, SignedIn
from tests.browser.sight import DESKTOP, REFLOW, Visitor
from tests.e2e.house import House

_ALL_IN_ONE_LINE = """[...document.querySelectorAll(".govuk-task-list .govuk-tag")].every(tag => {
  const words = document.createRange();
  words.selectNodeContents(tag);
  return words.getClientRects().length === 1;
})"""


@pytest.mark.parametrize(
    ("stage", "cause", "words"),
    [
        ("held", "'ours'", "En attente d’une décision du bureau des examens"),
        ("awaiting_documents", "NULL", "En attente des pièces justificatives"),
    ],
)
async def test_the_state_of_a_candidature_is_no_wider_than_the_page(
    house: House,
    visitor: NewVisitor,
    newcomer: Newcomer,
    signed_in: SignedIn,
    stage: str,
    cause: str,
    words: str,
) -> None:
    person = await newcomer(f"Ursule{stage}")
    await person.register()
    await person.upload(["p2"])
    await house.rows(
        "registration",
        f"UPDATE candidature SET stage = '{stage}', hold_cause = {cause} WHERE candidate_id = $1",
        person.id,
    )
    window = await visitor()
    await signed_in(window, person)
    await window.goto("/inscription")
    assert await window.page.locator(".govuk-tag", has_text=words).is_visible()
    for language in ("fr", "en"):
        await window.goto(f"/langue/{language}?retour=/inscription")
        for path in ("/inscription/recapitulatif", "/mon-espace", "/mon-espace/versions", "/documents/p2"):
            await reflows(window)
            await window.goto(path)
        await reflows(window)
        await window.goto("/documents")
        await reflows(window)
        assert await window.page.evaluate(_ALL_IN_ONE_LINE), "short words are not broken"


async def reflows(window: Visitor) -> None:
    """Look at the page as it is, at 320 pixels.

    Raises:
        AssertionError: something is wider than that.
    """
    await window.page.set_viewport_size({"width": REFLOW, "height": 800})
    wide = await window.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= REFLOW, f"{window.page.url} is {wide} px wide at {REFLOW} px"
    await window.page.set_viewport_size({"width": DESKTOP, "height": 800})
