"""The officers' acts as an officer does them: `candidat-libre officer …`, on candidates of a running house.

Each act has its reason in the journal, and each outcome is what the domain page says comes of it.
"""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.kafka import KafkaSettings, Message, Publisher
from tests.e2e.conftest import Lives, Newcomer
from tests.e2e.house import Command, House, until
from tests.e2e.people import Person
from workflows.search_attributes import NEXT_DEADLINE_AT

HOUR = timedelta(hours=1)
LISTENERS = ("registration.accounts", "documents.accounts", "notifications.accounts", "workflows.accounts")


def _in(delay: timedelta) -> datetime:
    return (datetime.now(UTC) + delay).replace(microsecond=0)


async def _journal(house: House, person: Person) -> list[tuple[str, str, str | None]]:
    """What `officer show` says was done: act, who, why."""
    shown = (await house.officer("show", str(person.id))).json()
    entries = shown["registration"]["journal"]
    return [(entry["act"], entry["actor"], entry["reason"]) for entry in entries]


async def _stage(person: Person, stage: str, seconds: float = 60) -> None:
    async def reached() -> bool:
        return await person.stage() == stage

    await until(reached, f"{person.forename} is {stage}", seconds)


def _refused(ended: Command, *words: str) -> None:
    """Code 1, French on stderr, nothing on stdout, and no traceback."""
    assert ended.code == 1, ended
    assert ended.out == ""
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.err


# --- pieces -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def reviewed(house: House, lives: Lives) -> tuple[str, str]:
    """Of `refused`: a piece that was accepted, and one that was refused."""
    person = lives.refused
    accepted, refused, *_ = await person.pieces()
    await _act(house, "accept", person, accepted, "--reason", "conforme")
    await _act(house, "refuse", person, refused, "--reason", "La date est illisible.")
    return accepted, refused


async def test_reviews_are_told_to_the_candidate_and_kept_with_their_reasons(
    house: House, lives: Lives, reviewed: tuple[str, str]
) -> None:
    accepted, refused = reviewed
    dossier = await lives.refused.visitor.documents()
    states = {piece["piece"]: (piece["state"], piece["refusal"]) for piece in dossier["pieces"]}
    assert states[accepted] == ("accepted", None)
    assert states[refused] == ("refused", "La date est illisible.")
    shown = (await house.officer("show", str(lives.refused.id))).json()
    reviews = shown["documents"]["reviews"]
    assert [(one["piece"], one["act"], one["actor"], one["reason"]) for one in reviews] == [
        (accepted, "accepted", "chef", "conforme"),
        (refused, "refused", "chef", "La date est illisible."),
    ]


async def test_a_late_refusal_gives_a_deadline_of_ones_own_and_is_mailed_with_its_reason(
    house: House, lives: Lives, reviewed: tuple[str, str]
) -> None:
    person = lives.refused

    async def given() -> datetime | None:
        row = await house.row(
            "registration",
            "SELECT deadline_at, own_deadline FROM candidature WHERE candidate_id = $1",
            person.id,
        )
        return row["deadline_at"] if row["own_deadline"] else None

    deadline = await until(given, "registration has the deadline that the refusal gave")
    assert timedelta(days=5) < deadline - datetime.now(UTC) < timedelta(days=15)

    async def mailed() -> str | None:
        mails = await person.visitor.mails()
        return next((mail["text"] for mail in mails if "refusée" in mail["subject"]), None)

    assert "La date est illisible." in await until(mailed, "the mail of the refusal")


async def test_what_left_a_doubt_waits_in_the_list_of_its_officer_until_it_is_judged(
    house: House, lives: Lives, reviewed: tuple[str, str]
) -> None:
    accepted, _ = reviewed
    waiting, judged = str(lives.traveller.id), str(lives.refused.id)
    found = await house.officer("flagged")
    [file] = [one for one in found.json() if one["candidate_id"] == waiting]
    assert (file["piece"], [flag["flag"] for flag in file["flags"]]) == (accepted, ["code"])
    assert "aucun code n’a pu être lu" in found.err
    assert judged not in found.out
    number = file["portfolio"]
    for officer, listed in ((f"gestionnaire-{number}", True), (f"gestionnaire-{number % 13 + 1}", False)):
        theirs = await house.officer("--as", officer, "flagged")
        assert (waiting in theirs.out) is listed
    assert waiting in (await house.officer("flagged", "--portfolio", str(number))).out


# --- cancel, reinstate, move one deadline -----------------------------------------------------------


@pytest.fixture(scope="module")
async def cancelled(lives: Lives) -> Any:
    """What the command said of the cancelled candidate, and what the candidate sees."""
    return lives.undone_told, await lives.undone.visitor.standing()


@pytest.fixture(scope="module")
async def reinstated(house: House, lives: Lives, cancelled: Any) -> datetime:
    """The date of its own that the candidate was then given."""
    date = _in(HOUR)
    done = await _act(
        house, "reinstate", lives.undone, "--reason", "erreur de notre part", "--to", _typed(date)
    )
    assert done["own_deadline"] is True
    assert datetime.fromisoformat(done["candidature"]["deadline_at"]) == date
    return date


@pytest.fixture(scope="module")
async def moved(house: House, lives: Lives, reinstated: datetime) -> datetime:
    """The later date, given while the life slept until the first."""
    await lives.closed()
    await _stage(lives.undone, "awaiting_documents")
    await _sleeps_until(house, lives.undone, reinstated)
    date = _in(2 * HOUR)
    await _act(house, "move-deadline", lives.undone, "--reason", "hospitalisation", "--to", _typed(date))
    return date


async def test_a_cancelled_candidate_is_told_why(cancelled: Any) -> None:
    done, standing = cancelled
    assert (done["stage"], done["cancelled_by"]) == ("cancelled", "officer")
    assert standing["stage"] == "cancelled"
    assert "double inscription" in standing["outcome_reason"]


async def test_a_deadline_moved_later_is_what_the_sleeping_life_then_sleeps_until(
    house: House, lives: Lives, moved: datetime
) -> None:
    await _sleeps_until(house, lives.undone, moved)

    async def told() -> bool:
        return any("date limite" in mail["subject"] for mail in await lives.undone.visitor.mails())

    await until(told, "the mail of the moved deadline")


async def test_what_a_reinstated_candidate_then_gives_confirms_it(
    house: House, lives: Lives, moved: datetime
) -> None:
    person = lives.undone
    await person.upload(lives.undone_lacks)
    await _stage(person, "confirmed")
    journal = await _journal(house, person)
    assert [entry for entry in journal if entry[1] == "officer:chef"] == [
        ("cancelled", "officer:chef", "double inscription"),
        ("reinstated", "officer:chef", "erreur de notre part"),
        ("deadline_moved", "officer:chef", "hospitalisation"),
    ]
    assert journal[-1][0] == "confirmed"


# --- open the form again ----------------------------------------------------------------------------


async def test_a_form_that_an_officer_opens_again_is_saved_after_the_window(
    house: House, lives: Lives
) -> None:
    person = lives.silent
    await lives.closed()
    await _stage(person, "not_registered")
    closes_at, deadline_at = _in(HOUR), _in(2 * HOUR)
    dates = ("--until", _typed(closes_at), "--to", _typed(deadline_at))
    done = await _act(house, "open-form", person, "--reason", "le site ne répondait pas", *dates)
    assert (done["stage"], done["candidature"]["editable"]) == ("activated", True)

    async def told() -> bool:
        return any("rouvert" in mail["subject"] for mail in await person.visitor.mails())

    await until(told, "the mail of the form opened again")
    await _sleeps_until(house, person, closes_at)
    await person.register()
    assert await person.stage() == "registered"
    query = "SELECT closes_at FROM candidate WHERE candidate_id = $1 AND registration_version = 1"

    async def learnt() -> bool:
        found = await house.rows("documents", query, person.id)
        return [row["closes_at"] for row in found] == [closes_at]

    await until(learnt, "documents knows until when the form is open")


# --- hold and release -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def passed_over(house: House, lives: Lives) -> str:
    """The stage of the held candidature after its complete verdict was heard."""
    await lives.closed()

    async def heard() -> bool:
        query = "SELECT verdict FROM candidature WHERE candidate_id = $1"
        return bool((await house.row("registration", query, lives.held.id))["verdict"] == "complete")

    await until(heard, "registration has heard the verdict on the held candidature")
    return await lives.held.stage()


async def test_a_verdict_changes_nothing_for_who_is_held_by_an_officer(passed_over: str) -> None:
    assert passed_over == "held"


async def test_a_released_candidature_is_settled_again_at_once(
    house: House, lives: Lives, passed_over: str
) -> None:
    person = lives.held
    released = await _act(house, "release", person, "--reason", "signature vérifiée")
    assert released["stage"] == "awaiting_documents"
    await _stage(person, "confirmed")
    verdicts = [
        row["event"]["evidence_rev"]
        for row in await house.outbox("documents", person.id)
        if "ChecklistSettled" in row["type"]
    ]
    assert len(verdicts) == 2
    assert verdicts[0] < verdicts[1]
    journal = await _journal(house, person)
    assert [entry for entry in journal if entry[1] == "officer:chef"] == [
        ("held", "officer:chef", "signature à vérifier"),
        ("released", "officer:chef", "signature vérifiée"),
    ]
    assert journal[-1][0] == "confirmed"
    again = await house.officer("release", str(person.id), "--reason", "encore")
    _refused(again, "lever la mise en attente", "Rien n’a été modifié")


# --- the session's deadline -------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def session_moved(house: House, lives: Lives) -> tuple[datetime, Any]:
    """The session's later deadline, given after the first had cancelled somebody; what the command said."""
    await lives.deadline()
    await _stage(lives.late, "cancelled")
    new = _in(timedelta(days=20))
    said = await house.officer(
        "move-session-deadline", "courte", "--reason", "grève des transports", "--to", _typed(new)
    )
    return new, said.json()


async def test_a_sessions_new_deadline_reaches_every_row_and_reinstates_those_cancelled_under_the_old_one(
    house: House, lives: Lives, session_moved: tuple[datetime, Any]
) -> None:
    new, said = session_moved
    assert datetime.fromisoformat(said["session"]["deadline_at"]) == new
    assert said["reinstated"] == 1
    rows = await house.rows(
        "registration",
        "SELECT stage, deadline_at FROM candidature WHERE session_id = 'courte' AND stage <> 'confirmed'",
    )
    assert said["touched"] >= len(rows) >= 1
    assert {row["deadline_at"] for row in rows} == {new}
    await _stage(lives.late, "awaiting_documents")
    await _sleeps_until(house, lives.late, new)
    assert (await _journal(house, lives.late))[-1] == (
        "deadline_moved",
        "officer:chef",
        "grève des transports",
    )


async def test_who_was_reinstated_by_the_sessions_deadline_can_still_complete(
    lives: Lives, session_moved: tuple[datetime, Any]
) -> None:
    await lives.late.upload(lives.late_lacks)
    await _stage(lives.late, "confirmed")


async def test_a_sessions_deadline_earlier_than_a_week_ahead_is_refused(
    house: House, session_moved: tuple[datetime, Any]
) -> None:
    soon = _typed(_in(timedelta(days=6, hours=23)))
    ended = await house.officer("move-session-deadline", "courte", "--reason", "plus tôt", "--to", soon)
    _refused(ended, "délai suffisant", "Rien n’a été modifié")
    kept = await house.row("registration", "SELECT deadline_at FROM exam_session WHERE session_id = 'courte'")
    assert kept["deadline_at"] == session_moved[0]


async def _act(house: House, act: str, person: Person, *words: str) -> Any:
    return (await house.officer(act, str(person.id), *words)).json()


def _typed(instant: datetime) -> str:
    """With its offset: these tests run at any hour of the change of clocks too."""
    return instant.isoformat()


async def _sleeps_until(house: House, person: Person, limit: datetime) -> None:
    client = await house.temporal()

    async def shown() -> bool:
        life = await client.get_workflow_handle(str(person.id)).describe()
        return life.typed_search_attributes.get(NEXT_DEADLINE_AT) == limit

    await until(shown, f"the life of {person.forename} shows {limit}")


# --- what cannot be done is said --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "pas-un-numero"), "n’est pas un identifiant de candidat"),
        (("show", str(UUID(int=7))), "Aucune candidature n’est connue"),
        (("hold", str(UUID(int=7)), "--reason", "vérification"), "Aucune candidature n’est connue"),
        (("accept", str(UUID(int=7)), "x", "--reason", "conforme"), "Aucun dossier n’est connu"),
        (("move-deadline", str(UUID(int=7)), "--reason", "x", "--to", "demain"), "n’est pas une date"),
        (("move-session-deadline", "2099", "--reason", "essai", "--to", "2099-12-07"), "n’est pas connue"),
        (("--as", "passant", "show", str(UUID(int=7))), "n’est pas un gestionnaire"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
async def test_bad_input_gets_a_clear_french_error(house: House, words: tuple[str, ...], said: str) -> None:
    _refused(await house.officer(*words), said)


async def test_an_act_without_a_reason_and_one_in_the_past_are_refused(house: House, lives: Lives) -> None:
    candidate = str(lives.refused.id)
    _refused(await house.officer("hold", candidate, "--reason", " "), "État actuel", "/reason")
    past = await house.officer("move-deadline", candidate, "--reason", "trop tard", "--to", "2020-12-07")
    _refused(past, "dans l’avenir")
    unknown = await house.officer("refuse", candidate, "inconnue", "--reason", "rien là")
    _refused(unknown, "n’est pas demandée")


# --- dead letters -----------------------------------------------------------------------------------


async def test_an_event_nobody_can_read_is_a_dead_letter_and_the_others_move_on(
    house: House, newcomer: Newcomer
) -> None:
    """Poison under a real candidate's key: on the partition where that candidate's next fact comes too."""
    person = await newcomer("Denise")
    await person.register()
    await _publish_poison(house, person.id)

    async def everywhere() -> bool:
        return {one.consumer for one in await house.dead_letters(person.id)} == set(LISTENERS)

    await until(everywhere, "a dead letter of each listener")
    letters = await _listed(house, person)
    assert {one["consumer"] for one in letters} == set(LISTENERS)
    assert {(one["topic"], one["error"], one["state"]) for one in letters} == {
        ("accounts.events", "InvalidEvent", "open")
    }
    on_topic = await house.records("accounts.events.dlq")
    assert {record.value for record in on_topic if record.candidate_id == person.id} == {POISON}

    before = len(await person.visitor.mails())
    await person.browser.post("/api/accounts/password-resets", json={"email": person.email})

    async def mailed() -> bool:
        return len(await person.visitor.mails()) > before

    await until(mailed, "the candidate's next fact is taken in and mailed")
    assert await _open_letters(house, person) == (1, 1)

    discarded = await house.command("dead-letters", "discard", *(letter["id"] for letter in letters))
    assert discarded.code == 0, discarded
    assert discarded.out.count("écarté") == len(letters)
    assert await _listed(house, person) == []
    assert await _open_letters(house, person) == (0, 0)


async def test_a_dead_letter_that_is_closed_or_unknown_is_said_to_be(house: House) -> None:
    unknown = await house.command("dead-letters", "discard", str(uuid4()))
    assert unknown.code == 1
    assert "Aucun événement en quarantaine" in re.sub(r"\s+", " ", unknown.err)


POISON = b"\xff\xfe not an event"


async def _publish_poison(house: House, candidate_id: UUID) -> None:
    publisher = Publisher(KafkaSettings(bootstrap_servers=house.addresses.kafka))
    headers = [("ce_id", str(uuid4()).encode()), ("ce_type", b"\xff"), ("ce_time", b"yesterday")]
    try:
        message = Message("accounts.events", str(candidate_id).encode(), POISON, headers)
        await publisher.send_within(message, 20)
    finally:
        await publisher.close()


async def _listed(house: House, person: Person) -> list[dict[str, Any]]:
    """The dead letters about somebody that the command shows."""
    letters = (await house.command("dead-letters", "list", "--json")).json()
    return [letter for letter in letters if letter["candidate_id"] == str(person.id)]


async def _open_letters(house: House, person: Person) -> tuple[int, int]:
    """By which the candidate is kept from being cancelled, in the two services that decide about it."""
    registration, documents = await asyncio.gather(
        *(
            house.row(service, f"SELECT open_dead_letters FROM {table} WHERE candidate_id = $1", person.id)
            for service, table in (("registration", "candidature"), ("documents", "candidate"))
        )
    )
    return registration["open_dead_letters"], documents["open_dead_letters"]
