"""Reconciliation on the running house: each disagreement is made on purpose, seen, and repaired or raised."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from temporalio.client import WorkflowExecutionStatus

from tests.e2e.house import OPEN_SESSION, House, until
from tests.e2e.people import Person
from tests.recovery.conftest import Newcomer, Reconciled

STATES = {
    "accounts": "SELECT id, state, revision FROM account ORDER BY id",
    "registration": "SELECT * FROM candidature ORDER BY candidate_id",
    "documents": "SELECT * FROM candidate ORDER BY candidate_id",
    "notifications": "SELECT id, revision, reachable FROM candidate ORDER BY id",
}
FACTS = "SELECT count(*) AS facts FROM outbox"


async def everything(house: House) -> list[Any]:
    return [await house.rows(name, query) for name, query in STATES.items()] + [
        await house.rows(name, FACTS) for name in STATES
    ]


async def execute(house: House, service: str, statement: str, *arguments: Any) -> None:
    """Spoil a database as no command would."""
    await house.rows(service, statement, *arguments)


async def row_of(house: House, person: Person) -> dict[str, Any]:
    return await house.row("documents", "SELECT * FROM candidate WHERE candidate_id = $1", person.id)


async def stage_known(house: House, person: Person) -> None:
    """`documents` has heard the save, and the mail of it has left: nothing is under way any more."""

    async def done() -> bool:
        query = (
            "SELECT 1 FROM mail WHERE candidate_id = $1 AND kind = 'registration_saved' AND state = 'sent'"
        )
        heard = "SELECT 1 FROM candidate WHERE candidate_id = $1 AND registration_revision >= 2"
        return bool(await house.rows("notifications", query, person.id)) and bool(
            await house.rows("documents", heard, person.id)
        )

    await until(done, "the save is known everywhere")


@pytest.fixture(scope="module")
async def waiting(house: House, newcomer: Newcomer) -> UUID:
    """Somebody whose account waits for its activation, known before everything else here."""
    person = await newcomer("Wanda")
    await person.open_account()

    async def running() -> bool:
        query = "SELECT id FROM account WHERE email = $1 AND activation_expires_at IS NOT NULL"
        return bool(await house.rows("accounts", query, person.email))

    await until(running, "the 48 h run")
    found = await house.row("accounts", "SELECT id FROM account WHERE email = $1", person.email)
    return UUID(str(found["id"]))


@pytest.fixture(scope="module")
async def registered(house: House, waiting: UUID, newcomer: Newcomer) -> Person:
    person = await newcomer("Regine")
    await person.register()
    await stage_known(house, person)
    return person


async def test_a_healthy_house_reports_nothing_and_is_left_as_it_is(
    house: House, registered: Person, newcomer: Newcomer, reconciled: Reconciled
) -> None:
    complete, withdrawn, idle = [await newcomer(name) for name in ("Clara", "Walter", "Ida")]
    await idle.enter()
    await complete.complete()
    await withdrawn.register()
    await withdrawn.browser.post(
        "/api/registration/me/withdrawal", headers={"X-Requested-With": "candidat-libre"}
    )
    await stage_known(house, complete)
    await asyncio.sleep(4)
    before = await everything(house)
    found = await reconciled()
    assert found.nothing, found.report
    assert found.report["candidates"] >= 5
    assert found.report["lives"] >= 5
    assert await everything(house) == before


async def test_a_life_that_sleeps_past_its_owners_instant_is_woken(
    house: House, waiting: UUID, reconciled: Reconciled
) -> None:
    handle = (await house.temporal()).get_workflow_handle(str(waiting))

    async def asleep() -> bool:
        next_step: Any = await handle.query("next")
        far = datetime.now(UTC) + timedelta(minutes=4)
        return datetime.fromisoformat(next_step["wakes_at"]) > far

    await until(asleep, "the life has stopped asking soon", 120)
    sooner = "UPDATE account SET expiry_due_at = now() + interval '1 minute' WHERE id = $1"
    await execute(house, "accounts", sooner, waiting)
    found = await reconciled("--candidate", str(waiting))
    assert (found.code, found.of(waiting)) == (0, {"life_oversleeps"})
    assert not await asleep()


async def test_lives_that_are_being_played_raise_no_alarm(
    house: House, newcomer: Newcomer, reconciled: Reconciled
) -> None:
    people = [await newcomer(forename) for forename in ("Paul", "Pauline", "Paola", "Pavel")]
    playing = asyncio.gather(*(person.complete() for person in people))
    outcomes = [await reconciled() for _ in range(2)]
    await playing
    assert [outcome.nothing for outcome in outcomes] == [True, True], outcomes


async def test_a_copy_that_was_lost_is_learnt_again(
    house: House, registered: Person, reconciled: Reconciled
) -> None:
    before = await row_of(house, registered)
    await execute(house, "documents", "DELETE FROM candidate WHERE candidate_id = $1", registered.id)
    found = await reconciled("--candidate", str(registered.id))
    assert (found.code, found.of(registered.id)) == (0, {"standing_unheard"})
    after = await row_of(house, registered)
    kept = ("stage", "registration_version", "registration_revision", "deadline_at", "missing_count")
    assert [after[name] for name in kept] == [before[name] for name in kept]
    assert (await reconciled()).nothing


@pytest.mark.parametrize(
    "spoilt",
    [
        "registration_revision = registration_revision - 1, deadline_at = deadline_at - interval '1 day'",
        "deadline_at = deadline_at + interval '1 day'",
        "closes_at = closes_at + interval '1 day'",
        "stage = 'cancelled'",
        "registration_version = registration_version + 1",
    ],
)
async def test_a_copy_that_is_not_the_owners_word_is_put_right(
    house: House, registered: Person, reconciled: Reconciled, spoilt: str
) -> None:
    before = await row_of(house, registered)
    await execute(house, "documents", f"UPDATE candidate SET {spoilt} WHERE candidate_id = $1", registered.id)
    found = await reconciled()
    assert found.code == 0, found.report
    assert "standing_unheard" in found.of(registered.id)
    after = await row_of(house, registered)
    kept = (
        "stage",
        "registration_version",
        "registration_revision",
        "closes_at",
        "deadline_at",
        "missing_count",
    )
    assert [after[name] for name in kept] == [before[name] for name in kept]
    assert (await reconciled()).nothing


async def test_a_wrong_count_of_missing_pieces_is_counted_anew(
    house: House, registered: Person, reconciled: Reconciled
) -> None:
    before = await row_of(house, registered)
    spoil = "UPDATE candidate SET missing_count = missing_count + 3 WHERE candidate_id = $1"
    await execute(house, "documents", spoil, registered.id)
    looked = await reconciled("--dry-run")
    assert (looked.code, looked.of(registered.id, "left")) == (1, {"evidence_miscounted"})
    found = await reconciled()
    assert (found.code, found.of(registered.id)) == (0, {"evidence_miscounted"})
    after = await row_of(house, registered)
    assert after["missing_count"] == before["missing_count"]
    assert after["evidence_rev"] > before["evidence_rev"]
    assert (await reconciled()).nothing


async def test_an_account_that_registration_never_heard_of_is_made_known(
    house: House, newcomer: Newcomer, reconciled: Reconciled
) -> None:
    person = await newcomer("Nadia")
    await person.enter()

    async def known() -> bool:
        query = "SELECT 1 FROM candidature WHERE candidate_id = $1 AND stage = 'activated'"
        return bool(await house.rows("registration", query, person.id))

    await until(known, "the activation is known")
    await execute(house, "registration", "DELETE FROM candidature WHERE candidate_id = $1", person.id)
    found = await reconciled()
    assert (found.code, found.of(person.id)) == (0, {"account_unheard_by_registration"})
    assert await known()


async def test_a_fact_that_a_consumer_missed_is_published_again_and_has_its_effect_once(
    house: House, registered: Person, reconciled: Reconciled
) -> None:
    (issued,) = [
        row
        for row in await house.outbox("registration", registered.id)
        if row["type"].split(".")[1] == "ConfirmationIssued"
    ]
    cause = f"registration_saved:{registered.id}:1"
    await execute(house, "notifications", "DELETE FROM mail WHERE cause = $1", cause)
    await execute(house, "notifications", "DELETE FROM inbox WHERE ce_id = $1", issued["ce_id"])
    found = await reconciled()
    assert (found.code, found.of(registered.id)) == (0, {"facts_of_registration_unheard"})
    assert await house.rows("notifications", "SELECT 1 FROM mail WHERE cause = $1", cause)
    assert (await reconciled()).nothing


async def test_a_candidate_of_whom_notifications_knows_no_session_is_looked_at_in_every_session(
    house: House, registered: Person, reconciled: Reconciled
) -> None:
    account = await house.row("accounts", "SELECT session_id FROM account WHERE id = $1", registered.id)
    cause = f"registration_saved:{registered.id}:1"
    fail = "UPDATE mail SET state = 'bounced', returned_at = clock_timestamp() WHERE cause = $1"
    right = "UPDATE mail SET state = 'sent', returned_at = NULL WHERE cause = $1"
    know = "UPDATE candidate SET session_id = $2 WHERE id = $1"
    await execute(house, "notifications", fail, cause)
    await execute(house, "notifications", know, registered.id, None)
    try:
        found = await reconciled("--session", account["session_id"], "--dry-run")
        assert found.of(registered.id, "left") == {"mail_failed"}
    finally:
        await execute(house, "notifications", right, cause)
        await execute(house, "notifications", know, registered.id, account["session_id"])


async def test_an_account_that_others_have_buried_is_raised_and_left_alone(
    house: House, newcomer: Newcomer, reconciled: Reconciled
) -> None:
    person = await newcomer("Lazare")
    await person.enter()
    buried = "INSERT INTO tombstone (candidate_id) VALUES ($1)"
    await execute(house, "notifications", buried, person.id)
    try:
        found = await reconciled("--candidate", str(person.id))
        assert found.code == 1
        assert "deletion_unheard_by_accounts" in found.of(person.id, "left")
        assert await house.rows("accounts", "SELECT 1 FROM account WHERE id = $1", person.id)
    finally:
        await execute(house, "notifications", "DELETE FROM tombstone WHERE candidate_id = $1", person.id)


async def test_whom_accounts_has_forgotten_is_erased_everywhere_all_the_same(
    house: House, newcomer: Newcomer, reconciled: Reconciled
) -> None:
    """`accounts` was restored to before this person came."""
    person = await newcomer("Oubliee")
    await person.complete(but=1)
    await execute(house, "accounts", "DELETE FROM outbox WHERE key = $1", person.id)
    await execute(house, "accounts", "DELETE FROM account WHERE id = $1", person.id)
    addresses = str(house.addresses.root / "addresses.json")
    told = await house.command(
        "erase", str(person.id), "--reason", "demande", "--yes", "--wait", "40", "--addresses", addresses
    )
    assert told.code == 0, told.err
    assert told.json()["complete"]
    for service, table in (("registration", "candidature"), ("documents", "candidate")):
        rows = await house.rows(service, f"SELECT 1 FROM {table} WHERE candidate_id = $1", person.id)
        assert rows == [], service
    assert (await reconciled("--candidate", str(person.id))).nothing


async def test_documents_restored_to_before_uploads_that_no_verdict_spoke_of_are_raised_and_left_alone(
    house: House, newcomer: Newcomer, reconciled: Reconciled
) -> None:
    person = await newcomer("Ottilie")
    await person.complete(but=1)
    (told,) = await house.rows(
        "documents", "SELECT revision FROM candidate WHERE candidate_id = $1", person.id
    )

    async def heard() -> bool:
        query = "SELECT 1 FROM heard WHERE consumer = 'registration.documents' AND key = $1 AND revision = $2"
        return bool(await house.rows("registration", query, person.id, told["revision"]))

    await until(heard, "the uploads are heard")
    place = "UPDATE candidate SET revision = $2, missing_count = missing_count + $3 WHERE candidate_id = $1"
    await execute(house, "documents", place, person.id, told["revision"] - 1, 1)
    restored = await row_of(house, person)
    try:
        found = await reconciled("--candidate", str(person.id))
        assert (found.code, found.of(person.id, "left")) == (1, {"documents_behind"})
        assert await row_of(house, person) == restored
    finally:
        await execute(house, "documents", place, person.id, told["revision"], -1)
    assert (await reconciled("--candidate", str(person.id))).nothing


async def test_a_life_that_was_ended_by_hand_is_started_again(
    house: House, registered: Person, reconciled: Reconciled
) -> None:
    handle = (await house.temporal()).get_workflow_handle(str(registered.id))
    await handle.terminate("test")
    found = await reconciled()
    assert (found.code, found.of(registered.id)) == (0, {"life_missing"})
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    assert (await reconciled()).nothing


async def test_a_closing_that_temporal_lost_is_begun_again(
    house: House, registered: Person, reconciled: Reconciled
) -> None:
    """Its session has limits ahead, and the fact that began it was told long ago."""
    handle = (await house.temporal()).get_workflow_handle(f"session-{OPEN_SESSION}")
    await handle.terminate("test")
    found = await reconciled()
    assert found.code == 0, found.report
    assert {one["kind"] for one in found.report["repaired"]} == {"closing_missing"}
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    assert (await reconciled()).nothing


async def test_a_fact_that_cannot_leave_is_raised(
    house: House, newcomer: Newcomer, reconciled: Reconciled
) -> None:
    person = await newcomer("Ursula")
    await person.enter()
    ce_id = uuid4()
    await execute(
        house,
        "documents",
        "INSERT INTO outbox (ce_id, key, topic, type, payload, headers, created_at) "
        "VALUES ($1, $2, 'documents.events', 'documents.Test.v1', "
        "convert_to(repeat('x', 3000000), 'UTF8'), '{}', now() - interval '1 minute')",
        ce_id,
        person.id,
    )
    try:
        found = await reconciled("--candidate", str(person.id))
        assert (found.code, found.of(person.id, "left")) == (1, {"facts_unpublished"})
    finally:
        await execute(house, "documents", "DELETE FROM outbox WHERE ce_id = $1", ce_id)
    assert (await reconciled()).nothing


@dataclass(frozen=True)
class Decided:
    """Of a session that is over: who was cancelled for a piece, and who was confirmed."""

    late: Person
    complete: Person


@pytest.fixture(scope="module")
async def decided(house: House, registered: Person, newcomer: Newcomer) -> Decided:
    session = await house.open_session("breve", window=60, documents=5)
    late, complete = await newcomer("Vera"), await newcomer("Rose")
    await asyncio.gather(late.register(), complete.complete())
    assert datetime.now(UTC) < session.closes_at, "the window closed before everybody was registered"

    async def outcomes() -> bool:
        return (await late.stage(), await complete.stage()) == ("cancelled", "confirmed")

    await until(outcomes, "both are decided", 120)
    return Decided(late, complete)


async def test_a_verdict_that_was_never_heard_is_given_again(
    house: House, decided: Decided, reconciled: Reconciled
) -> None:
    unheard = (
        "UPDATE candidature SET stage = 'awaiting_documents', cancelled_by = NULL, verdict = NULL, "
        "verdict_version = NULL, verdict_deadline_at = NULL, verdict_evidence_rev = -1, "
        "applied_evidence_rev = -1 WHERE candidate_id = $1"
    )
    await execute(house, "registration", unheard, decided.late.id)
    found = await reconciled("--candidate", str(decided.late.id))
    assert found.code == 0, found.report
    assert "standing_unheard" in found.of(decided.late.id)
    assert await decided.late.stage() == "cancelled"


async def test_who_was_complete_in_time_is_reinstated_when_the_verdict_was_lost(
    house: House, decided: Decided, reconciled: Reconciled
) -> None:
    one = decided.complete
    cancelled = (
        "UPDATE candidature SET stage = 'cancelled', cancelled_by = 'verdict', verdict = 'incomplete', "
        "verdict_evidence_rev = 0, applied_evidence_rev = 0 WHERE candidate_id = $1"
    )
    await execute(house, "registration", cancelled, one.id)
    copied = "UPDATE candidate SET stage = 'cancelled' WHERE candidate_id = $1"
    await execute(house, "documents", copied, one.id)
    found = await reconciled("--candidate", str(one.id))
    assert found.code == 0, found.report
    assert "verdict_unheard" in found.of(one.id)
    assert await one.stage() == "confirmed"
    assert (await reconciled()).nothing


async def test_a_hold_that_came_after_the_cancellation_is_raised_until_an_officer_has_decided(
    house: House, decided: Decided, reconciled: Reconciled
) -> None:
    one = decided.late.id
    spoil = (
        "UPDATE candidature SET verdict = $2, applied_evidence_rev = verdict_evidence_rev - $3 "
        "WHERE candidate_id = $1"
    )
    await execute(house, "registration", spoil, one, "held", 1)
    try:
        found = await reconciled("--candidate", str(one))
        assert (found.code, found.of(one, "left")) == (1, {"cancelled_but_held"})
        assert await decided.late.stage() == "cancelled"
        listed = (await house.officer("unheeded-holds")).json()
        assert [row["candidate_id"] for row in listed] == [str(one)]
        upheld = await house.officer("uphold", str(one), "--reason", "rien n’a été envoyé ce jour-là")
        assert upheld.code == 0, upheld
        assert "l’aurait mise en attente" in upheld.err
        assert (await reconciled()).nothing
        assert (await house.officer("unheeded-holds")).json() == []
    finally:
        await execute(house, "registration", spoil, one, "incomplete", 0)


async def test_documents_restored_to_before_its_verdict_are_raised_and_judge_nobody(
    house: House, decided: Decided, reconciled: Reconciled
) -> None:
    one = decided.complete.id
    before = await row_of(house, decided.complete)
    place = "UPDATE candidate SET evidence_rev = $2, settled_rev = $3 WHERE candidate_id = $1"
    await execute(house, "documents", place, one, 0, 0)
    try:
        found = await reconciled("--candidate", str(one))
        assert (found.code, found.of(one, "left")) == (1, {"documents_behind"})
        assert (await row_of(house, decided.complete))["evidence_rev"] == 0
    finally:
        await execute(house, "documents", place, one, before["evidence_rev"], before["settled_rev"])
    assert (await reconciled()).nothing
