"""The page found in the picture: roughly by its code's corners, exactly by the bull's eyes.

The code is small beside the page, so a pixel at its corners is many at the foot. Each bull's eye is looked
for around where the marks found so far place it, with and without perspective, nearest first; each found one
makes the next sure.
"""

import numpy as np
from numpy.typing import NDArray

from services.contracts.internal import ConfirmationMarks, Rectangle
from services.documents.reading.plane import Array, Sheet, affinity, homography, transform

_COARSE_PER_MM, _FINE_PER_MM = 4.0, 8.0
_COARSE_RADIUS_MM, _FINE_RADIUS_MM = 22.0, 4.0
_ALIKE = 0.55
_TARGET_WEIGHT = 3.0


def align(sheet: Sheet, corners: Array, marks: ConfirmationMarks) -> Array | None:
    """The homography from the page's mm to the picture's pixels; None where the bull's eyes are not found."""
    code = marks.code
    right, below = code.x + code.width, code.y + code.height
    src = [(code.x, code.y), (right, code.y), (right, below), (code.x, below)]
    dst = [tuple(corner) for corner in corners]
    weights = [1.0] * 4
    centre = np.array([code.x + code.width / 2, code.y + code.height / 2])
    near_first = sorted(marks.targets, key=lambda target: float(np.linalg.norm(np.array(target) - centre)))
    found = 0
    for target in near_first:
        place = _look_for(sheet, target, _hypotheses(src, dst, weights), marks)
        if place is not None:
            src.append(target)
            dst.append(place)
            weights.append(_TARGET_WEIGHT)
            found += 1
    if found < 2:
        return None
    return homography(np.array(src), np.array(dst), np.array(weights))


def _hypotheses(
    src: list[tuple[float, float]], dst: list[tuple[float, ...]], weights: list[float]
) -> list[Array]:
    a, b, w = np.array(src), np.array(dst), np.array(weights)
    return [affinity(a, b, w), homography(a, b, w)]


def _look_for(
    sheet: Sheet, target: tuple[float, float], hypotheses: list[Array], marks: ConfirmationMarks
) -> tuple[float, float] | None:
    """Where the bull's eye is, in pixels."""
    best: tuple[float, Array, tuple[float, float]] | None = None
    for matrix in hypotheses:
        alike, place = _match(sheet, matrix, target, _COARSE_RADIUS_MM, _COARSE_PER_MM, marks)
        if best is None or alike > best[0]:
            best = (alike, matrix, place)
    if best is None or best[0] < _ALIKE:
        return None
    alike, place = _match(sheet, best[1], best[2], _FINE_RADIUS_MM, _FINE_PER_MM, marks)
    if alike < _ALIKE:
        return None
    x, y = transform(best[1], np.array([place]))[0]
    return float(x), float(y)


def _match(
    sheet: Sheet,
    matrix: Array,
    around: tuple[float, float],
    radius_mm: float,
    per_mm: float,
    marks: ConfirmationMarks,
) -> tuple[float, tuple[float, float]]:
    """How alike the likeliest place is (normalised cross-correlation), and where it is on the page, in mm."""
    x, y = around
    place = Rectangle(x=x - radius_mm, y=y - radius_mm, width=2 * radius_mm, height=2 * radius_mm)
    colours, _ = sheet.sample(matrix, place, per_mm)
    alike = _correlation(colours.mean(axis=2), _eye(marks.target_radii, per_mm))
    row, column = np.unravel_index(int(alike.argmax()), alike.shape)
    half = (_eye(marks.target_radii, per_mm).shape[0] - 1) / 2
    dy, dx = _peak(alike, int(row), int(column))
    found = (
        place.x + (column + dx + half + 0.5) / per_mm,
        place.y + (row + dy + half + 0.5) / per_mm,
    )
    return float(alike[row, column]), found


def _eye(radii: tuple[float, float, float], per_mm: float) -> NDArray[np.float32]:
    """The bull's eye as it looks, with some paper around it, softened at its edges."""
    half = int(np.ceil((radii[0] + 0.5) * per_mm))
    axis = np.arange(-half, half + 1) / per_mm
    distance = np.hypot(axis[:, None], axis[None, :])
    soft = 0.5 / per_mm
    looks = np.ones_like(distance)
    for radius, level in zip(radii, (0.0, 1.0, 0.0), strict=True):
        inside = np.clip((radius - distance) / (2 * soft) + 0.5, 0, 1)
        looks = looks * (1 - inside) + level * inside
    return looks.astype(np.float32)


def _correlation(picture: NDArray[np.float32], pattern: NDArray[np.float32]) -> Array:
    """Normalised cross-correlation where the pattern lies wholly inside, by FFT."""
    wanted = (pattern - pattern.mean()).astype(np.float64)
    shape = picture.shape
    side = pattern.shape[0]
    spectrum = np.fft.rfft2(picture - picture.mean())

    def slid(kernel: Array) -> Array:
        both = spectrum * np.conj(np.fft.rfft2(kernel, shape))
        valid: Array = np.fft.irfft2(both, shape)[: shape[0] - side + 1, : shape[1] - side + 1]
        return valid

    ones = np.ones(pattern.shape)
    mean = slid(ones) / ones.size
    centred = picture - picture.mean()
    spectrum_of_squares = np.fft.rfft2(centred**2)
    squares = np.fft.irfft2(spectrum_of_squares * np.conj(np.fft.rfft2(ones, shape)), shape)
    variance = squares[: mean.shape[0], : mean.shape[1]] / ones.size - mean**2
    spread = np.sqrt(np.maximum(variance, 4.0)) * float(pattern.std()) * ones.size
    result: Array = slid(wanted) / spread
    return result


def _peak(alike: Array, row: int, column: int) -> tuple[float, float]:
    """The summit between samples, by a parabola each way."""

    def summit(before: float, top: float, after: float) -> float:
        bend = before - 2 * top + after
        return 0.0 if bend >= 0 else max(-0.5, min(0.5, 0.5 * (before - after) / bend))

    if not (0 < row < alike.shape[0] - 1 and 0 < column < alike.shape[1] - 1):
        return 0.0, 0.0
    vertical = summit(alike[row - 1, column], alike[row, column], alike[row + 1, column])
    horizontal = summit(alike[row, column - 1], alike[row, column], alike[row, column + 1])
    return vertical, horizontal
