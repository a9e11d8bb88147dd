"""Calls to a service as the gateway makes them, so many at once.

    python -m tests.benchmarks.caller SERVICE CALLS AT_ONCE

Prints how many a second.
"""

import eventlet

eventlet.monkey_patch()

import sys  # noqa: E402
import time  # noqa: E402

from services.platform import Caller  # noqa: E402
from shared import settings as configuration  # noqa: E402
from shared.messaging.service_calls import ServiceCalls  # noqa: E402


def drive(calls: ServiceCalls, service: str, count: int, at_once: int) -> float:
    def call(_: int) -> None:
        for _ in range(count // at_once):
            calls.call(service, "ping")

    began = time.perf_counter()
    list(eventlet.GreenPool(at_once).imap(call, range(at_once)))
    return count / (time.perf_counter() - began)


def main(service: str, count: int, at_once: int) -> None:
    with Caller(configuration.read(), "bench") as calls:
        drive(calls, service, 20 * at_once, at_once)
        print(drive(calls, service, count, at_once), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
