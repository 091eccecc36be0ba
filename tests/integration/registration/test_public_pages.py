"""What everybody reads without login: the home page, the office, how accessible the site is."""

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from tests.integration.registration.paging import read, words
from tests.integration.registration.world import CALENDAR, IN_TIME, Site
from tests.plain import plain
from tests.unit.registration.rows import CLOSES, CONFIGURATION, DEADLINE, MS, OPENS

OFFICE = CONFIGURATION.office


async def at(site: Site, instant: datetime, path: str = "/") -> str:
    site.world.clock.instant = instant
    return words(await read(site, path))


@pytest.mark.parametrize(
    ("instant", "told", "offered"),
    [
        (OPENS - MS, "Elle ouvre le lundi 2 novembre 2020 à 0 h 00.", "Se connecter"),
        (OPENS, "Elle ferme le dimanche 22 novembre 2020 à 23 h 59. Il reste 20 jours.", "Créer un compte"),
        (CLOSES - MS, "C’est aujourd’hui le dernier jour.", "Créer un compte"),
        (CLOSES, "La pré-inscription est fermée.", "Se connecter"),
        (DEADLINE, "La pré-inscription est fermée.", "Se connecter"),
        (CALENDAR.ends_at - MS, "« Mes documents » reste ouvert", "Se connecter"),
        (CALENDAR.ends_at, "Cette session d’examen est terminée.", "Nous contacter"),
    ],
)
async def test_the_home_page_says_what_is_possible_today(
    site: Site, instant: datetime, told: str, offered: str
) -> None:
    text = await at(site, instant)
    assert told in text
    assert offered in text
    assert ("Créer un compte J’ai" in text) == (offered == "Créer un compte")


async def test_it_says_who_may_register_the_steps_and_what_to_prepare(site: Site) -> None:
    text = await at(site, IN_TIME)
    for told in ("04, 05, 13, 84", "3 ans", "48 h", "signez-la", "Pièce d’identité", "sans ce dépôt"):
        assert told.lower() in text.lower(), told
    assert "définitive" not in text


async def test_a_candidate_who_is_logged_in_is_shown_the_way_to_mon_espace(site: Site) -> None:
    text = words(await read(site, "/", uuid4()))
    assert "Aller à mon espace" in text
    assert "me connecter" not in text


async def test_the_deadline_is_counted_down_until_it_has_passed(site: Site) -> None:
    assert "C’est demain le dernier jour." in await at(site, DEADLINE - timedelta(days=1, hours=5))
    assert "dernier jour" not in await at(site, DEADLINE)


async def test_everybody_reads_the_whole_office_without_login(site: Site) -> None:
    html = await read(site, "/contact")
    text = words(html)
    assert len(OFFICE.people) == 15
    for person in OFFICE.people:
        assert f"{person.name} {person.email} {person.phone}" in text
        assert f'href="mailto:{person.email}"' in html
        assert f'href="tel:{person.phone.replace(" ", "")}"' in html
    assert "Votre gestionnaire" not in text
    assert "aucune information pédagogique" in text


async def test_a_registered_candidate_reads_their_own_officer_first(site: Site) -> None:
    candidate = await site.world.saved()
    text = words(await read(site, "/contact", candidate))
    mine = OFFICE.person_for(12)
    assert text.startswith(f"Nous contacter Votre gestionnaire {mine.name}")
    assert "Votre gestionnaire" not in words(await read(site, "/contact", uuid4()))


async def test_a_speciality_leads_to_its_officer_and_a_made_up_one_to_nobody(site: Site) -> None:
    text = words(await read(site, "/contact?specialite=vente"))
    assert f"prospection, négociation, suivi de clientèle) » : {OFFICE.person_for(1).name}" in text
    for wrong in ("rien", "%3Cb%3E", ""):
        assert " » : " not in words(await read(site, f"/contact?specialite={wrong}"))


async def test_an_officer_who_looks_has_no_officer(site: Site) -> None:
    answer = await site.ask("GET", "/contact", officer="chef", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert "Votre gestionnaire" not in answer.text


async def test_the_accessibility_statement_says_how_files_are_kept_that_a_screen_reader_cannot_read(
    site: Site,
) -> None:
    """Of an HEIC photo the JPEG is kept, of several files one PDF (decision 0004)."""
    text = words(await read(site, "/accessibilite"))
    assert "Un fichier envoyé seul est gardé tel quel, sauf une photo HEIC, qui devient un JPEG." in text
    assert "Plusieurs fichiers envoyés ensemble deviennent un seul PDF, sans balises" in text
    site.client.cookies.set("langue", "en")
    english = words(await read(site, "/accessibilite"))
    assert "A file sent alone is kept as it is, but an HEIC photo becomes a JPEG." in english


async def test_the_accessibility_statement_says_what_was_tested_and_where_to_turn(site: Site) -> None:
    text = words(await read(site, "/accessibilite"))
    for told in ("axe", "clavier", OFFICE.email, "Défenseur des droits"):
        assert told in text


async def test_without_an_audit_the_statement_and_every_footer_say_not_compliant(site: Site) -> None:
    state = "Accessibilité : non conforme"
    text = words(await read(site, "/accessibilite"))
    assert text.startswith(f"{state} ")
    assert "aucune personne ne l’a encore contrôlé" in text
    for path in ("/", "/accessibilite"):
        footer = (await read(site, path)).partition("<footer")[2]
        assert f'href="/accessibilite">{state}</a>' in plain(footer)


async def test_the_notice_is_read_in_seven_sections_with_their_links(site: Site) -> None:
    html = await read(site, "/notice")
    told = (await site.ask("GET", "/api/registration/notice")).json()
    text = words(html)
    for number, section in enumerate(told, start=1):
        assert f"{number}. {section['title']}" in text
        for paragraph in section["paragraphs"]:
            assert paragraph in text
        for link in section["links"]:
            assert f'href="{link}"' in html
    for person in OFFICE.people:
        assert person.phone in text


async def test_the_help_answers_what_the_api_answers_and_gives_no_teaching_information(site: Site) -> None:
    html = await read(site, "/aide")
    text = words(re.sub(r"</?a\b[^>]*>", "", html))
    for one in (await site.ask("GET", "/api/registration/help")).json():
        assert f"{one['question']} {one['answer']}" in text
        for link in one["links"]:
            assert f'<a href="{link["address"]}">{link["words"]}</a>' in plain(html)
    assert "aucune information pédagogique" in text
    assert "http" not in text
