"""What time drives happens by itself: nobody has to remember to run it."""

import threading

import structlog

from shared.clock import Clock
from shared.database import is_down
from shared.desk import Desk

log = structlog.get_logger()

#: Seconds between two runs. Rules speak of days, but some of them of hours (an offer of 48).
EVERY = 3600.0
#: Seconds before the next try when the database is away, or a rule failed.
PAUSE = 60.0


class Timekeeper:
    """Runs a service's time-driven rules when it starts and every hour after, until it is stopped.

    Several processes of one service may each have one: the rules are safe to run twice.
    """

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self.desk = desk
        self.clock = clock
        self._stopping = threading.Event()

    def run(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            pause = EVERY if self._tick() else PAUSE

    def stop(self) -> None:
        self._stopping.set()

    def _tick(self) -> bool:
        try:
            self.desk.tick(self.clock)
        except Exception as error:
            service = self.desk.operations.service
            if is_down(error):
                log.warning("timekeeper: database away", service=service)
            else:
                log.exception("timekeeper: a rule failed", service=service)
            return False
        return True
