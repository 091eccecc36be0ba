"""A file's first pages as RGB pictures, bounded in number and size whatever the file says."""

import io
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
"""Height × width × RGB."""
MOST_PAGES = 10
_PDF_SIDE = 2800
_PICTURE_SIDE = 3600


def pictures(file: Path, media_type: str) -> Iterator[Picture]:
    """At most the first ten pages, one at a time.

    Raises:
        pypdfium2.PdfiumError, OSError, ValueError: it cannot be drawn.
    """
    if media_type == "application/pdf":
        yield from _drawn(file)
    else:
        yield _opened(file)


def has_electronic_signature(file: Path, media_type: str) -> bool:
    """Whether the PDF has an electronic signature (PAdES): nothing of it need be seen on the page."""
    if media_type != "application/pdf":
        return False
    document = pypdfium2.PdfDocument(file)
    try:
        return int(pdfium.FPDF_GetSignatureCount(document)) > 0
    finally:
        document.close()


def _drawn(file: Path) -> Iterator[Picture]:
    document = pypdfium2.PdfDocument(file)
    try:
        document.init_forms()
        for index in range(min(len(document), MOST_PAGES)):
            page = document[index]
            width, height = page.get_size()
            scale = _PDF_SIDE / max(width, height, 1)
            if min(width, height) * scale < 1:
                continue
            bitmap = page.render(scale=scale, may_draw_forms=True, rev_byteorder=True)
            yield np.array(bitmap.to_pil().convert("RGB"))
            page.close()
    finally:
        document.close()


def _opened(file: Path) -> Picture:
    kinds = ["JPEG", "PNG"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(file.read_bytes()), formats=kinds) as image:
            image.draft("RGB", (_PICTURE_SIDE, _PICTURE_SIDE))
            found = _on_white(image)
    found.thumbnail((_PICTURE_SIDE, _PICTURE_SIDE), Image.Resampling.BOX)
    return np.array(found)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        deep = np.array(image, dtype=np.int64)
        return Image.fromarray((deep >> 8).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        white.alpha_composite(clear)
        return white.convert("RGB")
    return image.convert("RGB")
