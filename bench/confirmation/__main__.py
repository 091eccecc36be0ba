"""Draws a confirmation and finds its blank, in a thread as the service does: `python -m bench.confirmation`.

Each line: milliseconds a call, and the longest time in which the process's other threads stood still. The
filter of Pillow that found the blank before is measured beside, on an empty page, in the same run.
"""

import platform
import sys
import threading
import time
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
from PIL import Image, ImageFilter

from bench.reading.sheets import ordinary, sheet
from services.registration.confirmation import blank_of, draw

_TIMES = 8
_PAGE = (1188, 840)


def measured(name: str, work: Callable[[], object]) -> str:
    done = threading.Event()

    def again() -> None:
        for _ in range(_TIMES):
            work()
        done.set()

    work()
    began = before = time.perf_counter()
    longest = 0.0
    threading.Thread(target=again).start()
    while not done.is_set():
        time.sleep(0.001)
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    each = (time.perf_counter() - began) / _TIMES
    return f"{name}: {each * 1000:.0f} ms a call, others stood still for {longest * 1000:.0f} ms at most\n"


def main() -> None:
    packages = " ".join(f"{name}={version(name)}" for name in ("typst", "numpy", "pillow"))
    sys.stdout.write(f"python={platform.python_version()} {packages}\n")
    drawn = sheet(ordinary())
    page = Image.fromarray(np.full(_PAGE, 255, np.uint8))
    sys.stdout.write(measured("drawing it", lambda: draw(drawn)))
    sys.stdout.write(measured("finding its blank", lambda: blank_of(drawn)))
    sys.stdout.write(measured("Pillow's filter alone", lambda: page.filter(ImageFilter.MinFilter(11))))


if __name__ == "__main__":
    main()
