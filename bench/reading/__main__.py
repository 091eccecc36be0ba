"""Reads a corpus and prints the rates: `python -m bench.reading --seed 1 --pages 300`."""

import argparse
import math
import platform
import sys
import tempfile
import time
from collections import Counter, defaultdict
from importlib.metadata import version
from pathlib import Path

from bench.reading.corpus import KINDS, SIGNED, Sample, samples
from bench.reading.distortions import ACCEPTED, bound, rows
from services.documents.reading.reader import read
from services.documents.reading.verdict import Reading, Verdict

PARTS = ("pypdfium2", "zxing-cpp", "numpy", "pillow", "segno", "typst")
FORBIDDEN: dict[str, tuple[Verdict, ...]] = {
    "signed": (Verdict.OTHER, Verdict.STALE, Verdict.EMPTY, Verdict.UNDATED, Verdict.UNSIGNED),
    "undated": (Verdict.OTHER, Verdict.STALE, Verdict.EMPTY, Verdict.UNSIGNED),
    "unsigned": (Verdict.OTHER, Verdict.STALE, Verdict.EMPTY, Verdict.UNDATED),
    "untouched": (Verdict.OTHER, Verdict.STALE),
    "older version": (Verdict.OTHER, Verdict.CLEAR),
    "another's": (Verdict.STALE, Verdict.CLEAR),
}
"""What must never be said of a page of the kind."""


def wrong(sample: Sample, reading: Reading) -> bool:
    """Whether a page was refused for what it is not, or another's or an older one accepted."""
    return reading.verdict in FORBIDDEN["signed" if sample.kind.startswith("signed") else sample.kind]


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--pages", type=int, default=300)
    asked.add_argument("--signed", action="store_true", help="signed pages alone, none of the other kinds")
    asked.add_argument("--minutes", type=float, default=math.inf, help="stop at the page begun by then")
    asked.add_argument(
        "--keep", type=Path, help="write the pages that are not read as they should into this folder"
    )
    chosen = asked.parse_args()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    seconds: list[float] = []
    signed: list[tuple[Sample, Verdict]] = []
    bad = 0
    until = time.monotonic() + 60 * chosen.minutes
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page"
        for sample in samples(chosen.seed, chosen.pages, SIGNED if chosen.signed else KINDS):
            file.write_bytes(sample.taken.content)
            began = time.perf_counter()
            reading = read(file, sample.taken.media_type, sample.marks)
            seconds.append(time.perf_counter() - began)
            counts[sample.kind][reading.verdict] += 1
            if sample.kind in SIGNED:
                signed.append((sample, reading.verdict))
            is_wrong = wrong(sample, reading)
            bad += is_wrong
            if is_wrong or (chosen.keep and _surprising(sample, reading)):
                _say(
                    f"{'WRONG' if is_wrong else 'note '} {sample.number} {sample.kind}: {reading.verdict}"
                    f" {', '.join(reading.doubts)} ({sample.taken.how}; {sample.pens})"
                )
                if chosen.keep:
                    chosen.keep.mkdir(parents=True, exist_ok=True)
                    ending = sample.taken.media_type.rpartition("/")[2]
                    (chosen.keep / f"{sample.number}.{ending}").write_bytes(sample.taken.content)
            if time.monotonic() > until:
                break
    _report(chosen.seed, len(seconds), counts, seconds, bad)
    _by_distortion(signed)
    return 1 if bad else 0


_WANTED = {
    "undated": Verdict.UNDATED,
    "unsigned": Verdict.UNSIGNED,
    "untouched": Verdict.EMPTY,
    "older version": Verdict.STALE,
    "another's": Verdict.OTHER,
    "signed, red correction": Verdict.DOUBTFUL,
}


def _surprising(sample: Sample, reading: Reading) -> bool:
    return reading.verdict is not _WANTED.get(sample.kind, Verdict.CLEAR)


def _report(seed: int, pages: int, counts: dict[str, Counter[str]], seconds: list[float], bad: int) -> None:
    _say(
        f"seed {seed}, {pages} pages, Python {platform.python_version()}, "
        + ", ".join(f"{part} {version(part)}" for part in PARTS)
    )
    verdicts = [verdict.value for verdict in Verdict]
    _say("| page | n | " + " | ".join(verdicts) + " |")
    _say("|---|---|" + "---|" * len(verdicts))
    for kind in KINDS:
        row = counts[kind]
        _say(
            f"| {kind} | {row.total()} | "
            + " | ".join(str(row[verdict] or "") for verdict in verdicts)
            + " |"
        )
    ordered = sorted(seconds)
    _say(f"refused for what it is not, or wrongly accepted: {bad}")
    _say(f"seconds a page: median {ordered[len(ordered) // 2]:.2f}, longest {ordered[-1]:.2f}")


def _by_distortion(signed: list[tuple[Sample, Verdict]]) -> None:
    refused = sum(verdict not in ACCEPTED for _, verdict in signed)
    at_most = (
        f"; with 95 % at most {bound(len(signed)):.1%} (rule of three)" if signed and not refused else ""
    )
    _say(f"signed pages refused: {refused} of {len(signed)}{at_most}")
    _say("| distortion | | n | clear | doubtful | refused |")
    _say("|---|---|---|---|---|---|")
    last = ""
    for distortion, bucket, seen in rows(signed):
        figures = [seen[Verdict.CLEAR], seen[Verdict.DOUBTFUL]]
        refused = seen.total() - sum(figures)
        name, last = "" if distortion == last else distortion, distortion
        _say(f"| {name} | {bucket} | {seen.total()} | {figures[0]} | {figures[1] or ''} | {refused} |")


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")


if __name__ == "__main__":
    sys.exit(main())
