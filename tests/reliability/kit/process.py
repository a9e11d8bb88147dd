"""What a process of one small service does: started by `fork_server`, once for each.

It is run by the product's own `entente run`; only what the service does is small. Patience is
short, so that a story takes seconds; ENTENTE_KIT_PATIENCE=product leaves it as an office has it.
"""

import warnings

warnings.filterwarnings("ignore", message=r"(?s).*[Ee]ventlet is deprecated")

import eventlet  # noqa: E402

eventlet.monkey_patch()

import os  # noqa: E402
from datetime import UTC, datetime, timedelta  # noqa: E402

from services import platform  # noqa: E402
from services.cli.running import run  # noqa: E402
from shared import clock, patience  # noqa: E402
from shared.messaging import amqp_connection, broker, held, relay, subscriber  # noqa: E402
from tests.reliability.kit import small  # noqa: E402

PATIENCE = "ENTENTE_KIT_PATIENCE"


def hurry() -> None:
    """Shorten every pause and deadline, in the proportions that they have."""
    broker.HEARTBEAT = 4
    broker.CONFIRM_TIMEOUT = 3
    amqp_connection.ANSWER_TIMEOUT = 1.5
    patience.CONNECT_TIMEOUT = patience.ANSWER_TIMEOUT = 2.0
    patience.IDLE_IN_TRANSACTION = patience.IDLE_WITH_LOCK = 5
    relay.PAUSE = subscriber.PAUSE = 0.2
    subscriber.GAP_PATIENCE = 1.0
    subscriber.CATCH_UP_EVERY = 2.0
    held.RETRY_AFTER = (0, 0.5, 0.5, 0.5, 0.5)


def shift_clock(seconds: float) -> None:
    def now(_: clock.SystemClock) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=seconds)

    clock.SystemClock.now = now  # type: ignore[method-assign, assignment]


def main(name: str) -> None:
    shift_clock(float(os.environ[small.CLOCK_OFF]))
    platform.service_class = small.service_class
    if os.environ.get(PATIENCE) != "product":
        hurry()
    run(name)
