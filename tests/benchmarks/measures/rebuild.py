"""Insight made anew from a long log, and what each further event costs when the logs are long."""

import time
from contextlib import closing

from shared.database import Database
from tests.benchmarks import histories
from tests.benchmarks.effects import CONTRACTS, TIMELINE, TOLD
from tests.benchmarks.figures import Figures, ratio, side_by_side
from tests.benchmarks.ground import Ground, Place
from tests.benchmarks.pairs import Pair
from tests.benchmarks.parties import Party, until
from tests.benchmarks.scale import Scale

#: Of the events: after them memory is looked at first, to be compared with its peak.
EARLY = 0.1
TIME = "s_per_event"


def measure(ground: Ground, scale: Scale) -> Figures:
    with ground.office() as great, ground.office() as little:
        figures, with_many = rebuilt(great, scale.rebuild)
        _, with_few = rebuilt(little, scale.little)
        turns = side_by_side(
            max(3, scale.repeats),
            many=lambda: one_by_one(with_many, scale.growth),
            few=lambda: one_by_one(with_few, scale.growth),
        )
        return figures | {"growth_1m_vs_10k": ratio(turns["many"], turns["few"], TIME)}


def rebuilt(office: Place, count: int) -> tuple[Figures, Pair]:
    """Insight begins with nothing, beside a contract service with so many events in its log."""
    with closing(Database(office.settings.database_of("contract"))) as database:
        histories.write(database, count, published=True)
    contract = office.start("tests.benchmarks.producer", "contract")
    contract.says("ready")
    insight = office.run("insight")
    figures = watched(office, insight, count)
    return figures, Pair(office, contract, insight, CONTRACTS, TOLD)


def watched(office: Place, insight: Party, count: int) -> Figures:
    memory: list[tuple[int, float]] = []

    def all_there() -> bool:
        insight.check()
        memory.append((TIMELINE.count(office), insight.rss_mb))
        return memory[-1][0] >= count

    until(lambda: TIMELINE.count(office), "the first effect", every=0.02)
    began, before = time.monotonic(), TIMELINE.count(office)
    # Counting a long timeline takes its time; with a few looks it takes nothing from insight's.
    until(all_there, f"{count} events on the timelines", every=max(0.2, count / 500_000))
    return {
        "rebuild_events_per_s": (count - before) / (time.monotonic() - began),
        "rebuild_early_mb": next(rss for seen, rss in memory if seen >= EARLY * count),
        "rebuild_peak_mb": max(rss for _, rss in memory),
        "rebuild_cpu_us": insight.cpu_seconds / count * 1e6,
    }


def one_by_one(pair: Pair, count: int) -> Figures:
    before = pair.made
    pair.order(count)
    pair.settle()
    return {TIME: 1 / pair.rate(after=before)}
