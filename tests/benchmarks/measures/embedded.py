"""The whole office in one process on SQLite: backlog, sequential, API; start, rest and memory."""

import time
from contextlib import closing
from urllib.request import urlopen

from services.registry import SERVICES
from shared.database import Database
from tests.benchmarks import histories
from tests.benchmarks.door import Door
from tests.benchmarks.effects import TIMELINE, TOLD, Effects
from tests.benchmarks.figures import Figures, side_by_side, typical
from tests.benchmarks.ground import Ground, Place
from tests.benchmarks.measures.api import KINDS, drafted
from tests.benchmarks.pairs import WARMING
from tests.benchmarks.parties import Party, until
from tests.benchmarks.scale import Scale
from tests.benchmarks.seeding import approve_partner, register_partners

#: SQLite stamps no commits: how often it is looked, in seconds.
LOOK = 0.02
#: Seconds in which the last command's effects are compared with the logs; then all is at rest.
SETTLING = 12.0


def measure(ground: Ground, scale: Scale) -> Figures:
    found = side_by_side(
        scale.repeats,
        backlog=lambda: {"per_s": backlog(ground, scale.backlog)},
        sequential=lambda: {"per_s": sequential(ground, scale.embedded_sequential)},
        start=lambda: {"s": start(ground)},
    )
    return {
        "embedded_backlog_events_per_s": typical(found["backlog"], "per_s"),
        "embedded_sequential_events_per_s": typical(found["sequential"], "per_s"),
        "embedded_start_s": typical(found["start"], "s"),
        **at_rest_and_under_load(ground, scale),
    }


def backlog(ground: Ground, count: int) -> float:
    """Events a second: logged by the contract service when the process ended, told afterwards."""
    with ground.embedded() as office:
        register_partners(office)
        with closing(Database(office.settings.database_of("contract"))) as database:
            histories.write(database, count, published=False)
        process = office.start("services", "up")
        return seen_rate(office, process, TIMELINE, count)


def sequential(ground: Ground, count: int) -> float:
    with ground.embedded() as office:
        producer = office.start("tests.benchmarks.producer", *SERVICES)
        producer.says("ready")
        producer.order(WARMING, 0)
        TOLD.await_all(office, WARMING, producer)
        began = time.monotonic()
        producer.order(count, 0)
        await_seen(office, producer, TOLD, WARMING + count)
        return count / (time.monotonic() - began)


def start(ground: Ground) -> float:
    """Seconds from the command until everything is up, in an office that has been used before."""
    with ground.embedded() as office:
        ready(office).end()
        began = time.monotonic()
        ready(office)
        return time.monotonic() - began


def at_rest_and_under_load(ground: Ground, scale: Scale) -> Figures:
    with ground.embedded() as office:
        approve_partner(office)
        process = ready(office)
        token = (office.settings.data_dir / "owner.token").read_text().strip()
        door = Door(office, office.settings.port, token)
        ids = drafted(door, scale.contracts)
        TIMELINE.await_all(office, scale.contracts, process)
        time.sleep(SETTLING)
        spent = process.cpu_seconds
        time.sleep(scale.idle_seconds)
        idle = (process.cpu_seconds - spent) / scale.idle_seconds * 100
        found = side_by_side(
            scale.repeats,
            **{
                kind: lambda kind=kind: door.under_load(kind, ids, scale.request_seconds)
                for kind in KINDS
            },
        )
        return {
            "embedded_idle_cpu_percent": idle,
            "embedded_rss_mb": process.rss_mb,
            **{f"embedded_api_{kind}_per_s": typical(found[kind], "per_s") for kind in KINDS},
        }


def ready(office: Place) -> Party:
    process = office.start("services", "up")

    def is_ready() -> bool:
        process.check()
        try:
            with urlopen(f"http://127.0.0.1:{office.settings.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:  # also where it listens already and does not answer yet
            return False

    until(is_ready, "/readyz saying that all is up", every=LOOK)
    process.says("Entente is ready")
    return process


def await_seen(office: Place, process: Party, effects: Effects, count: int) -> None:
    def all_there() -> bool:
        process.check()
        return effects.count(office) >= count

    until(all_there, f"{count} rows in {effects.table}", every=LOOK)


def seen_rate(office: Place, process: Party, effects: Effects, count: int) -> float:
    await_seen(office, process, effects, 1)
    began, before = time.monotonic(), effects.count(office)
    await_seen(office, process, effects, count)
    return (count - before) / (time.monotonic() - began)
