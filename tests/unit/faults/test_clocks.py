"""A process whose clock is wrong is wrong about the time of day, and otherwise as any process."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from time import time

import pytest

from tests.clocks import wrong_clock

WAITED = """
import ctypes, json, time

class Timespec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]

libc = ctypes.CDLL(None)
attributes, condition, mutex = (ctypes.create_string_buffer(64) for _ in range(3))
libc.pthread_condattr_init(attributes)
libc.pthread_condattr_setclock(attributes, time.CLOCK_MONOTONIC)
libc.pthread_cond_init(condition, attributes)
libc.pthread_mutex_init(mutex, None)
libc.pthread_mutex_lock(mutex)
begun = time.monotonic()
until = Timespec(*divmod(time.monotonic_ns() + 200_000_000, 10**9))
libc.pthread_cond_timedwait(condition, mutex, ctypes.byref(until))
print(json.dumps({"waited": time.monotonic() - begun, "time": time.time()}))
"""


@pytest.mark.parametrize("off", [timedelta(minutes=5), timedelta(minutes=-5)], ids=["ahead", "behind"])
def test_the_time_of_day_is_wrong_and_threads_wait_for_each_other_as_long_as_ever(off: timedelta) -> None:
    found = subprocess.run(
        [sys.executable, "-c", WAITED],
        env=os.environ | wrong_clock(off),
        check=True,
        capture_output=True,
        timeout=200,
    )
    told = json.loads(found.stdout)
    assert told["time"] - time() == pytest.approx(off.total_seconds(), abs=60)
    assert 0.19 <= told["waited"] < 60, "neither at once nor by the offset"
