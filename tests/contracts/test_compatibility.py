"""Which changes of an event are refused and which are borne, case by case."""

from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, Field, create_model

from services.contracts import snapshots
from services.contracts.compatibility import Schema, incompatibilities, schema_of

Fields = dict[str, Any]


class _Part(BaseModel):
    at: AwareDatetime
    note: str | None = None


def _of(fields: Fields) -> Schema:
    """The schema of a model with these fields, each given as a type or as (type, default)."""
    definitions: dict[str, Any] = {
        name: kind if isinstance(kind, tuple) else (kind, ...) for name, kind in fields.items()
    }
    return schema_of(create_model("Sample", **definitions))


class _LaterPart(BaseModel):
    at: AwareDatetime
    note: str | None = None
    author: UUID | None = None


class _OtherPart(BaseModel):
    at: AwareDatetime


REFUSED: dict[str, tuple[Fields, Fields]] = {
    "a field removed": ({"a": int, "b": str}, {"a": int}),
    "an optional field removed": ({"a": int, "b": (str | None, None)}, {"a": int}),
    "a field renamed": ({"a": int}, {"b": (int, 0)}),
    "a new required field": ({"a": int}, {"a": int, "b": str}),
    "an optional field made required": ({"a": (int, 1)}, {"a": int}),
    "a type changed": ({"a": int}, {"a": str}),
    "an integer become a number": ({"a": int}, {"a": float}),
    "a format changed": ({"a": UUID}, {"a": str}),
    "a format added": ({"a": str}, {"a": AwareDatetime}),
    "an enumeration narrowed": ({"a": Literal["x", "y"]}, {"a": Literal["x"]}),
    "a value renamed": ({"a": Literal["x", "y"]}, {"a": Literal["x", "z"]}),
    "free text become an enumeration": ({"a": str}, {"a": Literal["x", "y"]}),
    "null no longer taken": ({"a": (int | None, None)}, {"a": (int, 0)}),
    "a lower bound raised": ({"a": (int, Field(ge=0))}, {"a": (int, Field(ge=1))}),
    "a bound added": ({"a": int}, {"a": (int, Field(le=23))}),
    "an upper bound lowered": ({"a": (int, Field(le=23))}, {"a": (int, Field(le=12))}),
    "a pattern added": ({"a": str}, {"a": (str, Field(pattern="^p"))}),
    "a default changed": ({"a": (int, 1)}, {"a": (int, 2)}),
    "a list become one": ({"a": list[int]}, {"a": int}),
    "the type of a list's items changed": ({"a": list[int]}, {"a": list[str]}),
    "a field removed inside": ({"a": _Part}, {"a": _OtherPart}),
    "a bound raised under null": (
        {"a": (int | None, Field(default=None, ge=0))},
        {"a": (int | None, Field(default=None, ge=5))},
    ),
}
BORNE: dict[str, tuple[Fields, Fields]] = {
    "nothing changed": ({"a": int, "b": _Part}, {"a": int, "b": _Part}),
    "an optional field more": ({"a": int}, {"a": int, "b": (str | None, None)}),
    "a field with a default more": ({"a": int}, {"a": int, "b": (int, 1)}),
    "an optional field more inside": ({"a": _Part}, {"a": _LaterPart}),
    "an enumeration widened": ({"a": Literal["x"]}, {"a": Literal["x", "y"]}),
    "an enumeration become free text": ({"a": Literal["x", "y"]}, {"a": str}),
    "null taken as well": ({"a": int}, {"a": (int | None, None)}),
    "a required field made optional": ({"a": int}, {"a": (int, 1)}),
    "a bound relaxed": ({"a": (int, Field(ge=1, le=12))}, {"a": (int, Field(ge=0, le=23))}),
    "a bound gone": ({"a": (int, Field(ge=1))}, {"a": int}),
    "the order of the fields changed": ({"a": int, "b": str}, {"b": str, "a": int}),
    "words changed": (
        {"a": (int, Field(description="before"))},
        {"a": (int, Field(description="after", title="A"))},
    ),
}


@pytest.mark.parametrize("change", REFUSED)
def test_refused(change: str) -> None:
    before, after = REFUSED[change]
    assert incompatibilities(_of(before), _of(after)) != []


@pytest.mark.parametrize("change", BORNE)
def test_borne(change: str) -> None:
    before, after = BORNE[change]
    assert incompatibilities(_of(before), _of(after)) == []


def test_a_refused_change_says_where_and_what() -> None:
    assert incompatibilities(_of({"a": _Part}), _of({"a": _OtherPart})) == ["event.a.note: removed"]


def test_an_event_type_removed_is_refused() -> None:
    assert snapshots.refused_changes({"x.Gone.v1": _of({"a": int})}, {}) == ["x.Gone.v1: removed"]


def test_an_event_type_more_is_borne_but_its_snapshot_is_missing() -> None:
    now = {"x.New.v1": _of({"a": int})}
    assert snapshots.refused_changes({}, now) == []
    assert snapshots.stale({}, now) == ["x.New.v1"]


def test_an_optional_field_more_is_borne_but_its_snapshot_is_stale() -> None:
    agreed, now = ({"x.Old.v1": _of(BORNE["an optional field more"][side])} for side in (0, 1))
    assert snapshots.refused_changes(agreed, now) == []
    assert snapshots.stale(agreed, now) == ["x.Old.v1"]
