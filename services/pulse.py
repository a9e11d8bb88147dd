"""A sign of life for whoever watches a process from outside, such as a container engine."""

import time
from collections.abc import Callable
from pathlib import Path

#: Seconds between two signs.
BEAT = 5.0
#: Seconds that a loop may be busy with one thing, such as a long catch-up, and still count as well.
PATIENCE = 300.0


def beat(file: Path, last_round: Callable[[], float]) -> None:
    """Touch the file for ever, as long as no loop has been silent for longer than PATIENCE."""
    while True:
        if time.monotonic() - last_round() < PATIENCE:
            file.touch()
        time.sleep(BEAT)
