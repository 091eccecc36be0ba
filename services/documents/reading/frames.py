"""The frames for date and signature: found by their own lines, then looked at for ink.

The frame's line is as thin as a pen's: where it is seen well, a pen's would be too. That is what makes an
empty frame sure; where it is not seen, nothing is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.contracts.internal import Rectangle
from services.documents.reading.darkness import Map, darkness, halved, softened
from services.documents.reading.plane import Array, Sheet
from services.documents.reading.verdict import Ink

_AROUND_MM = 5.0
_LINE_PER_MM = 8.0
_REACH_MM = 2.4
_PIECES = 8
_LINE_DARKNESS = 0.12
_SIDES_SEEN = 3

_INK_PER_MM = 5.0
_INSET_MM = 1.5
_LEAST_DARKNESS, _NOISE_TIMES = 0.06, 5.0
_LARGEST_THRESHOLD = 0.13
_LINE_OVER_THRESHOLD = 3.5
_DUST_MM2, _WRITING_MM2 = 0.4, 4.0
_FAINT_DARKNESS, _FAINT_NOISE_TIMES, _FAINT_SHARE = 0.045, 3.5, 0.004
_PEN_DARKNESS = 0.15


@dataclass(frozen=True)
class Frame:
    """Where it is, by its own lines, and how dark they are."""

    place: Rectangle
    line: float


@dataclass(frozen=True)
class Amount:
    """Ink on a place: `threshold` is what was taken for ink, `share` how much of it is a little dark."""

    area_mm2: float
    threshold: float
    darkness: float
    share: float


def locate(sheet: Sheet, matrix: Array, drawn: Rectangle) -> Frame | None:
    """The frame near where it should be; None when fewer than three of its sides are seen."""
    around = Rectangle(
        x=drawn.x - _AROUND_MM,
        y=drawn.y - _AROUND_MM,
        width=drawn.width + 2 * _AROUND_MM,
        height=drawn.height + 2 * _AROUND_MM,
    )
    colours, missing = sheet.sample(matrix, around, _LINE_PER_MM)
    if missing > 0.02:
        return None
    dark: Map = darkness(colours, _LINE_PER_MM).mean(axis=2)
    sides = {
        "left": _side(dark.T, drawn.height, 0.0),
        "right": _side(dark.T, drawn.height, drawn.width),
        "top": _side(dark, drawn.width, 0.0),
        "bottom": _side(dark, drawn.width, drawn.height),
    }
    seen = {name: side for name, side in sides.items() if side is not None}
    if len(seen) < _SIDES_SEEN:
        return None

    def offset(name: str, opposite: str) -> float:
        return (seen.get(name) or seen[opposite])[0]

    left, right = offset("left", "right"), offset("right", "left")
    top, bottom = offset("top", "bottom"), offset("bottom", "top")
    place = Rectangle(
        x=drawn.x + left,
        y=drawn.y + top,
        width=drawn.width - left + right,
        height=drawn.height - top + bottom,
    )
    return Frame(place, float(np.median([line for _, line in seen.values()])))


def _side(dark: Map, length_mm: float, at_mm: float) -> tuple[float, float] | None:
    """A line along the rows' direction: how far off, in mm, and how dark; by the median of its pieces."""
    centre = (_AROUND_MM + at_mm) * _LINE_PER_MM
    reach = round(_REACH_MM * _LINE_PER_MM)
    first = round(centre) - reach
    start = round((_AROUND_MM + 0.08 * length_mm) * _LINE_PER_MM)
    end = round((_AROUND_MM + 0.92 * length_mm) * _LINE_PER_MM)
    band = dark[first : first + 2 * reach + 1, start:end]
    found = []
    for piece in np.array_split(band, _PIECES, axis=1):
        profile = piece.mean(axis=1)
        peak = int(profile.argmax())
        line = float(profile[peak] - np.median(profile))
        if line >= _LINE_DARKNESS:
            found.append(((first + peak + 0.5 - centre) / _LINE_PER_MM, line))
    if len(found) < _PIECES / 2:
        return None
    offset, line = np.median(np.array(found), axis=0)
    return float(offset), float(line)


def ink_in(sheet: Sheet, matrix: Array, frame: Frame) -> Ink:
    """Whether the frame is written in."""
    place = frame.place
    inside = Rectangle(
        x=place.x + _INSET_MM,
        y=place.y + _INSET_MM,
        width=place.width - 2 * _INSET_MM,
        height=place.height - 2 * _INSET_MM,
    )
    found = amount(sheet, matrix, inside)
    if found is None:
        return Ink.UNSURE
    if found.area_mm2 >= _WRITING_MM2 and found.darkness >= _PEN_DARKNESS:
        return Ink.PRESENT
    sure = (
        found.threshold <= _LARGEST_THRESHOLD
        and frame.line >= _LINE_OVER_THRESHOLD * found.threshold
        and found.share <= _FAINT_SHARE
    )
    return Ink.NONE if sure and found.area_mm2 <= _DUST_MM2 else Ink.UNSURE


def amount(sheet: Sheet, matrix: Array, place: Rectangle) -> Amount | None:
    """How much ink there is; None where the place is not wholly in the picture."""
    colours, missing = sheet.sample(matrix, place, 2 * _INK_PER_MM)
    if missing > 0.001:
        return None
    dark = _relief(halved(colours))
    noise = 1.4826 * float(np.median(np.abs(dark)))
    threshold = max(_LEAST_DARKNESS, _NOISE_TIMES * noise)
    ink = dark[dark > threshold]
    return Amount(
        area_mm2=ink.size / _INK_PER_MM**2,
        threshold=threshold,
        darkness=float(np.percentile(ink, 90)) if ink.size else 0.0,
        share=float((dark > max(_FAINT_DARKNESS, _FAINT_NOISE_TIMES * noise)).mean()),
    )


def _relief(colours: NDArray[np.float32]) -> Map:
    """The darkest channel's darkness, paper at 0: blue ink shows most in red, red ink in green."""
    dark: Map = softened(darkness(colours, _INK_PER_MM)).max(axis=2)
    return dark - np.float32(np.median(dark))
