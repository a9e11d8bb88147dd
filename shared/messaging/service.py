"""What every service is to nameko: the same few entrypoints, over its own desk, log and inboxes."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, ClassVar, Protocol
from uuid import UUID

import nameko.rpc
import structlog
from nameko.amqp.publish import Publisher
from nameko.extensions import DependencyProvider
from nameko.messaging import QueueConsumer
from nameko.rpc import rpc

from shared import settings as configuration
from shared.clock import Clock, FixedClock, SystemClock
from shared.database import Database
from shared.errors import NotFound, Refusal, Unavailable
from shared.messaging import held, log_reader
from shared.messaging.broker import BROKER_ERRORS
from shared.messaging.reactions import Reactions
from shared.messaging.relay import Relay
from shared.messaging.rpc import RpcClient
from shared.messaging.subscriber import Bell, Subscriber
from shared.operations import Desk, Operations
from shared.settings import Settings
from shared.timekeeper import Timekeeper
from shared.work import OFFICE, Call, UnitOfWork

log = structlog.get_logger()

#: Key of the nameko configuration under which the settings travel.
SETTINGS = "ENTENTE"
#: Key under which the gateway finds the operations of all services (`services.platform`).
OPERATIONS = "ENTENTE_OPERATIONS"
#: Key under which a test hands in another clock.
CLOCK = "ENTENTE_CLOCK"


class Reply(Publisher):
    """Sends the answer to a call, if that can be done.

    It needs no persistence, and it may be lost: whoever waits for it runs into the deadline and
    asks again. nameko would end the whole service over an answer that the broker did not take.
    """

    use_confirms = False
    delivery_mode = 1
    retry = False

    def publish(self, payload: Any, **kwargs: Any) -> None:
        try:
            super().publish(payload, **kwargs)
        except BROKER_ERRORS as error:
            log.warning("rpc: answer lost", error=str(error))


def acknowledge(consumer: QueueConsumer, message: Any) -> None:
    """Acknowledge a call; if its connection is gone, the broker has taken it back already."""
    try:
        _acknowledge(consumer, message)
    except BROKER_ERRORS as error:
        log.warning("rpc: not acknowledged", error=str(error))


_acknowledge = QueueConsumer.ack_message
QueueConsumer.ack_message = acknowledge
nameko.rpc.Responder.publisher_cls = Reply


class Loop(Protocol):
    """Something that runs until it is stopped."""

    def run(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True)
class Parts:
    """What makes one service different from the others."""

    operations: Operations
    reactions: Reactions
    policy: type[Any]


class Runtime(DependencyProvider):
    """A service's database, desk, relay and subscribers, from start to stop of its container."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def setup(self) -> None:
        name = self.container.service_name
        self.settings: Settings = self.container.config[SETTINGS]
        self.clock: Clock = self.container.config.get(CLOCK) or SystemClock()
        uri = self.settings.amqp_uri
        self.database = Database(self.settings.database_of(name))
        policy = configuration.policy(self.parts.policy, name)
        self.unit_of_work = UnitOfWork(self.database, self.clock, self.settings.zone, policy)
        self.desk = Desk(self.parts.operations, self.unit_of_work)
        self.calls = RpcClient(uri, name, self.settings.call_deadline)
        self.relay = Relay(name, self.database, uri, self.clock)
        self.timekeeper = Timekeeper(self.desk, self.clock)
        bell = Bell()
        self.subscribers = [
            Subscriber(
                source,
                self.parts.reactions,
                self.unit_of_work,
                self.calls,
                uri,
                self.clock,
                bell,
            )
            for source in self.parts.reactions.sources
        ]

    def start(self) -> None:
        self._running = [
            self.container.spawn_managed_thread(loop.run, identifier=type(loop).__name__)
            for loop in self._loops()
        ]

    def stop(self) -> None:
        for loop in self._loops():
            loop.stop()
        for running in self._running:
            running.wait()
        self.database.close()

    def get_dependency(self, _: Any) -> "Runtime":
        return self

    @property
    def last_round(self) -> float:
        """When the loop that has been silent for longest went round, by `time.monotonic()`."""
        return min([self.relay.last_round, *(each.last_round for each in self.subscribers)])

    def _loops(self) -> list[Loop]:
        return [self.calls, self.relay, *self.subscribers, self.timekeeper]


def answered(method: Callable[..., Any]) -> Callable[..., Any]:
    """Send refusals as plain values: the caller raises them again on its side."""

    @wraps(method)
    def answer(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except Refusal as refusal:
            return {"refusal": refusal.to_plain()}

    return answer


class Service:
    """Base of every service; a service says its name and its parts."""

    name: ClassVar[str]
    runtime: Runtime

    @rpc
    @answered
    def execute(self, name: str, body: dict[str, Any], call: dict[str, Any]) -> dict[str, Any]:
        """Carry out a command: see `shared.operations.Desk.execute`."""
        return self.runtime.desk.execute(name, body, Call.from_plain(call))

    @rpc
    @answered
    def ask(self, name: str, parameters: dict[str, Any], call: dict[str, Any]) -> dict[str, Any]:
        """Run a query: see `shared.operations.Desk.ask`."""
        return self.runtime.desk.ask(name, parameters, Call.from_plain(call))

    @rpc
    @answered
    def tick(self, day: str) -> None:
        """Run everything that time drives, as at a date (ISO 8601)."""
        self.runtime.desk.tick(FixedClock.at(date.fromisoformat(day)))

    @rpc
    def ping(self) -> bool:
        return True

    @rpc
    def log_window(self, after: int, limit: int) -> dict[str, Any]:
        return log_reader.window(self.runtime.database, after, limit)

    @rpc
    def log_events(self, after: int, until: int) -> list[dict[str, Any]]:
        return log_reader.events(self.runtime.database, after, until)

    @rpc
    @answered
    def completeness(self) -> dict[str, Any]:
        """What this service has not published, not received, or holds.

        Complete is: nothing unpublished, held, missing or unreachable.
        """
        runtime = self.runtime
        with runtime.unit_of_work.reading(Call()) as work:
            counted = held.counts(work.session)
        missing: list[dict[str, Any]] = []
        unreachable: list[str] = []
        for subscriber in runtime.subscribers:
            try:
                missing += [dataclasses.asdict(each) for each in subscriber.catch_up.missing()]
            except Unavailable:
                unreachable.append(subscriber.source)
        return {
            "logged": log_reader.logged(runtime.database),
            "unpublished": log_reader.unpublished(runtime.database),
            "held": counted,
            "missing": missing,
            "unreachable": unreachable,
        }

    @rpc
    def unpublished(self) -> int:
        """How many facts have not left for the broker yet."""
        return log_reader.unpublished(self.runtime.database)

    @rpc
    def broken_link(self) -> int | None:
        """The first link at which the event log was altered; None where it never was."""
        return log_reader.broken_link(self.runtime.database)

    @rpc
    @answered
    def held_events(self, id: str | None = None) -> Any:
        """What is held here; with an id, that event with its contents."""
        with self.runtime.unit_of_work.reading(Call()) as work:
            if id is None:
                return [_plain(row) for row in held.listed(work.session)]
            return _plain(held.shown(work.session, _held_id(id)))

    @rpc
    @answered
    def retry_held(self, ids: list[str] | None = None) -> int:
        """Try held events again at once; all of them where no ids are given."""
        with self.runtime.unit_of_work.begin(Call()) as work:
            wanted = None if ids is None else [_held_id(each) for each in ids]
            number = held.retry(work.session, wanted, work.now)
        self._look_now()
        return number

    @rpc
    @answered
    def discard_held(self, id: str, reason: str, by: str = OFFICE.id) -> None:
        """Never apply a held event; the reason is kept."""
        with self.runtime.unit_of_work.begin(Call()) as work:
            held.discard(work.session, _held_id(id), reason=reason, by=by, now=work.now)
        self._look_now()

    def _look_now(self) -> None:
        for subscriber in self.runtime.subscribers:
            subscriber.look_now()


def _held_id(text: str) -> UUID:
    """Raises NotFound for what cannot be the id of anything."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(f"No event {text} is held here.", rule="held", field="id") from error


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if value is None or isinstance(value, int | str | dict) else str(value)
        for name, value in row.items()
    }
