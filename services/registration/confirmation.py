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

from services.registration.sheet import Sheet

_TEMPLATE = Path(__file__).parent / "templates" / "confirmation.typ"


async def render(sheet: Sheet, *, at_once: int) -> bytes:
    """The PDF, drawn in a thread; at most `at_once` at the same time in this process."""
    async with _places(at_once):
        return await asyncio.to_thread(draw, sheet)


def draw(sheet: Sheet) -> bytes:
    """The PDF (about 20 ms)."""
    code = segno.make_qr(sheet.version.code, error="m")
    data = sheet.data() | {"qr": code.svg_inline(scale=4, border=4)}
    return typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=["ua-1"],
        timestamp=sheet.version.saved_at.replace(microsecond=0),
    )


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


@functools.cache
def _places(at_once: int) -> asyncio.Semaphore:
    return asyncio.Semaphore(at_once)
