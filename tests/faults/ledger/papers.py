"""The files that lives upload: cheap to make and to look at, no two alike."""

import hashlib
import io
import math
import random
from dataclasses import dataclass

import pikepdf
import pypdfium2
from PIL import Image, ImageDraw

_MM = 72 / 25.4
_A4_HEIGHT_MM = 297.0
_COARSE_DPI = 24


@dataclass(frozen=True)
class File:
    """What it is called, what it says it is, its bytes."""

    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def scan(mark: str) -> File:
    """A small grey JPEG that bears `mark`."""
    page = Image.new("L", (240, 320), 244)
    ImageDraw.Draw(page).text((12, 24), mark, fill=30)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=70)
    return File("scan.jpg", "image/jpeg", out.getvalue())


def broken(mark: str) -> File:
    """Says that it is a JPEG and is none behind its first bytes."""
    return File("scan.jpg", "image/jpeg", b"\xff\xd8\xff\xe0" + mark.encode() * 20)


def printed(confirmation: bytes) -> File:
    """As it came out of the printer: neither dated nor signed."""
    return File("confirmation.pdf", "application/pdf", confirmation)


def signed(confirmation: bytes, mark: str) -> File:
    """Dated and signed with a stylus in the two frames (docs/reading.md has their places in mm)."""
    with pikepdf.open(io.BytesIO(confirmation)) as pdf:
        page = pdf.pages[-1]
        hand = random.Random(mark)
        ink = _scrawl(hand, 22, 246, 55, 12) + _scrawl(hand, 105, 246, 70, 14)
        page.contents_add(f"q 0.08 0.12 0.5 RG 1.6 w {ink} S Q".encode(), prepend=False)
        out = io.BytesIO()
        pdf.save(out)
    return File("confirmation-signee.pdf", "application/pdf", out.getvalue())


def photographed(confirmation: bytes, mark: str) -> File:
    """Dated, signed, photographed too small for a machine to read: it counts, and officers look at it."""
    document = pypdfium2.PdfDocument(signed(confirmation, mark).content)
    try:
        page = document[0].render(scale=_COARSE_DPI / 72).to_pil().convert("L")
    finally:
        document.close()
    ImageDraw.Draw(page).text((4, 4), mark, fill=90)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=70)
    return File("photo.jpg", "image/jpeg", out.getvalue())


def _scrawl(hand: random.Random, left: float, top: float, width: float, height: float) -> str:
    """A line as of a signature, within a box in mm from the top left of the page, as PDF operators."""
    turn, lean = hand.uniform(0.5, 0.9), hand.uniform(1.7, 2.6)
    points = [
        (
            (left + width * step / 60) * _MM,
            (_A4_HEIGHT_MM - top - height * (1 + math.sin(step * turn) * math.cos(step / lean)) / 2) * _MM,
        )
        for step in range(61)
    ]
    (x, y), *others = points
    return f"{x:.2f} {y:.2f} m " + " ".join(f"{x:.2f} {y:.2f} l" for x, y in others)
