"""Who shares a stack shares a worker."""

import pytest

from tests.side_by_side import house_of


@pytest.mark.parametrize(
    ("nodeid", "house"),
    [
        ("tests/browser/test_form.py::test_a[fr]", "tests/browser"),
        ("tests/e2e/test_demo.py::TestDemo::test_b", "tests/e2e"),
        ("tests/integration/accounts/test_own.py::test_c[a::b]", "tests/integration/accounts"),
        ("tests/unit/documents/test_candidate.py::test_d", "tests/unit/documents/test_candidate.py"),
        ("tests/workflow/test_life.py::test_e", "tests/workflow/test_life.py"),
    ],
)
def test_a_folder_with_a_stack_stays_together_and_files_without_one_are_spread(
    nodeid: str, house: str
) -> None:
    assert house_of(nodeid) == house
