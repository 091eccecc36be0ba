"""Dead letters on the wire: the original comes back whole, ids are stable, an error's text stays here."""

from uuid import uuid4

import asyncpg
import pytest

from services.chassis.dlq import Act, DeadLetter, Record, State, address_of, id_of, marker, read
from services.chassis.kafka import Message

CE_ID = uuid4()


def record(**changes: object) -> Record:
    fields: dict[str, object] = {
        "topic": "documents.events",
        "partition": 3,
        "offset": 41,
        "key": str(uuid4()).encode(),
        "value": b'{"revision": 1}',
        "headers": (("ce_id", str(CE_ID).encode()), ("ce_type", b"documents.DocumentUploaded.v1")),
    }
    return Record(**(fields | changes))  # type: ignore[arg-type]


def on_the_wire(message: Message, partition: int = 0, offset: int = 0) -> Record:
    return Record(message.topic, partition, offset, message.key, message.value, tuple(message.headers))


@pytest.mark.parametrize(
    "original",
    [
        record(),
        record(key=None),
        record(key=b""),
        record(value=None),
        record(value=b""),
        record(value=b"\xff\x00"),
        record(headers=()),
        record(headers=(("odd", b"\xff"), ("odd", b"\xfe"))),
    ],
)
def test_dead_letter_carries_the_whole_original(original: Record) -> None:
    letter = DeadLetter.of("registration.documents", original, ValueError())
    step = read(on_the_wire(letter.message()))
    assert step is not None
    assert step.opened is not None
    assert step.opened.record == original
    assert (step.id, step.opened.consumer, step.opened.error) == (letter.id, letter.consumer, "ValueError")


def test_state_of_a_dead_letter_stays_on_its_partition() -> None:
    for original in (record(), record(key=None)):
        letter = DeadLetter.of("registration.documents", original, ValueError())
        later = marker(letter.id, letter.consumer, original, State.RESOLVED)
        assert (later.topic, later.key) == (letter.message().topic, letter.message().key)
        step = read(on_the_wire(later))
        assert step is not None
        assert (step.id, step.state, step.opened) == (letter.id, State.RESOLVED, None)


def test_same_event_is_the_same_dead_letter_wherever_it_lies_and_another_for_another_consumer() -> None:
    assert id_of("a", record()) == id_of("a", record(offset=99))
    assert id_of("a", record()) != id_of("b", record())


def test_event_without_an_id_is_known_by_its_place() -> None:
    assert id_of("a", record(headers=())) == id_of("a", record(headers=()))
    assert id_of("a", record(headers=())) != id_of("a", record(headers=(), offset=42))


@pytest.mark.parametrize("act", list(Act))
def test_replay_names_its_consumer_and_keeps_the_dead_letters_id(act: Act) -> None:
    letter = DeadLetter.of("registration.documents", record(headers=()), ValueError())
    command = letter.command(act)
    assert (command.topic, command.partition) == ("documents.events", 3)
    sent = on_the_wire(command, 3, 77)
    address = address_of(sent)
    assert address is not None
    assert (address.dead_letter_id, address.consumer, address.act) == (letter.id, letter.consumer, act)
    again = DeadLetter.of("registration.documents", sent, KeyError())
    assert again.id == letter.id
    step = read(on_the_wire(again.message()))
    assert step is not None
    assert step.opened is not None
    assert step.opened.record.headers == letter.record.headers


def test_error_is_told_by_type_sqlstate_and_constraint_alone() -> None:
    error = asyncpg.UniqueViolationError.new(
        {"C": "23505", "M": "duplicate", "D": "Key (email)=(marie@example.fr) exists", "n": "account_email"}
    )
    letter = DeadLetter.of("registration.documents", record(), error)
    headers = dict(letter.message().headers)
    assert headers["dl_error"] == b"UniqueViolationError"
    assert headers["dl_sqlstate"] == b"23505"
    assert headers["dl_constraint"] == b"account_email"
    assert not any(b"marie" in value for value in headers.values())


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("dl_id", b"no id"), ("dl_state", b"open")),
        (("dl_id", str(CE_ID).encode()), ("dl_state", b"odd")),
        (("dl_id", str(CE_ID).encode()), ("dl_state", b"open"), ("dl_at", b"yesterday")),
    ],
)
def test_what_is_no_dead_letter_is_passed_over(headers: tuple[tuple[str, bytes], ...]) -> None:
    assert read(record(headers=headers)) is None


@pytest.mark.parametrize(
    "headers", [(), (("replay_for", b"\xff"),), (("replay_for", b"a"), ("replay_id", b"x"))]
)
def test_record_without_a_whole_address_is_ordinary(headers: tuple[tuple[str, bytes], ...]) -> None:
    assert address_of(record(headers=headers)) is None
