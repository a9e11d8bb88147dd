"""Row 12: a clock that is wrong, an event that is large.

A handler that is slower than the broker waits is in `test_broker_limits`.
"""

from uuid import uuid4

from tests.reliability.kit.facts import Burst
from tests.reliability.kit.stage import Stage

HOUR = 3600


def test_clocks_that_are_an_hour_off(stage: Stage) -> None:
    """A teller's clock is an hour ahead and a listener's an hour behind, then the other way round,
    as after somebody has corrected them. What is due and in which order does not hang on it."""
    for sign in (1, -1):
        stage.stop("partner", "finance")
        stage.start("partner", clock_off=sign * HOUR)
        stage.start("finance", clock_off=-sign * HOUR)
        stage.hears_all(stage.tell(50, subjects=3))
    stage.stop("partner", "finance")


def test_events_of_a_megabyte(stage: Stage) -> None:
    """They come by message, and by catch-up where the message was lost; smaller ones go on beside
    them, and behind them in the same subject."""
    large = [Burst(uuid4(), (uuid4(),)) for _ in range(6)]
    stage.stop("finance")
    for each in large:
        padded = {"partner_id": str(each.facts[0]), "padding": "x" * 1_000_000}
        stage.tellers["partner"].tell(each, data=padded)
    behind = [Burst(each.subject, (uuid4(),)) for each in large]
    for each in behind:
        stage.tellers["partner"].tell(each)
    stage.lose_queue("finance", "partner")
    stage.start("finance")
    stage.hears_all([*large, *behind, *stage.tell(20)])
