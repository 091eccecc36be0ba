"""The records of dead letters: how they look on `<topic>.dlq`, and how one is addressed again.

On `<topic>.dlq` a dead letter keeps the value, key and headers of its record and adds `dl_…` headers. Its
later states are records of the same topic and key with the same `dl_id` and no value, so the last one of an
id tells how it stands. Nobody needs a database to list them.

A replay is the original record on its original partition, with `replay_…` headers that name the dead letter
and the one consumer it is for; every other consumer passes over it. A discard travels the same way.

An error is told by type, SQLSTATE and constraint, never by its text (it may carry a row's values).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from aiokafka.errors import MessageSizeTooLargeError

from services.chassis.kafka import Message, Publisher
from services.chassis.telemetry import describe
from services.contracts.envelope import Headers

_NAMESPACE = UUID("6f0e1a52-7a0c-5c1e-9a0d-1f4b5c8e2d37")
_MARKS = "dl_"
_ADDRESS = "replay_"


class State(StrEnum):
    """How a dead letter stands. Those in -ing were asked for and not yet done by the consumer."""

    OPEN = "open"
    REPLAYING = "replaying"
    DISCARDING = "discarding"
    RESOLVED = "resolved"
    DISCARDED = "discarded"

    @property
    def closed(self) -> bool:
        return self in (State.RESOLVED, State.DISCARDED)


class Act(StrEnum):
    """What a consumer is asked to do with a dead letter."""

    REPLAY = "replay"
    DISCARD = "discard"

    @property
    def asked(self) -> State:
        return State.REPLAYING if self is Act.REPLAY else State.DISCARDING

    @property
    def done(self) -> State:
        return State.RESOLVED if self is Act.REPLAY else State.DISCARDED


@dataclass(frozen=True, slots=True)
class Record:
    """A record as Kafka has it, headers as they are: nothing about it is known to be well-formed.

    incarnation: of its partition (`services.chassis.incarnation`). end: of its partition, as it was known
        when the record was taken: everything before it was there. Both are 0 where nobody asks.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    incarnation: int = 0
    end: int = 0

    def header(self, name: str) -> str | None:
        """The last value of a header as text; None when it is absent or no text."""
        found = [value for other, value in self.headers if other == name]
        try:
            return found[-1].decode() if found else None
        except (UnicodeDecodeError, AttributeError):
            return None

    def uuid(self, name: str) -> UUID | None:
        try:
            return UUID(self.header(name) or "")
        except ValueError:
            return None

    @property
    def candidate_id(self) -> UUID | None:
        """The key, if it is an id: known even where the value cannot be read."""
        try:
            return UUID((self.key or b"").decode())
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Address:
    """Which consumer a record was sent again for, and for which of its dead letters."""

    dead_letter_id: UUID
    consumer: str
    act: Act


def address_of(record: Record) -> Address | None:
    """The address of a replay or discard; None for an ordinary record."""
    consumer = record.header("replay_for")
    dead_letter_id = record.uuid("replay_id")
    if consumer is None or dead_letter_id is None:
        return None
    act = Act.DISCARD if record.header("replay_act") == Act.DISCARD else Act.REPLAY
    return Address(dead_letter_id, consumer, act)


def id_of(consumer: str, record: Record) -> UUID:
    """The id of the dead letter that `record` is for `consumer`: the same however often it comes.

    By `ce_id`, so that a fact published twice is one dead letter; by its place where it has none.
    """
    if address := address_of(record):
        return address.dead_letter_id
    ce_id = record.uuid("ce_id")
    place = str(ce_id) if ce_id else f"{record.topic}/{record.partition}/{record.offset}"
    return uuid5(_NAMESPACE, f"{consumer}:{place}")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that a consumer could not take in, and how that stands."""

    id: UUID
    consumer: str
    record: Record
    state: State
    error: str
    sqlstate: str | None
    constraint: str | None
    at: datetime
    whole: bool = True
    """False when the value was too large for the dead-letter topic; the original record still has it."""

    @classmethod
    def of(cls, consumer: str, record: Record, error: BaseException) -> "DeadLetter":
        facts = describe(error)
        return cls(
            id=id_of(consumer, record),
            consumer=consumer,
            record=record,
            state=State.OPEN,
            error=facts["error"],
            sqlstate=facts.get("sqlstate"),
            constraint=facts.get("constraint_name"),
            at=datetime.now(UTC),
        )

    def message(self, *, whole: bool = True) -> Message:
        """The record that opens it on the dead-letter topic."""
        record = self.record
        marks = {
            "consumer": self.consumer,
            "topic": record.topic,
            "partition": str(record.partition),
            "offset": str(record.offset),
            "error": self.error,
            "sqlstate": self.sqlstate,
            "constraint": self.constraint,
            "key": None if record.key is None else "kept",
            "value": "null" if record.value is None else "kept" if whole else "left",
        }
        headers = plain(record.headers) + [
            (_MARKS + name, value.encode()) for name, value in marks.items() if value is not None
        ]
        value = record.value if whole else None
        return _on_dlq(self.id, record, value or b"", headers, State.OPEN)

    def command(self, act: Act) -> Message:
        """The record that asks its consumer to take it in after all, or to let it go."""
        address = {"for": self.consumer, "id": str(self.id), "act": act.value}
        return Message(
            topic=self.record.topic,
            key=self.record.key,
            value=self.record.value or b"",
            headers=plain(self.record.headers)
            + [(_ADDRESS + name, value.encode()) for name, value in address.items()],
            partition=self.record.partition,
        )


async def open_on_topic(publisher: Publisher, letter: DeadLetter, seconds: float) -> None:
    """Write the record that opens it; without its value where that is too large for the topic.

    Raises:
        KafkaError, TimeoutError: it may stand there all the same.
    """
    try:
        await publisher.send_within(letter.message(whole=letter.whole), seconds)
    except MessageSizeTooLargeError:
        await publisher.send_within(letter.message(whole=False), seconds)


def marker(dead_letter_id: UUID, consumer: str, record: Record, state: State) -> Message:
    """The record that says how a dead letter stands now; `record` is the original or its replay."""
    return _on_dlq(dead_letter_id, record, b"", [(_MARKS + "consumer", consumer.encode())], state)


def _on_dlq(dead_letter_id: UUID, record: Record, value: bytes, headers: Headers, state: State) -> Message:
    headers = [
        *headers,
        (_MARKS + "id", str(dead_letter_id).encode()),
        (_MARKS + "state", state.value.encode()),
        (_MARKS + "at", datetime.now(UTC).isoformat().encode()),
    ]
    # One key for all states of a dead letter: they stay in order on one partition.
    key = record.key if record.key is not None else str(dead_letter_id).encode()
    return Message(f"{record.topic}.dlq", key, value, headers)


def plain(headers: tuple[tuple[str, bytes], ...]) -> Headers:
    """The original headers: without those of dead letters and replays."""
    return [pair for pair in headers if not pair[0].startswith((_MARKS, _ADDRESS))]


@dataclass(frozen=True, slots=True)
class Step:
    """One record of a dead-letter topic, read back: a dead letter opened, or its next state."""

    id: UUID
    state: State
    at: datetime
    opened: DeadLetter | None


def read(record: Record) -> Step | None:
    """Read a record of a dead-letter topic; None when it is not one of ours."""
    letter_id, text = record.uuid("dl_id"), record.header("dl_state")
    if letter_id is None or text not in list(State):
        return None
    try:
        at = datetime.fromisoformat(record.header("dl_at") or "")
        opened = _opened(letter_id, record, at) if record.header("dl_offset") else None
    except ValueError:
        return None
    return Step(letter_id, State(text), at, opened)


def _opened(letter_id: UUID, record: Record, at: datetime) -> DeadLetter:
    original = Record(
        topic=record.header("dl_topic") or record.topic.removesuffix(".dlq"),
        partition=int(record.header("dl_partition") or ""),
        offset=int(record.header("dl_offset") or ""),
        key=record.key if record.header("dl_key") else None,
        value=record.value if record.header("dl_value") == "kept" else None,
        headers=tuple(plain(record.headers)),
    )
    return DeadLetter(
        id=letter_id,
        consumer=record.header("dl_consumer") or "",
        record=original,
        state=State.OPEN,
        error=record.header("dl_error") or "",
        sqlstate=record.header("dl_sqlstate"),
        constraint=record.header("dl_constraint"),
        at=at,
        whole=record.header("dl_value") != "left",
    )
