"""What is encoded is decoded to the same, and what is not an event is refused without telling its values."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.envelope import (
    Envelope,
    Headers,
    InvalidEvent,
    UnknownType,
    decode,
    headers_of,
    value_of,
)
from services.contracts.events import CATALOGUE, AccountCreated, Event
from services.contracts.stages import AccountState
from tests.contracts.strategies import models

CREATED = AccountCreated(
    revision=1,
    candidate_id=UUID("01890000-0000-7000-8000-000000000001"),
    state=AccountState.AWAITING_ACTIVATION,
    session_id="2021",
)
NOW = datetime(2020, 11, 10, 9, 30, 0, 123456, UTC)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def travelled(event: Event, ce_id: UUID, at: datetime, traceparent: str | None) -> Envelope:
    return decode(value_of(event), headers_of(event, ce_id, at, traceparent))


@pytest.mark.parametrize("model", CATALOGUE.values(), ids=lambda model: model.__name__)
@settings(max_examples=30, database=None)
@given(data=st.data())
def test_every_event_travels_unchanged(model: type[Event], data: st.DataObject) -> None:
    event = data.draw(models(model))
    ce_id = data.draw(st.uuids())
    assert travelled(event, ce_id, NOW, TRACE) == Envelope(event, ce_id, NOW, TRACE)


@pytest.mark.parametrize("model", CATALOGUE.values(), ids=lambda model: model.__name__)
@settings(max_examples=10, database=None)
@given(data=st.data())
def test_a_field_that_a_later_writer_added_is_no_obstacle(model: type[Event], data: st.DataObject) -> None:
    event = data.draw(models(model))
    value = json.loads(value_of(event)) | {"added_later": {"x": 1}}
    assert decode(json.dumps(value).encode(), headers_of(event, uuid4(), NOW)).event == event


def test_the_attributes_are_those_of_cloudevents_in_kafkas_binary_mode() -> None:
    ce_id = uuid4()
    assert dict(headers_of(CREATED, ce_id, NOW, TRACE)) == {
        "ce_specversion": b"1.0",
        "ce_id": str(ce_id).encode(),
        "ce_type": b"accounts.AccountCreated.v1",
        "ce_source": b"/accounts",
        "ce_time": b"2020-11-10T09:30:00.123456+00:00",
        "content-type": b"application/json",
        "traceparent": TRACE.encode(),
    }


def test_without_a_trace_there_is_no_traceparent() -> None:
    assert travelled(CREATED, uuid4(), NOW, None).traceparent is None


@pytest.mark.parametrize(
    ("ce_type", "known_otherwise"),
    [("accounts.AccountFrozen.v1", False), ("accounts.AccountCreated.v2", True)],
)
def test_a_fact_of_a_newer_writer_is_told_from_what_is_no_event(ce_type: str, known_otherwise: bool) -> None:
    with pytest.raises(UnknownType) as unknown:
        decode(b"{}", _headers(ce_type=ce_type.encode()))
    assert (unknown.value.owner, unknown.value.known_otherwise) == ("accounts", known_otherwise)


@pytest.mark.parametrize(
    "headers",
    [
        {"ce_type": b"AccountFrozen"},
        {"ce_type": b"accounts.AccountFrozen"},
        {"ce_type": b"accounts.AccountFrozen.v0"},
        {"ce_type": b"accounts.AccountFrozen.v1\n"},
        {"ce_type": b"accounts.AccountFrozen.v1", "ce_source": b"/documents"},
        {"ce_type": b"accounts.AccountFrozen.v1", "ce_source": None},
        {"ce_type": b"accounts.AccountFrozen.v1", "ce_specversion": b"0.3"},
    ],
    ids=repr,
)
def test_what_is_no_event_by_its_attributes_is_of_no_newer_type(headers: dict[str, bytes | None]) -> None:
    with pytest.raises(InvalidEvent) as refused:
        decode(b"{}", _headers(**headers))
    assert not isinstance(refused.value, UnknownType)


def _headers(**changes: bytes | None) -> Headers:
    found: dict[str, bytes | None] = dict(headers_of(CREATED, uuid4(), NOW))
    found |= changes
    return [(name, value) for name, value in found.items() if value is not None]


def _value(**changes: Any) -> bytes:
    return json.dumps(json.loads(value_of(CREATED)) | changes).encode()


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        (value_of(CREATED), []),
        (value_of(CREATED), _headers(ce_id=None)),
        (value_of(CREATED), _headers(ce_type=None)),
        (value_of(CREATED), _headers(ce_time=None)),
        (value_of(CREATED), _headers(ce_id=b"Marie")),
        (value_of(CREATED), _headers(ce_time=b"Marie")),
        (value_of(CREATED), _headers(ce_type=b"accounts.Marie.v1")),
        (value_of(CREATED), _headers(ce_type=b"\xff")),
        (None, _headers()),
        (b"", _headers()),
        (b"Marie", _headers()),
        (b"\xff\xfe", _headers()),
        (b"[]", _headers()),
        (_value(revision=0), _headers()),
        (_value(state="Marie"), _headers()),
        (_value(candidate_id="Marie"), _headers()),
    ],
)
def test_what_is_not_an_event_is_refused_and_its_values_are_not_told(
    value: bytes | None, headers: Headers
) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        decode(value, headers)
    assert "Marie" not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize("field", ["revision", "candidate_id", "state", "session_id"])
def test_a_missing_field_is_named(field: str) -> None:
    value = json.loads(value_of(CREATED))
    del value[field]
    with pytest.raises(InvalidEvent, match=field):
        decode(json.dumps(value).encode(), _headers())
