"""What a file really is, on real files."""

import io
import zipfile
from pathlib import Path

import pikepdf
import pytest

from services.documents.domain.errors import BadFile, Flaw
from services.documents.inspection import declared_type, inspect
from tests.unit.documents import papers

PDF, JPEG, PNG, HEIC = "application/pdf", "image/jpeg", "image/png", "image/heic"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "body"


def flaw_of(file: Path, content: bytes, declared: str = "") -> Flaw:
    file.write_bytes(content)
    with pytest.raises(BadFile) as refused:
        inspect(file, declared)
    return refused.value.why


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (papers.pdf(), PDF),
        (papers.pdf(50), PDF),
        (papers.pdf(change=papers.form), PDF),
        (papers.pdf(3, object_stream_mode=pikepdf.ObjectStreamMode.generate, linearize=True), PDF),
        (papers.pdf() + b"\n" * 500, PDF),
        (papers.image("JPEG"), JPEG),
        (papers.image("JPEG", mode="CMYK"), JPEG),
        (papers.image("JPEG", mode="L"), JPEG),
        (papers.several_pictures(), JPEG),
        (papers.image("PNG"), PNG),
        (papers.image("PNG", mode="1"), PNG),
    ],
)
def test_ordinary_files_are_accepted_as_what_they_are(file: Path, content: bytes, media_type: str) -> None:
    file.write_bytes(content)
    assert inspect(file, media_type) == media_type
    assert inspect(file, "") == media_type


@pytest.mark.parametrize(
    ("content", "flaw"),
    [
        (b"", Flaw.EMPTY),
        (b"bonjour", Flaw.TYPE),
        (b"PK\x03\x04" + b"\0" * 100, Flaw.TYPE),
        (b"GIF89a" + b"\0" * 100, Flaw.TYPE),
        (b"<html>" + papers.pdf(), Flaw.TYPE),
        (papers.encrypted(owner="secret", user="secret"), Flaw.PDF_ENCRYPTED),
        (papers.encrypted(owner="secret", user=""), Flaw.PDF_ENCRYPTED),
        (papers.pdf()[:-200], Flaw.PDF_BROKEN),
        (papers.pdf(20)[: len(papers.pdf(20)) // 2], Flaw.PDF_BROKEN),
        (b"%PDF-1.7\n%%EOF\n", Flaw.PDF_BROKEN),
        (papers.pdf(0), Flaw.PDF_BROKEN),
        (papers.pdf(51), Flaw.PDF_PAGES),
        (papers.pdf(change=papers.script), Flaw.PDF_ACTIVE),
        (
            papers.pdf(change=papers.script, object_stream_mode=pikepdf.ObjectStreamMode.generate),
            Flaw.PDF_ACTIVE,
        ),
        (papers.pdf(change=papers.named_script), Flaw.PDF_ACTIVE),
        (papers.pdf(change=papers.hidden_script), Flaw.PDF_ACTIVE),
        (papers.pdf(change=papers.launch), Flaw.PDF_ACTIVE),
        (papers.pdf(change=papers.embedded), Flaw.PDF_ACTIVE),
        (papers.pdf(change=papers.xfa), Flaw.PDF_ACTIVE),
        (papers.image("JPEG")[:-2000], Flaw.IMAGE_BROKEN),
        (papers.image("PNG")[:-2000], Flaw.IMAGE_BROKEN),
        (b"\xff\xd8\xff" + b"\0" * 100, Flaw.IMAGE_BROKEN),
        (papers.bomb_png(10_000, 6_001), Flaw.IMAGE_SIZE),
        (papers.bomb_png(20_000, 20_000), Flaw.IMAGE_SIZE),
    ],
)
def test_bad_files_are_refused_for_what_is_wrong(file: Path, content: bytes, flaw: Flaw) -> None:
    assert flaw_of(file, content) is flaw


@pytest.mark.parametrize(
    ("content", "declared", "flaw"),
    [
        (papers.image("PNG"), PDF, Flaw.MISLABELLED),
        (papers.pdf(), JPEG, Flaw.MISLABELLED),
        (papers.image("JPEG"), PDF, Flaw.MISLABELLED),
        (papers.pdf(), "text/html", Flaw.TYPE),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    file: Path, content: bytes, declared: str, flaw: Flaw
) -> None:
    assert flaw_of(file, content, declared) is flaw


@pytest.mark.parametrize(("kind", "declared"), [("PNG", JPEG), ("JPEG", PNG), ("JPEG", HEIC)])
def test_a_picture_called_by_the_name_of_another_is_taken_for_what_it_is(
    file: Path, kind: str, declared: str
) -> None:
    file.write_bytes(papers.image(kind))
    assert inspect(file, declared) == f"image/{kind.lower()}"


@pytest.mark.parametrize(
    ("content_type", "name", "declared"),
    [
        ("application/pdf", "", PDF),
        ("Application/PDF; version=1", "a.png", PDF),
        ("image/jpg", "", JPEG),
        ("", "scan.PDF", PDF),
        ("application/octet-stream", "photo.jpeg", JPEG),
        ("application/octet-stream", "sans extension", ""),
        ("", "", ""),
        ("text/html", "scan.pdf", "text/html"),
    ],
)
def test_what_the_sender_says_is_the_type_else_the_extension(
    content_type: str, name: str, declared: str
) -> None:
    assert declared_type(content_type, name) == declared


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("virus.exe", b"MZ")
    return out.getvalue()


END_OF_AN_ARCHIVE = b"PK\x05\x06"


@pytest.mark.parametrize("made", [papers.image("JPEG"), papers.image("PNG"), papers.pdf()])
def test_the_bytes_of_an_archives_end_alone_make_no_archive(file: Path, made: bytes) -> None:
    """They lie by chance in one of some ten thousand photos."""
    by_chance = made + b"\n%" + END_OF_AN_ARCHIVE + b"." * 40
    file.write_bytes(by_chance)
    assert zipfile.is_zipfile(file)
    assert inspect(file, "") in (PDF, JPEG, PNG)


@pytest.mark.parametrize("behind", [b"", b"." * 60_000, END_OF_AN_ARCHIVE + b"." * 40])
def test_an_archive_behind_a_picture_is_one_whatever_lies_behind_it(file: Path, behind: bytes) -> None:
    assert flaw_of(file, papers.image("JPEG") + archive() + behind) is Flaw.MISLABELLED
