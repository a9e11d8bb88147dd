"""A backlog that waits in the queue, drained by one process into its database."""

from contextlib import closing

from shared.database import Database
from tests.benchmarks import histories
from tests.benchmarks.effects import PEER_EFFECTS, TIMELINE
from tests.benchmarks.figures import Figures, ratio, side_by_side, typical
from tests.benchmarks.ground import Ground, Place
from tests.benchmarks.parties import Party, until
from tests.benchmarks.peers import messages
from tests.benchmarks.scale import Scale

RATE, CPU = "events_per_s", "cpu_us"


def measure(ground: Ground, scale: Scale) -> Figures:
    count = scale.backlog
    found = side_by_side(
        scale.repeats,
        ours=lambda: ours(ground, count),
        nameko=lambda: peer(ground, "nameko", count),
        raw=lambda: peer(ground, "raw", count),
    )
    alone = ours(ground, count, beside_its_source=False)
    return {
        "backlog_source_down_events_per_s": alone[RATE],
        "backlog_events_per_s": typical(found["ours"], RATE),
        "backlog_cpu_us": typical(found["ours"], CPU),
        **{f"backlog_{peer}_events_per_s": typical(found[peer], RATE) for peer in messages.QUEUES},
        **{f"backlog_{peer}_cpu_us": typical(found[peer], CPU) for peer in messages.QUEUES},
        **{
            f"backlog_vs_{peer}": ratio(found["ours"], found[peer], RATE)
            for peer in messages.QUEUES
        },
    }


def ours(ground: Ground, count: int, *, beside_its_source: bool = True) -> Figures:
    """Insight comes back after the contract service has published for a while without it."""
    with ground.office() as office:
        source = have_published(office, count)
        if not beside_its_source:
            source.end()
        insight = office.run("insight")
        rate, cpu = TIMELINE.drain(office, count, insight)
        return {RATE: rate, CPU: cpu}


def have_published(office: Place, count: int) -> Party:
    """The contract service, once it has published so many events; insight's queue holds them."""
    with closing(Database(office.settings.database_of("contract"))) as database:
        histories.write(database, count, published=False)
    office.declare("insight", "contract")
    source = office.run("contract")
    until(
        lambda: office.waiting("insight", "contract") == count,
        f"{count} events being published",
    )
    return source


def peer(ground: Ground, name: str, count: int) -> Figures:
    modules = {"nameko": "plain_nameko", "raw": "raw"}
    with ground.peer() as place:
        messages.fill(place.amqp_uri, messages.QUEUES[name], histories.rows(count))
        consumer = place.start(
            f"tests.benchmarks.peers.{modules[name]}",
            "consume",
            place.settings.database_of("peer"),
            place.amqp_uri,
        )
        rate, cpu = PEER_EFFECTS.drain(place, count, consumer)
        return {RATE: rate, CPU: cpu}
