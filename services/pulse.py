"""Signs of life: a process that stands still ends itself, so that whoever keeps it starts it again.

Where not even the loop goes round that everything else runs in, the end is left to the
interpreter's own watchdog (`faulthandler`), which prints where the process was. It looks at frames
while they may change, and may itself break a process that runs: so it comes second.
"""

import faulthandler
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

log = structlog.get_logger()

#: Seconds between two signs.
BEAT = 5.0
#: Seconds for which the watchdog waits for us to end the process.
MARGIN = 2.0
#: Seconds in which a process that was told to stop has ended: by itself, or cut off.
GRACE = 9.0


class Pulse:
    """Watches the loops of a process, from `beat` on until it is told to stop.

    What a cut-off process was at is rolled back by its database, and done again by the next one.
    """

    def __init__(
        self, last_rounds: Callable[[], Mapping[str, float]], patience: float, file: Path | None
    ) -> None:
        """
        last_rounds: when each loop last went round, by `time.monotonic()`.
        patience: seconds that a loop may be busy with one thing, such as a handler.
        file: touched with every sign, for who watches from outside.
        """
        self._last_rounds = last_rounds
        self._patience = patience
        self._file = file
        self._stopping = False

    def beat(self) -> None:
        """Go on until told to stop; ends the process where a loop stands still for too long."""
        while not self._stopping:
            loop, moment = min(self._last_rounds().items(), key=lambda each: each[1])
            silence = time.monotonic() - moment
            left = self._patience - silence
            faulthandler.dump_traceback_later(max(left, 0.0) + MARGIN, exit=True)
            if silence > self._patience / 2:
                log.error("standing still", loop=loop, seconds=round(silence, 1))
            if left <= 0:
                faulthandler.dump_traceback()
                os._exit(1)
            self._touch()
            time.sleep(min(BEAT, self._patience / 4, left))

    def end(self) -> None:
        """The process stops: it has GRACE seconds from now to do so by itself."""
        self._stopping = True
        faulthandler.dump_traceback_later(GRACE, exit=True)

    def _touch(self) -> None:
        if self._file is None:
            return
        try:
            self._file.touch()
        except OSError as error:
            log.warning("no sign of life given", file=str(self._file), error=str(error))
