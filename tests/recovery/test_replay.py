"""A candidate's life, told from the facts of all logs; compared with the databases; published again."""

import pytest

from services.contracts.topics import REGISTRATION
from tests.e2e.house import Command, House, until
from tests.e2e.people import Person
from tests.recovery.conftest import Newcomer


async def replay(house: House, *words: str) -> Command:
    return await house.command("replay", "--addresses", str(house.addresses.root / "addresses.json"), *words)


@pytest.fixture(scope="module")
async def person(house: House, newcomer: Newcomer) -> Person:
    found = await newcomer("Rita")
    await found.complete(but=1)

    async def sent() -> bool:
        query = (
            "SELECT 1 FROM mail WHERE candidate_id = $1 AND kind = 'registration_saved' AND state = 'sent'"
        )
        return bool(await house.rows("notifications", query, found.id))

    await until(sent, "the mail of the save has left")
    return found


async def test_replay_tells_every_fact_of_all_logs_in_order_and_finds_them_true(
    house: House, person: Person
) -> None:
    found = (await replay(house, str(person.id), "--json")).json()
    told = [fact["type"].split(".")[1] for fact in found["facts"]]
    assert told[0] == "AccountCreated"
    wanted = {"AccountActivated", "RegistrationSaved", "ConfirmationIssued", "DocumentUploaded", "MailSent"}
    assert wanted <= set(told)
    assert [fact["at"] for fact in found["facts"]] == sorted(fact["at"] for fact in found["facts"])
    assert found["implied"]["registration.stage"] == found["actual"]["registration.stage"] == "registered"
    assert found["differences"] == []
    assert found["life_runs"]


async def test_replay_is_readable_in_french_and_names_no_person(house: House, person: Person) -> None:
    shown = await replay(house, str(person.id))
    assert shown.code == 0
    assert "Faits, dans leur ordre" in shown.out
    assert "Horloge : en marche." in shown.out
    assert person.forename not in shown.out
    assert person.email not in shown.out


async def test_a_database_that_contradicts_its_facts_is_told(house: House, person: Person) -> None:
    spoil = "UPDATE candidature SET deadline_at = deadline_at {} interval '1 hour' WHERE candidate_id = $1"
    await house.rows("registration", spoil.format("+"), person.id)
    try:
        found = await replay(house, str(person.id))
        assert found.code == 1
        assert "différent" in found.out
    finally:
        await house.rows("registration", spoil.format("-"), person.id)


async def test_publishing_sends_the_same_facts_again_and_changes_nothing(
    house: House, person: Person
) -> None:
    state = "SELECT * FROM candidate WHERE candidate_id = $1"
    before = await house.row("documents", state, person.id)
    mails = len(await person.visitor.mails())
    found = (await replay(house, str(person.id), "--publish", "--json")).json()
    log = [row["ce_id"] for row in await house.outbox("registration", person.id)]
    held = [
        record.uuid("ce_id")
        for record in await house.records(REGISTRATION.name)
        if record.candidate_id == person.id
    ]
    assert held[-len(log) :] == log
    assert found["republished"]["registration"] == len(log)
    assert found["differences"] == []
    assert await house.row("documents", state, person.id) == before
    assert len(await person.visitor.mails()) == mails
