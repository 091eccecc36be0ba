"""The ledger's papers are what it says they are, by the product's own reading."""

from pathlib import Path

import pytest

from bench.reading.corpus import IN_FORCE, confirmation, known
from services.documents.domain.errors import BadFile
from services.documents.inspection import inspect
from services.documents.reading.reader import read
from services.documents.reading.verdict import Doubt, Verdict
from tests.faults.ledger import papers

_PRINTED = confirmation(0, "a", IN_FORCE)


def _kept(file: papers.File, folder: Path) -> Path:
    path = folder / file.name
    path.write_bytes(file.content)
    return path


def test_a_signed_confirmation_is_read_as_dated_and_signed(tmp_path: Path) -> None:
    signed = papers.signed(_PRINTED, "1.2.3")
    found = read(_kept(signed, tmp_path), signed.media_type, known(0))
    assert (found.verdict, found.version) == (Verdict.CLEAR, IN_FORCE)


def test_a_printed_one_is_surely_unsigned(tmp_path: Path) -> None:
    printed = papers.printed(_PRINTED)
    found = read(_kept(printed, tmp_path), printed.media_type, known(0))
    assert found.verdict in (Verdict.UNSIGNED, Verdict.EMPTY)


def test_a_small_photograph_counts_and_is_flagged(tmp_path: Path) -> None:
    photo = papers.photographed(_PRINTED, "1.2.3")
    found = read(_kept(photo, tmp_path), photo.media_type, known(0))
    assert (found.verdict, found.doubts) == (Verdict.DOUBTFUL, (Doubt.CODE,))


def test_a_scan_passes_the_inspection_and_a_broken_one_does_not(tmp_path: Path) -> None:
    good, bad = papers.scan("1.2.3"), papers.broken("1.2.3")
    assert inspect(_kept(good, tmp_path), good.media_type) == good.media_type
    with pytest.raises(BadFile):
        inspect(_kept(bad, tmp_path), bad.media_type)


def test_no_two_papers_are_alike() -> None:
    assert papers.scan("1.2.3").sha256 != papers.scan("1.2.4").sha256
    assert papers.signed(_PRINTED, "1.2.3").sha256 != papers.signed(_PRINTED, "1.2.4").sha256
    assert papers.photographed(_PRINTED, "1.2.3").sha256 != papers.photographed(_PRINTED, "1.2.4").sha256
