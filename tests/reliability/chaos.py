"""A soak: faults at random under steady load, over real RabbitMQ and PostgreSQL.

    python -m tests.reliability.chaos --minutes 5 --seed 7      (or: make chaos MINUTES=5 SEED=7)

Everything runs with the patience that an office has. Each fault is said as it begins, with the
seconds that passed from its end until new facts of every teller were applied by every listener.
The last line has the figures; the exit code is 1 where a fact was lost, had its effect twice, or
out of order, or anything else in the ledger is not as it must be.
"""

import warnings

warnings.filterwarnings("ignore", message=r"(?s).*[Ee]ventlet is deprecated")

import eventlet  # noqa: E402

eventlet.monkey_patch()

import argparse  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import statistics  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from contextlib import ExitStack, contextmanager  # noqa: E402
from pathlib import Path  # noqa: E402
from random import Random  # noqa: E402
from typing import Any  # noqa: E402

import structlog  # noqa: E402

from infra.local import postgres, rabbitmq  # noqa: E402
from shared.messaging import crash_points  # noqa: E402
from tests.conftest import fresh_postgres_url  # noqa: E402
from tests.office import until  # noqa: E402
from tests.reliability.kit.process import PATIENCE  # noqa: E402
from tests.reliability.kit.proxy import Way  # noqa: E402
from tests.reliability.kit.small import LISTENERS, TELLERS  # noqa: E402
from tests.reliability.kit.stage import NAMES, Stage  # noqa: E402

#: Seconds within which new facts must flow again once a fault has ended.
LONGEST_RECOVERY = 180.0

WAYS: tuple[Way, ...] = ("up", "down", "both")

#: A fault begins when it is called, and what it returns ends it.
Fault = Callable[[], Callable[[], object]]


class Faults:
    """What can break, each chosen and parametrised from the seed."""

    def __init__(self, stage: Stage, database: Any, random: Random) -> None:
        self.stage = stage
        self.database = database
        self.random = random

    def next(self) -> tuple[str, Fault]:
        """A fault and what it is called."""
        name = self.random.choice(
            [each for each in vars(Faults) if not each.startswith("_") and each != "next"]
        )
        return name.replace("_", " "), getattr(self, name)

    def services_killed(self) -> Callable[[], object]:
        self.stage.kill(*self.random.sample(NAMES, self.random.randint(1, 3)))
        return self.stage.start

    def service_killed_at_a_crash_point(self) -> Callable[[], object]:
        name = self._service()
        points = crash_points.POINTS[:2] if name in TELLERS else crash_points.POINTS[2:]
        self.stage.kill(name)
        self.stage.start(name, crash_at=f"{self.random.choice(points)}:{self.random.randint(1, 9)}")
        return self.stage.start

    def service_restarted_in_good_order(self) -> Callable[[], object]:
        self.stage.stop(self._service(), seconds=20)
        return self.stage.start

    def service_suspended(self) -> Callable[[], object]:
        name = self._service()
        self.stage.signal(signal.SIGSTOP, name)
        return lambda: self.stage.signal(signal.SIGCONT, name)

    def network_broken(self) -> Callable[[], object]:
        networks = self.random.choice([self.stage.networks, self.stage.database_networks])
        network, way = networks[self._service()], self.random.choice(WAYS)
        self.random.choice(
            [
                network.down,
                network.cut,
                lambda: network.latency(0.1),
                lambda: network.slow(20_000),
                lambda: network.black_hole(way),
                lambda: network.stall(way),
                lambda: network.half_close(way),
            ]
        )()
        return network.heal

    def broker_restarted(self) -> Callable[[], object]:
        self.random.choice([self.stage.broker.stop, self.stage.broker.kill])()
        return self.stage.broker.start

    def broker_wiped(self) -> Callable[[], object]:
        self.stage.broker.wipe()
        return self.stage.broker.start

    def queue_lost(self) -> Callable[[], object]:
        self.stage.lose_queue(self.random.choice(LISTENERS), self.random.choice(TELLERS))
        return lambda: None

    def database_restarted(self) -> Callable[[], object]:
        self.random.choice([self.database.stop, self.database.kill])()
        return self.database.start

    def handler_in_trouble(self) -> Callable[[], object]:
        name = self.random.choice(LISTENERS)
        listener, kind = self.stage.listeners[name], self.random.choice(["fail", "not-yet", "die"])
        fated = next(self.stage.bursts)
        listener.give_trouble(kind, self.random.choice(fated.facts))
        self.stage.tellers[self.random.choice(TELLERS)].tell(fated)

        def mend() -> None:
            listener.mend()
            until(lambda: self.stage.retries_held(name), f"{name} retrying what it holds", 60)

        return mend

    def everything_delivered_again_and_shuffled(self) -> Callable[[], object]:
        teller = self.random.choice(TELLERS)
        self.stage.deliver_again(teller, self.stage.logged(teller)[-200:])
        return lambda: None

    def _service(self) -> str:
        return self.random.choice(NAMES)


@contextmanager
def kept_alive(stage: Stage) -> Iterator[None]:
    """Start again whoever dies, as a container engine does."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(1):
            stage.start()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def soak(stage: Stage, faults: Faults, random: Random, seconds: float) -> list[float]:
    """One fault after the other, for so long; the seconds that each recovery took."""
    recoveries = []
    end = time.monotonic() + seconds
    with stage.telling(), kept_alive(stage):
        while time.monotonic() < end:
            name, begin = faults.next()
            print(name, end=": ", flush=True)
            heal = begin()
            threading.Event().wait(random.uniform(0.5, 6))
            heal()
            recoveries.append(recovery(stage))
            print(f"{recoveries[-1]:.1f} s", flush=True)
    return recoveries


def recovery(stage: Stage) -> float:
    """Seconds until facts that become true now have taken effect everywhere."""
    since = time.monotonic()
    told = [fact for name in TELLERS for burst in stage.tell(1, name) for fact in burst.facts]
    for listener in stage.listeners.values():
        until(
            lambda it=listener: it.has_heard(told),  # type: ignore[misc]
            f"{listener.name} hearing what is new; left: {stage.left()}",
            LONGEST_RECOVERY,
            every=0.1,
        )
    return time.monotonic() - since


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--log", default=os.devnull, help="file for what the services log")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    print(f"minutes={given.minutes:g} seed={given.seed}", flush=True)
    random = Random(given.seed)
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="entente-chaos-")))
        folder.chmod(0o755)
        broker = opened.enter_context(rabbitmq.start_private(folder / "rabbitmq"))
        database = opened.enter_context(
            postgres.start(folder / "postgres", {"max_connections": "300"})
        )
        url = fresh_postgres_url(database, NAMES)
        said = opened.enter_context(Path(given.log).open("wb"))
        stage = opened.enter_context(Stage(broker, url, random, said, **{PATIENCE: "product"}))
        stage.settle(LONGEST_RECOVERY)
        recoveries = soak(stage, Faults(stage, database, random), random, given.minutes * 60)
        stage.settle(LONGEST_RECOVERY)
        found = stage.audit()
    for line in found.wrong[:50]:
        print(line)
    print(
        f"facts={found.facts} lost={len(found.lost)} duplicated={len(found.duplicated)} "
        f"out_of_order={len(found.out_of_order)} held={found.held} "
        f"recovery_p50_s={statistics.median(recoveries):.1f} "
        f"recovery_max_s={max(recoveries):.1f}"
    )
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
