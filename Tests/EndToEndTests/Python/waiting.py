"""Waiting with a deadline, for the scripts beside this file."""
import sys
import time


def wait_for(remark, condition, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    sys.exit(f"not within {seconds} s: {remark}")
