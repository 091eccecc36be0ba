"""Hypothesis strategies for the events: any value that a model's fields take."""

from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

from annotated_types import Ge, Gt, Le, Lt
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

_MOST = 2**53
_ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_INSTANTS = st.datetimes(
    min_value=datetime.fromisoformat("1900-01-02"),
    max_value=datetime.fromisoformat("9999-12-30"),
    timezones=_ZONES | st.just(UTC),
)


def models(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Instances of `model`."""
    return st.builds(model, **{name: _field(info) for name, info in model.model_fields.items()})


def _field(info: FieldInfo) -> st.SearchStrategy[Any]:
    found = _of(info.annotation, info.metadata)
    return found if info.is_required() else found | st.just(info.default)


def _of(kind: Any, metadata: list[Any]) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is AwareDatetime or kind is datetime:
        return _INSTANTS
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return st.one_of(*(_of(one, metadata) for one in arguments))
    if origin is tuple:
        return st.lists(_of(arguments[0], []), max_size=5).map(tuple)
    if kind is NoneType:
        return st.none()
    if kind is bool:
        return st.booleans()
    if kind is int:
        return _integers(metadata)
    if kind is str:
        return st.text(max_size=60)
    if kind is UUID:
        return st.uuids()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return models(kind)
    raise TypeError(f"no strategy for {kind}")


def _integers(metadata: list[Any]) -> st.SearchStrategy[int]:
    least, most = -_MOST, _MOST
    for bound in metadata:
        match bound:
            case Ge(ge=int(value)):
                least = max(least, value)
            case Gt(gt=int(value)):
                least = max(least, value + 1)
            case Le(le=int(value)):
                most = min(most, value)
            case Lt(lt=int(value)):
                most = min(most, value - 1)
    return st.integers(least, most)
