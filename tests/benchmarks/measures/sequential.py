"""One producer after another: state and event in each commit, until applied elsewhere."""

from tests.benchmarks import pairs
from tests.benchmarks.figures import Figures, ratio, side_by_side, typical
from tests.benchmarks.ground import Ground
from tests.benchmarks.pairs import WARMING, Pair
from tests.benchmarks.scale import Scale

RATE, CPU = "events_per_s", "cpu_us"


def measure(ground: Ground, scale: Scale) -> Figures:
    count = scale.sequential
    found = side_by_side(
        scale.repeats,
        ours=lambda: ours(ground, count),
        nameko=lambda: peer(ground, "nameko", count),
        raw=lambda: peer(ground, "raw", count),
    )
    figures = {f"sequential_{each}": typical(found["ours"], each) for each in (RATE, CPU)}
    for name in pairs.PEERS:
        figures[f"sequential_vs_{name}"] = ratio(found["ours"], found[name], RATE)
        for each in (RATE, CPU):
            figures[f"sequential_{name}_{each}"] = typical(found[name], each)
    return figures


def ours(ground: Ground, count: int) -> Figures:
    with ground.office() as office:
        return timed(pairs.ours(office), count)


def peer(ground: Ground, name: str, count: int) -> Figures:
    with ground.peer() as place:
        return timed(pairs.peer(place, name), count)


def timed(pair: Pair, count: int) -> Figures:
    """CPU is that of both processes together."""
    both = pair.producer, pair.consumer
    spent = sum(each.cpu_seconds for each in both)
    pair.order(count)
    pair.settle()
    spent = sum(each.cpu_seconds for each in both) - spent
    return {RATE: pair.rate(after=WARMING), CPU: spent / count * 1e6}
