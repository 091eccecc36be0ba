"""Pictures into what is kept, and several files into one PDF. Runs in a process of its own (`inspector`).

What a phone writes into a photo besides its pixels (place, time, device) is not kept; how it was held is
honoured. The files were inspected before.
"""

import io
from pathlib import Path

import pikepdf
from PIL import Image, ImageOps

from services.documents.domain.errors import BadFile, Flaw
from services.documents.domain.uploading import LARGEST_JOINED_BYTES
from services.documents.inspection import JPEG, PDF_PAGES, opened_image

_A4_LONG_INCHES = 297 / 25.4
_PAGE_PIXELS = 3508
"""The long side of A4 at 300 dots per inch: what a scanner gives."""
_PAGE_QUALITY = 82
_JPEG_QUALITY = 90


def convert(file: Path, media_type: str, into: str) -> bytes:
    """The picture as JPEG, or as a PDF of one page."""
    with opened_image(file, media_type) as image:
        if into == JPEG:
            return _saved(_upright(image), "JPEG", quality=_JPEG_QUALITY)
        image.draft("RGB", (_PAGE_PIXELS, _PAGE_PIXELS))
        page = _upright(image)
    page.thumbnail((_PAGE_PIXELS, _PAGE_PIXELS))
    resolution = max(page.size) / _A4_LONG_INCHES
    return _saved(page, "PDF", resolution=resolution, quality=_PAGE_QUALITY)


def join(files: list[Path]) -> bytes:
    """The pages of all, in their order.

    Raises:
        BadFile: a PDF with an electronic signature, which would be lost; too many pages; too large.
    """
    joined = pikepdf.new()
    for file in files:
        with pikepdf.open(file) as pdf:
            if _is_signed(pdf):
                raise BadFile(Flaw.PDF_SIGNED)
            if len(joined.pages) + len(pdf.pages) > PDF_PAGES:
                raise BadFile(Flaw.PDF_PAGES)
            joined.pages.extend(pdf.pages)
    out = io.BytesIO()
    joined.save(out)
    if out.tell() > LARGEST_JOINED_BYTES:
        raise BadFile(Flaw.SEND_TOO_LARGE)
    return out.getvalue()


def _upright(image: Image.Image) -> Image.Image:
    """As it was held, on white where it is transparent, in colours that every reader shows."""
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        white = Image.new("RGBA", upright.size, "white")
        return Image.alpha_composite(white, upright.convert("RGBA")).convert("RGB")
    return upright if upright.mode in ("RGB", "L") else upright.convert("RGB")


def _saved(image: Image.Image, kind: str, **how: float) -> bytes:
    out = io.BytesIO()
    bare = image.copy() if image.info else image
    bare.info = {}
    bare.save(out, kind, **how)
    return out.getvalue()


def _is_signed(pdf: pikepdf.Pdf) -> bool:
    form = pdf.Root.get("/AcroForm")
    return isinstance(form, pikepdf.Dictionary) and bool(int(form.get("/SigFlags", 0)) & 1)
