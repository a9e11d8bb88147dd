"""How the services of a process stand, looked up at the moment when Prometheus asks."""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import eventlet
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from shared.errors import Unavailable
from shared.messaging import held, lag, log_reader
from shared.messaging.held import State
from shared.messaging.lag import Lag
from shared.work import Call

if TYPE_CHECKING:
    from shared.messaging.service import Runtime

#: Seconds that a source has to say how far its log goes; where it does not, its lag is left out.
DEADLINE = 1.0

_SOURCE = ("service", "source")


def _families() -> dict[str, Any]:
    """Every family without its samples, by what `Standing` calls it."""

    def gauge(name: str, meaning: str, labels: Sequence[str] = ("service",)) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"entente_{name}", meaning, labels=labels)

    def counter(name: str, meaning: str, labels: Sequence[str]) -> CounterMetricFamily:
        return CounterMetricFamily(f"entente_{name}", meaning, labels=labels)

    return {
        "up": gauge("database_up", "1 where the service's database answers, 0 where it does not"),
        "connections": gauge("database_connections_in_use", "Database connections in use"),
        "most_connections": gauge("database_connections_limit", "Database connections at most"),
        "workers": gauge("workers_in_use", "Calls that the service works on now"),
        "most_workers": gauge("workers_limit", "Calls that it can work on at the same time"),
        "unpublished": gauge("unpublished_events", "Logged events that the broker has not taken"),
        "unpublished_age": gauge(
            "unpublished_oldest_age_seconds", "Age of the oldest of these; 0 where there is none"
        ),
        "held": gauge(
            "held_events",
            "Events that were received and could not be applied, by state",
            (*_SOURCE, "state"),
        ),
        "lag": gauge("lag_events", "Events that were published and not received yet", _SOURCE),
        "lag_age": gauge(
            "lag_seconds", "For how long the next of these has been there; 0 where none is", _SOURCE
        ),
        "silence": gauge(
            "loop_silence_seconds",
            "Since when the relay, or a source's subscriber, has not gone round",
            ("service", "loop"),
        ),
        "altered": gauge(
            "event_log_altered",
            "1 where the event log no longer leads to the head that was signed last, else 0",
        ),
        "published": counter("published_events", "Events that the broker has taken", ["service"]),
        "applied": counter("applied_events", "Events that were applied", _SOURCE),
    }


class Standing(Collector):
    """Gauges of every service that runs in this process."""

    def __init__(self) -> None:
        self._runtimes: list[Runtime] = []

    def watch(self, runtime: "Runtime") -> None:
        self._runtimes.append(runtime)

    def forget(self, runtime: "Runtime") -> None:
        self._runtimes.remove(runtime)

    def describe(self) -> Iterable[Metric]:
        return _families().values()

    def collect(self) -> Iterable[Metric]:
        families = _families()
        for runtime in list(self._runtimes):
            _of_process(runtime, families)
            try:
                _of_database(runtime, families)
            except SQLAlchemyError:
                families["up"].add_metric([runtime.name], 0)
            else:
                families["up"].add_metric([runtime.name], 1)
                _of_sources(runtime, families)
        return families.values()


def _of_process(runtime: "Runtime", families: dict[str, Any]) -> None:
    name, now = runtime.name, time.monotonic()
    used, most = runtime.database.connections
    families["connections"].add_metric([name], used)
    families["most_connections"].add_metric([name], most)
    used, most = runtime.workers
    families["workers"].add_metric([name], used)
    families["most_workers"].add_metric([name], most)
    families["altered"].add_metric([name], int(runtime.head_signer.found_altered))
    for loop, moment in runtime.last_rounds.items():
        families["silence"].add_metric([name, loop], now - moment)


def _of_database(runtime: "Runtime", families: dict[str, Any]) -> None:
    name = runtime.name
    number, oldest = log_reader.waiting(runtime.database)
    age = (runtime.clock.now() - oldest).total_seconds() if oldest else 0.0
    families["unpublished"].add_metric([name], number)
    families["unpublished_age"].add_metric([name], max(0.0, age))
    families["published"].add_metric([name], log_reader.last_link(runtime.database))
    with runtime.unit_of_work.reading(Call()) as work:
        counted = held.counts(work.session)
    for subscriber in runtime.subscribers:
        states = counted.get(subscriber.source, {})
        for state in State:
            families["held"].add_metric(
                [name, subscriber.source, state.value], states.get(state.value, 0)
            )


def _of_sources(runtime: "Runtime", families: dict[str, Any]) -> None:
    for found in _lags(runtime):
        labels = [runtime.name, found.source]
        families["lag"].add_metric(labels, found.events)
        families["lag_age"].add_metric(labels, found.seconds)
        families["applied"].add_metric(labels, found.applied)


def _lags(runtime: "Runtime") -> Iterator[Lag]:
    """Of the sources that answer, all asked at the same time."""

    def ask(source: str) -> Lag | None:
        try:
            return lag.of(source, runtime.unit_of_work, runtime.calls, DEADLINE)
        except (Unavailable, SQLAlchemyError):
            return None

    asked = eventlet.GreenPool().imap(ask, [each.source for each in runtime.subscribers])
    return (each for each in asked if each is not None)
