"""Reading confirmations that are really drawn, written on, and scanned or photographed from a seed."""

import functools
import io
import random
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from bench.reading.__main__ import wrong
from bench.reading.corpus import IN_FORCE, KINDS, Sample, confirmation, known, printed, sample
from bench.reading.pens import PENS, PER_MM, Hand, Pen
from deploy.demo import papers
from services.contracts.internal import ConfirmationMarks
from services.documents.reading.reader import read
from services.documents.reading.verdict import Doubt, Reading, Verdict

SEED, SEEDED = 2026, 16
PDF = confirmation(0, "a", IN_FORCE)
MARKS = known(0)


@functools.cache
def made(number: int) -> Sample:
    return sample(SEED, number)


def read_bytes(folder: Path, content: bytes, media_type: str, marks: ConfirmationMarks = MARKS) -> Reading:
    file = folder / "page"
    file.write_bytes(content)
    return read(file, media_type, marks)


def read_page(folder: Path, page: Image.Image, marks: ConfirmationMarks = MARKS) -> Reading:
    out = io.BytesIO()
    page.resize((1654, 2339)).save(out, "JPEG", quality=70)
    return read_bytes(folder, out.getvalue(), "image/jpeg", marks)


@pytest.mark.parametrize("number", range(SEEDED))
def test_no_page_is_refused_for_what_it_is_not(number: int, tmp_path: Path) -> None:
    """Nor is another's or an older one accepted."""
    one = made(number)
    found = read_bytes(tmp_path, one.taken.content, one.taken.media_type, one.marks)
    assert not wrong(one, found), (one.kind, found, one.taken.how, one.pens)


def test_the_seeded_part_has_every_kind() -> None:
    assert {made(number).kind for number in range(SEEDED)} == set(KINDS)


@pytest.mark.parametrize("pen", PENS, ids=lambda pen: pen.name)
def test_every_pen_is_seen(pen: Pen, tmp_path: Path) -> None:
    page = printed(0, "a", IN_FORCE).copy()
    hand = Hand(page, random.Random(7))
    hand.date(MARKS.date, pen)
    hand.signature(MARKS.signature, pen, outside=False)
    assert read_page(tmp_path, page) == Reading(Verdict.CLEAR, IN_FORCE)


def test_a_pencil_that_hardly_marks_is_never_taken_for_nothing(tmp_path: Path) -> None:
    for cover in (0.35, 0.2, 0.12):
        page = printed(0, "a", IN_FORCE).copy()
        hand = Hand(page, random.Random(7))
        pen = Pen("faint pencil", (110, 110, 112), 0.35, cover)
        hand.date(MARKS.date, pen)
        hand.signature(MARKS.signature, pen, outside=False)
        assert read_page(tmp_path, page).verdict in (Verdict.DOUBTFUL, Verdict.CLEAR), cover


def test_a_signature_beside_an_empty_frame_is_never_refused(tmp_path: Path) -> None:
    """In black: above the frame, below it, in the margin, over the text."""
    for x, y in ((60, 205), (100, 268), (2, 120), (40, 55), (90, 85)):
        page = printed(0, "a", IN_FORCE).copy()
        hand = Hand(page, random.Random(7))
        hand.date(MARKS.date, PENS[0])
        hand.signature(MARKS.signature.model_copy(update={"x": x, "y": y}), PENS[0], outside=False)
        assert read_page(tmp_path, page).verdict in (Verdict.DOUBTFUL, Verdict.CLEAR), (x, y)


def test_the_printed_pdf_sent_back_is_neither_dated_nor_signed(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, PDF, "application/pdf")
    assert found == Reading(Verdict.EMPTY, IN_FORCE)


def test_the_demos_signature_is_read(tmp_path: Path) -> None:
    signed = papers.sign(PDF, "le 24 novembre")
    assert read_bytes(tmp_path, signed, "application/pdf") == Reading(Verdict.CLEAR, IN_FORCE)


def test_the_confirmation_may_be_on_any_of_the_first_ten_pages(tmp_path: Path) -> None:
    def behind(pages: int) -> bytes:
        with pikepdf.new() as made, pikepdf.open(io.BytesIO(papers.sign(PDF, "le 24"))) as signed:
            for _ in range(pages):
                made.add_blank_page(page_size=(595, 842))
            made.pages.extend(signed.pages)
            out = io.BytesIO()
            made.save(out)
        return out.getvalue()

    assert read_bytes(tmp_path, behind(9), "application/pdf").verdict is Verdict.CLEAR
    assert read_bytes(tmp_path, behind(10), "application/pdf").doubts == (Doubt.CODE,)


def test_a_picture_of_something_else_counts_and_is_looked_at(tmp_path: Path) -> None:
    scan = papers.scan("Une autre page", 3)
    assert read_bytes(tmp_path, scan, "image/jpeg") == Reading(Verdict.DOUBTFUL, None, (Doubt.CODE,))


@pytest.mark.parametrize("size", [(14_400, 0.5), (200_000, 10), (10, 200_000)])
def test_pages_of_absurd_sizes_are_bounded(size: tuple[float, float], tmp_path: Path) -> None:
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(595, 842))
        made.pages[0].MediaBox = pikepdf.Array([0, 0, *size])
        out = io.BytesIO()
        made.save(out)
    assert read_bytes(tmp_path, out.getvalue(), "application/pdf").doubts == (Doubt.CODE,)


def test_a_foot_that_is_cut_off_is_not_taken_for_empty(tmp_path: Path) -> None:
    page = printed(0, "a", IN_FORCE).copy().crop((0, 0, 210 * PER_MM, 245 * PER_MM))
    found = read_bytes(tmp_path, jpeg(page), "image/jpeg")
    assert found == Reading(Verdict.DOUBTFUL, IN_FORCE, (Doubt.ALIGNMENT,))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "LA", "CMYK", "I;16"])
def test_pictures_of_every_mode_are_read(mode: str, tmp_path: Path) -> None:
    page = printed(0, "a", IN_FORCE).copy()
    hand = Hand(page, random.Random(7))
    hand.date(MARKS.date, PENS[0])
    hand.signature(MARKS.signature, PENS[0], outside=False)
    small = page.resize((1240, 1754))
    if mode == "I;16":
        small = small.convert("L").point(lambda level: level * 256, "I").convert("I;16")
    out = io.BytesIO()
    kind = "JPEG" if mode == "CMYK" else "PNG"
    (small if mode == "I;16" else small.convert(mode)).save(out, kind)
    assert read_bytes(tmp_path, out.getvalue(), f"image/{kind.lower()}").verdict is Verdict.CLEAR


def jpeg(page: Image.Image) -> bytes:
    out = io.BytesIO()
    page.resize((page.width // 2, page.height // 2)).save(out, "JPEG")
    return out.getvalue()
