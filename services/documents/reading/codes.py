"""The printed code in a picture: turned, skewed, in perspective, grey; tried harder where it is not seen."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from services.documents.reading.pages import Picture

_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


@dataclass(frozen=True)
class Code:
    """`corners`: the module square's, in pixels, from its own top left and around."""

    text: str
    corners: NDArray[np.float64]


def find(picture: Picture, prefix: str, *, thorough: bool) -> list[Code]:
    """The codes that begin with `prefix`, without it; `thorough` costs about a second where there is none."""
    grey = Image.fromarray(picture).convert("L")
    for scale, variant in _variants(grey, thorough=thorough):
        for binarizer in (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram):
            found = zxingcpp.read_barcodes(np.asarray(variant), formats=_QR, binarizer=binarizer)
            ours = [
                Code(code.text.removeprefix(prefix), _corners(code.position) / scale)
                for code in found
                if code.text.startswith(prefix)
            ]
            if ours:
                return ours
    return []


def _variants(grey: Image.Image, *, thorough: bool) -> Iterator[tuple[float, Image.Image]]:
    """The picture, then the same made easier in several ways, with its scale."""
    if not thorough:
        yield 1, grey
        return
    longest = max(grey.size)
    for side in (1600, 1100, 2400, 3600):
        scale = side / longest
        if scale > 2.5 or (scale < 0.25 and longest > 1600):
            continue
        sized = grey.resize(
            (max(1, round(grey.width * scale)), max(1, round(grey.height * scale))),
            Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX,
        )
        yield scale, sized
        yield scale, ImageOps.autocontrast(sized.filter(ImageFilter.GaussianBlur(1.2)), cutoff=2)
        yield scale, sized.filter(ImageFilter.UnsharpMask(3, 200, 0))


def _corners(position: zxingcpp.Position) -> NDArray[np.float64]:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return np.array([(corner.x, corner.y) for corner in corners], dtype=np.float64)
