"""The page's plane: homographies from its millimetres to a picture's pixels, and the picture in them."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.contracts.internal import Rectangle
from services.documents.reading.pages import Picture

Array = NDArray[np.float64]


def homography(src: Array, dst: Array, weights: Array | None = None) -> Array:
    """Least squares by the normalised direct linear transformation; at least four points."""
    normal_src, normal_dst = _normal(src), _normal(dst)
    a, b = transform(normal_src, src), transform(normal_dst, dst)
    rows = []
    for (x, y), (u, v), weight in zip(a, b, np.ones(len(a)) if weights is None else weights, strict=True):
        rows.append(weight * np.array([x, y, 1, 0, 0, 0, -u * x, -u * y, -u]))
        rows.append(weight * np.array([0, 0, 0, x, y, 1, -v * x, -v * y, -v]))
    found = np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3)
    matrix: Array = np.linalg.inv(normal_dst) @ found @ normal_src
    matrix /= matrix[2, 2]
    return matrix


def affinity(src: Array, dst: Array, weights: Array | None = None) -> Array:
    """Least squares without perspective; at least three points."""
    scale = (np.ones(len(src)) if weights is None else weights)[:, None]
    left = np.column_stack([src, np.ones(len(src))])
    found = np.linalg.lstsq(left * scale, dst * scale, rcond=None)[0]
    return np.vstack([found.T, [0.0, 0.0, 1.0]])


def transform(matrix: Array, points: Array) -> Array:
    found = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    result: Array = found[:, :2] / found[:, 2:]
    return result


def _normal(points: Array) -> Array:
    centre = points.mean(axis=0)
    scale = np.sqrt(2) / max(float(np.linalg.norm(points - centre, axis=1).mean()), 1e-9)
    return np.array([[scale, 0, -scale * centre[0]], [0, scale, -scale * centre[1]], [0, 0, 1]])


class Sheet:
    """A picture, sampled at the density that is asked for: halved first where it is much finer."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture

    @cached_property
    def _levels(self) -> list[NDArray[np.float32]]:
        image = Image.fromarray(self._picture)
        return [np.asarray(image.reduce(factor) if factor > 1 else image, np.float32) for factor in (1, 2, 4)]

    def sample(self, matrix: Array, place: Rectangle, per_mm: float) -> tuple[NDArray[np.float32], float]:
        """The place as height × width × RGB at `per_mm`, and how much of it lies outside the picture."""
        columns = max(1, round(place.width * per_mm))
        rows = max(1, round(place.height * per_mm))
        xs = place.x + (np.arange(columns) + 0.5) / per_mm
        ys = place.y + (np.arange(rows) + 0.5) / per_mm
        grid = np.column_stack([np.tile(xs, rows), np.repeat(ys, columns)])
        with np.errstate(all="ignore"):
            points = transform(matrix, grid)
        level, factor = self._levels[0], 1
        for index, wanted in ((1, 2), (2, 4)):
            if density(matrix, place) / wanted >= per_mm * 0.9:
                level, factor = self._levels[index], wanted
        return _bilinear(level, (points + 0.5) / factor - 0.5, rows, columns)


def density(matrix: Array, place: Rectangle) -> float:
    """Pixels per mm around the place's centre."""
    x, y = place.x + place.width / 2, place.y + place.height / 2
    corner, right, down = transform(matrix, np.array([[x, y], [x + 1, y], [x, y + 1]]))
    return float(min(np.linalg.norm(right - corner), np.linalg.norm(down - corner)))


def _bilinear(
    level: NDArray[np.float32], points: Array, rows: int, columns: int
) -> tuple[NDArray[np.float32], float]:
    height, width = level.shape[:2]
    x, y = points[:, 0], points[:, 1]
    inside = (x >= -0.5) & (y >= -0.5) & (x <= width - 0.5) & (y <= height - 0.5)
    x = np.clip(np.nan_to_num(x), 0, width - 1)
    y = np.clip(np.nan_to_num(y), 0, height - 1)
    left, above = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    right, below = np.minimum(left + 1, width - 1), np.minimum(above + 1, height - 1)
    fx, fy = (x - left).astype(np.float32)[:, None], (y - above).astype(np.float32)[:, None]
    found = (level[above, left] * (1 - fx) + level[above, right] * fx) * (1 - fy) + (
        level[below, left] * (1 - fx) + level[below, right] * fx
    ) * fy
    return found.reshape(rows, columns, 3), float(1 - inside.mean())
