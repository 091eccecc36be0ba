"""« M'inscrire »: a job is related to the speciality that is saved, not to one chosen before it (R7)."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.integration.registration.paging import read, words
from tests.integration.registration.test_form_pages import (
    PERIOD,
    STEPS,
    answer,
    fill,
    hidden,
    save,
    submit,
)
from tests.integration.registration.world import Site

COOKING = {"candidature.speciality": "cuisine"}
BEAUTY = {"candidature.speciality": "esthetique"}
BY_EXPERIENCE = {"modalities.form": "globale", "modalities.route": "experience"}
OTHER_JOB = PERIOD | {"employer": "Chez Paul", "job": "commis", "related_field": "non"}


async def cook(site: Site) -> UUID:
    """Somebody whose form is whole, by experience in a kitchen."""
    candidate = uuid4()
    await answer(site, "specialite", candidate, COOKING)
    await answer(site, "forme", candidate, BY_EXPERIENCE)
    for period in (PERIOD, OTHER_JOB):
        assert (await answer(site, "experience/nouvelle", candidate, period)).status_code == 303
    for slug, answers in STEPS:
        if slug not in ("specialite", "forme", "preparation"):
            await answer(site, slug, candidate, answers)
    return candidate


async def kept(site: Site, candidate: UUID) -> list[dict[str, Any]]:
    draft = await site.ask("GET", "/api/registration/me/draft", candidate=candidate)
    periods: list[dict[str, Any]] = draft.json()["content"]["modalities"]["experience"]
    return periods


async def test_the_speciality_is_asked_before_the_periods(site: Site) -> None:
    candidate = uuid4()
    await answer(site, "forme", candidate, BY_EXPERIENCE)
    listed = await read(site, "/inscription/experience", candidate)
    assert "Choisissez d’abord votre spécialité" in words(listed)
    assert "Ajouter une période" not in words(listed)
    await answer(site, "specialite", candidate, COOKING)
    assert "Ajouter une période" in words(await read(site, "/inscription/experience", candidate))


@pytest.mark.parametrize("saved", [False, True], ids=["draft", "draft-of-a-saved-version"])
async def test_another_speciality_asks_of_each_period_anew_before_a_save(site: Site, saved: bool) -> None:
    candidate = await cook(site)
    if saved:
        await save(site, candidate)
    changed = await answer(site, "specialite?retour=recapitulatif", candidate, BEAUTY)
    assert changed.headers["location"] == "/inscription/experience?retour=recapitulatif"
    assert "avis=" in changed.headers["set-cookie"]
    listed = words(await read(site, "/inscription/experience", candidate))
    assert "lié à la spécialité : ?" in listed
    assert "aide-soignante" in listed
    assert "commis" in listed
    assert "Durée qui compte" not in listed
    recap = words(await read(site, "/inscription/recapitulatif", candidate))
    assert "il reste une étape à remplir. Votre expérience professionnelle (à compléter)" in recap
    assert "Enregistrer ma pré-inscription" not in recap
    assert (await answer(site, "experience/1", candidate, PERIOD | {"related_field": "non"})).is_redirect
    early = await answer(site, "experience", candidate, {})
    assert early.status_code == 422
    assert 'href="#periode-2"' in early.text
    assert "Complétez la période 2." in words(early.text)
    assert (await answer(site, "experience/2", candidate, OTHER_JOB)).is_redirect
    await save(site, candidate)
    assert not (await site.world.row(candidate)).eligible


async def test_the_same_speciality_again_asks_nothing(site: Site) -> None:
    candidate = await cook(site)
    again = await answer(site, "specialite", candidate, COOKING)
    assert again.headers["location"] == "/inscription/forme"
    assert [one["related_field"] for one in await kept(site, candidate)] == [True, False]


async def test_a_speciality_left_and_taken_again_is_answered_of_again(site: Site) -> None:
    candidate = await cook(site)
    await answer(site, "specialite", candidate, {"candidature.speciality": "", "action": "plus-tard"})
    back = await answer(site, "specialite", candidate, COOKING)
    assert back.headers["location"] == "/inscription/experience"
    assert ["related_field" in one for one in await kept(site, candidate)] == [False, False]


async def test_periods_put_aside_for_a_preparation_do_not_come_back_with_old_answers(site: Site) -> None:
    candidate = await cook(site)
    await fill(site, candidate, specialite=COOKING)
    changed = await answer(site, "specialite", candidate, BEAUTY)
    assert changed.headers["location"] == "/inscription/forme"
    await answer(site, "forme", candidate, BY_EXPERIENCE)
    recap = words(await read(site, "/inscription/recapitulatif", candidate))
    assert "Votre expérience professionnelle (à compléter)" in recap


async def test_a_period_written_while_another_window_changed_the_speciality_is_shown_first(
    site: Site,
) -> None:
    candidate = uuid4()
    await answer(site, "specialite", candidate, COOKING)
    await answer(site, "forme", candidate, BY_EXPERIENCE)
    form = hidden(await read(site, "/inscription/experience/nouvelle", candidate)) | PERIOD
    await answer(site, "specialite", candidate, BEAUTY)
    overtaken = await submit(site, "/inscription/experience/nouvelle", candidate, form)
    assert overtaken.status_code == 412
