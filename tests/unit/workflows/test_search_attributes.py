"""Search attributes: one source of names, written only when they change."""

from datetime import UTC, datetime

from temporalio.common import SearchAttributePair, TypedSearchAttributes

from deploy.local.parts.temporal import SEARCH_ATTRIBUTES
from workflows.search_attributes import ALL, NEXT_DEADLINE_AT, PORTFOLIO, SESSION, STAGE, changes

LIMIT = datetime(2020, 12, 7, 23, tzinfo=UTC)


def test_stack_declares_what_the_workflows_write() -> None:
    kinds = {"Keyword": str, "Datetime": datetime}
    assert {key.name: key.value_type for key in ALL} == {
        name: kinds[kind] for name, kind in SEARCH_ATTRIBUTES.items()
    }


def test_what_has_not_changed_is_not_written_again() -> None:
    now = TypedSearchAttributes(
        [SearchAttributePair(STAGE, "registered"), SearchAttributePair(NEXT_DEADLINE_AT, LIMIT)]
    )
    assert changes(now, [(STAGE, "registered"), (NEXT_DEADLINE_AT, LIMIT), (PORTFOLIO, None)]) == []


def test_only_what_changed_is_written_and_what_is_gone_is_taken_off() -> None:
    now = TypedSearchAttributes(
        [SearchAttributePair(STAGE, "registered"), SearchAttributePair(NEXT_DEADLINE_AT, LIMIT)]
    )
    found = changes(now, [(SESSION, "2021"), (STAGE, "confirmed"), (NEXT_DEADLINE_AT, None)])
    assert [(update.key.name, update.value) for update in found] == [
        ("Session", "2021"),
        ("Stage", "confirmed"),
        ("NextDeadlineAt", None),
    ]
