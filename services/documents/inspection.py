"""What a file really is: type by content, and structure. Runs in a process of its own (`inspector`).

Raises `BadFile` with the flaw; anything else is our fault.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pi_heif
import pikepdf
from PIL import Image

from services.documents.domain.errors import BadFile, Flaw

PDF, JPEG, PNG, HEIC = "application/pdf", "image/jpeg", "image/png", "image/heic"
PDF_PAGES = 50
_MAGIC = {PDF: b"%PDF-", JPEG: b"\xff\xd8\xff", PNG: b"\x89PNG\r\n\x1a\n"}
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_MEDIA_TYPES = frozenset({*_MAGIC, HEIC})
_SAME = {"image/jpg": JPEG, "image/heif": HEIC, "image/heic-sequence": HEIC, "image/heif-sequence": HEIC}
_IMAGE_KINDS = {JPEG: "JPEG", PNG: "PNG", HEIC: "HEIF"}
_PICTURES = frozenset(_IMAGE_KINDS)
"""Phones and messengers call one by the name of another: what is kept is called by what it is."""
_UNDECLARED = {"", "application/octet-stream"}
_EXTENSIONS = {
    "pdf": PDF,
    "jpg": JPEG,
    "jpeg": JPEG,
    "jpe": JPEG,
    "png": PNG,
    "heic": HEIC,
    "heif": HEIC,
}
_PDF_TAIL_BYTES = 4096
_PDF_NESTING = 64
_PDF_OBJECTS = 50_000
IMAGE_PIXELS = 60_000_000
_ARCHIVE_END, _ARCHIVE_ENTRY = b"PK\x05\x06", b"PK\x01\x02"
_ARCHIVE_TAIL_BYTES = 22 + 65_535
"""An archive's end with the longest comment: where archivers look for it."""
_PAGE_MARKS = (b"<html", b"<script", b"<?php")
_ACTIVE_NAMES = ("/JS", "/JavaScript", "/EmbeddedFile", "/EF", "/RichMedia", "/XFA", "/OnInstantiate")
_ACTIVE_ACTIONS = ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm")


def inspect(file: Path, declared: str) -> str:
    """Check the file and return its media type.

    Args:
        declared: from `declared_type`; it must not contradict the content, save that a picture may be
            another kind of picture.

    Raises:
        BadFile.
    """
    with file.open("rb") as opened:
        head = opened.read(1024)
    if not head:
        raise BadFile(Flaw.EMPTY)
    found = _type_of(head)
    if _is_another_too(file, found, head):
        raise BadFile(Flaw.MISLABELLED)
    if declared and declared != found and not {declared, found} <= _PICTURES:
        raise BadFile(Flaw.MISLABELLED if declared in _MEDIA_TYPES else Flaw.TYPE)
    try:
        if found == PDF:
            _check_pdf(file)
        else:
            _check_image(file, found)
    except MemoryError:  # ten million bytes that unpack to more than the inspector may have
        raise BadFile(Flaw.PDF_BROKEN if found == PDF else Flaw.IMAGE_SIZE) from None
    return found


def declared_type(content_type: str, name: str) -> str:
    """What the sender says it is: by its Content-Type, else by the name's extension; empty: nothing said."""
    media_type = content_type.partition(";")[0].strip().lower()
    media_type = _SAME.get(media_type, media_type)
    if media_type not in _UNDECLARED:
        return media_type
    return _EXTENSIONS.get(name.rpartition(".")[2].lower(), "")


def _type_of(head: bytes) -> str:
    for media_type, magic in _MAGIC.items():
        if head.startswith(magic):
            return media_type
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return HEIC
    raise BadFile(Flaw.TYPE)


def _is_another_too(file: Path, media_type: str, head: bytes) -> bool:
    """Whether some program would take it for something else: an archive, a page, a PDF in a picture."""
    if _has_archive(file) or any(mark in head.lower() for mark in _PAGE_MARKS):
        return True
    return media_type != PDF and (b"%PDF-" in head or b"startxref" in _tail(file))


def _has_archive(file: Path) -> bool:
    """An archive's end behind the entry of a file in it: the four bytes of one alone lie in photos by chance.

    Not asked of `zipfile`, which believes the last end alone: a false one would hide the true one before it.
    """
    content = file.read_bytes()
    end = content.rfind(_ARCHIVE_END, -_ARCHIVE_TAIL_BYTES)
    return end >= 0 and content.find(_ARCHIVE_ENTRY, 0, end) >= 0


def _check_pdf(file: Path) -> None:
    if b"%%EOF" not in _tail(file):
        raise BadFile(Flaw.PDF_BROKEN)
    try:
        with pikepdf.open(file) as pdf:
            if pdf.is_encrypted:
                raise BadFile(Flaw.PDF_ENCRYPTED)
            pages = len(pdf.pages)
            if pages == 0:
                raise BadFile(Flaw.PDF_BROKEN)
            if pages > PDF_PAGES:
                raise BadFile(Flaw.PDF_PAGES)
            _check_passive(pdf)
    except pikepdf.PasswordError:
        raise BadFile(Flaw.PDF_ENCRYPTED) from None
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError, KeyError, RecursionError):
        raise BadFile(Flaw.PDF_BROKEN) from None


def _tail(file: Path) -> bytes:
    with file.open("rb") as opened:
        opened.seek(max(0, file.stat().st_size - _PDF_TAIL_BYTES))
        return opened.read()


def _check_passive(pdf: pikepdf.Pdf) -> None:
    """No script, no launched program, no file inside: an officer will open it."""
    objects = list(islice(iter(pdf.objects), _PDF_OBJECTS + 1))
    if len(objects) > _PDF_OBJECTS:
        raise BadFile(Flaw.PDF_PAGES)
    for one in objects:
        if isinstance(one, pikepdf.Stream) and one.get("/Type") == pikepdf.Name.ObjStm:
            one.read_bytes()  # qpdf takes what is in an object stream it cannot unpack for nothing
        if _is_active(one):
            raise BadFile(Flaw.PDF_ACTIVE)


def _is_active(one: pikepdf.Object, depth: int = 0) -> bool:
    if depth > _PDF_NESTING:
        return True
    if isinstance(one, pikepdf.Array):
        return any(_is_active(item, depth + 1) for item in one if _is_container(item))
    if not isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
        return False
    names = {str(key): value for key, value in one.items()}
    if any(name in names for name in _ACTIVE_NAMES) or str(names.get("/S", "")) in _ACTIVE_ACTIONS:
        return True
    nested = (value for value in names.values() if _is_container(value))
    return any(_is_active(value, depth + 1) for value in nested)


def _is_container(value: object) -> bool:
    """Direct containers only: indirect ones are in the list of objects themselves."""
    return isinstance(value, pikepdf.Array | pikepdf.Dictionary) and not value.is_indirect


def _check_image(file: Path, media_type: str) -> None:
    try:
        with opened_image(file, media_type) as image:
            image.load()
    except Image.DecompressionBombError:
        raise BadFile(Flaw.IMAGE_SIZE) from None
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError):
        raise BadFile(Flaw.IMAGE_BROKEN) from None


@contextmanager
def opened_image(file: Path, media_type: str) -> Iterator[Image.Image]:
    """Its pixels are not read yet, and not too many.

    Raises:
        BadFile.
    """
    if media_type == HEIC:
        pi_heif.register_heif_opener(thumbnails=False, decode_threads=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(file, formats=[_IMAGE_KINDS[media_type]]) as image:
            width, height = image.size
            if width * height > IMAGE_PIXELS:
                raise BadFile(Flaw.IMAGE_SIZE)
            yield image
