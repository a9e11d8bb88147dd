"""How often Python looks for unreachable objects while services run in this process."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Look for unreachable objects less often: it took a quarter of all time under load.

    What start-up made stays to the end, and a batch of rows or events is large and short-lived.
    """
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
