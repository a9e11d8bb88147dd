"""From commit to effect, at a hundred events a second; and the same while services are killed."""

import time
from itertools import cycle

from tests.benchmarks import pairs
from tests.benchmarks.figures import Figures, ratio, side_by_side, typical
from tests.benchmarks.ground import Ground
from tests.benchmarks.pairs import Pair
from tests.benchmarks.scale import Scale

#: Events a second.
RATE = 100
#: Seconds between two kills.
KILL_EVERY = 10
P50, P99 = "p50_ms", "p99_ms"


def measure(ground: Ground, scale: Scale) -> Figures:
    found = side_by_side(
        scale.repeats,
        ours=lambda: ours(ground, scale.latency_seconds),
        nameko=lambda: nameko(ground, scale.latency_seconds),
    )
    figures = {"latency_p99_vs_nameko": ratio(found["ours"], found["nameko"], P99)}
    for each in (P50, P99):
        figures[f"latency_{each}"] = typical(found["ours"], each)
        figures[f"latency_nameko_{each}"] = typical(found["nameko"], each)
    return figures | {"latency_under_fault_p99_ms": under_fault(ground, scale.fault_seconds)[P99]}


def ours(ground: Ground, seconds: int) -> Figures:
    with ground.office() as office:
        return at_pace(pairs.ours(office), seconds)


def nameko(ground: Ground, seconds: int) -> Figures:
    with ground.peer() as place:
        return at_pace(pairs.peer(place, "nameko"), seconds)


def at_pace(pair: Pair, seconds: int) -> Figures:
    pair.order(RATE * seconds, RATE)
    pair.settle()
    return distribution(pair.lags())


def under_fault(ground: Ground, seconds: int) -> Figures:
    """Source and reader are killed in turn, and started again at once."""
    with ground.office() as office:
        pair = pairs.ours(office)
        victims = cycle([pair.consumer, pair.producer])
        pair.order(RATE * seconds, RATE)
        wanted = pair.made
        for _ in range(seconds // KILL_EVERY):
            time.sleep(KILL_EVERY)
            victim = next(victims)
            victim.kill()
            victim.start()
            if victim is pair.producer:
                victim.says("ready")
                # What it had committed stands; it goes on with what is left.
                pair.made = pair.facts.count(office)
                if pair.made < wanted:
                    pair.order(wanted - pair.made, RATE)
        pair.settle()
        return distribution(pair.lags())


def distribution(lags: list[float]) -> Figures:
    ordered = sorted(lag * 1000 for lag in lags)
    return {P50: ordered[len(ordered) // 2], P99: ordered[int(len(ordered) * 0.99)]}
