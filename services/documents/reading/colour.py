"""Coloured ink: the sheet is printed in black and greys, so a colour is a pen's (or a stamp's)."""

from dataclasses import dataclass

import numpy as np

from services.contracts.internal import ConfirmationMarks, Rectangle
from services.documents.reading.darkness import Map, darkness, softened
from services.documents.reading.frames import Frame
from services.documents.reading.plane import Array, Sheet

_PER_MM = 3.0
_EDGE_MM = 8.0
_AROUND_FRAME_MM = 1.0
_DARK, _APART = 0.2, 0.16
_STROKE_MM2 = 2.0


@dataclass(frozen=True)
class Coloured:
    """Outside the frames."""

    red: bool
    other: bool


def coloured(sheet: Sheet, matrix: Array, marks: ConfirmationMarks, frames: tuple[Frame, ...]) -> Coloured:
    """Whether there is red ink, or ink of another colour, outside the frames."""
    page = Rectangle(
        x=_EDGE_MM,
        y=_EDGE_MM,
        width=marks.page_width - 2 * _EDGE_MM,
        height=marks.page_height - 2 * _EDGE_MM,
    )
    colours, _ = sheet.sample(matrix, page, _PER_MM)
    dark = softened(darkness(colours, _PER_MM))
    red, green, blue = dark[:, :, 0], dark[:, :, 1], dark[:, :, 2]
    elsewhere = _elsewhere(dark, frames)
    reddish = (np.minimum(green, blue) - red > _APART) & (green > _DARK) & elsewhere
    spread = dark.max(axis=2) - dark.min(axis=2)
    other = (spread > _APART) & (dark.max(axis=2) > _DARK) & ~reddish & (red > green) & elsewhere
    return Coloured(_much(reddish), _much(other))


def _elsewhere(dark: Map, frames: tuple[Frame, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    mask = np.ones(dark.shape[:2], np.bool_)
    for frame in frames:
        place = frame.place
        top, left = place.y - _AROUND_FRAME_MM - _EDGE_MM, place.x - _AROUND_FRAME_MM - _EDGE_MM
        bottom = place.y + place.height + _AROUND_FRAME_MM - _EDGE_MM
        right = place.x + place.width + _AROUND_FRAME_MM - _EDGE_MM
        rows = slice(max(0, round(top * _PER_MM)), round(bottom * _PER_MM))
        mask[rows, max(0, round(left * _PER_MM)) : round(right * _PER_MM)] = False
    return mask


def _much(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> bool:
    return float(mask.sum()) / _PER_MM**2 > _STROKE_MM2
