"""Ink beside the frames: in a colour, since the sheet is printed in black and greys, or where it is blank."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.contracts.internal import ConfirmationMarks, Rectangle
from services.documents.reading.darkness import Map, darkness, softened
from services.documents.reading.frames import Frame
from services.documents.reading.plane import Array, Sheet

_PER_MM = 3.0
_EDGE_MM = 8.0
_AROUND_FRAME_MM = 1.0
_DARK, _APART = 0.2, 0.16
_LEAST_ON_BLANK, _NOISE_TIMES = 0.1, 6.0
_STROKE_MM2 = 2.0
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Beside:
    """Ink outside the frames: red, in another colour, or where nothing is printed."""

    red: bool
    coloured: bool
    on_blank: bool


def beside(sheet: Sheet, matrix: Array, marks: ConfirmationMarks, frames: tuple[Frame, ...]) -> Beside:
    """What ink there is outside the frames."""
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
    return Beside(_much(reddish), _much(other), _much(_on_blank(dark.max(axis=2), marks.blank)))


def _on_blank(dark: Map, blank: tuple[Rectangle, ...]) -> Mask:
    paper = np.zeros(dark.shape, np.bool_)
    for place in blank:
        top, left = max(0.0, place.y - _EDGE_MM), max(0.0, place.x - _EDGE_MM)
        bottom, right = place.y + place.height - _EDGE_MM, place.x + place.width - _EDGE_MM
        rows = slice(round(top * _PER_MM), max(0, round(bottom * _PER_MM)))
        paper[rows, round(left * _PER_MM) : max(0, round(right * _PER_MM))] = True
    if not paper.any():
        return paper
    found = dark - np.float32(np.median(dark[paper]))
    noise = 1.4826 * float(np.median(np.abs(found[paper])))
    ink: Mask = (found > max(_LEAST_ON_BLANK, _NOISE_TIMES * noise)) & paper
    return ink


def _elsewhere(dark: Map, frames: tuple[Frame, ...]) -> Mask:
    mask = np.ones(dark.shape[:2], np.bool_)
    for frame in frames:
        place = frame.place
        top, left = place.y - _AROUND_FRAME_MM - _EDGE_MM, place.x - _AROUND_FRAME_MM - _EDGE_MM
        bottom = place.y + place.height + _AROUND_FRAME_MM - _EDGE_MM
        right = place.x + place.width + _AROUND_FRAME_MM - _EDGE_MM
        rows = slice(max(0, round(top * _PER_MM)), round(bottom * _PER_MM))
        mask[rows, max(0, round(left * _PER_MM)) : round(right * _PER_MM)] = False
    return mask


def _much(mask: Mask) -> bool:
    return float(mask.sum()) / _PER_MM**2 > _STROKE_MM2
