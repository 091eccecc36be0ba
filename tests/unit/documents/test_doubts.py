"""What an officer is told of why a file is held."""

from typing import Any

import pytest

from services.documents.domain.doubts import Doubt, doubts
from tests.unit.documents.rows import DAY, DEADLINE, TICK, row


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"fault_at": DEADLINE - DAY}, [Doubt.UPLOAD_FAILED]),
        ({"fault_at": DEADLINE - DAY - TICK}, []),
        ({"service_fault_at": DEADLINE - TICK}, [Doubt.SERVICE_AWAY]),
        ({"service_fault_at": DEADLINE - DAY - TICK}, []),
        ({"to_judge_count": 1}, [Doubt.TO_JUDGE]),
        ({"lost_count": 1}, [Doubt.FILE_LOST]),
        ({"open_dead_letters": 2, "unreachable": True}, [Doubt.DEAD_LETTER, Doubt.UNREACHABLE]),
        ({"reminded_for": [DEADLINE]}, [Doubt.UNREACHABLE]),
        ({"reminded_for": [DEADLINE], "warned_for": [DEADLINE]}, []),
    ],
)
def test_each_fault_that_may_be_ours_is_named(changes: dict[str, Any], expected: list[Doubt]) -> None:
    assert doubts(row(**changes)) == expected
