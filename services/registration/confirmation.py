"""Draws the registration confirmation (R4, R5) from a stored version: typst, tagged PDF/UA-1.

Drawn at each request, never stored: the same version and dates give the same bytes. What a candidate wrote
reaches the template as JSON strings, which typst sets as text and never reads as markup. Fonts are those
embedded in the typst wheel alone (Libertinus Serif, SIL Open Font License), so every machine draws the same.
"""

import asyncio
import functools
import json
from pathlib import Path

import segno
import typst

from services.registration.marks import PREFIX, drawing
from services.registration.sheet import Sheet

_TEMPLATE = Path(__file__).parent / "templates" / "confirmation.typ"


async def render(sheet: Sheet, *, at_once: int) -> bytes:
    """The PDF, drawn in a thread; at most `at_once` at the same time in this process."""
    async with _places(at_once):
        return await asyncio.to_thread(draw, sheet)


def draw(sheet: Sheet) -> bytes:
    """The PDF (about 50 ms)."""
    return typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs=_inputs(sheet),
        pdf_standards=["ua-1"],
        timestamp=sheet.version.saved_at.replace(microsecond=0),
    )


async def measure(sheet: Sheet, *, at_once: int) -> float:
    """Where the last printed field ends, in mm from the page's top."""
    async with _places(at_once):
        return await asyncio.to_thread(found_at, sheet, "<end>")


def found_at(sheet: Sheet, label: str) -> float:
    """A number the template leaves: `<end>`, mm; `<size>`, the type's size in points."""
    found = typst.query(
        _TEMPLATE.read_bytes(),
        label,
        field="value",
        one=True,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs=_inputs(sheet),
    )
    return float(json.loads(found))


def _inputs(sheet: Sheet) -> dict[str, str]:
    code = segno.make_qr(PREFIX + sheet.version.code, error="h")
    data = sheet.data() | {"qr": code.svg_inline(scale=4, border=0), "marks": drawing()}
    return {"data": json.dumps(data)}


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


@functools.cache
def _places(at_once: int) -> asyncio.Semaphore:
    return asyncio.Semaphore(at_once)
