"""Reads one file: `read`. It takes some seconds of its process's time at most, counted between its pages."""

import hashlib
import time
from pathlib import Path

import numpy as np

from services.contracts.internal import ConfirmationMarks
from services.documents.reading import codes, pages
from services.documents.reading.alignment import align
from services.documents.reading.beside import beside
from services.documents.reading.codes import Code
from services.documents.reading.frames import ink_in, locate
from services.documents.reading.pages import Picture
from services.documents.reading.plane import Sheet
from services.documents.reading.verdict import Page, Reading, Verdict, best, judge

SECONDS = 12.0


def read(file: Path, media_type: str, marks: ConfirmationMarks, seconds: float = SECONDS) -> Reading:
    """The reading of a file that passed its inspection; what cannot be read is doubtful.

    Raises:
        pypdfium2.PdfiumError, OSError, ValueError, MemoryError: the file cannot be drawn.
    """
    until = time.process_time() + seconds
    electronic = pages.has_electronic_signature(file, media_type)
    for thorough in (False, True):
        readings: list[Reading] = []
        for picture in pages.pictures(file, media_type):
            if time.process_time() > until:
                break
            found = codes.find(picture, marks.prefix, thorough=thorough)
            readings.extend(_of_code(picture, code, marks, electronic=electronic) for code in found)
        if readings:
            break
    return best(readings)


def _of_code(picture: Picture, code: Code, marks: ConfirmationMarks, *, electronic: bool) -> Reading:
    digest = hashlib.sha256(code.text.encode()).hexdigest()
    version = next((number for number, known in marks.codes.items() if known == digest), None)
    if version is None:
        return Reading(Verdict.OTHER)
    if version != marks.version:
        return Reading(Verdict.STALE, version)
    return judge(look(picture, code, marks, electronic=electronic), version)


def look(picture: Picture, code: Code, marks: ConfirmationMarks, *, electronic: bool = False) -> Page:
    """What there is to see on a page with its code."""
    sheet = Sheet(picture)
    try:
        matrix = align(sheet, code.corners, marks)
    except np.linalg.LinAlgError:
        matrix = None
    if matrix is None:
        return Page(aligned=False, electronic=electronic)
    date, signature = (locate(sheet, matrix, place) for place in (marks.date, marks.signature))
    frames = tuple(frame for frame in (date, signature) if frame is not None)
    ink = beside(sheet, matrix, marks, frames)
    if date is None or signature is None:
        return Page(aligned=False, red=ink.red, electronic=electronic)
    return Page(
        aligned=True,
        date=ink_in(sheet, matrix, date),
        signature=ink_in(sheet, matrix, signature),
        red=ink.red,
        outside=ink.coloured or ink.on_blank,
        electronic=electronic,
    )
