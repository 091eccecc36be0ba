"""Real files, good and bad, made on the spot."""

import io
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
from PIL import Image

Marked = Callable[[pikepdf.Pdf], None]


def pdf(pages: int = 1, change: Marked | None = None, **save: Any) -> bytes:
    """A PDF of blank pages, changed and saved as asked."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=(595, 842))
    if change is not None:
        change(made)
    out = io.BytesIO()
    made.save(out, **save)
    return out.getvalue()


def encrypted(owner: str, user: str) -> bytes:
    return pdf(encryption=pikepdf.Encryption(owner=owner, user=user))


def image(kind: str = "JPEG", size: tuple[int, int] = (400, 300), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    picture = Image.effect_noise(size, 60).convert(mode)
    picture.save(out, kind)
    return out.getvalue()


def several_pictures() -> bytes:
    """A JPEG as phones make them: a second picture behind the first (MPO)."""
    out = io.BytesIO()
    picture = Image.effect_noise((400, 300), 60).convert("RGB")
    picture.save(out, "MPO", save_all=True, append_images=[picture.copy()])
    return out.getvalue()


def bomb_png(width: int, height: int) -> bytes:
    """A PNG of that many pixels in a few kilobytes, without ever holding them."""
    raw = zlib.compressobj(9)
    line = b"\0" + b"\0" * ((width + 7) // 8)
    data = b"".join(raw.compress(line) for _ in range(height)) + raw.flush()

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + bytes([1, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def bomb_pdf(mebibytes: int) -> bytes:
    """A PDF whose object stream unpacks to that much: one packed block of spaces, over and over."""
    first = zlib.compressobj(9)
    head = first.compress(b"7 0 << /Type /Catalog >>") + first.flush(zlib.Z_FULL_FLUSH)
    block = zlib.compressobj(9, wbits=-15)
    sixteen = block.compress(b" " * (16 << 20)) + block.flush(zlib.Z_FULL_FLUSH)
    packed = head + sixteen * (mebibytes // 16) + b"\x03\x00" + b"\0" * 4
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places = {}

    def write(number: int, body: bytes) -> None:
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    write(1, b"<< /Type /Catalog /Pages 2 0 R >>")
    write(2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
    write(3, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 10 10] /Resources 7 0 R >>")
    stream = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
    write(5, stream % (len(packed), packed))
    start = out.tell()
    entries = [b"\x00\x00\x00\x00\x00\xff"]
    for number in range(1, 8):
        if number == 7:
            entries.append(b"\x02\x00\x00\x00\x05\x00")
        else:
            entries.append(b"\x01" + places.get(number, start).to_bytes(4) + b"\x00")
    table = b"".join(entries)
    head = b"<< /Type /XRef /Size 8 /W [1 4 1] /Root 1 0 R /Length %d >>" % len(table)
    out.write(b"6 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (head, table))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def script(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('bonjour')")
    )


def named_script(made: pikepdf.Pdf) -> None:
    action = made.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=made.make_stream(b"1;")))
    names = pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("a"), action]))
    made.Root.Names = pikepdf.Dictionary(JavaScript=names)


def hidden_script(made: pikepdf.Pdf) -> None:
    """Behind twenty actions, each inside the one before."""
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("1;"))
    for _ in range(20):
        action = pikepdf.Dictionary(S=pikepdf.Name.GoTo, Next=action)
    made.Root.OpenAction = action


def launch(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))


def embedded(made: pikepdf.Pdf) -> None:
    made.attachments["note.txt"] = pikepdf.AttachedFileSpec(made, b"hello")


def xfa(made: pikepdf.Pdf) -> None:
    """A form whose scripts are in its XML."""
    made.Root.AcroForm = pikepdf.Dictionary(
        Fields=pikepdf.Array([]), XFA=made.make_stream(b"<xdp><script>1</script></xdp>")
    )


def form(made: pikepdf.Pdf) -> None:
    """An ordinary fillable form with a link, bookmarks and metadata."""
    page = made.pages[0]
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=pikepdf.Array([0, 0, 10, 10]),
        A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://example.org")),
    )
    field = made.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T=pikepdf.String("nom"),
            Rect=pikepdf.Array([0, 0, 100, 20]),
        )
    )
    page.Annots = pikepdf.Array([made.make_indirect(link), field])
    made.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
    with made.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Première page", 0))
    with made.open_metadata() as metadata:
        metadata["dc:title"] = "Attestation"
