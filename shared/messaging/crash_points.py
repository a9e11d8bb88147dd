"""Named places at which a test lets the process die at once, to show that nothing is lost there."""

import os
import signal

#: ``<point>:<n>``: die when the point is reached for the nth time.
VARIABLE = "ENTENTE_CRASH_AT"

POINTS = (
    "committed",  # a transaction is committed, its events are not published
    "published",  # the broker has a batch, the log does not say so yet
    "applied",  # a batch is applied and committed, not acknowledged
    "acknowledged",  # between two batches
)

_armed, _, _count = os.environ.get(VARIABLE, "").partition(":")
_left = int(_count or 1)


def reach(point: str) -> None:
    """Die here if this is the point, as by a power cut: no handler runs, nothing is flushed."""
    global _left
    if point != _armed:
        return
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
