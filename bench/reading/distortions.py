"""By which distortion a signed page was read as what: each page in one bucket of every distortion."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from bench.reading.corpus import Sample
from services.documents.reading.verdict import Verdict

ACCEPTED = (Verdict.CLEAR, Verdict.DOUBTFUL)
_UPPER: Mapping[str, tuple[float, ...]] = {
    "noise, grey levels (σ)": (2.5, 5, 7.5, 10),
    "blur, px (σ)": (0.35, 0.7, 1, 1.3),
    "resolution, dots an inch": (125, 180, 250, 310),
    "perspective, % of a half side": (2, 4, 6, 7),
    "light in the darkest place, %": (40, 60, 80, 105),
}
"""Each bucket's end, itself within it; the first begins at 0."""
Row = tuple[str, str, Counter[Verdict]]


def rows(read: Iterable[tuple[Sample, Verdict]]) -> Iterator[Row]:
    """The distortion, its bucket and the verdicts there, in an order that is told."""
    found: dict[tuple[str, str], Counter[Verdict]] = {}
    order: dict[str, dict[str, float]] = {}
    for sample, verdict in read:
        for distortion, (place, bucket) in _of(sample).items():
            found.setdefault((distortion, bucket), Counter())[verdict] += 1
            order.setdefault(distortion, {})[bucket] = place
    for distortion, buckets in order.items():
        for bucket in sorted(buckets, key=lambda one: (buckets[one], one)):
            yield distortion, bucket, found[distortion, bucket]


def bound(pages: int) -> float:
    """The rate that a fault seen on none of so many pages is under, with 95 % (rule of three)."""
    return 3 / pages


def _of(sample: Sample) -> dict[str, tuple[float, str]]:
    found = {"taken": (0.0, "photograph" if "perspective" in sample.taken.measured else "scan")}
    found["rotation"] = _rotation(sample.taken.measured["rotation"])
    found["JPEG quality"] = _quality(sample.taken.measured.get("quality"))
    for distortion, ends in _UPPER.items():
        measured = sample.taken.measured.get(distortion.partition(",")[0].partition(" ")[0])
        found[distortion] = (0, "none") if measured is None else _bucket(measured, ends)
    found["pen of the signature"] = (0, sample.pens.rpartition(", ")[2])
    return found


def _bucket(measured: float, ends: tuple[float, ...]) -> tuple[float, str]:
    start = 0.0
    for end in ends[:-1]:
        if measured <= end:
            return end, f"{start:g} to {end:g}"
        start = end
    return ends[-1], f"over {start:g}"


def _rotation(degrees: float) -> tuple[float, str]:
    off = abs((degrees + 45) % 90 - 45)
    if off > 10:
        return 4, "any other angle"
    if abs((degrees + 180) % 360 - 180) > 45:
        return 3, "quarter or half turn, up to 10° off"
    return (1, "up to 3°") if off <= 3 else (2, "3° to 10°")


def _quality(quality: float | None) -> tuple[float, str]:
    return (101, "PNG") if quality is None else (quality, f"{quality:g}")
