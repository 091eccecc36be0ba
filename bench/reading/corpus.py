"""The corpus: for a seed, the same pages each time, each with what happened to it."""

import functools
import io
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pypdfium2
from PIL import Image

from bench.reading.capture import Taken, photographed, scanned
from bench.reading.pens import PENS, PER_MM, Hand
from bench.reading.sheets import code_of, long_form, ordinary, sheet
from services.contracts.internal import ConfirmationMarks
from services.registration.confirmation import blank_of, draw
from services.registration.marks import marks

ID = UUID("01890000-0000-7000-8000-000000000001")
IN_FORCE = 3
KINDS = {
    "signed": 12,
    "signed partly outside": 3,
    "signed, red correction": 2,
    "undated": 3,
    "unsigned": 3,
    "untouched": 3,
    "older version": 2,
    "another's": 2,
}
SIGNED = {kind: weight for kind, weight in KINDS.items() if kind.startswith("signed")}
"""Those that nobody may refuse."""
_FORMS: tuple[dict[str, Any], ...] = (ordinary(), long_form(3, 20), long_form(12, 40))


@dataclass(frozen=True)
class Sample:
    """`kind`: one of KINDS. `version`: printed."""

    number: int
    kind: str
    version: int
    taken: Taken
    marks: ConfirmationMarks
    pens: str


def samples(seed: int, pages: int, kinds: Mapping[str, int] = KINDS) -> Iterator[Sample]:
    """That many pages, kinds by their weights, every one at least once when there are enough."""
    for number in range(pages):
        yield sample(seed, number, kinds)


def sample(seed: int, number: int, weights: Mapping[str, int] = KINDS) -> Sample:
    chance = random.Random(f"{seed} {number}")
    kinds = list(weights)
    kind = (
        kinds[number % len(kinds)]
        if number < len(kinds)
        else chance.choices(kinds, list(weights.values()))[0]
    )
    form = chance.randrange(len(_FORMS))
    version = chance.randint(1, IN_FORCE - 1) if kind == "older version" else IN_FORCE
    candidate = "b" if kind == "another's" else "a"
    told = known(form)
    if kind == "untouched" and chance.random() < 0.3:
        return Sample(
            number,
            kind,
            version,
            Taken(confirmation(form, candidate, version), "application/pdf", "the PDF"),
            told,
            "",
        )
    page = printed(form, candidate, version).copy()
    hand = Hand(page, chance)
    date_pen = chance.choice(PENS)
    pen = date_pen if chance.random() < 0.8 else chance.choice(PENS)
    if kind not in ("undated", "untouched"):
        hand.date(told.date, date_pen)
    if kind not in ("unsigned", "untouched"):
        hand.signature(told.signature, pen, outside=kind == "signed partly outside")
    if kind == "signed, red correction":
        hand.correction(55, 150)
    take = scanned if chance.random() < 0.5 else photographed
    return Sample(number, kind, version, take(page, chance), told, f"{date_pen.name}, {pen.name}")


@functools.cache
def confirmation(form: int, candidate: str, version: int) -> bytes:
    return draw(sheet(_FORMS[form], candidate, version, latest=version))


@functools.cache
def printed(form: int, candidate: str, version: int) -> Image.Image:
    document = pypdfium2.PdfDocument(io.BytesIO(confirmation(form, candidate, version)))
    try:
        picture: Image.Image = document[0].render(scale=PER_MM * 25.4 / 72).to_pil().convert("RGB")
    finally:
        document.close()
    return picture


@functools.cache
def known(form: int) -> ConfirmationMarks:
    drawn = sheet(_FORMS[form], "a", IN_FORCE, latest=IN_FORCE)
    codes = {version: code_of("a", version) for version in range(1, IN_FORCE + 1)}
    return marks(ID, IN_FORCE, codes, blank_of(drawn))
