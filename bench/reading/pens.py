"""What a hand writes on a page: a date in figures, a signature, a correction, with pens of several kinds."""

import math
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

from services.contracts.internal import Rectangle

PER_MM = 12
"""Of the page that is written on: about 300 dpi."""
Points = list[tuple[float, float]]
_DIGITS: dict[str, list[Points]] = {
    "0": [[(0.5, 0), (0.1, 0.3), (0.1, 0.7), (0.5, 1), (0.9, 0.7), (0.9, 0.3), (0.5, 0)]],
    "1": [[(0.2, 0.25), (0.6, 0), (0.6, 1)]],
    "2": [[(0.1, 0.2), (0.5, 0), (0.9, 0.25), (0.1, 1), (0.95, 1)]],
    "3": [[(0.1, 0.1), (0.6, 0), (0.85, 0.25), (0.4, 0.48), (0.9, 0.7), (0.5, 1), (0.1, 0.9)]],
    "4": [[(0.7, 1), (0.7, 0), (0.05, 0.7), (0.95, 0.7)]],
    "5": [[(0.9, 0), (0.2, 0), (0.15, 0.45), (0.7, 0.45), (0.9, 0.75), (0.5, 1), (0.1, 0.9)]],
    "6": [[(0.8, 0), (0.2, 0.5), (0.2, 0.9), (0.6, 1), (0.85, 0.75), (0.5, 0.55), (0.2, 0.75)]],
    "7": [[(0.1, 0), (0.9, 0), (0.4, 1)]],
    "8": [
        [(0.5, 0.48), (0.15, 0.25), (0.5, 0), (0.85, 0.25), (0.15, 0.75), (0.5, 1), (0.85, 0.75), (0.5, 0.48)]
    ],
    "9": [[(0.8, 0.35), (0.4, 0.5), (0.15, 0.25), (0.5, 0), (0.8, 0.2), (0.7, 1)]],
    "/": [[(0.9, -0.05), (0.1, 1.05)]],
}


@dataclass(frozen=True)
class Pen:
    """`cover`: how much of the paper's light the stroke takes, 1 for all."""

    name: str
    colour: tuple[int, int, int]
    width_mm: float
    cover: float = 0.95


PENS = (
    Pen("black ballpoint", (25, 25, 30), 0.4),
    Pen("blue ballpoint", (35, 50, 150), 0.4),
    Pen("thin black", (30, 30, 30), 0.22),
    Pen("thin blue", (50, 70, 170), 0.25, 0.9),
    Pen("thick black felt", (15, 15, 15), 1.0),
    Pen("light blue gel", (70, 110, 200), 0.5, 0.85),
    Pen("green", (30, 110, 60), 0.45),
    Pen("pencil", (90, 90, 92), 0.45, 0.7),
)
RED = Pen("red ballpoint", (200, 30, 35), 0.5)


class Hand:
    """Writes on a page of `PER_MM` pixels a mm."""

    def __init__(self, page: Image.Image, chance: random.Random) -> None:
        self._page = page
        self._chance = chance

    def date(self, place: Rectangle, pen: Pen) -> None:
        """A date, whole within the frame."""
        chance = self._chance
        text = f"{chance.randint(12, 30)}/11/{chance.choice(('20', '2020'))}"
        height = chance.uniform(4, 9)
        advance = min(height * 0.75, (place.width - 8) / len(text))
        x = place.x + 3 + chance.uniform(0, max(0.0, place.width - 6 - advance * len(text)))
        y = place.y + 3 + chance.uniform(0, place.height - 6 - height)
        for index, letter in enumerate(text):
            for stroke in _DIGITS[letter]:
                self._stroke(
                    [
                        (
                            x + advance * (index + 0.85 * px) + chance.gauss(0, 0.15),
                            y + height * py + chance.gauss(0, 0.15),
                        )
                        for px, py in stroke
                    ],
                    pen,
                )

    def signature(self, place: Rectangle, pen: Pen, *, outside: bool) -> None:
        """From initials to a flourish; `outside`: a good part of it is beside the frame."""
        chance = self._chance
        width, height = chance.uniform(14, 75), chance.uniform(6, 22)
        x = place.x + 3 + chance.uniform(0, place.width - 6 - width)
        y = place.y + 2 + chance.uniform(0, place.height - 4 - height)
        if outside:
            x += chance.choice((-1, 0, 1)) * width * 0.4
            y += chance.choice((-1, 1)) * height * 0.5
        turns = chance.uniform(3, 9)
        phases = [chance.uniform(0, 2 * math.pi) for _ in range(3)]
        points = []
        for step in range(160):
            t = step / 159
            points.append(
                (
                    x + width * (t + 0.12 * math.sin(turns * 4 * t + phases[0])),
                    y
                    + height
                    * (
                        0.5
                        + 0.3 * math.sin(turns * 2 * math.pi * t + phases[1])
                        + 0.2 * math.sin(9 * t + phases[2])
                    ),
                )
            )
        self._stroke(points, pen)

    def correction(self, page_top: float, page_bottom: float) -> None:
        """In red: a field struck out, something written above."""
        chance = self._chance
        x, y = chance.uniform(40, 110), chance.uniform(page_top, page_bottom)
        self._stroke([(x, y), (x + chance.uniform(12, 35), y + chance.gauss(0, 0.4))], RED)
        for index in range(chance.randint(3, 7)):
            stroke = _DIGITS[str(chance.randint(0, 9))][0]
            self._stroke([(x + 3 * (index + 0.8 * px), y - 5 + 3.5 * py) for px, py in stroke], RED)

    def _stroke(self, points: Points, pen: Pen) -> None:
        mask = Image.new("L", self._page.size, 0)
        scaled = [(x * PER_MM, y * PER_MM) for x, y in points]
        width = max(1, round(pen.width_mm * PER_MM * self._chance.uniform(0.85, 1.15)))
        draw = ImageDraw.Draw(mask)
        draw.line(scaled, fill=round(255 * pen.cover), width=width, joint="curve")
        box = mask.getbbox()
        if box is None:
            return
        part = self._page.crop(box)
        part.paste(pen.colour, (0, 0), mask.crop(box))
        self._page.paste(part, box[:2])
