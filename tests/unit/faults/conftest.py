"""`played`: a round that was really played and audited, new for each test."""

import pytest

from tests.unit.faults.spoiling import Recorded


@pytest.fixture
def played() -> Recorded:
    return Recorded()
