"""« M'inscrire » over HTTP, as a browser without JavaScript uses it."""

import re
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.integration.registration.paging import read, words
from tests.integration.registration.world import Site

STEPS: list[tuple[str, dict[str, str]]] = [
    ("forme", {"modalities.form": "globale", "modalities.route": "preparation"}),
    (
        "preparation",
        {
            "modalities.preparation.kind": "distance",
            "modalities.preparation.establishment": "CNED",
            "modalities.preparation.ends_on-day": "30",
            "modalities.preparation.ends_on-month": "6",
            "modalities.preparation.ends_on-year": "2020",
            "modalities.preparation.complete": "oui",
        },
    ),
    ("handicap", {"modalities.handicap.declared": "non"}),
    (
        "identite",
        {
            "identification.birth_name": "Durand",
            "identification.forenames": "Camille",
            "identification.sex": "F",
            "identification.nationality": "francaise",
        },
    ),
    (
        "naissance",
        {
            "identification.birth_date-day": "17",
            "identification.birth_date-month": "5",
            "identification.birth_date-year": "1994",
            "identification.birth_country": "France",
            "identification.birth_commune": "aubagne",
        },
    ),
    (
        "adresse",
        {
            "identification.address.lines.0": "12 rue des Lilas",
            "identification.address.postcode": "13400",
            "identification.address.country": "France",
        },
    ),
    (
        "contact",
        {"identification.phone": "06 39 98 12 34", "identification.email": "camille.durand@exemple.test"},
    ),
    ("specialite", {"candidature.speciality": "assp-structure"}),
    ("eps", {"candidature.sport.fit": "non"}),
    ("options", {}),
    ("acquis", {}),
]


_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def hidden(html: str) -> dict[str, str]:
    """What the page's form sends besides what is typed."""
    main = html.partition("<main")[2]
    return {name: unescape(value) for name, value in _HIDDEN.findall(main)}


async def submit(
    site: Site, path: str, candidate: UUID | None, form: dict[str, str], **request: Any
) -> httpx.Response:
    return await site.ask(
        "POST",
        path,
        candidate=candidate,
        data=form,
        headers={"Accept": "text/html", "Sec-Fetch-Site": "same-origin"},
        **request,
    )


async def answer(site: Site, slug: str, candidate: UUID, answers: dict[str, str]) -> httpx.Response:
    """Open the page of a step and send it."""
    path = f"/inscription/{slug}"
    form = hidden(await read(site, path, candidate)) | answers
    return await submit(site, path.partition("?")[0], candidate, form)


async def fill(site: Site, candidate: UUID, **instead: dict[str, str]) -> list[str]:
    """Every step in its order; where each leads."""
    led = []
    for slug, answers in STEPS:
        response = await answer(site, slug, candidate, instead.get(slug, answers))
        assert response.status_code == 303, (slug, words(response.text))
        led.append(response.headers["location"].removeprefix("/inscription/"))
    return led


async def save(site: Site, candidate: UUID) -> str:
    """Save what the summary shows; the words of the page after it."""
    response = await answer(site, "recapitulatif", candidate, {})
    assert response.status_code == 303, words(response.text)
    return words(await read(site, response.headers["location"], candidate))


async def test_step_by_step_to_a_saved_version(site: Site) -> None:
    candidate = uuid4()
    led = await fill(site, candidate)
    assert led == [*(slug for slug, _ in STEPS[1:]), "recapitulatif"]
    text = words(await read(site, "/inscription/recapitulatif", candidate))
    assert "Brouillon — non enregistrée" in text
    assert await site.world.value("SELECT count(*) FROM registration_version") == 0
    text = await save(site, candidate)
    assert "Inscription enregistrée" in text
    assert "Version 1" in text
    assert (await site.world.row(candidate)).eligible
