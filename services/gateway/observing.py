"""What the operator sees: a log line and measurements for every request and every call inside."""

import re
from collections.abc import Callable
from time import perf_counter
from typing import Any

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram

from services.gateway.calls import Calls
from shared import tracing
from shared.errors import Refusal, Unavailable
from shared.identifiers import new_id
from shared.work import Call

_CORRELATION = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
#: Asked for by machines every few seconds: their traces would bury all others.
_UNTRACED = {"/livez", "/readyz"}
#: Methods that are measured by name. Anybody can make up others, and each would be kept.
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

_log = structlog.get_logger("gateway")


class Metrics:
    """Prometheus measurements of one application; times in seconds."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        """registry: of the process, which measures more than the gateway."""
        self.registry = registry or CollectorRegistry()
        self.requests = Counter(
            "entente_http_requests",
            "Requests by route, method and status",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.durations = Histogram(
            "entente_http_request_seconds",
            "Time to answer a request",
            ["method", "route"],
            registry=self.registry,
        )
        self.calls = Histogram(
            "entente_call_seconds",
            "Time of a call to a service behind the gateway",
            ["service", "operation"],
            registry=self.registry,
        )
        self.failures = Counter(
            "entente_call_failures",
            "Calls to a service that broke or were not answered in time",
            ["service", "operation", "kind"],
            registry=self.registry,
        )


class MeasuredCalls:
    """Calls, measured. A refusal by a rule counts as an answer, not as a failure."""

    def __init__(self, calls: Calls, metrics: Metrics) -> None:
        self._calls = calls
        self._metrics = metrics

    def execute(self, service: str, name: str, body: dict[str, Any], call: Call) -> dict[str, Any]:
        return self._measured(self._calls.execute, service, name, body, call)

    def ask(
        self, service: str, name: str, parameters: dict[str, Any], call: Call
    ) -> dict[str, Any]:
        return self._measured(self._calls.ask, service, name, parameters, call)

    def _measured(
        self,
        run: Callable[[str, str, dict[str, Any], Call], dict[str, Any]],
        service: str,
        name: str,
        told: dict[str, Any],
        call: Call,
    ) -> dict[str, Any]:
        with (
            self._metrics.calls.labels(service, name).time(),
            tracing.called("gateway", service, name, "client", call.traceparent) as span,
        ):
            try:
                return run(service, name, told, call.within(span.traceparent))
            except Unavailable:
                self._metrics.failures.labels(service, name, "unavailable").inc()
                raise
            except Refusal:
                raise
            except Exception:
                self._metrics.failures.labels(service, name, "unexpected").inc()
                raise


def traceparent() -> str | None:
    """The trace of this request (W3C Trace Context): its own, or where none is recorded its
    caller's, where that sent a sane one.
    """
    span: tracing.Span = g.span
    return span.traceparent


def _method() -> str:
    return request.method if request.method in _METHODS else "other"


def _begin_trace(correlation_id: str) -> tracing.Span:
    sent = request.headers.get("traceparent", "")
    parent = sent if _TRACEPARENT.fullmatch(sent) else None
    route = request.url_rule.rule if request.url_rule else "unknown"
    return tracing.requested(
        "gateway", _method(), route, parent, correlation_id, begins=route not in _UNTRACED
    )


def observe(app: Flask, metrics: Metrics) -> None:
    """Give every request a correlation id, a log line and its measurements."""

    @app.before_request
    def begin() -> None:
        g.began = perf_counter()
        sent = request.headers.get("X-Correlation-Id", "")
        g.correlation_id = sent if _CORRELATION.fullmatch(sent) else str(new_id())
        g.span = _begin_trace(g.correlation_id)

    @app.after_request
    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "unknown"
        seconds = perf_counter() - g.began
        metrics.requests.labels(_method(), route, response.status_code).inc()
        metrics.durations.labels(_method(), route).observe(seconds)
        response.headers["X-Correlation-Id"] = g.correlation_id
        g.span.note("http.response.status_code", response.status_code)
        g.span.end("" if response.status_code < 500 else str(response.status_code))
        # The route, not the address: an address may hold a name that somebody searched for.
        _log.info(
            "request",
            method=_method(),
            route=route,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            correlation_id=g.correlation_id,
            actor=getattr(g, "actor_id", None),
        )
        return response


def note_failure(error: BaseException) -> None:
    """Log what nobody foresaw, with its trace, for the operator alone."""
    _log.error(
        "request failed",
        route=request.url_rule.rule if request.url_rule else "unknown",
        correlation_id=g.get("correlation_id"),
        actor=g.get("actor_id"),
        exc_info=error,
    )
