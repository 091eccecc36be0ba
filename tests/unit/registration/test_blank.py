"""Where a page is clear of print: the definition, pixel by pixel, against what computes it."""

import numpy as np
import pytest

from services.registration.confirmation import _CLEARANCE_PIXELS, _clear_of_print

REACH = _CLEARANCE_PIXELS // 2


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("inked", [0.001, 0.02])
def test_a_pixel_is_clear_where_no_print_is_within_reach(seed: int, inked: float) -> None:
    paper = np.random.default_rng(seed).random((60, 45)) > inked
    expected = np.array(
        [
            [
                paper[max(0, y - REACH) : y + REACH + 1, max(0, x - REACH) : x + REACH + 1].all()
                for x in range(paper.shape[1])
            ]
            for y in range(paper.shape[0])
        ]
    )
    assert expected.any()
    assert (_clear_of_print(paper) == expected).all()
