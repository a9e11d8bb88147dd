"""Traces of a request through gateway, services and events (OpenTelemetry), off by default.

While they are off nothing of OpenTelemetry is imported and every function here gives back the
caller's trace untouched. Context is handed on as W3C `traceparent` text, in calls and events, and
never taken from the surroundings: a spawned greenlet starts with none.

A trace begins at the gateway's door alone; everything behind it goes on with what it was given.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

from sqlalchemy.orm import Session

from shared.settings import WrongSetting

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

    from shared.messaging.envelope import Envelope
    from shared.tracing.spans import Recorder

#: An effect that comes later than this after its fact, by catch-up or a rebuild, has no span:
#: its trace has been put away by then, and a rebuild would send one for every fact there is.
TRACED_WITHIN = timedelta(hours=1)

_recorder: "Recorder | None" = None


class Span(Protocol):
    """One step of a trace. As a block it ends with it, as failed where an error leaves the block.

    A refusal by a rule is an answer, not a failure.
    """

    #: What the steps inside this one are to be told; None where nothing is traced.
    traceparent: str | None

    def note(self, name: str, value: str | int) -> None:
        """Add an attribute."""

    def end(self, failure: str = "") -> None:
        """End it, where it is no block. failure: what went wrong; empty: nothing did."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None: ...


class Untraced:
    """A step that nobody records."""

    def __init__(self, traceparent: str | None) -> None:
        self.traceparent = traceparent

    def note(self, name: str, value: str | int) -> None:
        pass

    def end(self, failure: str = "") -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def switch_on(processor: "SpanProcessor") -> None:
    """Record spans from now on, for the processor to deal with."""
    global _recorder
    from shared.tracing.spans import Recorder

    _recorder = Recorder(processor)


def switch_on_for(collector: str) -> None:
    """Record spans and send them to a collector: its base address, for OTLP over HTTP.

    The standard ``OTEL_…`` variables set the rest: sampling, headers, batches. Raises WrongSetting
    where the packages for it are missing.
    """
    try:
        from shared.tracing.spans import exporting_to
    except ImportError as error:
        raise WrongSetting(
            "ENTENTE_TRACES is set, and the packages for traces are not installed. "
            "Install them by `pip install 'entente[tracing]'`, or unset it."
        ) from error
    switch_on(exporting_to(collector))


def switch_off() -> None:
    """Record nothing from now on; what was not sent yet is sent, within a few seconds or never."""
    global _recorder
    recorder, _recorder = _recorder, None
    if recorder is not None:
        recorder.close()


def requested(
    service: str, method: str, route: str, parent: str | None, correlation: str, *, begins: bool
) -> Span:
    """An HTTP request. begins: whether it is the first step of a trace where it has no parent."""
    if _recorder is None or (parent is None and not begins):
        return Untraced(parent)
    return _recorder.requested(service, method, route, parent, correlation)


def called(
    by: str, service: str, operation: str, kind: Literal["client", "server"], parent: str | None
) -> Span:
    """A call of a service's operation, as seen by who made it (client) or answers it (server)."""
    if _recorder is None or parent is None:
        return Untraced(parent)
    return _recorder.called(by, f"{service}/{operation}", kind, parent)


def committing(service: str, parent: str | None) -> Span:
    """A transaction, with all its tries; the events that it records carry it."""
    if _recorder is None or parent is None:
        return Untraced(parent)
    return _recorder.committing(service, parent)


def now() -> int:
    """A moment for `published`, in nanoseconds; 0 where nobody records."""
    return 0 if _recorder is None else _recorder.now()


def published(
    service: str, envelopes: Sequence["Envelope"], taken: Sequence[bool], since: int
) -> None:
    """These events were offered to the broker since that moment, which has taken some or all.

    One span for each that is traced: the events of a batch belong to as many traces.
    """
    if _recorder is not None:
        _recorder.published(service, envelopes, taken, since)


def processing(consumer: str, envelope: "Envelope", session: Session, at: datetime) -> Span:
    """One event's effect, from here to the end of the session's transaction."""
    parent = envelope.traceparent
    if _recorder is None or parent is None:
        return Untraced(parent)
    if at - datetime.fromisoformat(envelope.time) > TRACED_WITHIN:
        return Untraced(parent)
    return _recorder.processing(consumer, envelope, session)


@contextmanager
def processing_all(
    consumer: str, envelopes: Sequence["Envelope"], session: Session, at: datetime
) -> Iterator[None]:
    """As `processing`, for events whose effects are written together."""
    if _recorder is None:
        yield
        return
    with ExitStack() as spans:
        for envelope in envelopes:
            spans.enter_context(processing(consumer, envelope, session, at))
        yield
