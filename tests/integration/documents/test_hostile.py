"""Hostile files against the real inspector process: refused with the reason, in bounded memory and time.

The memory is the process's own peak (VmHWM); a process that died or was killed is seen by its id.
`files/white-N.heic` are N × N white pixels in 15 kB, as pillow-heif writes them in half a minute.
"""

import io
import re
import time
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pikepdf
import pillow_heif
import pytest
from PIL import Image

from services.documents.domain.errors import BadFile, Flaw
from services.documents.inspecting import Inspectors
from services.documents.inspection import HEIC, JPEG, PDF
from tests.integration.documents.world import Site, problem
from tests.unit.documents import papers

MOST_MEBIBYTES = 900
MOST_SECONDS = 20
FILES = Path(__file__).parent / "files"


def heic(size: tuple[int, int] = (120, 80), orientation: int = 1) -> bytes:
    """As phones make them: the upper left quarter is red, and how it was held is in the EXIF."""
    picture = Image.new("RGB", size, "white")
    picture.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Le Téléphone"
    out = io.BytesIO()
    pillow_heif.from_pillow(picture).save(out, quality=80, exif=exif.tobytes())
    return out.getvalue()


def lying_heic() -> bytes:
    """It says that it has four thousand million pixels."""
    made = heic((128, 128))
    place = made.index(b"ispe") + 8
    return made[:place] + (65535).to_bytes(4) * 2 + made[place + 8 :]


def archive(before: bytes) -> bytes:
    """A file with an archive behind it, which archivers open."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("virus.exe", b"MZ")
    return before + out.getvalue()


def commented(comment: bytes) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40)).save(out, "JPEG", comment=comment)
    return out.getvalue()


def page_bomb(mebibytes: int) -> bytes:
    """A page whose drawing unpacks to that much."""

    def drawn(made: pikepdf.Pdf) -> None:
        made.pages[0].Contents = made.make_stream(b"q Q " * (mebibytes << 18))

    return papers.pdf(change=drawn)


IMAGE = papers.image()
REFUSED = {
    "nothing": (b"", "", Flaw.EMPTY),
    "a picture with an archive behind it": (archive(IMAGE), "", Flaw.MISLABELLED),
    "a PDF with an archive behind it": (archive(papers.pdf()), "", Flaw.MISLABELLED),
    "a picture with a PDF behind it": (IMAGE + papers.pdf(), "", Flaw.MISLABELLED),
    "a picture with a script in its head": (commented(b"<script>alert(1)</script>"), "", Flaw.MISLABELLED),
    "an archive": (archive(b""), "", Flaw.TYPE),
    "a program called a PDF": (b"MZ" + b"\0" * 100, PDF, Flaw.TYPE),
    "a picture called a PDF": (IMAGE, PDF, Flaw.MISLABELLED),
    "a HEIC called a PDF": (heic(), PDF, Flaw.MISLABELLED),
    "a PDF that unpacks to three gigabytes": (papers.bomb_pdf(3000), "", Flaw.PDF_BROKEN),
    "a picture of 400 million pixels": (papers.bomb_png(20_000, 20_000), "", Flaw.IMAGE_SIZE),
    "a HEIC of 61 million pixels": ((FILES / "white-7800.heic").read_bytes(), "", Flaw.IMAGE_SIZE),
    "a HEIC that lies about its size": (lying_heic(), "", Flaw.IMAGE_SIZE),
    "a HEIC cut off": (heic((600, 400))[:-300], "", Flaw.IMAGE_BROKEN),
    "an encrypted PDF": (papers.encrypted("secret", "secret"), "", Flaw.PDF_ENCRYPTED),
    "a PDF with restrictions": (papers.encrypted("secret", ""), "", Flaw.PDF_ENCRYPTED),
    "a PDF with a script": (papers.pdf(change=papers.script), "", Flaw.PDF_ACTIVE),
    "a PDF with a file in it": (papers.pdf(change=papers.embedded), "", Flaw.PDF_ACTIVE),
    "a PDF of 5,000 pages": (papers.pdf(5000), "", Flaw.PDF_PAGES),
    "a PDF cut off": (papers.pdf(3)[:-300], "", Flaw.PDF_BROKEN),
    "a picture cut off": (IMAGE[:-2000], "", Flaw.IMAGE_BROKEN),
}


@pytest.fixture
async def inspectors() -> AsyncIterator[Inspectors]:
    async with Inspectors(at_once=1, seconds=30) as opened:
        yield opened


def peak_mebibytes(inspectors: Inspectors) -> int:
    [process] = inspectors._idle
    status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) // 1024


@pytest.mark.parametrize(("content", "declared", "flaw"), REFUSED.values(), ids=REFUSED)
async def test_a_hostile_file_is_refused_in_bounded_memory_and_time(
    inspectors: Inspectors, tmp_path: Path, content: bytes, declared: str, flaw: Flaw
) -> None:
    file = tmp_path / "body"
    file.write_bytes(papers.pdf())
    await inspectors.inspect(file, "")
    [process] = inspectors._idle
    file.write_bytes(content)
    began = time.monotonic()
    with pytest.raises(BadFile) as refused:
        await inspectors.inspect(file, declared)
    assert refused.value.why is flaw
    assert time.monotonic() - began < MOST_SECONDS
    assert inspectors._idle == [process], "it was not needed to kill it"
    assert peak_mebibytes(inspectors) < MOST_MEBIBYTES


async def test_the_largest_picture_that_is_taken_is_converted_in_bounded_memory_and_time(
    inspectors: Inspectors, tmp_path: Path
) -> None:
    file, target = FILES / "white-7700.heic", tmp_path / "converted"
    for into in (JPEG, PDF):
        began = time.monotonic()
        assert await inspectors.inspect(file, HEIC) == HEIC
        await inspectors.convert(file, HEIC, into, target)
        assert time.monotonic() - began < MOST_SECONDS
        assert await inspectors.inspect(target, into) == into
    assert peak_mebibytes(inspectors) < MOST_MEBIBYTES


async def test_a_page_that_unpacks_to_half_a_gigabyte_is_never_unpacked_by_the_inspection(
    inspectors: Inspectors, tmp_path: Path
) -> None:
    """It is a valid PDF of one page: whoever draws it (the reading) has the same bounds."""
    file = tmp_path / "body"
    file.write_bytes(page_bomb(512))
    assert file.stat().st_size < 10 * 1024 * 1024
    assert await inspectors.inspect(file, "") == PDF
    assert peak_mebibytes(inspectors) < 200


class TestAPhonesPhoto:
    """HEIC is accepted and kept as JPEG; what the phone says of itself is not kept."""

    async def stored(self, site: Site, candidate: UUID) -> Image.Image:
        [kept] = site.objects(candidate)
        return Image.open(io.BytesIO(kept.read_bytes()))

    @pytest.mark.parametrize("media_type", ["image/heic", "image/heif", "application/octet-stream", ""])
    async def test_is_kept_as_jpeg_under_its_name(self, site: Site, media_type: str) -> None:
        candidate = await site.world.saved()
        response = await site.upload(
            candidate, heic(), media_type=media_type, params={"name": "IMG_0001.HEIC"}
        )
        assert response.status_code == 201, response.text
        found = response.json()
        assert (found["media_type"], found["name"]) == ("image/jpeg", "IMG_0001.jpg")
        picture = await self.stored(site, candidate)
        assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (120, 80), {})

    @pytest.mark.parametrize(
        ("content", "kept"),
        [
            (papers.image("PNG"), ("image/png", "capture.png")),
            (papers.image("JPEG"), ("image/jpeg", "capture.jpg")),
            (heic(), ("image/jpeg", "capture.jpg")),
        ],
    )
    async def test_called_a_jpeg_is_kept_as_what_it_is(
        self, site: Site, content: bytes, kept: tuple[str, str]
    ) -> None:
        candidate = await site.world.saved()
        response = await site.upload(
            candidate, content, media_type="image/jpeg", params={"name": "capture.jpg"}
        )
        assert response.status_code == 201, response.text
        found = response.json()
        assert (found["media_type"], found["name"]) == kept

    async def test_sent_again_is_the_same_upload(self, site: Site) -> None:
        candidate = await site.world.saved()
        photo = heic()
        assert (await site.upload(candidate, photo)).status_code == 201
        assert (await site.upload(candidate, photo)).status_code == 200
        assert len(site.objects(candidate)) == 1

    async def test_stands_as_it_was_held(self, site: Site) -> None:
        candidate = await site.world.saved()
        assert (await site.upload(candidate, heic(orientation=6))).status_code == 201
        picture = await self.stored(site, candidate)
        assert picture.size == (80, 120)
        red = picture.convert("RGB").getpixel((70, 10))
        assert isinstance(red, tuple)
        assert (red[0] > 200, red[1] < 80) == (True, True)


class TestSeveralFilesTogether:
    async def send(self, site: Site, candidate: UUID, *files: tuple[str, bytes]) -> UUID | tuple[int, str]:
        response = await site.ask(
            "POST",
            "/api/documents/me/pieces/p2/files",
            candidate=candidate,
            files=[("file", (name, content)) for name, content in files],
        )
        return UUID(response.json()["file_id"]) if response.is_success else problem(response)

    def held(self, colour: str, orientation: int) -> bytes:
        exif = Image.Exif()
        exif[0x0112] = orientation
        out = io.BytesIO()
        Image.new("RGB", (1200, 900), colour).save(out, "JPEG", exif=exif.tobytes())
        return out.getvalue()

    async def test_become_one_pdf_in_their_order_each_page_upright(self, site: Site) -> None:
        candidate = await site.world.saved()
        made = await self.send(
            site,
            candidate,
            ("b.jpg", self.held("red", 6)),
            ("a.pdf", papers.pdf(2)),
            ("c.heic", heic()),
            ("d.png", papers.image("PNG", mode="RGBA")),
        )
        assert isinstance(made, UUID), made
        [file] = (await site.piece(candidate))["files"]
        assert (file["media_type"], file["name"]) == ("application/pdf", "b et 3 autres.pdf")
        [kept] = site.objects(candidate)
        with pikepdf.open(kept) as pdf:
            boxes = [[round(float(side)) for side in page.mediabox][2:] for page in pdf.pages]
        assert [width < height for width, height in boxes] == [True, True, True, False, False]
        assert max(boxes[0]) == 842

    async def test_the_same_together_again_are_the_same_upload(self, site: Site) -> None:
        candidate = await site.world.saved()
        files = ("1.jpg", papers.image()), ("2.pdf", papers.pdf())
        assert await self.send(site, candidate, *files) == await self.send(site, candidate, *files)
        assert len(site.objects(candidate)) == 1

    async def test_one_that_is_flawed_is_named_and_nothing_is_kept(self, site: Site) -> None:
        candidate = await site.world.saved()
        response = await site.ask(
            "POST",
            "/api/documents/me/pieces/p2/files",
            candidate=candidate,
            files=[("file", ("1.jpg", IMAGE)), ("file", ("2.pdf", papers.pdf(change=papers.script)))],
        )
        assert problem(response) == (422, "pdf-actif")
        assert "« 2.pdf »" in response.json()["detail"]
        assert site.objects(candidate) == []
        assert (await site.world.row(candidate)).faults == {}

    @pytest.mark.parametrize(
        ("files", "expected"),
        [
            ([papers.pdf(30), papers.pdf(21)], (422, "pdf-trop-de-pages")),
            ([papers.pdf(number) for number in range(1, 22)], (422, "envoi-trop-de-fichiers")),
            ([IMAGE, IMAGE + b"\0" * (10 << 20)], (413, "fichier-trop-lourd")),
            ([IMAGE + b"\0" * (9 << 20)] * 6, (413, "envoi-trop-lourd")),
        ],
        ids=["pages", "files", "one too large", "too large together"],
    )
    async def test_are_bounded(self, site: Site, files: list[bytes], expected: tuple[int, str]) -> None:
        candidate = await site.world.saved()
        named = [(f"fichier-{number}", content) for number, content in enumerate(files)]
        assert await self.send(site, candidate, *named) == expected

    async def test_an_electronic_signature_is_not_lost_by_joining(self, site: Site) -> None:
        def signed(made: pikepdf.Pdf) -> None:
            made.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([]), SigFlags=3)

        candidate = await site.world.saved()
        files = ("1.pdf", papers.pdf(change=signed)), ("2.pdf", papers.pdf())
        assert await self.send(site, candidate, *files) == (422, "pdf-signe")
        assert isinstance(await self.send(site, candidate, files[0]), UUID)
