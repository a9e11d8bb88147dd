"""Measurements of one process for Prometheus: what takes time is timed as it happens.

How things stand (`shared.messaging.standing`) is looked up only when somebody asks.
"""

from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from shared.errors import Unavailable, Unexpected
from shared.messaging.service_calls import ServiceCalls
from shared.messaging.standing import Standing

# When a counter was made tells nobody anything, and would double the number of series.
disable_created_metrics()


class Measurements:
    """All measurements of one process, whatever number of services it runs; times in seconds."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.standing = Standing()
        self.registry.register(self.standing)
        self.batches = Histogram(
            "entente_batch_apply_seconds",
            "Time to apply a batch of a source's events, handlers and commit together",
            ["service", "source"],
            registry=self.registry,
        )
        self.calls = Histogram(
            "entente_rpc_seconds",
            "Time of a call from one service to another, until it was answered or given up",
            ["service", "callee", "method"],
            registry=self.registry,
        )
        self.failures = Counter(
            "entente_rpc_failures",
            "Calls to another service that were not answered in time (deadline), found no broker "
            "(broker-down) or broke there (service-failed); a refusal is an answer",
            ["service", "callee", "method", "reason"],
            registry=self.registry,
        )
        self.refused = Counter(
            "entente_rpc_refused",
            "Calls that a service refused unread: not signed, not by a key it knows or for what "
            "that key may call, altered, or too old",
            ["service", "reason"],
            registry=self.registry,
        )

    def call_refused(self, service: str, reason: str) -> None:
        """Count a call that was refused unread."""
        self.refused.labels(service, reason).inc()


class MeasuredCalls(ServiceCalls):
    """One service's calls to others, measured."""

    def __init__(self, calls: ServiceCalls, caller: str, measurements: Measurements) -> None:
        self._calls = calls
        self._caller = caller
        self._measurements = measurements

    def call(
        self,
        service: str,
        method: str,
        *,
        deadline: float | None = None,
        **arguments: Any,
    ) -> Any:
        labels = (self._caller, service, method)
        with self._measurements.calls.labels(*labels).time():
            try:
                return self._calls.call(service, method, deadline=deadline, **arguments)
            except (Unavailable, Unexpected) as error:
                self._measurements.failures.labels(*labels, error.rule).inc()
                raise
