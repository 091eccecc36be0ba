"""Draws the registration confirmation (R4, R5) from a stored version: typst, tagged PDF/UA-1.

Drawn when asked for, never stored: the same version and dates give the same bytes. What a candidate wrote
reaches the template as JSON strings, which typst sets as text and never reads as markup. Fonts are those
embedded in the typst wheel alone (Libertinus Serif, SIL Open Font License), so every machine draws the same.
"""

import asyncio
import functools
import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import segno
import typst
from async_lru import alru_cache
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from services.contracts.internal import Rectangle
from services.registration.marks import DATE, PREFIX, SIGNATURE, drawing
from services.registration.sheet import Sheet

_TEMPLATE = Path(__file__).parent / "templates" / "confirmation.typ"
_BLANK_PER_MM = 4
_CLEARANCE_PIXELS = 11
"""Of the square that print widens by: 1.25 mm on each side, for a page that is not quite flat."""
_PAPER_LEVEL = 250
_KEPT, _KEPT_SECONDS = 256, 120
_BAND_MM, _LEAST_WIDTH_MM = 3, 6


async def render(sheet: Sheet, *, at_once: int) -> bytes:
    """The PDF, drawn in a thread; at most `at_once` at the same time in this process.

    Kept for a while: the mail about a version has it too, and whoever gave up waiting asks again.
    """
    return await _drawn(_data(sheet), sheet.version.saved_at, at_once)


@alru_cache(maxsize=_KEPT, ttl=_KEPT_SECONDS)
async def _drawn(data: str, saved_at: datetime, at_once: int) -> bytes:
    async with _places(at_once):
        return await asyncio.to_thread(_draw, data, saved_at)


def draw(sheet: Sheet) -> bytes:
    """The PDF at once (about 50 ms)."""
    return _draw(_data(sheet), sheet.version.saved_at)


def _draw(data: str, saved_at: datetime) -> bytes:
    return typst.compile(
        _TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": data},
        pdf_standards=["ua-1"],
        timestamp=saved_at.replace(microsecond=0),
    )


async def blanks(sheet: Sheet, *, at_once: int) -> tuple[Rectangle, ...]:
    """Where nothing is printed, in mm, the frames' insides left out.

    Kept for a while: a scan whose sender gave up waiting is soon sent again, and would have it drawn again
    just when there is no time for it.
    """
    return await _blanks(_data(sheet), at_once)


@alru_cache(maxsize=_KEPT, ttl=_KEPT_SECONDS)
async def _blanks(data: str, at_once: int) -> tuple[Rectangle, ...]:
    async with _places(at_once):
        return await asyncio.to_thread(_blank, data)


def blank_of(sheet: Sheet) -> tuple[Rectangle, ...]:
    """The same at once (about 100 ms): bands of 3 mm, each in pieces at least 6 mm wide."""
    return _blank(_data(sheet))


def _blank(data: str) -> tuple[Rectangle, ...]:
    drawn = typst.compile(
        _TEMPLATE.read_bytes(),
        format="png",
        ppi=_BLANK_PER_MM * 25.4,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": data},
    )
    page = Image.open(io.BytesIO(drawn)).convert("L")
    frames = ImageDraw.Draw(page)
    for place in (DATE, SIGNATURE):
        corner = (place.x + place.width, place.y + place.height)
        frames.rectangle([at * _BLANK_PER_MM for at in (place.x, place.y, *corner)], fill=0)
    return tuple(_pieces(_clear_of_print(np.asarray(page) > _PAPER_LEVEL)))


def _clear_of_print(paper: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Paper on all of the square around a pixel; the page goes on beyond its edge.

    One way after the other, in numpy: Pillow's `MinFilter` took half a second in which no other thread ran,
    so the process answered nobody.
    """
    reach = _CLEARANCE_PIXELS // 2
    for axis in (0, 1):
        beyond = [(0, 0), (0, 0)]
        beyond[axis] = (reach, reach)
        around = sliding_window_view(np.pad(paper, beyond, mode="edge"), _CLEARANCE_PIXELS, axis)
        paper = np.logical_and.reduce(around, axis=-1)
    return paper


def _pieces(paper: NDArray[np.bool_]) -> Iterator[Rectangle]:
    band = round(_BAND_MM * _BLANK_PER_MM)
    for top in range(0, paper.shape[0] - band + 1, band):
        free = np.concatenate([[False], paper[top : top + band].all(axis=0), [False]])
        edges = np.flatnonzero(free[1:] != free[:-1])
        for left, right in zip(edges[::2], edges[1::2], strict=True):
            width = float(right - left) / _BLANK_PER_MM
            if width >= _LEAST_WIDTH_MM:
                yield Rectangle(x=left / _BLANK_PER_MM, y=top / _BLANK_PER_MM, width=width, height=_BAND_MM)


def found_at(sheet: Sheet, label: str) -> float:
    """A number the template leaves: `<end>`, mm; `<size>`, the type's size in points."""
    found = typst.query(
        _TEMPLATE.read_bytes(),
        label,
        field="value",
        one=True,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": _data(sheet)},
    )
    return float(json.loads(found))


def _data(sheet: Sheet) -> str:
    code = segno.make_qr(PREFIX + sheet.version.code, error="h")
    data = sheet.data() | {"qr": code.svg_inline(scale=4, border=0), "marks": drawing()}
    return json.dumps(data)


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


@functools.cache
def _places(at_once: int) -> asyncio.Semaphore:
    return asyncio.Semaphore(at_once)
