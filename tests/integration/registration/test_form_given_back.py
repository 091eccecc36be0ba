"""« M'inscrire » gives back all that was typed, whatever stands against keeping it: to read and to send."""

from collections.abc import AsyncIterator
from unittest.mock import AsyncMock
from uuid import UUID, uuid4

import httpx
import pytest

from services.registration.commands.window import close_window_of
from services.registration.domain.outcome import save_unheeded
from services.registration.pages import form_route
from tests.conftest import FreshDatabase
from tests.integration.messaging.support import Door
from tests.integration.registration.paging import read, words
from tests.integration.registration.test_form_pages import ANSWERS, PERIOD, answer, fill, hidden, submit
from tests.integration.registration.world import AFTER_CLOSE, Site, serve
from tests.plain import plain
from tests.unit.registration.rows import CLOSES, MS

ENDED = PERIOD | {"ends_on-day": "30", "ends_on-month": "6", "ends_on-year": "2020", "still": ""}
NEW_PERIOD = "experience/nouvelle"
TYPED = [
    (
        NEW_PERIOD,
        PERIOD,
        "Employeur Les Pins Emploi occupé aide-soignante Début 23/11/2017 J’y travaille encore oui "
        "Était-ce un emploi d’ouvrier ou d’employé qualifié, ou plus ? oui "
        "L’emploi a-t-il un rapport avec la spécialité du diplôme ? oui",
    ),
    (NEW_PERIOD, ENDED, "Fin 30/6/2020"),
    (
        "naissance",
        ANSWERS["naissance"],
        "Date de naissance 17/5/1994 Pays de naissance France Commune de naissance aubagne",
    ),
    (
        "naissance",
        ANSWERS["naissance"] | {"identification.birth_date-month": ""},
        "Date de naissance 17/?/1994",
    ),
    (
        "adresse",
        ANSWERS["adresse"] | {"identification.address.lines.1": "Bât. B"},
        "Adresse 12 rue des Lilas, Bât. B Code postal 13400 Pays France",
    ),
    (
        "acquis/E4",
        {"kind": "note", "mark": "12,5", "year": "2018", "title": ""},
        "Acquis bénéfice de note Note 12,5 Année 2018",
    ),
    (
        "specialite",
        {"candidature.speciality": "cuisine"},
        "Spécialité Cuisine",
    ),
    (
        "eps",
        {"candidature.sport.fit": "non"},
        "Apte en EPS non",
    ),
]


async def opened(site: Site, slug: str, candidate: UUID) -> dict[str, str]:
    """What the page of a step sends besides what is typed."""
    if slug == NEW_PERIOD:
        route = {"modalities.form": "globale", "modalities.route": "experience"}
        await answer(site, "forme", candidate, route)
    return hidden(await read(site, f"/inscription/{slug}", candidate))


@pytest.mark.parametrize(("slug", "form", "told"), TYPED)
async def test_all_that_was_typed_before_the_window_closed_is_shown(
    site: Site, slug: str, form: dict[str, str], told: str
) -> None:
    candidate = uuid4()
    sent = await opened(site, slug, candidate) | form
    site.world.clock.instant = AFTER_CLOSE
    response = await submit(site, f"/inscription/{slug}", candidate, sent)
    assert response.status_code == 409
    assert told in plain(words(response.text)).partition("Ce que vous aviez écrit sur cette page ")[2]


async def test_a_chosen_birthplace_is_given_back_by_its_name(site: Site) -> None:
    candidate = uuid4()
    written = ANSWERS["naissance"] | {"identification.birth_commune": "Saint-Denis"}
    await answer(site, "naissance", candidate, written)
    for chosen, told in (("97411", "Saint-Denis (974)"), ("autre", "Aucune de celles-ci")):
        sent = await opened(site, "naissance/commune", candidate)
        response = await submit(
            site,
            "/inscription/naissance/commune",
            None,
            sent | {"identification.birth_commune_code": chosen},
        )
        assert f"Commune de naissance {told}" in plain(words(response.text))


async def test_an_ended_session_gives_a_period_back_to_check_and_send(site: Site) -> None:
    candidate = uuid4()
    sent = await opened(site, NEW_PERIOD, candidate) | PERIOD
    site.client.cookies.set("session", "une-autre")
    void = await submit(site, f"/inscription/{NEW_PERIOD}", candidate, sent)
    assert void.status_code == 403
    assert "vérifiez-les" in words(void.text)
    assert "Début 23/11/2017" in plain(words(void.text))
    kept = await submit(site, f"/inscription/{NEW_PERIOD}", candidate, hidden(void.text))
    assert kept.status_code == 303
    assert "depuis le 23/11/2017" in words(await read(site, "/inscription/experience", candidate))


async def test_who_only_pressed_a_button_is_not_told_to_check_what_is_not_shown(site: Site) -> None:
    candidate = uuid4()
    await fill(site, candidate)
    sent = hidden(await read(site, "/inscription/recapitulatif", candidate))
    ended = words((await submit(site, "/inscription/recapitulatif", None, sent)).text)
    assert "ce que vous venez d’envoyer n’est pas encore pris en compte" in ended
    site.client.cookies.set("session", "une-autre")
    void = words((await submit(site, "/inscription/recapitulatif", candidate, sent)).text)
    assert "vérifiez-les" not in void
    assert "Ce que vous venez d’envoyer n’est pas encore pris en compte" in void


async def test_a_save_that_took_too_long_says_so_and_what_stays(site: Site) -> None:
    candidate = uuid4()
    await fill(site, candidate)
    sent = hidden(await read(site, "/inscription/recapitulatif", candidate))
    site.world.clock.instant = AFTER_CLOSE
    response = await submit(site, "/inscription/recapitulatif", candidate, sent, arrived_at=CLOSES - MS)
    assert response.status_code == 409
    text = words(response.text)
    assert "Ce que vous venez d’envoyer n’est pas enregistré" in text
    assert "arrivée à temps, mais son enregistrement n’a pas abouti" in text
    assert "Votre brouillon reste lisible" in text
    assert (await site.world.row(candidate)).save_fault_at == CLOSES - MS


@pytest.mark.parametrize("saved", [True, False], ids=["saved", "nothing saved"])
@pytest.mark.parametrize("draft", [True, False], ids=["draft", "no draft"])
async def test_who_comes_too_late_is_told_of_what_is_kept_and_of_nothing_else(
    site: Site, saved: bool, draft: bool
) -> None:
    candidate = await site.world.saved() if saved else uuid4()
    if draft:
        await answer(site, "contact", candidate, ANSWERS["contact"] | {"identification.phone": "0639980000"})
    sent = await opened(site, "contact", candidate) | ANSWERS["contact"]
    site.world.clock.instant = AFTER_CLOSE
    response = await submit(site, "/inscription/contact", candidate, sent)
    assert response.status_code == 409
    text = plain(words(response.text))
    assert ("Ce que vous aviez enregistré avant est gardé." in text) == saved
    assert ("Aucune pré-inscription n’est enregistrée pour ce compte." in text) != saved
    assert ("Votre brouillon reste lisible, mais il ne compte pas." in text) == draft


async def test_what_came_too_late_is_given_back_although_what_is_kept_cannot_be_read(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = uuid4()
    sent = await opened(site, "contact", candidate) | ANSWERS["contact"]
    site.world.clock.instant = AFTER_CLOSE
    monkeypatch.setattr(form_route, "open_desk", AsyncMock(side_effect=ConnectionResetError))
    response = await submit(site, "/inscription/contact", candidate, sent)
    assert "06 39 98 12 34" in given_back(response)


@pytest.mark.parametrize(
    ("path", "changed"),
    [("recapitulatif", {}), ("contact", {"identification.phone": "06 39 98 00 01"}), ("acquis", {})],
)
async def test_what_came_in_time_is_noted_though_the_windows_end_is_decided_by_then(
    site: Site, path: str, changed: dict[str, str]
) -> None:
    candidate = uuid4()
    await fill(site, candidate)
    sent = hidden(await read(site, f"/inscription/{path}", candidate)) | ANSWERS.get(path, {}) | changed
    site.world.clock.instant = AFTER_CLOSE
    await close_window_of(site.world.ctx, candidate)
    response = await submit(site, f"/inscription/{path}", candidate, sent, arrived_at=CLOSES - MS)
    assert response.status_code == 409
    assert "arrivée à temps, mais son enregistrement n’a pas abouti" in words(response.text)
    row = await site.world.row(candidate)
    assert save_unheeded(row), "an officer is told (decision 0014)"
    assert row.save_fault_at == CLOSES - MS


@pytest.fixture
async def door(fresh_database: FreshDatabase) -> AsyncIterator[Door]:
    async with Door(await fresh_database("registration")) as found:
        yield found


@pytest.fixture
async def behind(door: Door, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """The service, whose database may be away."""
    async with serve(door.url, monkeypatch) as served:
        yield served


def given_back(response: httpx.Response) -> str:
    assert response.status_code == 503
    assert response.headers["retry-after"]
    return plain(words(response.text))


@pytest.mark.parametrize("slug", ["contact", "naissance", NEW_PERIOD])
async def test_what_is_typed_while_the_database_is_away_is_given_back_to_send_again(
    behind: Site, door: Door, slug: str
) -> None:
    candidate = uuid4()
    form = PERIOD if slug == NEW_PERIOD else ANSWERS[slug]
    sent = await opened(behind, slug, candidate) | form
    await door.shut()
    response = await submit(behind, f"/inscription/{slug}", candidate, sent)
    text = given_back(response)
    assert "Vos réponses ne sont pas perdues" in text
    assert "ce que vous venez d’envoyer n’est pas gardé" in text
    assert {"contact": "06 39 98 12 34", "naissance": "17/5/1994"}.get(slug, "Début 23/11/2017") in text
    await door.open()
    again = await submit(behind, f"/inscription/{slug}", candidate, hidden(response.text))
    assert again.status_code == 303, words(again.text)


async def test_a_save_while_the_database_is_away_can_be_sent_again(behind: Site, door: Door) -> None:
    candidate = uuid4()
    await fill(behind, candidate)
    sent = hidden(await read(behind, "/inscription/recapitulatif", candidate))
    await door.shut()
    response = await submit(behind, "/inscription/recapitulatif", candidate, sent)
    text = given_back(response)
    assert "nous ne savons pas si votre pré-inscription est enregistrée" in text
    await door.open()
    for _ in range(2):
        again = await submit(behind, "/inscription/recapitulatif", candidate, hidden(response.text))
        assert again.headers["location"] == "/inscription/enregistree"
    assert (await behind.world.row(candidate)).version == 1
