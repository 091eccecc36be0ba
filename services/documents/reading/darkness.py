"""How much darker than the paper around it each point is, channel by channel, whatever the light."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Map = NDArray[np.float32]
_BLOCK_MM = 8.0
_PAPER_PERCENTILE = 75


def darkness(colours: NDArray[np.float32], per_mm: float) -> Map:
    """0 for paper, 1 for black, per channel; shadows and gradients are the paper's."""
    rows, columns = colours.shape[:2]
    block = max(2, round(_BLOCK_MM * per_mm))
    down, across = max(1, round(rows / block)), max(1, round(columns / block))
    paper = np.empty((down, across, 3), np.float32)
    for i, band in enumerate(np.array_split(colours, down, axis=0)):
        for j, part in enumerate(np.array_split(band, across, axis=1)):
            paper[i, j] = np.percentile(part.reshape(-1, 3), _PAPER_PERCENTILE, axis=0)
    around = np.stack(
        [
            np.asarray(
                Image.fromarray(paper[:, :, channel]).resize((columns, rows), Image.Resampling.BILINEAR)
            )
            for channel in range(3)
        ],
        axis=2,
    )
    found: Map = np.clip(1 - colours / np.maximum(around, 16), -1, 1).astype(np.float32)
    return found


def softened(found: Map) -> Map:
    """The mean of each point and its eight neighbours: less noise, and a thin line still shows."""
    padded = np.pad(found, [(1, 1), (1, 1)] + [(0, 0)] * (found.ndim - 2), mode="edge")
    rows, columns = found.shape[:2]
    total = sum(padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3))
    result: Map = np.asarray(total, np.float32) / np.float32(9)
    return result


def halved(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of each two by two points."""
    rows, columns = colours.shape[0] // 2 * 2, colours.shape[1] // 2 * 2
    even = colours[:rows, :columns]
    return (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / np.float32(4)
