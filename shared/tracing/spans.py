"""What records spans, by OpenTelemetry's SDK. Loaded only once traces are switched on.

Names and attributes follow OpenTelemetry's semantic conventions for HTTP, RPC and messaging. The
transaction that records an event is its creation context, which the event carries; publishing and
processing it are spans below that one, and link to it.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Self

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy.event import listen
from sqlalchemy.orm import Session

from shared.errors import Refusal
from shared.messaging.envelope import Envelope

#: Seconds that a process which stops gives the collector to take what is left.
PATIENCE = 3.0

_W3C = TraceContextTextMapPropagator()


def exporting_to(collector: str) -> SpanProcessor:
    """Sends spans in batches, in the background; drops them where the collector is away."""
    return BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{collector.rstrip('/')}/v1/traces"))


class RecordedSpan:
    """A step that is recorded; see `shared.tracing.Span`."""

    def __init__(self, span: trace.Span, transaction: Session | None = None) -> None:
        """transaction: the step ends with it, not with the block."""
        self._span = span
        self._outlives_block = transaction is not None
        carrier: dict[str, str] = {}
        _W3C.inject(carrier, trace.set_span_in_context(span))
        self.traceparent: str | None = carrier.get("traceparent")
        if transaction is not None:
            listen(transaction, "after_commit", lambda _: self.end(), once=True)
            listen(transaction, "after_rollback", lambda _: self.end("rolled back"), once=True)

    def note(self, name: str, value: str | int) -> None:
        self._span.set_attribute(name, value)

    def end(self, failure: str = "") -> None:
        if not self._span.is_recording():
            return  # ended already, or not sampled
        if failure:
            self._span.set_status(Status(StatusCode.ERROR, failure))
        self._span.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, Refusal) and error.status < 500:
            self.note("entente.refusal", error.rule or error.kind)
        elif error is not None:
            # Its class alone: the text may hold what somebody typed.
            self.note("error.type", type(error).__qualname__)
            self.end(type(error).__name__)
        if not self._outlives_block:
            self.end()


class Recorder:
    """Makes spans in the name of each service, though services may share a process."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._processor = processor
        self._tracers: dict[str, trace.Tracer] = {}

    def close(self) -> None:
        """Send what is left, but do not wait long for a collector that is away."""
        closing = threading.Thread(target=self._processor.shutdown, daemon=True)
        closing.start()
        closing.join(PATIENCE)

    def now(self) -> int:
        return time.time_ns()

    def requested(
        self, service: str, method: str, route: str, parent: str | None, correlation: str
    ) -> RecordedSpan:
        # The route, not the address: an address may hold a name that somebody searched for.
        noted = {
            "http.request.method": method,
            "http.route": route,
            "entente.correlation_id": correlation,
        }
        return RecordedSpan(
            self._start(service, f"{method} {route}", SpanKind.SERVER, parent, noted)
        )

    def called(self, by: str, method: str, kind: str, parent: str) -> RecordedSpan:
        noted = {"rpc.system.name": "nameko", "rpc.method": method}
        return RecordedSpan(self._start(by, method, SpanKind[kind.upper()], parent, noted))

    def committing(self, service: str, parent: str) -> RecordedSpan:
        # A producer, as the conventions have it of the span that events carry.
        return RecordedSpan(self._start(service, "transaction", SpanKind.PRODUCER, parent, {}))

    def published(
        self, service: str, envelopes: Sequence[Envelope], taken: Sequence[bool], since: int
    ) -> None:
        for envelope, confirmed in zip(envelopes, taken, strict=True):
            if envelope.traceparent is not None:
                noted = {
                    "messaging.operation.name": "publish",
                    "messaging.operation.type": "send",
                    "messaging.destination.name": f"{service}.events",
                }
                span = self._message(service, SpanKind.CLIENT, envelope, noted, since)
                RecordedSpan(span).end("" if confirmed else "refused by the broker")

    def processing(self, consumer: str, envelope: Envelope, session: Session) -> RecordedSpan:
        noted = {
            "messaging.operation.name": "process",
            "messaging.operation.type": "process",
            "messaging.destination.name": f"{envelope.source}.events",
            "messaging.destination.subscription.name": f"{consumer}.from.{envelope.source}",
        }
        span = self._message(consumer, SpanKind.CONSUMER, envelope, noted)
        return RecordedSpan(span, session)

    def _message(
        self,
        service: str,
        kind: SpanKind,
        envelope: Envelope,
        noted: dict[str, str],
        since: int | None = None,
    ) -> trace.Span:
        type_ = f"{envelope.type}.v{envelope.version}"
        known = {
            "messaging.system": "rabbitmq",
            "messaging.rabbitmq.destination.routing_key": type_,
            "messaging.message.id": envelope.id,
            "cloudevents.event_id": envelope.id,
            "cloudevents.event_source": f"/{envelope.source}",
            "cloudevents.event_type": type_,
            "cloudevents.event_subject": envelope.subject,
        }
        name = f"{noted['messaging.operation.name']} {type_}"
        return self._start(service, name, kind, envelope.traceparent, known | noted, since=since)

    def _start(
        self,
        service: str,
        name: str,
        kind: SpanKind,
        parent: str | None,
        noted: Mapping[str, str],
        since: int | None = None,
    ) -> trace.Span:
        context = _W3C.extract({"traceparent": parent} if parent else {})
        created = trace.get_current_span(context).get_span_context()
        of_message = "messaging.system" in noted and created.is_valid
        return self._tracer(service).start_span(
            name,
            context=context,
            kind=kind,
            attributes=noted,
            links=[Link(created)] if of_message else None,
            start_time=since,
        )

    def _tracer(self, service: str) -> trace.Tracer:
        known = self._tracers.get(service)
        if known is None:
            resource = Resource.create({"service.name": service, "service.namespace": "entente"})
            provider = TracerProvider(resource=resource, shutdown_on_exit=False)
            provider.add_span_processor(self._processor)
            known = self._tracers[service] = provider.get_tracer("entente")
        return known
