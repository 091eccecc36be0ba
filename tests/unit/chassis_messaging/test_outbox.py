"""Ids of facts."""

import time

from services.chassis.outbox import current_traceparent, new_ce_id


def test_ids_of_facts_are_version_7_and_begin_with_their_time() -> None:
    before = time.time_ns() // 1_000_000
    ids = [new_ce_id() for _ in range(1000)]
    after = time.time_ns() // 1_000_000
    assert len(set(ids)) == 1000
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}
    assert all(before <= one.int >> 80 <= after for one in ids)


def test_without_a_span_there_is_no_traceparent() -> None:
    assert current_traceparent() is None
