"""« Ma boîte »: what a candidate reads again, by the page and by the API."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import UUID, uuid4

import httpx
import pytest

from services.chassis.database import Database
from services.chassis.identity import TokenIssuer
from services.chassis.times import paris_limit
from services.contracts import events
from services.contracts.events import Event
from services.contracts.internal import Refusal
from services.contracts.stages import Stage
from tests.integration.notifications.conftest import (
    ADDRESS,
    MailServer,
    Owners,
    Sending,
    a_candidate,
    headers,
    until_ended,
)
from tests.integration.notifications.test_hearing import created, deleted, hear
from tests.integration.notifications.test_sending import reminder
from tests.unit.notifications.samples import CANDIDATE, DEADLINE, TITLES
from tests.unit.notifications.test_causes import ACCOUNT, CANDIDATURE, DOCUMENT, REVIEW, event

SAVED = event(events.ConfirmationIssued, CANDIDATURE)
CANCELLED = event(events.CandidatureCancelled, CANDIDATURE)


async def open_page(
    site: httpx.AsyncClient, issuer: TokenIssuer, path: str, who: UUID = CANDIDATE, language: str = "fr"
) -> httpx.Response:
    asked = headers(issuer, a_candidate(who)) | {"Accept": "text/html", "Cookie": f"langue={language}"}
    return await site.get(path, headers=asked)


def words(answer: httpx.Response) -> str:
    """What one reads of the content: without tags, spaces as one."""
    assert answer.headers["content-type"].startswith("text/html")
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


async def only_message(database: Database, *heard: Event) -> UUID:
    (row,) = await hear(database, *heard)
    found: UUID = row["id"]
    return found


async def test_the_page_lists_my_messages_latest_first_with_their_state(
    site: httpx.AsyncClient,
    issuer: TokenIssuer,
    database: Database,
    mail_server: MailServer,
    sending: Sending,
) -> None:
    mail_server.to_answer = ["250 OK", "550 5.1.1 no such user"]
    async with sending():
        await hear(database, created())
        await until_ended(database)
        await hear(database, SAVED)
        await until_ended(database, 2)
    await hear(database, CANCELLED)
    answer = await open_page(site, issuer, "/messages")
    read = words(answer)
    told = [
        "Votre candidature est annulée",
        "Envoi en cours",
        "Pré-inscription enregistrée (version 2) : il reste à signer et à déposer",
        "Non remis",
        "Activez votre compte candidat",
        "Envoyé",
    ]
    places = [read.index(sentence) for sentence in told]
    assert places == sorted(places)
    assert ADDRESS not in answer.text


async def test_a_stranger_is_sent_to_the_login_and_back(site: httpx.AsyncClient) -> None:
    answer = await site.get("/messages", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion?retour=%2Fmessages")


async def test_page_and_api_give_the_words_of_a_message(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, owners: Owners
) -> None:
    owners.missing = TITLES
    found = await only_message(database, SAVED)
    read = words(await open_page(site, issuer, f"/messages/{found}"))
    api = await site.get(f"/api/notifications/me/messages/{found}", headers=headers(issuer, a_candidate()))
    message = api.json()
    assert (message["subject"], message["unwritten"]) == (
        "Pré-inscription enregistrée (version 2) : il reste à signer et à déposer",
        None,
    )
    for sentence in ("vérifiez-la, datez-la et signez-la", paris_limit(owners.deadline_at)):
        assert sentence in read
        assert sentence in " ".join(message["text"].split())
    assert "d’après votre dossier d’aujourd’hui" in read


async def test_a_saved_version_replaced_since_is_read_as_perimee(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, owners: Owners
) -> None:
    found = await only_message(database, SAVED)
    owners.version, owners.missing = 3, TITLES
    assert "La confirmation de la version 2 est périmée" in words(
        await open_page(site, issuer, f"/messages/{found}")
    )
    assert "confirmation" not in owners.asked, "the PDF is not needed to say so"


async def test_who_is_complete_is_not_told_again_to_sign_and_hand_in(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, owners: Owners
) -> None:
    found = await only_message(database, SAVED)
    owners.missing = ()
    read = words(await open_page(site, issuer, f"/messages/{found}"))
    assert "Votre situation a changé depuis" in read
    assert "signez-la" not in read


async def test_what_documents_knew_before_a_save_hides_nothing_of_it(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, owners: Owners
) -> None:
    found = await only_message(database, SAVED)
    owners.missing, owners.heard = (), 1
    assert "signez-la" in words(await open_page(site, issuer, f"/messages/{found}"))
    owners.heard = 2
    assert "signez-la" not in words(await open_page(site, issuer, f"/messages/{found}"))


async def test_a_reminder_is_not_called_out_of_date_by_an_owner_that_is_behind(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, owners: Owners
) -> None:
    found = await only_message(database, reminder(datetime.now(UTC) + timedelta(days=1)))
    owners.missing, owners.heard = (), 0
    api = await site.get(f"/api/notifications/me/messages/{found}", headers=headers(issuer, a_candidate()))
    assert (api.json()["text"], api.json()["unwritten"]) == (None, "unavailable")


async def test_the_list_says_which_saved_version_is_out_of_date(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database
) -> None:
    await hear(database, SAVED)
    assert "périmé" not in words(await open_page(site, issuer, "/messages"))
    newer = event(events.ConfirmationIssued, CANDIDATURE | {"registration_version": 3, "revision": 8})
    await hear(database, newer)
    read = words(await open_page(site, issuer, "/messages"))
    assert read.count("périmé : remplacé par la version 3") == 1
    newest, oldest = read.index("(version 3)"), read.index("(version 2)")
    assert newest < oldest < read.index("périmé")


async def test_the_cancelled_read_why_and_the_way_of_appeal(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, owners: Owners
) -> None:
    owners.stage, owners.missing, owners.deadline_at = Stage.CANCELLED, TITLES, DEADLINE
    found = await only_message(database, CANCELLED)
    answer = await open_page(site, issuer, f"/messages/{found}")
    assert "recours gracieux" in words(answer)
    assert all(title in words(answer) for title in TITLES)
    assert "<copie>" not in answer.text


async def test_what_is_not_so_any_more_is_not_told_again(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, owners: Owners
) -> None:
    owners.stage = Stage.AWAITING_DOCUMENTS
    found = await only_message(database, CANCELLED)
    read = words(await open_page(site, issuer, f"/messages/{found}"))
    assert "Votre situation a changé depuis" in read
    assert "Motif" not in read
    api = await site.get(f"/api/notifications/me/messages/{found}", headers=headers(issuer, a_candidate()))
    assert (api.json()["text"], api.json()["unwritten"]) == (None, "situation_changed")
    assert api.json()["summary"].startswith("Ce message donnait la décision")


async def test_my_box_says_what_is_missing_again_after_the_confirmation(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, owners: Owners
) -> None:
    owners.stage = Stage.CONFIRMED
    found = await only_message(database, event(events.CandidatureConfirmed, CANDIDATURE))
    path = f"/messages/{found}"
    assert "Vous n’avez plus rien à déposer." in words(await open_page(site, issuer, path))
    owners.missing = ("Justificatif de domicile",)
    read = words(await open_page(site, issuer, path))
    assert "plus rien à déposer" not in read
    assert "Justificatif de domicile" in read
    assert "cela ne l’annule pas" in read
    assert "refus" not in read, "it may be that we have lost it"
    owners.deadline_at = DEADLINE
    read = words(await open_page(site, issuer, path))
    assert "Votre inscription reste définitive tant qu’un gestionnaire n’en décide pas autrement." in read


async def test_a_refused_piece_whose_review_is_gone_leads_to_the_page(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, owners: Owners
) -> None:
    found = await only_message(database, event(events.DocumentRejected, DOCUMENT, review_id=REVIEW))
    owners.refusal = Refusal(title="Justificatif de domicile", reason="La date est illisible.")
    owners.missing = ("Justificatif de domicile",)
    path = f"/messages/{found}"
    assert "Motif : La date est illisible." in words(await open_page(site, issuer, path))
    owners.refusal = None
    assert "dit laquelle et pourquoi" in words(await open_page(site, issuer, path))


@pytest.mark.parametrize(
    "asking",
    [created(), event(events.PasswordResetRequested, ACCOUNT, issue=4)],
    ids=["activation", "password"],
)
async def test_a_secret_link_is_never_repeated(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, owners: Owners, asking: Event
) -> None:
    found = await only_message(database, asking)
    answer = await open_page(site, issuer, f"/messages/{found}")
    assert "le lien n’est pas affiché ici" in words(answer)
    api = await site.get(f"/api/notifications/me/messages/{found}", headers=headers(issuer, a_candidate()))
    assert api.json()["unwritten"] == "secret_link"
    assert "lien=" not in answer.text + api.text
    assert owners.asked == []


async def test_erased_data_are_said_to_be_erased(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, owners: Owners
) -> None:
    found = await only_message(database, SAVED)
    owners.erased = True
    assert "ont été effacées" in words(await open_page(site, issuer, f"/messages/{found}"))


async def test_an_owner_that_is_away_takes_the_words_alone(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, owners: Owners
) -> None:
    found = await only_message(database, SAVED)
    owners.away = True
    answer = await open_page(site, issuer, f"/messages/{found}")
    assert answer.status_code == 200
    assert "pour le moment" in words(answer)
    assert "votre pré-inscription était enregistrée" in words(answer)


async def test_nobody_elses_message_can_be_read(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database
) -> None:
    found = await only_message(database, SAVED)
    other = uuid4()
    assert (await open_page(site, issuer, f"/messages/{found}", other)).status_code == 404
    api = await site.get(
        f"/api/notifications/me/messages/{found}", headers=headers(issuer, a_candidate(other))
    )
    assert (api.status_code, api.headers["content-type"]) == (404, "application/problem+json")
    assert "Nous ne vous avons encore rien écrit" in words(await open_page(site, issuer, "/messages", other))


async def test_what_was_dropped_or_only_waits_cannot_be_read(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database
) -> None:
    waiting = await only_message(database, event(events.AccountActivated, ACCOUNT, session_id="2021"))
    assert (await open_page(site, issuer, f"/messages/{waiting}")).status_code == 404
    rows = await hear(database, created(), deleted("not_activated"))
    dropped = next(row["id"] for row in rows if row["kind"] == "activation")
    assert (await open_page(site, issuer, f"/messages/{dropped}")).status_code == 404


async def test_who_is_erased_has_no_message_left_but_the_one_that_says_so(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database
) -> None:
    await hear(database, created(), SAVED, deleted("erased"))
    listed = words(await open_page(site, issuer, "/messages"))
    assert "Votre compte candidat est effacé" in listed
    assert "Pré-inscription enregistrée" not in listed


async def test_in_english_the_letter_stays_french_and_is_marked_so(
    site: httpx.AsyncClient, issuer: TokenIssuer, database: Database, owners: Owners
) -> None:
    owners.missing = TITLES
    found = await only_message(database, SAVED)
    listed = await open_page(site, issuer, "/messages", language="en")
    assert "Online registration saved (version 2)" in words(listed)
    answer = await open_page(site, issuer, f"/messages/{found}", language="en")
    assert "Our messages are in French." in words(answer)
    assert '<div lang="fr"><p>Bonjour,</p>' in answer.text
