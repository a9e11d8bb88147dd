"""Orders to a producing process on its standard input: how many events, how many a second."""

import sys
import time
from collections.abc import Callable, Iterator


def orders(wait: Callable[[], object] = lambda: None) -> Iterator[tuple[int, float]]:
    """(count, rate) until the input ends; a rate of 0 is: as quick as it goes.

    wait: returns when there is something to read, where waiting for it must block nobody else.
    """
    print("ready", flush=True)
    while True:
        wait()
        line = sys.stdin.readline()
        if not line:
            return
        count, rate = line.split()
        yield int(count), float(rate)
        print("done", flush=True)


def paced(count: int, rate: float, sleep: Callable[[float], object] = time.sleep) -> Iterator[int]:
    """0, 1, 2 … so many, `rate` of them a second."""
    began = time.monotonic()
    for number in range(count):
        ahead = began + number / rate - time.monotonic() if rate else 0.0
        sleep(max(0.0, ahead))
        yield number
