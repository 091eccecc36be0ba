"""« M'inscrire » over HTTP, as a browser without JavaScript uses it."""

import re
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.contracts.stages import Stage
from services.registration.commands.withdraw import withdraw
from services.registration.domain.checks import Complaint
from services.registration.domain.errors import Incorrect
from services.registration.pages import form_saving
from services.registration.pages.form_steps import STEPS as FORM_STEPS
from services.registration.queries import read_version
from tests.integration.registration.paging import read, words
from tests.integration.registration.world import AFTER_CLOSE, Site
from tests.plain import plain
from tests.unit.registration.rows import CLOSES, MS

STEPS: list[tuple[str, dict[str, str]]] = [
    ("specialite", {"candidature.speciality": "assp-structure"}),
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
    ("acquis", {}),
    ("eps", {"candidature.sport.fit": "non"}),
    ("options", {}),
]
ANSWERS = dict(STEPS)


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
    assert "Brouillon — non enregistré" in text
    assert await site.world.value("SELECT count(*) FROM registration_version") == 0
    text = await save(site, candidate)
    assert "Pré-inscription enregistrée" in text
    assert "Ce n’est pas fini" in text
    assert "Version 1" in text
    assert (await site.world.row(candidate)).eligible


PERIOD = {
    "employer": "Les Pins",
    "job": "aide-soignante",
    "starts_on-day": "23",
    "starts_on-month": "11",
    "starts_on-year": "2017",
    "still": "oui",
    "qualified_level": "oui",
    "related_field": "oui",
}


async def test_the_anonymous_are_sent_to_the_login_and_back(site: Site) -> None:
    for path in ("", "/identite", "/experience/1", "/acquis/E5", "/recapitulatif", "/enregistree"):
        response = await site.ask("GET", f"/inscription{path}", headers={"Accept": "text/html"})
        assert response.status_code == 303
        assert response.headers["location"].startswith("/connexion?retour=%2Finscription")


async def test_a_step_with_errors_keeps_what_was_typed_and_names_each_field(site: Site) -> None:
    candidate = uuid4()
    typed = {"identification.birth_name": "Durand", "identification.ine": "123"}
    response = await answer(site, "identite", candidate, typed)
    assert response.status_code == 422
    assert "Erreur :" in response.text
    assert 'value="Durand"' in response.text
    text = words(response.text)
    for told in ("Écrivez vos prénoms.", "L’INE compte 11 caractères", "Choisissez votre nationalité."):
        assert text.count(told) == 2, told
    assert 'href="#identification.forenames"' in response.text
    assert await site.world.value("SELECT count(*) FROM draft") == 0


async def test_a_figure_in_a_name_is_told_at_its_field_before_the_rest_is_filled_in(site: Site) -> None:
    candidate = uuid4()
    typed = ANSWERS["identite"] | {"identification.birth_name": "Mart1n"}
    response = await answer(site, "identite", candidate, typed)
    assert response.status_code == 422
    assert words(response.text).count("Un nom s’écrit sans chiffre : vérifiez-le.") == 2
    assert 'href="#identification.birth_name"' in response.text
    assert 'value="Mart1n"' in response.text


async def test_an_unfinished_step_is_kept_when_one_asks_to_go_on_later(site: Site) -> None:
    candidate = uuid4()
    half = {
        "identification.birth_date-day": "31",
        "identification.birth_date-month": "2",
        "identification.birth_date-year": "99",
        "action": "plus-tard",
    }
    response = await answer(site, "naissance", candidate, half)
    assert (response.status_code, response.headers["location"]) == (303, "/inscription")
    html = await read(site, "/inscription/naissance", candidate)
    for value in ('value="31"', 'value="2"', 'value="99"'):
        assert value in html
    assert "Votre naissance Date et lieu À corriger" in words(await read(site, "/inscription", candidate))
    recap = words(await read(site, "/inscription/recapitulatif", candidate))
    assert "Vous ne pouvez pas encore enregistrer" in recap
    assert "Enregistrer ma pré-inscription" not in recap


async def test_dates_that_are_none_are_told_as_people_say_it(site: Site) -> None:
    candidate = uuid4()
    for parts, told in (
        (("31", "2", "1999"), "Cette date n’existe pas"),
        (("1", "2", "99"), "Écrivez l’année en quatre chiffres."),
        (("un", "2", "1999"), "en chiffres"),
        (("1", "1", "2019"), "Vérifiez l’année de naissance : elle est trop récente."),
        (("", "", ""), "Écrivez votre date de naissance."),
    ):
        typed = {
            f"identification.birth_date-{name}": part
            for name, part in zip(("day", "month", "year"), parts, strict=True)
        }
        response = await answer(site, "naissance", candidate, typed)
        assert response.status_code == 422
        assert told in words(response.text)


async def test_two_windows_on_different_steps_do_not_disturb_each_other(site: Site) -> None:
    candidate = uuid4()
    first = hidden(await read(site, "/inscription/contact", candidate))
    second = hidden(await read(site, "/inscription/handicap", candidate))
    one = await submit(site, "/inscription/contact", candidate, first | ANSWERS["contact"])
    other = await submit(site, "/inscription/handicap", candidate, second | ANSWERS["handicap"])
    assert (one.status_code, other.status_code) == (303, 303)
    text = words(await read(site, "/inscription", candidate))
    assert "Vous joindre Téléphone et adresse e-mail Fait" in text
    assert "Handicap et aménagements À remplir par tous : OUI ou NON Fait" in text


async def test_two_windows_on_the_same_step_keep_both_answers_and_say_which(site: Site) -> None:
    candidate = uuid4()
    opened = hidden(await read(site, "/inscription/contact", candidate))
    contact = ANSWERS["contact"]
    await submit(site, "/inscription/contact", candidate, opened | contact)
    mine = contact | {"identification.phone": "06 39 98 00 00"}
    response = await submit(site, "/inscription/contact", candidate, opened | mine)
    assert response.status_code == 412
    text = words(response.text)
    assert "dans l’autre fenêtre (gardé) : 06 39 98 12 34" in text
    assert "dans cette fenêtre (pas encore gardé) : 06 39 98 00 00" in text
    again = await submit(site, "/inscription/contact", candidate, hidden(response.text))
    assert again.status_code == 303
    assert "06 39 98 00 00" in await read(site, "/inscription/contact", candidate)


async def test_the_same_answer_twice_is_no_conflict(site: Site) -> None:
    candidate = uuid4()
    opened = hidden(await read(site, "/inscription/contact", candidate)) | ANSWERS["contact"]
    for _ in range(2):
        assert (await submit(site, "/inscription/contact", candidate, opened)).status_code == 303


async def test_a_window_that_closed_meanwhile_loses_nothing_and_says_so(site: Site) -> None:
    candidate = await site.world.saved()
    opened = hidden(await read(site, "/inscription/contact", candidate))
    site.world.clock.instant = AFTER_CLOSE
    mine = ANSWERS["contact"] | {"identification.phone": "06 39 98 00 00"}
    response = await submit(site, "/inscription/contact", candidate, opened | mine)
    assert response.status_code == 409
    text = words(response.text)
    assert "fermée depuis le dimanche 22 novembre 2020 à 23 h 59" in text
    assert "06 39 98 00 00" in text
    listed = words(await read(site, "/inscription", candidate))
    assert "La version 1 est en vigueur." in listed
    assert "Continuer" not in listed
    assert "Enregistrer ma pré-inscription" not in words(
        await read(site, "/inscription/recapitulatif", candidate)
    )


async def test_an_answer_that_arrived_in_time_is_kept_after_the_close(site: Site) -> None:
    candidate = uuid4()
    opened = hidden(await read(site, "/inscription/contact", candidate))
    site.world.clock.instant = CLOSES + MS
    form = opened | ANSWERS["contact"]
    response = await submit(site, "/inscription/contact", candidate, form, arrived_at=CLOSES - MS)
    assert response.status_code == 303


async def test_an_ended_session_gives_the_answers_back_to_send_again(site: Site) -> None:
    candidate = uuid4()
    opened = hidden(await read(site, "/inscription/contact", candidate)) | ANSWERS["contact"]
    ended = await submit(site, "/inscription/contact", None, opened)
    assert ended.status_code == 401
    text = words(ended.text)
    assert "Se connecter (dans un nouvel onglet)" in text
    assert "06 39 98 12 34" in text
    site.client.cookies.set("session", "une-autre")
    void = await submit(site, "/inscription/contact", candidate, hidden(ended.text))
    assert void.status_code == 403
    assert "Garder ces réponses" in words(void.text)
    kept = await submit(site, "/inscription/contact", candidate, hidden(void.text))
    assert kept.status_code == 303
    assert "06 39 98 12 34" in await read(site, "/inscription/contact", candidate)


async def test_a_form_of_another_site_is_refused(site: Site) -> None:
    candidate = uuid4()
    form = hidden(await read(site, "/inscription/contact", candidate)) | ANSWERS["contact"]
    response = await site.ask(
        "POST",
        "/inscription/contact",
        candidate=candidate,
        data=form,
        headers={"Accept": "text/html", "Sec-Fetch-Site": "cross-site"},
    )
    assert response.status_code == 403
    assert await site.world.value("SELECT count(*) FROM draft") == 0


async def test_who_is_born_abroad_is_asked_for_the_parents(site: Site) -> None:
    candidate = uuid4()
    typed = ANSWERS["naissance"] | {
        "identification.birth_country": "Maroc",
        "identification.birth_commune": "Fès",
    }
    response = await answer(site, "naissance?retour=recapitulatif", candidate, typed)
    assert response.headers["location"] == "/inscription/parents?retour=recapitulatif"
    assert "nées à l’étranger" in words(await read(site, "/inscription/parents", candidate))
    await answer(site, "naissance", candidate, ANSWERS["naissance"])
    assert "Vos parents" not in words(await read(site, "/inscription", candidate))


async def test_a_postcode_of_several_communes_asks_which(site: Site) -> None:
    candidate = uuid4()
    typed = ANSWERS["adresse"] | {"identification.address.postcode": "13100"}
    response = await answer(site, "adresse", candidate, typed)
    assert response.headers["location"] == "/inscription/adresse/commune"
    empty = await answer(site, "adresse/commune", candidate, {})
    assert "Choisissez votre commune." in words(empty.text)
    chosen = {"identification.address.commune_code": "13001"}
    response = await answer(site, "adresse/commune", candidate, chosen)
    assert response.headers["location"] == "/inscription/contact"
    text = words(await read(site, "/inscription/adresse", candidate))
    assert "Votre commune : Aix-en-Provence , en choisir une autre" in text
    fragment = await site.ask(
        "GET", "/inscription/communes?identification.address.postcode=13100", candidate=candidate
    )
    assert "Aix-en-Provence (13)" in fragment.text
    spaced = await site.ask(
        "GET", "/inscription/communes?identification.address.postcode=13%20100", candidate=candidate
    )
    assert "Aix-en-Provence (13)" in spaced.text
    chosen = {"identification.address.commune_code": "13109"}
    response = await answer(site, "adresse", candidate, typed | chosen)
    assert response.headers["location"] == "/inscription/contact"
    assert "Le Tholonet" in words(await read(site, "/inscription/adresse", candidate))
    assert "<html" not in fragment.text


async def test_a_postcode_is_read_with_a_space_in_it(site: Site) -> None:
    candidate = uuid4()
    typed = ANSWERS["adresse"] | {"identification.address.postcode": " 13 100 "}
    response = await answer(site, "adresse", candidate, typed)
    assert response.headers["location"] == "/inscription/adresse/commune"
    assert 'value="13100"' in await read(site, "/inscription/adresse", candidate)
    short = ANSWERS["adresse"] | {"identification.address.postcode": "13 10"}
    refused = await answer(site, "adresse", candidate, short)
    assert "Écrivez les 5 chiffres du code postal." in words(refused.text)


async def test_a_postcode_abroad_stays_as_it_was_typed(site: Site) -> None:
    candidate = uuid4()
    abroad = {
        "identification.address.postcode": "114 55",
        "identification.address.country": "Suède",
        "identification.address.commune": "Stockholm",
    }
    response = await answer(site, "adresse", candidate, ANSWERS["adresse"] | abroad)
    assert response.headers["location"] == "/inscription/contact"
    assert 'value="114 55"' in await read(site, "/inscription/adresse", candidate)


async def test_an_address_outside_the_academie_is_told_at_once_and_may_be_saved(site: Site) -> None:
    candidate = uuid4()
    paris = ANSWERS["adresse"] | {"identification.address.postcode": "75002"}
    await answer(site, "adresse", candidate, paris)
    following = words(await read(site, "/inscription/contact", candidate))
    assert "Votre adresse n’est pas dans l’académie" in following
    assert "Si c’est une erreur, revenez à cette étape et corrigez." in following
    await fill(site, candidate, adresse=paris)
    recap = words(await read(site, "/inscription/recapitulatif", candidate))
    assert "sans vos pièces, votre candidature sera annulée ; avec elles, elle sera mise en attente" in recap
    assert "n’est pas dans l’académie" in recap
    assert "elle ne sera pas confirmée automatiquement" in await save(site, candidate)
    assert not (await site.world.row(candidate)).eligible


async def test_a_commune_of_birth_that_is_in_no_list_is_told_at_once_and_kept_as_written(site: Site) -> None:
    candidate = uuid4()
    slip = ANSWERS["naissance"] | {"identification.birth_commune": "Marseile"}
    response = await answer(site, "naissance", candidate, slip)
    assert response.status_code == 303
    following = words(await read(site, response.headers["location"], candidate))
    assert "« Marseile » n’est dans aucune liste de communes" in following
    assert "revenez à cette étape et corrigez" in following
    right = await answer(site, "naissance", candidate, ANSWERS["naissance"])
    assert "aucune liste" not in words(await read(site, right.headers["location"], candidate))
    abroad = slip | {"identification.birth_country": "Maroc"}
    elsewhere = await answer(site, "naissance", candidate, abroad)
    assert "aucune liste" not in words(await read(site, elsewhere.headers["location"], candidate))


async def test_a_birthplace_of_the_same_name_can_be_corrected_after_a_save(site: Site) -> None:
    candidate = uuid4()
    code = "identification.birth_commune_code"
    written = ANSWERS["naissance"] | {"identification.birth_commune": "Saint-Denis"}
    await fill(site, candidate, naissance=written)
    for chosen, told in (
        ("93066", "Saint-Denis (93)"),
        ("97411", "« Saint-Denis (93) » devient « Saint-Denis (974) »"),
        ("autre", "« Saint-Denis (974) » devient « Saint-Denis »"),
    ):
        await answer(site, "naissance/commune", candidate, {code: chosen})
        recap = plain(words(await read(site, "/inscription/recapitulatif", candidate)))
        assert told in recap
        assert "Enregistrer ma pré-inscription" in recap
        await save(site, candidate)
    past = plain(words(await read(site, "/mon-espace/versions", candidate)))
    assert "Commune de naissance : « Saint-Denis (93) » devient « Saint-Denis (974) »" in past


async def test_a_former_commune_of_birth_is_shown_and_saved_by_its_own_name(site: Site) -> None:
    candidate = uuid4()
    await fill(
        site, candidate, naissance=ANSWERS["naissance"] | {"identification.birth_commune": "arbignieu"}
    )
    recap = words(await read(site, "/inscription/recapitulatif", candidate))
    assert "Commune de naissance Arbignieu (01)" in recap
    await save(site, candidate)
    async with site.world.ctx.database.connection() as conn:
        saved = await read_version(conn, candidate, 1)
    assert saved.form.identification.birth_commune == "Arbignieu"


async def test_an_address_abroad_needs_a_town(site: Site) -> None:
    candidate = uuid4()
    abroad = ANSWERS["adresse"] | {"identification.address.country": "Belgique"}
    assert "Écrivez la ville." in words((await answer(site, "adresse", candidate, abroad)).text)
    abroad["identification.address.commune"] = "Liège"
    response = await answer(site, "adresse", candidate, abroad)
    assert response.headers["location"] == "/inscription/contact"


async def test_an_address_abroad_without_a_postcode_can_be_saved(site: Site) -> None:
    candidate = uuid4()
    without = ANSWERS["adresse"] | {"identification.address.postcode": ""}
    refused = await answer(site, "adresse", candidate, without)
    assert refused.status_code == 422
    assert "Écrivez le code postal." in words(refused.text)
    abroad = without | {
        "identification.address.country": "Émirats arabes unis",
        "identification.address.commune": "Dubaï",
    }
    assert "facultatif" in words(await read(site, "/inscription/adresse", candidate))
    await fill(site, candidate, adresse=abroad)
    recap = words(await read(site, "/inscription/recapitulatif", candidate))
    assert "Adresse 12 rue des Lilas Pays Émirats arabes unis Commune Dubaï" in recap
    assert "Version 1" in await save(site, candidate)


async def test_periods_of_work_are_added_changed_and_taken_off(site: Site) -> None:
    candidate = uuid4()
    await answer(site, "forme", candidate, {"modalities.form": "globale", "modalities.route": "experience"})
    nothing = await answer(site, "experience", candidate, {})
    assert "Ajoutez au moins une période de travail." in words(nothing.text)
    wrong = PERIOD | {"still": "", "employer": ""}
    refused = await answer(site, "experience/nouvelle", candidate, wrong)
    assert refused.status_code == 422
    assert "Écrivez la date de fin, ou cochez" in words(refused.text)
    assert 'value="aide-soignante"' in refused.text
    await answer(site, "experience/nouvelle", candidate, PERIOD)
    text = words(await read(site, "/inscription/experience", candidate))
    assert "Durée qui compte : 3 ans" in text
    assert "Les 3 ans sont atteints." in text
    shorter = PERIOD | {"related_field": "non"}
    await answer(site, "experience/1", candidate, shorter)
    text = words(await read(site, "/inscription/experience", candidate))
    assert "ce n’est pas le domaine" in text
    assert "Il manque" in text
    response = await answer(site, "experience/1/retirer", candidate, {})
    assert response.headers["location"] == "/inscription/experience"
    assert "Aucune période" in words(await read(site, "/inscription/experience", candidate))
    await read(site, "/inscription/experience/1", candidate, 404)


async def test_the_route_may_be_changed_and_back_without_losing_the_periods(site: Site) -> None:
    candidate = uuid4()
    route = {"modalities.form": "globale", "modalities.route": "experience"}
    await answer(site, "specialite", candidate, ANSWERS["specialite"])
    await answer(site, "forme", candidate, route)
    await answer(site, "experience/nouvelle", candidate, PERIOD)
    await fill(site, candidate)
    recap = words(await read(site, "/inscription/recapitulatif", candidate))
    assert "aide-soignante" not in recap
    assert "Enregistrer ma pré-inscription" in recap
    await answer(site, "forme", candidate, route)
    assert "aide-soignante" in words(await read(site, "/inscription/experience", candidate))
    assert "Version 1" in await save(site, candidate)


async def test_a_mark_that_cannot_be_kept_is_told_at_its_field(site: Site) -> None:
    candidate = uuid4()
    for typed, told in (
        ({"kind": "note", "mark": "9", "year": "2018"}, "à partir de 10 sur 20"),
        ({"kind": "note", "mark": "douze", "year": "2018"}, "Écrivez la note sur 20"),
        ({"kind": "note", "mark": "12", "year": "2012"}, "que 5 ans"),
        ({"kind": "dispense"}, "Écrivez le diplôme"),
        ({}, "Choisissez une réponse."),
    ):
        response = await answer(site, "acquis/E5", candidate, {"kind": ""} | typed)
        assert (response.status_code, told in words(response.text)) == (422, True), typed
    await answer(site, "acquis/E5", candidate, {"kind": "note", "mark": "12,5", "year": "2018"})
    assert "12,5 sur 20 (2018)" in words(await read(site, "/inscription/acquis", candidate))
    await answer(site, "acquis/E5", candidate, {"kind": "aucun"})
    assert "12,5" not in words(await read(site, "/inscription/acquis", candidate))


async def test_a_change_after_a_save_is_a_draft_and_the_version_stays_in_force(site: Site) -> None:
    candidate = await site.world.saved()
    html = await read(site, "/inscription/contact", candidate)
    unchanged = await answer(
        site, "contact", candidate, ANSWERS["contact"] | {"identification.phone": "0639981234"}
    )
    assert unchanged.status_code == 303
    assert await site.world.value("SELECT count(*) FROM draft") == 0, html
    await answer(site, "contact", candidate, ANSWERS["contact"] | {"identification.phone": "06 39 98 00 00"})
    text = words(await read(site, "/inscription", candidate))
    assert "La version 1 reste en vigueur tant que vous n’enregistrez pas." in text
    assert "Téléphone : « 06 39 98 12 34 » devient « 06 39 98 00 00 »" in text
    text = await save(site, candidate)
    assert "Version 2" in text
    assert "Téléphone : « 06 39 98 12 34 » devient « 06 39 98 00 00 »" in text
    assert "périmée" in text
    assert await site.world.value("SELECT count(*) FROM draft") == 0


async def test_a_save_of_what_another_window_changed_shows_it_first(site: Site) -> None:
    candidate = uuid4()
    await fill(site, candidate)
    recap = hidden(await read(site, "/inscription/recapitulatif", candidate))
    await answer(site, "contact", candidate, ANSWERS["contact"] | {"identification.phone": "06 39 98 00 00"})
    response = await submit(site, "/inscription/recapitulatif", candidate, recap)
    assert response.status_code == 412
    assert "Vos réponses ont changé dans une autre fenêtre" in words(response.text)
    assert await site.world.value("SELECT count(*) FROM registration_version") == 0
    response = await submit(site, "/inscription/recapitulatif", candidate, hidden(response.text))
    assert response.status_code == 303


async def test_a_version_saved_elsewhere_meanwhile_is_shown_beside_the_draft(site: Site) -> None:
    candidate = await site.world.saved()
    await answer(site, "contact", candidate, ANSWERS["contact"] | {"identification.phone": "06 39 98 00 00"})
    recap = hidden(await read(site, "/inscription/recapitulatif", candidate))
    await site.world.save(candidate, version=1, identification={"email": "autre@exemple.test"})
    response = await submit(site, "/inscription/recapitulatif", candidate, recap)
    assert response.status_code == 412
    text = words(response.text)
    assert "La version 2 a été enregistrée depuis une autre fenêtre" in text
    assert "« autre@exemple.test » devient « camille.durand@exemple.test »" in text
    response = await submit(site, "/inscription/recapitulatif", candidate, hidden(response.text))
    assert response.status_code == 303
    assert (await site.world.row(candidate)).version == 3


def announced(response: httpx.Response, why: str) -> None:
    """A refusal that takes the focus and stands in the title: who only hears the page knows."""
    assert "<title>Erreur : Récapitulatif" in plain(response.text)
    summary = response.text.partition('data-module="govuk-error-summary"')[2].partition("<h1")[0]
    assert "Rien n’a été enregistré" in plain(summary)
    assert why in plain(summary)


async def test_each_save_that_is_refused_is_announced(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    candidate, recap = uuid4(), "/inscription/recapitulatif"
    await answer(site, "handicap", candidate, {"modalities.handicap.declared": "non"})
    assert "Erreur :" not in plain(await read(site, recap, candidate))
    token = hidden(await read(site, "/inscription/contact", candidate))
    unready = await submit(site, recap, candidate, token | {"version": "0", "brouillon": "1"})
    assert unready.status_code == 422
    announced(unready, "Il reste des réponses à donner ou à corriger.")
    await fill(site, candidate)
    opened = hidden(await read(site, recap, candidate))

    async def refuse(*_: object, **__: object) -> None:
        raise Incorrect([Complaint("/identification/phone", "Vérifiez le numéro.")])

    with monkeypatch.context() as patched:
        patched.setattr(form_saving, "save", refuse)
        announced(await submit(site, recap, candidate, opened), "Vérifiez le numéro.")
    await answer(site, "contact", candidate, ANSWERS["contact"] | {"identification.phone": "06 39 98 00 00"})
    changed = await submit(site, recap, candidate, opened)
    assert changed.status_code == 412
    announced(changed, "Vos réponses ont changé dans une autre fenêtre")
    opened = hidden(changed.text)
    await site.world.save(candidate)
    overtaken = await submit(site, recap, candidate, opened)
    assert overtaken.status_code == 412
    announced(overtaken, "La version 1 a été enregistrée depuis une autre fenêtre")


async def test_a_draft_that_changed_meanwhile_is_not_given_up_and_that_is_announced(site: Site) -> None:
    candidate = await site.world.saved()
    await answer(site, "contact", candidate, ANSWERS["contact"] | {"identification.phone": "06 39 98 00 00"})
    asked = hidden(await read(site, "/inscription/abandonner", candidate))
    await answer(site, "contact", candidate, ANSWERS["contact"] | {"identification.phone": "06 39 98 00 01"})
    response = await submit(site, "/inscription/abandonner", candidate, asked)
    assert response.status_code == 412
    assert "<title>Erreur : Effacer mon brouillon" in plain(response.text)
    assert 'data-module="govuk-error-summary"' in response.text


async def test_pressing_save_twice_makes_one_version(site: Site) -> None:
    candidate = uuid4()
    await fill(site, candidate)
    recap = hidden(await read(site, "/inscription/recapitulatif", candidate))
    for _ in range(2):
        response = await submit(site, "/inscription/recapitulatif", candidate, recap)
        assert response.headers["location"] == "/inscription/enregistree"
    assert await site.world.value("SELECT count(*) FROM registration_version") == 1


async def test_what_another_window_saved_is_not_called_saved_for_who_was_shown_something_else(
    site: Site,
) -> None:
    """One window shows X; another changes it to Y and saves; the first presses save."""
    candidate = uuid4()
    await fill(site, candidate)
    shown = hidden(await read(site, "/inscription/recapitulatif", candidate))
    other = ANSWERS["contact"] | {"identification.phone": "06 39 98 00 00"}
    await answer(site, "contact", candidate, other)
    latest = hidden(await read(site, "/inscription/recapitulatif", candidate))
    saved = await submit(site, "/inscription/recapitulatif", candidate, latest)
    assert saved.headers["location"] == "/inscription/enregistree"
    response = await submit(site, "/inscription/recapitulatif", candidate, shown)
    assert response.status_code == 412
    announced(response, "Vos réponses ont changé dans une autre fenêtre")
    assert "06 39 98 00 00" in plain(response.text)
    assert await site.world.value("SELECT count(*) FROM registration_version") == 1


async def test_a_draft_is_given_up_after_a_question(site: Site) -> None:
    candidate = await site.world.saved()
    await answer(site, "contact", candidate, ANSWERS["contact"] | {"identification.phone": "06 39 98 00 00"})
    text = words(await read(site, "/inscription/abandonner", candidate))
    assert "La version 1 reste en vigueur" in text
    assert "06 39 98 00 00" in text
    assert (await answer(site, "abandonner", candidate, {})).status_code == 303
    assert "0639981234" in await read(site, "/inscription/contact", candidate)


async def test_a_withdrawn_candidature_is_saved_again_as_it_is(site: Site) -> None:
    candidate = await site.world.saved()
    await withdraw(site.world.ctx, candidate, None)
    assert "Candidature retirée" in words(await read(site, "/inscription", candidate))
    await answer(site, "recapitulatif", candidate, {})
    assert await site.world.stage(candidate) is Stage.REGISTERED


@pytest.mark.parametrize("junk", ["a\x00b", "x" * 600, "\ud800"])
async def test_what_cannot_be_kept_is_refused_at_its_field(site: Site, junk: str) -> None:
    candidate = uuid4()
    form = hidden(await read(site, "/inscription/contact", candidate)) | {
        "identification.phone": junk.encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
        "identification.email": "camille@exemple.test",
    }
    for action in ("", "plus-tard"):
        response = await submit(site, "/inscription/contact", candidate, form | {"action": action})
        assert response.status_code in (303, 422)
    assert response.status_code < 500


LISTED = [{"paper": ["E1"], "starts_on": 4, "ends_on": {"a": 1}}, {"paper": "E1", "mark": []}]
JUNK: list[Any] = [5, "x", [1], [[2]], {"kind": 3}, LISTED, True]


@pytest.mark.parametrize("asked", [True, False], ids=["all-asked", "junk-alone"])
@pytest.mark.parametrize("junk", JUNK, ids=str)
async def test_whatever_a_front_end_kept_as_a_draft_can_be_looked_at_and_corrected(
    site: Site, junk: Any, asked: bool
) -> None:
    candidate = uuid4()
    content: dict[str, dict[str, Any]] = {}
    for path in {path for step in FORM_STEPS for path in step.about}:
        tab, name = path.split(".")[:2]
        content.setdefault(tab, {})[name] = junk
    if asked:
        content["modalities"]["route"] = "experience"
        content["identification"]["birth_country"] = "Maroc"
    place, headers = "/api/registration/me/draft", {"If-None-Match": "*"}
    kept = await site.ask("PUT", place, candidate=candidate, json=content, headers=headers)
    assert kept.status_code == 200
    pages = ["", *(f"/{step.slug}" for step in FORM_STEPS)]
    pages += ["/experience/1", "/experience/1/retirer", "/acquis/E1", "/recapitulatif", "/abandonner"]
    for path in pages:
        response = await site.ask(
            "GET", f"/inscription{path}", candidate=candidate, headers={"Accept": "text/html"}
        )
        assert response.status_code in (200, 303, 404), path
    await fill(site, candidate)


async def test_no_page_of_the_form_says_definitive(site: Site) -> None:
    candidate = uuid4()
    await fill(site, candidate)
    pages = ["", *(f"/{slug}" for slug, _ in STEPS), "/recapitulatif"]
    texts = [words(await read(site, f"/inscription{path}", candidate)) for path in pages]
    texts.append(await save(site, candidate))
    assert not [text for text in texts if "définitive" in text]


async def test_the_language_changes_on_a_step_and_keeps_what_was_typed(site: Site) -> None:
    candidate = uuid4()
    path = "/inscription/naissance"
    page = await read(site, path, candidate)
    assert 'href="#langue" lang="en"' in page, "the switch leads to the button that keeps"
    assert 'value="langue-en"' in page
    typed = {
        "identification.birth_date-day": "45",
        "identification.birth_date-month": "5",
        "identification.birth_date-year": "2009",
        "identification.birth_commune": "Aubagne",
    }
    switched = await answer(site, "naissance", candidate, typed | {"action": "langue-en"})
    assert (switched.status_code, switched.headers["location"]) == (303, path)
    assert "langue=en" in switched.headers["set-cookie"]
    again = await read(site, path, candidate)
    for value in ("45", "2009", "Aubagne"):
        assert f'value="{value}"' in again, value


async def test_the_language_changes_on_a_period_of_work_that_is_not_kept_yet(site: Site) -> None:
    candidate = uuid4()
    await answer(site, "forme", candidate, {"modalities.form": "globale", "modalities.route": "experience"})
    assert 'href="#langue" lang="en"' in await read(site, "/inscription/experience/nouvelle", candidate)
    half = PERIOD | {"employer": "", "action": "langue-en"}
    switched = await answer(site, "experience/nouvelle", candidate, half)
    assert switched.status_code == 200
    assert "langue=en" in switched.headers["set-cookie"]
    assert '<html lang="en"' in switched.text
    assert 'value="aide-soignante"' in switched.text, "what was typed stands there still"
    assert "error-summary" not in switched.text, "nobody had finished writing"
    await read(site, "/inscription/experience/1", candidate, 404)


async def test_the_language_changes_on_a_paper_with_what_was_typed(site: Site) -> None:
    candidate = uuid4()
    half = {"kind": "note", "mark": "12,5", "action": "langue-en"}
    switched = await answer(site, "acquis/E4", candidate, half)
    assert switched.status_code == 200
    assert '<html lang="en"' in switched.text
    assert 'value="12,5"' in switched.text
    assert "12,5" not in await read(site, "/inscription/acquis", candidate), "nothing of it is kept"


async def test_the_form_is_read_in_english_too(site: Site) -> None:
    candidate = uuid4()
    await fill(site, candidate)
    site.client.cookies.set("langue", "en")
    text = words(await read(site, "/inscription/recapitulatif", candidate))
    assert "Draft — not saved" in text
    assert "Birth name Durand" in text
    refused = await answer(site, "contact", candidate, {"identification.phone": ""})
    assert "Write your phone number." in words(refused.text)


async def test_what_stays_french_in_english_says_so_to_screen_readers(site: Site) -> None:
    candidate = uuid4()
    site.client.cookies.set("langue", "en")
    await answer(site, "specialite", candidate, ANSWERS["specialite"])
    await answer(site, "forme", candidate, {"modalities.form": "globale", "modalities.route": "experience"})
    choice = await read(site, "/inscription/specialite", candidate)
    assert re.search(r'<option value="vente"[^>]* lang="fr"', choice)
    assert not re.search(r'<option value=""[^>]*lang', choice)
    for path in ("experience/nouvelle", "recapitulatif"):
        found = await read(site, f"/inscription/{path}", candidate)
        assert '<span lang="fr">Accompagnement, soins et services à la personne' in found, path
    assert '<h1 lang="fr">E1' in await read(site, "/inscription/acquis/E1", candidate)
    for path in ("adresse", "naissance"):
        listed = await read(site, f"/inscription/{path}", candidate)
        assert re.search(r'<option value="Maroc"[^>]* lang="fr"', listed), path


async def test_a_country_stays_french_in_the_summary_and_in_the_changes(site: Site) -> None:
    candidate = await site.world.saved()
    site.client.cookies.set("langue", "en")
    abroad = {"identification.birth_country": "Maroc", "identification.birth_commune": "Fès"}
    await answer(site, "naissance", candidate, ANSWERS["naissance"] | abroad)
    await answer(site, "parents", candidate, {"identification.parents.first": "Durand Anne"})
    recap = await read(site, "/inscription/recapitulatif", candidate)
    assert recap.count('<span lang="fr">Maroc</span>') == 2


async def test_what_is_refused_besides_the_form_is_told_in_english_too(site: Site) -> None:
    candidate = await site.world.saved()
    asked = hidden(await read(site, "/mon-espace/retrait", candidate))
    site.client.cookies.set("langue", "en")
    gone = words(await read(site, "/inscription/experience/1", candidate, 404))
    assert "This period does not exist, or no longer exists." in gone
    await site.world.value("UPDATE candidature SET stage = 'confirmed'")
    refused = await submit(site, "/mon-espace/retrait", candidate, asked | {"sure": "oui"})
    assert refused.status_code == 409
    assert "It is not possible to withdraw the candidature: it is now “registration final”." in words(
        refused.text
    )
    site.client.cookies.delete("langue")
    told = await site.ask("POST", "/api/registration/me/withdrawal", candidate=candidate)
    assert told.json()["detail"].startswith("Il n’est pas possible de retirer la candidature : l’état")


async def test_what_changed_is_told_in_english_around_official_names_and_what_was_typed(site: Site) -> None:
    candidate = await site.world.saved()
    mark = {"kind": "note", "paper": "E2", "mark": "12.5", "year": 2019}
    sport = {"fit": True, "tests": ["danse", "tennis_de_table"]}
    changed = {"acquis": [mark], "speciality": "vente", "sport": sport}
    await site.world.save(candidate, version=1, candidature=changed, identification={"birth_name": "Non"})
    site.client.cookies.set("langue", "en")
    for path in ("/mon-espace/versions", "/inscription/enregistree"):
        html = await read(site, path, candidate)
        assert 'becomes “<span lang="fr">Vente' in html, path
        text = words(html)
        assert "“E5: exemption (Baccalauréat général)” becomes “E2: retained mark, 12,5 out of 20" in text
        assert "“dance, middle-distance running” becomes “dance, table tennis”" in text
        assert "“Durand” becomes “Non”" in text
