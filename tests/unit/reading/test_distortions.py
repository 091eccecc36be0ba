"""The table of what was done to the pages: every signed page is counted once under each distortion."""

from collections import Counter

import pytest

from bench.reading.capture import Taken
from bench.reading.corpus import IN_FORCE, SIGNED, Sample, known, sample
from bench.reading.distortions import bound, rows
from services.documents.reading.verdict import Verdict


def turned(degrees: float) -> Sample:
    measured = {"rotation": degrees, "resolution": 150.0, "noise": 3.0, "blur": 0.5}
    return Sample(
        0, "signed", IN_FORCE, Taken(b"", "image/png", "", measured), known(0), "pencil, thin black"
    )


def test_a_page_is_in_one_bucket_of_each_distortion() -> None:
    pages = [(sample(5, number, SIGNED), Verdict.CLEAR) for number in range(3)]
    assert {one.kind for one, _ in pages} == set(SIGNED)
    counted: Counter[str] = Counter()
    for distortion, _, seen in rows(pages):
        counted[distortion] += seen.total()
    assert {"rotation", "JPEG quality", "pen of the signature"} < counted.keys()
    assert set(counted.values()) == {len(pages)}


@pytest.mark.parametrize(
    ("degrees", "bucket"),
    [
        (-2.5, "up to 3°"),
        (357.5, "up to 3°"),
        (7, "3° to 10°"),
        (92, "quarter or half turn, up to 10° off"),
        (-178, "quarter or half turn, up to 10° off"),
        (45, "any other angle"),
        (300, "any other angle"),
    ],
)
def test_a_rotation_is_told_from_the_nearest_quarter_turn(degrees: float, bucket: str) -> None:
    found = {distortion: name for distortion, name, _ in rows([(turned(degrees), Verdict.DOUBTFUL)])}
    assert found["rotation"] == bucket
    assert found["pen of the signature"] == "thin black"
    assert found["JPEG quality"] == "PNG"
    assert found["noise, grey levels (σ)"] == "2.5 to 5"


def test_of_three_hundred_pages_without_a_fault_the_rate_is_under_one_in_a_hundred() -> None:
    assert bound(300) == pytest.approx(0.01)
