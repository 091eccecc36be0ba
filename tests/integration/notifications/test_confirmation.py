"""The mail about a save carries the PDF of exactly that version, fetched when it leaves and kept nowhere."""

import json
from email.message import EmailMessage

import pytest

from services.chassis.database import Database
from services.chassis.times import paris_limit
from services.contracts import events
from services.contracts.events import Event
from services.contracts.stages import Stage
from services.notifications.content import LARGEST_CONFIRMATION_BYTES
from tests.integration.notifications.conftest import MailServer, Owners, Sending, until_ended
from tests.integration.notifications.test_hearing import hear
from tests.unit.notifications.test_causes import CANDIDATURE, event


def saved(version: int = 2) -> Event:
    return event(events.ConfirmationIssued, CANDIDATURE, registration_version=version)


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def attached(mail: EmailMessage) -> list[tuple[str | None, str, bytes]]:
    return [
        (part.get_filename(), part.get_content_type(), part.get_content()) for part in mail.iter_attachments()
    ]


async def test_the_confirmation_of_the_version_goes_with_its_mail(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    async with sending():
        await hear(database, saved())
        (row,) = await until_ended(database)
    (mail,) = mail_server.received
    assert attached(mail) == [("confirmation-inscription-v2.pdf", "application/pdf", owners.confirmation)]
    said = words(mail)
    for needed in ("imprimez", "vérifiez", "datez", "signez", "déposez", paris_limit(owners.deadline_at)):
        assert needed in said
    assert "%PDF" not in json.dumps(row, default=str)


async def test_the_mail_of_a_save_that_leaves_once_it_is_cancelled_asks_for_no_signature(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    owners.stage = Stage.CANCELLED
    async with sending():
        await hear(database, saved())
        await until_ended(database)
    (mail,) = mail_server.received
    assert attached(mail) == []
    assert mail["Subject"] == "Pré-inscription enregistrée (version 2)"
    assert "votre candidature a été annulée" in words(mail)
    assert "signez" not in words(mail)


async def test_a_confirmation_replaced_before_its_mail_leaves_is_called_perimee_and_not_attached(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    owners.version = 3
    async with sending():
        await hear(database, saved(2), saved(3))
        await until_ended(database, 2)
    by_subject = {mail["Subject"].partition("(version ")[2][0]: mail for mail in mail_server.received}
    assert attached(by_subject["2"]) == []
    assert "La confirmation de la version 2 est périmée" in words(by_subject["2"])
    assert [name for name, *_ in attached(by_subject["3"])] == ["confirmation-inscription-v3.pdf"]


async def test_a_version_saved_between_the_owners_two_answers_is_noticed(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    owners.saving = 3
    async with sending():
        await hear(database, saved(2))
        (row,) = await until_ended(database)
    (mail,) = mail_server.received
    assert (row["state"], row["attempts"], attached(mail)) == ("sent", 2, [])
    assert "périmée" in words(mail)


async def test_a_confirmation_too_large_for_a_mail_stays_away_and_the_mail_leads_to_the_page(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    owners.confirmation = bytes(LARGEST_CONFIRMATION_BYTES + 1)
    async with sending():
        await hear(database, saved())
        await until_ended(database)
    (mail,) = mail_server.received
    assert attached(mail) == []
    assert "téléchargez la confirmation" in words(mail)


async def test_the_confirmation_of_an_erased_person_is_not_asked_for(
    database: Database, owners: Owners, mail_server: MailServer, sending: Sending
) -> None:
    owners.gone = True
    async with sending():
        await hear(database, saved())
        (row,) = await until_ended(database)
    assert (row["state"], mail_server.received) == ("moot", [])
    assert "confirmation" not in owners.asked


@pytest.mark.parametrize(
    ("kind", "stage"),
    [
        (events.CandidatureConfirmed, Stage.CONFIRMED),
        (events.CandidatureReleased, Stage.AWAITING_DOCUMENTS),
    ],
)
async def test_no_other_mail_carries_it(
    database: Database,
    owners: Owners,
    mail_server: MailServer,
    sending: Sending,
    kind: type[Event],
    stage: Stage,
) -> None:
    owners.stage = stage
    async with sending():
        await hear(database, event(kind, CANDIDATURE))
        await until_ended(database)
    (mail,) = mail_server.received
    assert attached(mail) == []
