"""How a service stands, as Prometheus is told: behind whom, what has not left, who is down."""

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from infra.local.processes import free_port
from shared.clock import SystemClock
from shared.converters.addresses import EMBEDDED
from shared.database import Database
from shared.messaging import lag
from shared.messaging.envelope import Unreadable
from shared.messaging.lag import Lag
from shared.messaging.standing import Standing
from tests.integration.messaging.places import (
    SOURCE,
    AtWork,
    Consumer,
    HandClock,
    Source,
    unit_of_work,
)
from tests.office import until


def test_what_was_not_received_is_lag_and_what_is_held_is_not(
    source: Source, consumer: Consumer, clock: HandClock
) -> None:
    facts = [source.record(uuid4())[0] for _ in range(3)]
    with AtWork(source.relay(EMBEDDED)):
        until(lambda: source.unpublished() == 0, "everything being published")
    clock.advance(30)

    def behind() -> Lag:
        return lag.of(SOURCE, consumer.unit_of_work, consumer.log_at_hand)

    assert (behind().events, behind().seconds) == (3, 30)
    consumer.failing[facts[0]] = lambda: Unreadable("for ever")
    consumer.inbox().apply(source.envelopes()[:2])
    assert (behind().events, behind().held, behind().applied) == (1, 1, 1)
    consumer.inbox().apply(source.envelopes())
    assert (behind().events, behind().seconds) == (0, 0)


def test_facts_that_wait_for_the_broker_are_counted_with_the_age_of_the_oldest(
    source: Source, clock: HandClock
) -> None:
    source.record(uuid4())
    clock.advance(50)
    source.record(uuid4(), 2)
    clock.advance(10)
    found = _standing_of(source.database, clock)
    assert found["entente_unpublished_events"] == 3
    assert found["entente_unpublished_oldest_age_seconds"] == 60
    assert found["entente_database_up"] == 1


def test_a_database_that_does_not_answer_hides_nothing_else() -> None:
    database = Database(f"postgresql+psycopg2://nobody@127.0.0.1:{free_port()}/none")
    found = _standing_of(database, SystemClock())
    assert found["entente_database_up"] == 0
    assert found["entente_workers_limit"] == 10
    assert "entente_unpublished_events" not in found


def _standing_of(database: Database, clock: Any) -> dict[str, float]:
    standing = Standing()
    runtime: Any = SimpleNamespace(
        name="one",
        database=database,
        clock=clock,
        unit_of_work=unit_of_work(database, clock),
        subscribers=[],
        last_rounds={},
        workers=(0, 10),
        head_signer=SimpleNamespace(found_altered=False),
    )
    standing.watch(runtime)
    return {sample.name: sample.value for family in standing.collect() for sample in family.samples}
