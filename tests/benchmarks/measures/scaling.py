"""The same backlog with two processes of one subscriber against one; order is kept, or it fails."""

from contextlib import ExitStack

from tests.benchmarks.effects import TIMELINE
from tests.benchmarks.figures import Figures, ratio, side_by_side
from tests.benchmarks.ground import Ground, Place
from tests.benchmarks.measures.backlog import have_published
from tests.benchmarks.scale import Scale

RATE = "events_per_s"
#: One for each process, where there are two.
PARTS = 2

#: Share of the backlog that is not counted: who started first drains it alone, beside the start of
#: the other and until parts have changed hands.
STARTING = 0.4

#: Events that took effect before one of the same subject that comes before them.
BACKWARDS = """
select count(*) from (
    select at, lag(at) over (partition by subject order by sequence) as before
    from (select subject, sequence, pg_xact_commit_timestamp(xmin) as at from timeline) as stamped
) as ordered where at < before
"""


def measure(ground: Ground, scale: Scale) -> Figures:
    found = side_by_side(
        scale.repeats,
        one=lambda: drained_by(1, ground, scale.scaling),
        two=lambda: drained_by(2, ground, scale.scaling),
    )
    return {"scale_2_vs_1": ratio(found["two"], found["one"], RATE)}


def drained_by(processes: int, ground: Ground, count: int) -> Figures:
    with ExitStack() as ending:
        office = ending.enter_context(ground.office(PARTS))
        have_published(office, count)
        readers = [office.start("services", "run", "insight") for _ in range(processes)]
        TIMELINE.await_all(office, count, *readers)
        check_order(office)
        return {RATE: TIMELINE.rate(office, skipping=STARTING)}


def check_order(office: Place) -> None:
    backwards = office.value("insight", BACKWARDS)
    if backwards:
        raise AssertionError(f"{backwards} events took effect before their predecessors")
