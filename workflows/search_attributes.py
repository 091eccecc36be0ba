"""The search attributes by which operators find workflows: the one source of their names and kinds.

They are written by the workflows and must be declared in the namespace (the local stack does so). They hold
no personal data: a stage, a portfolio's number, the session, an instant.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate, TypedSearchAttributes

SESSION = SearchAttributeKey.for_keyword("Session")
STAGE = SearchAttributeKey.for_keyword("Stage")
PORTFOLIO = SearchAttributeKey.for_keyword("Portfolio")
NEXT_DEADLINE_AT = SearchAttributeKey.for_datetime("NextDeadlineAt")

ALL: tuple[SearchAttributeKey[Any], ...] = (SESSION, STAGE, PORTFOLIO, NEXT_DEADLINE_AT)

Wanted = Iterable[
    tuple[SearchAttributeKey[str], str | None] | tuple[SearchAttributeKey[datetime], datetime | None]
]


def changes(now: TypedSearchAttributes, wanted: Wanted) -> list[SearchAttributeUpdate[Any]]:
    """What must be written so that `now` becomes `wanted`; empty when nothing changed."""
    found: list[SearchAttributeUpdate[Any]] = []
    for key, value in wanted:
        if now.get(key) == value:
            continue
        found.append(key.value_unset() if value is None else key.value_set(value))  # type: ignore[arg-type]
    return found
