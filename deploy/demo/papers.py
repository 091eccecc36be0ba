"""The files a candidate uploads, made on the spot: a signed confirmation, scans, a PDF of several pages."""

import io
import math
import random

import pikepdf
import pypdfium2
from PIL import Image, ImageDraw, ImageFilter


def sign(confirmation: bytes, date: str) -> bytes:
    """Print, date and sign: the confirmation at 150 dpi, with ink near the foot of its last page."""
    document = pypdfium2.PdfDocument(confirmation)
    try:
        pages = [
            document[index].render(scale=150 / 72).to_pil().convert("RGB") for index in range(len(document))
        ]
    finally:
        document.close()
    last = pages[-1]
    pen = ImageDraw.Draw(last)
    width, height = last.size
    pen.text((width * 0.12, height * 0.86), date, fill=(20, 30, 120), font_size=28)
    stroke = [
        (width * 0.60 + 4 * step, height * 0.87 + 26 * math.sin(step / 3) * math.cos(step / 11))
        for step in range(80)
    ]
    pen.line(stroke, fill=(20, 30, 120), width=4, joint="curve")
    scan = io.BytesIO()
    pages[0].save(scan, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return scan.getvalue()


def scan(title: str, seed: int) -> bytes:
    """A slightly crooked grey JPEG scan of a page that carries `title`."""
    page = Image.new("L", (1240, 1754), 244)
    pen = ImageDraw.Draw(page)
    pen.text((140, 160), title, fill=30, font_size=48)
    for row in range(24):
        pen.line([(140, 320 + 50 * row), (1100 - 9 * (row * seed % 17), 320 + 50 * row)], fill=90, width=3)
    noise = Image.effect_noise(page.size, 22).point(lambda level: level // 5)
    page = Image.blend(page, noise, 0.08).rotate(random.Random(seed).uniform(-2, 2), fillcolor=235)
    out = io.BytesIO()
    page.filter(ImageFilter.GaussianBlur(0.6)).save(out, "JPEG", quality=82)
    return out.getvalue()


def several_pages(title: str, pages: int = 3) -> bytes:
    """A PDF with text on each of its A4 pages."""
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    for number in range(1, pages + 1):
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        text = f"BT /F1 16 Tf 72 760 Td ({title} - page {number}) Tj ET".encode("latin-1", "replace")
        page.Contents = pdf.make_stream(text)
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()
