"""CloudEvents 1.0 in Kafka's binary mode: attributes in the headers, the event alone in the value.

Header names follow the CloudEvents Kafka protocol binding (`ce_` prefix). `traceparent` is W3C Trace
Context and is optional.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from pydantic import ValidationError

from services.contracts.events import CATALOGUE, Event

Headers = list[tuple[str, bytes]]
_TYPE = re.compile(r"(?P<name>(?P<owner>[a-z]+)\.[A-Z][A-Za-z]{0,99})\.v[1-9][0-9]{0,3}")
_NAMES = frozenset(name.rpartition(".")[0] for name in CATALOGUE)
"""The facts of the catalogue without their versions."""


class InvalidEvent(ValueError):
    """The record is not an event of the catalogue. The message names the attribute, never a value."""


class UnknownType(InvalidEvent):
    """A well-formed record of a type that is not in this catalogue: its writer runs another version of it.

    `owner`: whose fact it is; `known_otherwise`: the catalogue has the same fact in another version.
    """

    def __init__(self, owner: str, *, known_otherwise: bool) -> None:
        super().__init__("unknown type")
        self.owner = owner
        self.known_otherwise = known_otherwise


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event as it travelled."""

    event: Event
    ce_id: UUID
    ce_time: datetime
    traceparent: str | None = None


def value_of(event: Event) -> bytes:
    return event.model_dump_json().encode()


def headers_of(event: Event, ce_id: UUID, ce_time: datetime, traceparent: str | None = None) -> Headers:
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(ce_id).encode()),
        ("ce_type", event.type_name().encode()),
        ("ce_source", f"/{event.topic.owner}".encode()),
        ("ce_time", ce_time.astimezone(UTC).isoformat().encode()),
        ("content-type", b"application/json"),
    ]
    if traceparent is not None:
        headers.append(("traceparent", traceparent.encode()))
    return headers


def decode(value: bytes | None, headers: Headers) -> Envelope:
    """Read a record.

    Raises:
        InvalidEvent: a missing or malformed attribute, a type that is none, or a value outside its schema.
        UnknownType: an event by its attributes, but of a type that is not in this catalogue.
    """
    attributes = dict(headers)
    try:
        ce_type = attributes["ce_type"].decode()
        ce_id = UUID(attributes["ce_id"].decode())
        ce_time = datetime.fromisoformat(attributes["ce_time"].decode())
    except KeyError as missing:
        raise InvalidEvent(f"missing attribute {missing.args[0]}") from None
    except (ValueError, UnicodeDecodeError):
        raise InvalidEvent("malformed attribute") from None
    if value is None:
        raise InvalidEvent("no value")
    model = CATALOGUE.get(ce_type)
    if model is None:
        raise _not_in_the_catalogue(ce_type, attributes)
    try:
        event = model.model_validate_json(value)
    except ValidationError as error:
        where = ", ".join(".".join(map(str, e["loc"])) or "value" for e in error.errors(include_input=False))
        raise InvalidEvent(f"outside the schema of {ce_type}: {where}") from None
    traceparent = attributes.get("traceparent")
    return Envelope(event, ce_id, ce_time, traceparent.decode("ascii", "replace") if traceparent else None)


def _not_in_the_catalogue(ce_type: str, attributes: dict[str, bytes]) -> InvalidEvent:
    named = _TYPE.fullmatch(ce_type)
    if named is None or attributes.get("ce_specversion") != b"1.0":
        return InvalidEvent("unknown type")
    if attributes.get("ce_source") != f"/{named['owner']}".encode():
        return InvalidEvent("unknown type")
    return UnknownType(named["owner"], known_otherwise=named["name"] in _NAMES)
