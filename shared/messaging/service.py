"""What every service is to nameko: the same few entrypoints, over its own desk, log and inboxes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar, Protocol

from nameko.extensions import DependencyProvider

from shared import policy_settings, tracing
from shared.clock import Clock, FixedClock, SystemClock
from shared.database import Database
from shared.desk import Desk
from shared.errors import Forbidden
from shared.messaging import log_reader
from shared.messaging.entrypoint import rpc, rpc_for, rpc_of_operations
from shared.messaging.heads import HeadSigner
from shared.messaging.metrics import MeasuredCalls, Measurements
from shared.messaging.operating import Operated
from shared.messaging.parts import Share
from shared.messaging.reactions import Reactions
from shared.messaging.relay import Relay
from shared.messaging.rpc import RpcClient
from shared.messaging.sharing import ClaimedShare
from shared.messaging.signing import PEOPLE, SERVICES, TOOLS, Signer, own_key
from shared.messaging.subscriber import Bell, Subscriber
from shared.operations import Operations
from shared.settings import Settings
from shared.timekeeper import Timekeeper
from shared.work import Call, UnitOfWork, is_operator

#: Key of the nameko configuration under which the settings travel.
SETTINGS = "ENTENTE"
#: Key under which the gateway finds the operations of all services (`services.platform`).
OPERATIONS = "ENTENTE_OPERATIONS"
#: Key under which the gateway finds the socket on which it listens.
LISTENER = "ENTENTE_LISTENER"
#: Key under which a test hands in another clock.
CLOCK = "ENTENTE_CLOCK"
#: Key under which a process says that it signs heads at other intervals than is set.
HEAD_SECONDS = "ENTENTE_HEAD_SECONDS"
#: Key under which all services of a process find where they are measured.
MEASUREMENTS = "ENTENTE_MEASUREMENTS"


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
    #: The kind of key with which it signs its calls to other services.
    signs_as: str = SERVICES


class Runtime(DependencyProvider):
    """A service's database, desk, relay and subscribers, from start to stop of its container."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def setup(self) -> None:
        self.name: str = self.container.service_name
        name = self.name
        self.settings: Settings = self.container.config[SETTINGS]
        self.clock: Clock = self.container.config.get(CLOCK) or SystemClock()
        uri = self.settings.broker
        self.database = Database(self.settings.database_of(name))
        policy = policy_settings.policy(self.parts.policy, name)
        self.unit_of_work = UnitOfWork(self.database, self.clock, self.settings.zone, policy)
        self.desk = Desk(
            self.parts.operations,
            self.unit_of_work,
            timedelta(days=self.settings.answer_days),
        )
        signer = Signer(own_key(self.settings, self.parts.signs_as))
        self._client = RpcClient(uri, name, self.settings.call_deadline, signer)
        self.measurements: Measurements = self.container.config.get(MEASUREMENTS) or Measurements()
        self.calls = MeasuredCalls(self._client, name, self.measurements)
        self.relay = Relay(name, self.database, uri, self.clock)
        self.timekeeper = Timekeeper(self.desk, self.clock)
        every = self.container.config.get(HEAD_SECONDS, self.settings.head_seconds)
        self.head_signer = HeadSigner(name, self.database, self.settings, self.clock, every)
        bell = Bell()
        self.share: Share = (
            Share()  # a SQLite database belongs to one process
            if self.database.is_sqlite or self.settings.parts == 1
            else ClaimedShare(self.database, self.settings.parts)
        )
        self.subscribers = [
            Subscriber(
                source,
                self.parts.reactions,
                self.unit_of_work,
                self.calls,
                uri,
                self.clock,
                bell,
                self.share,
            )
            for source in self.parts.reactions.sources
        ]
        for each in self.subscribers:
            each.inbox.timing = self.measurements.batches.labels(name, each.source).time

    def start(self) -> None:
        self._running = [
            self.container.spawn_managed_thread(loop.run, identifier=type(loop).__name__)
            for loop in self._loops()
        ]
        self.measurements.standing.watch(self)

    def stop(self) -> None:
        self.measurements.standing.forget(self)
        for loop in self._loops():
            loop.stop()
        for running in self._running:
            running.wait()
        self.database.close()

    def get_dependency(self, _: Any) -> "Runtime":
        return self

    @property
    def last_rounds(self) -> dict[str, float]:
        """When the relay, and each source's subscriber, went round, by `time.monotonic()`."""
        subscribers = {each.source: each.last_round for each in self.subscribers}
        return {"relay": self.relay.last_round} | subscribers

    @property
    def workers(self) -> tuple[int, int]:
        """How many calls are worked on now, and how many can be at the same time."""
        return self.container._worker_pool.running(), self.container.max_workers

    def _loops(self) -> list[Loop]:
        sharing = [self.share] if isinstance(self.share, ClaimedShare) else []
        alone: list[Loop] = [self._client, self.relay, self.timekeeper, self.head_signer]
        return [*alone, *sharing, *self.subscribers]


class Service(Operated):
    """Base of every service; a service says its name and its parts."""

    name: ClassVar[str]
    runtime: Runtime

    @rpc_of_operations(PEOPLE, TOOLS)
    def execute(
        self, name: str, body: dict[str, Any], call: dict[str, Any], signed_by: str
    ) -> dict[str, Any]:
        """Carry out a command: see `shared.desk.Desk.execute`."""
        with self._called(name, call, signed_by) as told:
            return self.runtime.desk.execute(name, body, told)

    @rpc_of_operations(PEOPLE, TOOLS)
    def ask(
        self, name: str, parameters: dict[str, Any], call: dict[str, Any], signed_by: str
    ) -> dict[str, Any]:
        """Run a query: see `shared.desk.Desk.ask`."""
        with self._called(name, call, signed_by) as told:
            return self.runtime.desk.ask(name, parameters, told)

    @rpc
    def tick(self, day: str) -> None:
        """Run everything that time drives, as at a date (ISO 8601)."""
        self.runtime.desk.tick(FixedClock.at(date.fromisoformat(day)))

    @rpc_for(PEOPLE, SERVICES, TOOLS)
    def ping(self) -> bool:
        return True

    @rpc_for(SERVICES, TOOLS)
    def log_window(self, after: int, limit: int) -> dict[str, Any]:
        return log_reader.window(self.runtime.database, after, limit)

    @rpc_for(SERVICES, TOOLS)
    def log_events(self, after: int, until: int) -> list[dict[str, Any]]:
        return log_reader.events(self.runtime.database, after, until)

    @rpc_for(SERVICES, TOOLS)
    def log_written(self, wanted: list[list[Any]]) -> list[dict[str, Any]]:
        pairs = [(str(subject), int(sequence)) for subject, sequence in wanted]
        return log_reader.written(self.runtime.database, pairs)

    @rpc_for(SERVICES, TOOLS)
    def log_reached(self, subjects: list[str]) -> dict[str, int]:
        return log_reader.reached(self.runtime.database, subjects)

    @rpc_for(SERVICES, TOOLS)
    def log_beyond(self, link: int) -> dict[str, Any]:
        return log_reader.beyond(self.runtime.database, link)

    @contextmanager
    def _called(self, operation: str, plain: dict[str, Any], signed_by: str) -> Iterator[Call]:
        call = Call.from_plain(plain)
        if signed_by == TOOLS:
            self._check_tools(operation, call)
        with tracing.called(self.name, self.name, operation, "server", call.traceparent) as span:
            yield call.within(span.traceparent)

    def _check_tools(self, operation: str, call: Call) -> None:
        """The operator's key reaches what is listed for it, and acts for nobody else."""
        if operation not in self.runtime.parts.operations.for_tools:
            raise Forbidden(
                f"The command line may not {operation} in the {self.name} service. Do it over the "
                "API, as a person.",
                rule="not-for-this-key",
            )
        if not is_operator(call.actor):
            raise Forbidden(
                "The command line acts for the operator of the machine, and for nobody else.",
                rule="not-the-operator",
            )
