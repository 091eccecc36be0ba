"""From a sheet of paper to a file: scanned or photographed, more or less well."""

import io
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageFilter

from bench.reading.pens import PER_MM


@dataclass(frozen=True)
class Taken:
    """The file, and how it was made, for whoever looks at a failure. `measured`: the same in figures, by
    distortion; what was not done to it is not there."""

    content: bytes
    media_type: str
    how: str
    measured: Mapping[str, float] = field(default_factory=dict)


def scanned(page: Image.Image, chance: random.Random) -> Taken:
    """A flatbed or a copier: small skews or a quarter turn, grey or colour, 100 to 300 dpi."""
    dpi = chance.choice((100, 100, 150, 150, 200, 200, 300))
    turn = chance.choice((0, 0, 0, 0, 90, 180, 270)) + chance.uniform(-3, 3)
    if chance.random() < 0.15:
        turn = chance.uniform(0, 360)
    small = page.resize(
        (round(page.width * dpi / 304.8), round(page.height * dpi / 304.8)), Image.Resampling.BOX
    )
    lid = chance.randint(200, 255)
    turned = small.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=(lid,) * 3)
    grey = chance.random() < 0.4
    pixels = np.asarray(turned, np.float32)
    pixels = chance.uniform(10, 45) + pixels * (chance.uniform(215, 250) / 255 - 0.1)
    how = f"scan {dpi} dpi, {turn:.0f}°"
    measured = {"rotation": turn, "resolution": dpi}
    return _stored(pixels, chance, how, measured, noise=(0, 8), blur=(0, 0.7), grey=grey)


def photographed(page: Image.Image, chance: random.Random) -> Taken:
    """A phone: any turn, perspective, a table around it, a light from one side, a shadow."""
    long_side = chance.choice((1400, 2000, 2600, 3000))
    scale = long_side / page.height
    width, height = page.width * scale, page.height * scale
    angle = np.deg2rad(chance.uniform(0, 360) if chance.random() < 0.5 else chance.gauss(0, 4))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [width / 2, height / 2]
    shifts = np.array([[chance.uniform(-0.07, 0.07), chance.uniform(-0.05, 0.05)] for _ in range(4)])
    corners = corners * (1 + shifts)
    placed = corners @ turn.T
    placed += chance.uniform(5, 120) - placed.min(axis=0)
    across, down = (int(edge) for edge in placed.max(axis=0) + chance.uniform(5, 120))
    table = tuple(chance.randint(30, 190) for _ in range(3))
    pixels = np.asarray(_laid(page, placed, (across, down), table), np.float32)
    light = _light(pixels.shape, chance)
    pixels = pixels * light
    tint = np.array([chance.uniform(0.88, 1.0), chance.uniform(0.93, 1.0), chance.uniform(0.82, 1.0)])
    how = f"photo {long_side} px, {np.rad2deg(angle):.0f}°"
    measured = {
        "rotation": float(np.rad2deg(angle)),
        "resolution": long_side / (page.height / PER_MM) * 25.4,
        "perspective": 100 * float(np.abs(shifts).max()),
        "light": 100 * float(light.min()),
    }
    pixels = pixels * tint.astype(np.float32)
    return _stored(pixels, chance, how, measured, noise=(1, 10), blur=(0.3, 1.3), grey=False)


def _laid(
    page: Image.Image, placed: np.ndarray, shape: tuple[int, int], table: tuple[int, ...]
) -> Image.Image:
    ratio = page.height / max(np.ptp(placed[:, 0]), np.ptp(placed[:, 1]))
    if ratio > 1.6:
        page = page.reduce(2)
    size = np.array([[0, 0], [page.width, 0], [page.width, page.height], [0, page.height]], float)
    rows = []
    for (x, y), (u, v) in zip(placed, size, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    found = np.linalg.solve(np.array(rows), size.reshape(-1))
    laid = page.transform(shape, Image.Transform.PERSPECTIVE, tuple(found), Image.Resampling.BICUBIC)
    mask = Image.new("L", page.size, 255).transform(
        shape, Image.Transform.PERSPECTIVE, tuple(found), Image.Resampling.BICUBIC
    )
    return Image.composite(laid, Image.new("RGB", shape, table), mask)


def _light(shape: tuple[int, ...], chance: random.Random) -> np.ndarray:
    """Brighter on one side; half of the times a soft shadow's edge across."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    angle = chance.uniform(0, 2 * np.pi)
    along = (x / shape[1] - 0.5) * np.cos(angle) + (y / shape[0] - 0.5) * np.sin(angle)
    light = 1 - chance.uniform(0, 0.45) * (along + 0.5)
    if chance.random() < 0.5:
        edge = chance.uniform(-0.4, 0.4)
        softness = chance.uniform(0.03, 0.2)
        light *= 1 - chance.uniform(0.05, 0.35) / (
            1 + np.exp(-np.clip((along - edge) / softness, -30, 30) * 4)
        )
    levels: np.ndarray = np.clip(light, 0.25, 1.05)[:, :, None].astype(np.float32)
    return levels


def _stored(
    pixels: np.ndarray,
    chance: random.Random,
    how: str,
    measured: Mapping[str, float],
    *,
    noise: tuple[float, float],
    blur: tuple[float, float],
    grey: bool,
) -> Taken:
    grain, softness = chance.uniform(*noise), chance.uniform(*blur)
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(softness))
    draws = np.random.default_rng(chance.getrandbits(64))
    grains = draws.normal(0, grain, (*np.asarray(image).shape[:2], 1 if grey else 3))
    image = Image.fromarray(np.clip(np.asarray(image, np.float32) + grains, 0, 255).astype(np.uint8))
    if grey:
        image = image.convert("L")
    how = f"{how}, noise {grain:.0f}, blur {softness:.1f}{', grey' if grey else ''}"
    measured = {**measured, "noise": grain, "blur": softness}
    kind = chance.choices(("JPEG", "PDF", "PNG"), (6, 3, 1))[0]
    out = io.BytesIO()
    if kind == "PNG":
        image.save(out, "PNG", compress_level=1)
        return Taken(out.getvalue(), "image/png", how, measured)
    quality = chance.choice((20, 30, 40, 60, 75, 85, 95))
    image.save(out, "JPEG", quality=quality)
    how = f"{how}, JPEG {quality}"
    measured["quality"] = quality
    if kind == "JPEG":
        return Taken(out.getvalue(), "image/jpeg", how, measured)
    pdf = io.BytesIO()
    Image.open(out).save(pdf, "PDF", resolution=150, quality=quality)
    return Taken(pdf.getvalue(), "application/pdf", f"{how}, in a PDF", measured)
