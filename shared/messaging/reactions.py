"""What a service does on others' events."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from shared import tracing
from shared.events import Event
from shared.messaging.envelope import Envelope
from shared.work import Actor, Call, Work

E = TypeVar("E", bound=Event)
Handler = Callable[[Work, Any], None]
BatchHandler = Callable[[Work, Sequence[Envelope]], None]


class NotYet(Exception):
    """A fact of another source that is needed here has not come yet. The event is held."""


class Reactions:
    """The handlers of one consumer.

    Several events are applied in one transaction, in the order of their subject; a handler that
    raises holds back its event alone. A handler runs at most once with effect for each event.
    """

    def __init__(self, consumer: str) -> None:
        self.consumer = consumer
        self._handlers: dict[str, list[Handler]] = {}
        self._batch: tuple[tuple[str, ...], BatchHandler] | None = None

    def on(self, *events: type[E]) -> Callable[[Handler], Handler]:
        """Run the handler, ``f(work, event)``, for each of these events."""

        def register(handler: Handler) -> Handler:
            for event in events:
                self._handlers.setdefault(event.type, []).append(handler)
            return handler

        return register

    def on_batch(self, *sources: str) -> Callable[[BatchHandler], BatchHandler]:
        """Run the handler, ``f(work, envelopes)``, once for all that came together.

        It sees every event of these sources, in order, and is for read models that write many
        rows in one statement.
        """

        def register(handler: BatchHandler) -> BatchHandler:
            self._batch = (sources, handler)
            return handler

        return register

    @property
    def sources(self) -> tuple[str, ...]:
        """The services whose events are wanted."""
        named = {type_.partition(".")[0] for type_ in self._handlers}
        return tuple(sorted(named | set(self._batch[0] if self._batch else ())))

    def handles(self, type_: str) -> bool:
        """Whether something is done on events of this type."""
        whole = self._batch is not None and type_.partition(".")[0] in self._batch[0]
        return whole or type_ in self._handlers

    def apply(self, work: Work, envelopes: Sequence[Envelope]) -> None:
        """Run the handlers of these events, in their order. Raises whatever a handler raises."""
        for envelope in envelopes:
            handlers = self._handlers.get(envelope.type)
            if not handlers:
                continue
            event = envelope.event
            with tracing.processing(self.consumer, envelope, work.session, work.now) as span:
                own = work.following(call_of(envelope, span.traceparent))
                for handler in handlers:
                    handler(own, event)
                own.log()
        if self._batch and envelopes:
            with tracing.processing_all(self.consumer, envelopes, work.session, work.now):
                self._batch[1](work, envelopes)


def call_of(envelope: Envelope, traceparent: str | None) -> Call:
    """Reactions act in the name of whoever caused the event, and under its correlation."""
    return Call(
        actor=Actor(envelope.actor, frozenset()),
        correlation_id=envelope.correlation or envelope.id,
        causation_id=envelope.id,
        traceparent=traceparent,
    )
