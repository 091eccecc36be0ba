"""« M'inscrire »: what a page says and denies at once is told there; no half is dropped without a word."""

from uuid import uuid4

import pytest

from services.registration.queries import read_version
from tests.integration.registration.paging import read, words
from tests.integration.registration.test_form_pages import STEPS, answer, fill
from tests.integration.registration.world import Site

DATES = {
    "starts_on-day": "1",
    "starts_on-month": "9",
    "starts_on-year": "2016",
    "ends_on-day": "30",
    "ends_on-month": "6",
    "ends_on-year": "2018",
}
PERIOD = {
    "employer": "Chez Paul, Aubagne",
    "job": "Commis de cuisine",
    "qualified_level": "oui",
    "related_field": "oui",
}


async def test_a_no_beside_a_ticked_arrangement_is_told_and_kept_nowhere(site: Site) -> None:
    candidate = uuid4()
    no = {"modalities.handicap.declared": "non", "modalities.handicap.existing": "oui"}
    response = await answer(site, "handicap", candidate, no)
    assert response.status_code == 422
    assert "Vous répondez NON, mais vous cochez un aménagement" in words(response.text)


async def test_a_no_beside_an_arrangement_kept_for_later_cannot_be_saved(site: Site) -> None:
    candidate = uuid4()
    no = {"modalities.handicap.declared": "non", "modalities.handicap.existing": "oui"}
    await fill(site, candidate, handicap=no | {"action": "plus-tard"})
    recap = words(await read(site, "/inscription/recapitulatif", candidate))
    assert "il reste une étape à remplir. Handicap et aménagements (à compléter)" in recap
    assert "Enregistrer ma pré-inscription" not in recap


async def test_a_mark_typed_beside_a_no_is_not_dropped_without_a_word(site: Site) -> None:
    candidate = uuid4()
    response = await answer(site, "acquis/E4", candidate, {"kind": "aucun", "mark": "12", "year": "2019"})
    assert response.status_code == 422
    assert "Vous avez écrit une note ou un diplôme" in words(response.text)


async def test_who_gives_a_kept_mark_up_need_not_empty_its_fields(site: Site) -> None:
    candidate = uuid4()
    kept = {"kind": "note", "mark": "12,5", "year": "2019"}
    assert (await answer(site, "acquis/E4", candidate, kept)).status_code == 303
    assert "bénéfice de note, 12,5 sur 20" in words(await read(site, "/inscription/acquis", candidate))
    assert (await answer(site, "acquis/E4", candidate, kept | {"kind": "aucun"})).status_code == 303
    assert "bénéfice de note" not in words(await read(site, "/inscription/acquis", candidate))


async def test_a_last_day_beside_a_work_that_goes_on_is_not_dropped_without_a_word(site: Site) -> None:
    candidate = uuid4()
    await answer(site, "forme", candidate, {"modalities.form": "globale", "modalities.route": "experience"})
    response = await answer(site, "experience/nouvelle", candidate, PERIOD | DATES | {"still": "oui"})
    assert response.status_code == 422
    assert "effacez la date, ou décochez" in words(response.text)
    assert "Aucune période pour l’instant." in words(await read(site, "/inscription/experience", candidate))


async def test_what_is_missing_of_the_years_is_told_in_years_and_months(site: Site) -> None:
    candidate = uuid4()
    await answer(site, "forme", candidate, {"modalities.form": "globale", "modalities.route": "experience"})
    assert (await answer(site, "experience/nouvelle", candidate, PERIOD | DATES)).status_code == 303
    listed = words(await read(site, "/inscription/experience", candidate))
    assert "Durée qui compte : 1 an et 10 mois" in listed
    assert "Il manque 1 an et 2 mois." in listed


async def test_the_optional_sport_of_who_is_unfit_is_refused_at_its_box(site: Site) -> None:
    candidate = uuid4()
    await answer(site, "eps", candidate, {"candidature.sport.fit": "non"})
    response = await answer(site, "options", candidate, {"candidature.options.sport": "oui"})
    assert response.status_code == 422
    assert "Inapte en EPS" in words(response.text)


KEPT = {"kind": "dispense", "title": "BEP"}


async def test_who_keeps_eps_is_asked_for_no_test_and_no_certificate(site: Site) -> None:
    candidate = uuid4()
    await fill(site, candidate)
    assert "Certificat médical" in words(await read(site, "/inscription/recapitulatif", candidate))
    assert "avis=" in (await answer(site, "acquis/E7", candidate, KEPT)).headers["set-cookie"]
    led = await answer(site, "acquis", candidate, {})
    assert led.headers["location"] == "/inscription/options"
    assert "Deux épreuves, ou inaptitude" not in words(await read(site, "/inscription", candidate))
    assert "Certificat médical" not in words(await read(site, "/inscription/recapitulatif", candidate))
    assert (await answer(site, "recapitulatif", candidate, {})).status_code == 303
    async with site.world.ctx.database.connection() as conn:
        assert (await read_version(conn, candidate, 1)).form.candidature.sport is None


async def test_an_optional_paper_that_is_kept_is_not_offered(site: Site) -> None:
    candidate = uuid4()
    await fill(site, candidate, options={"candidature.options.language": "italien"})
    await answer(site, "acquis/EF1", candidate, KEPT)
    options = words(await read(site, "/inscription/options", candidate))
    assert "Épreuve facultative de langue" not in options
    assert "Je demande l’évaluation facultative de la mobilité" in options
    recap = words(await read(site, "/inscription/recapitulatif", candidate))
    assert "italien" not in recap
    assert "Enregistrer ma pré-inscription" in recap


async def test_who_gives_the_kept_eps_up_is_asked_about_it(site: Site) -> None:
    candidate = uuid4()
    await answer(site, "acquis/E7", candidate, KEPT)
    for slug, answers in STEPS:
        if slug != "eps":
            await answer(site, slug, candidate, answers)
    recap = words(await read(site, "/inscription/recapitulatif", candidate))
    assert "Enregistrer ma pré-inscription" in recap
    await answer(site, "acquis/E7", candidate, {"kind": "aucun"})
    recap = words(await read(site, "/inscription/recapitulatif", candidate))
    assert "il reste une étape à remplir. Éducation physique et sportive (à remplir)" in recap


async def test_a_summary_asked_too_early_says_why(site: Site) -> None:
    candidate = uuid4()
    response = await site.ask(
        "GET", "/inscription/recapitulatif", candidate=candidate, headers={"Accept": "text/html"}
    )
    assert (response.status_code, response.headers["location"]) == (303, "/inscription")
    assert "avis=" in response.headers["set-cookie"]


async def test_the_summary_links_what_is_left_to_fill_in(site: Site) -> None:
    candidate = uuid4()
    await answer(site, "handicap", candidate, {"modalities.handicap.declared": "non"})
    recap = await read(site, "/inscription/recapitulatif", candidate)
    assert 'href="/inscription/identite?retour=recapitulatif">Votre identité</a> (à remplir)' in recap
    assert 'href="/inscription/handicap?retour=recapitulatif">Handicap et aménagements</a> (' not in recap


@pytest.mark.parametrize(("year", "sentence"), [("2031", "pas encore venue"), ("2009", "que 5 ans")])
async def test_a_year_that_keeps_no_mark_is_told_for_what_it_is(site: Site, year: str, sentence: str) -> None:
    response = await answer(site, "acquis/E4", uuid4(), {"kind": "note", "mark": "12", "year": year})
    assert response.status_code == 422
    assert sentence in words(response.text)


async def test_specialities_are_in_the_order_of_a_french_dictionary(site: Site) -> None:
    page = words(await read(site, "/inscription/specialite", uuid4()))
    assert page.index("Aéronautique, option avionique") < page.index("Artisanat") < page.index("Aviation")
    assert page.index("Étude et définition") < page.index("Façonnage") < page.index("Vente")


async def test_how_long_one_may_stay_idle_is_said_before_one_writes(site: Site) -> None:
    assert "aucune page pendant 2 h (24 h si" in words(await read(site, "/inscription", uuid4()))


async def test_a_saved_registration_is_changed_not_filled_in_anew(site: Site) -> None:
    candidate = uuid4()
    await fill(site, candidate)
    assert "Remplissez chaque étape" in words(await read(site, "/inscription", candidate))
    sent = await answer(site, "recapitulatif", candidate, {})
    assert sent.status_code == 303
    text = words(await read(site, "/inscription", candidate))
    assert "Vous pouvez modifier votre pré-inscription jusqu’au" in text
    assert "Remplissez chaque étape" not in text
