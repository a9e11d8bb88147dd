"""The driver: small services as real processes, their servers, and the networks in between."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from random import Random
from tempfile import TemporaryDirectory
from typing import IO, Any, Self
from urllib.parse import urlsplit

from kombu import Queue
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from infra.local.rabbitmq import Broker
from services.platform import Caller
from shared import settings as configuration
from shared.database import Database, is_down
from shared.errors import Unavailable
from shared.messaging import broker as transport
from shared.messaging import crash_points, log_reader
from shared.messaging.envelope import Envelope
from shared.messaging.parts import divided_into
from shared.messaging.rpc import RpcClient
from shared.messaging.tables import event_log, progress
from shared.work import Call
from tests.office import until
from tests.reliability.kit import facts, ledger, small
from tests.reliability.kit.facts import Burst
from tests.reliability.kit.fork_server import Forked, ForkServer
from tests.reliability.kit.proxy import Proxy, Switchboard
from tests.reliability.kit.small import (
    LISTENERS,
    TELLERS,
    Listener,
    Teller,
)

PROGRAM = "tests.reliability.kit.process"
NAMES = (*TELLERS, *LISTENERS)

#: Seconds within which everything goes on by itself once what broke is whole again.
RECOVERY = 90.0

#: Set to tell the same facts again.
SEED = "ENTENTE_CHAOS_SEED"


class Stage:
    """Two tellers and two listeners between a RabbitMQ and a PostgreSQL."""

    def __init__(
        self,
        broker: Broker,
        database_url: str,
        random: Random,
        said: IO[bytes] | None = None,
        **environment: str,
    ) -> None:
        """database_url: with {service} in it; the databases are there and empty.

        said: where the processes' logs go; None: to our own.
        """
        self.broker = broker
        self.random = random
        self._url = database_url
        self._environment = environment
        self._opened = ExitStack()
        #: Where the keys are with which calls are signed.
        self._data = self._opened.enter_context(TemporaryDirectory(prefix="entente-kit-"))
        self.processes: dict[str, Forked] = {}
        self._starting = threading.Lock()
        self.bursts = facts.bursts(random)
        databases = {name: self._open(name) for name in NAMES}
        self.tellers = {name: Teller(name, databases[name]) for name in TELLERS}
        self.listeners = {name: Listener(name, databases[name]) for name in LISTENERS}
        self._forks = self._opened.enter_context(ForkServer(PROGRAM, said))
        switchboard = self._opened.enter_context(Switchboard())
        #: To the broker and to its own database, for each service.
        self.networks = {name: switchboard.to(_port(broker.uri)) for name in NAMES}
        self.database_networks = {name: switchboard.to(_port(database_url)) for name in NAMES}

    def network(self, name: str) -> Proxy:
        """Between a service and the broker."""
        return self.networks[name]

    def start(self, *names: str, crash_at: str = "", clock_off: int = 0) -> None:
        """Start the processes (all of them by default) that do not run."""
        with self._starting:
            for name in names or NAMES:
                process = self.processes.get(name)
                if process is None or process.poll() is not None:
                    self.processes[name] = self.extra(name, crash_at, clock_off)

    def extra(self, name: str, crash_at: str = "", clock_off: int = 0) -> Forked:
        """One more process of a service; it ends with the stage if nobody ends it before.

        clock_off: seconds by which its clock is ahead.
        """
        faulty = {crash_points.VARIABLE: crash_at, small.CLOCK_OFF: str(clock_off)}
        return self._forks.start(name, **self.environment(name), **faulty)

    def environment(self, name: str) -> dict[str, str]:
        """The settings of a service, which knows its servers through its networks only."""
        return {
            "ENTENTE_AMQP_URI": _at(self.broker.uri, self.networks[name].port),
            "ENTENTE_DATABASE_URL": _at(self._url, self.database_networks[name].port),
            "ENTENTE_DATA_DIR": self._data,
            "ENTENTE_LOG_LEVEL": "ERROR",
            "ENTENTE_CALL_DEADLINE": "2",
            **self._environment,
        }

    def kill(self, *names: str) -> None:
        """As a power cut would."""
        self.signal(signal.SIGKILL, *names)
        for name in names:
            self.processes[name].wait()

    def stop(self, *names: str, seconds: float = 10) -> None:
        """In good order; fails where that takes longer than `seconds`."""
        self.signal(signal.SIGTERM, *names)
        for name in names:
            self.processes[name].wait(seconds)

    def signal(self, number: signal.Signals, *names: str) -> None:
        for name in names:
            self.processes[name].send_signal(number)

    def dies(self, name: str) -> None:
        """Wait until a process has ended as by SIGKILL."""
        until(lambda: self.processes[name].poll() is not None, f"{name} dying")
        assert self.processes[name].returncode == -signal.SIGKILL

    def kept_alive_until(
        self, condition: Callable[[], object], *names: str, patience: float = RECOVERY
    ) -> int:
        """Start processes again as often as they die, as a container engine does; how often."""
        deaths = 0

        def comes_true() -> object:
            nonlocal deaths
            dead = [name for name in names if self.processes[name].poll() is not None]
            deaths += len(dead)
            if dead:
                self.start(*dead)
            return condition()

        until(comes_true, f"{' and '.join(names)} going on", patience, every=0.1)
        return deaths

    def tell(self, number: int, teller: str = TELLERS[0], subjects: int = 20) -> list[Burst]:
        """Facts of new subjects become true, so many at least; they are committed on return."""
        found = facts.some(self.random, number, subjects)
        for burst in found:
            self.insist(self.tellers[teller], burst)
        return found

    @contextmanager
    def telling(self, every: float = 0.05) -> Iterator[None]:
        """Facts become true all the time, a burst every so many seconds, at each teller in turn."""
        ended = threading.Event()

        def go_on() -> None:
            while not ended.wait(every):
                for teller in self.tellers.values():
                    self.insist(teller, next(self.bursts))

        load = threading.Thread(target=go_on, daemon=True)
        load.start()
        try:
            yield
        finally:
            ended.set()
            load.join()

    @staticmethod
    def insist(teller: Teller, burst: Burst) -> None:
        """Tell it until it is told: as somebody does who repeats what was not answered."""

        def committed() -> bool:
            try:
                teller.tell(burst)
            except DBAPIError as error:
                if is_down(error):
                    return False
                raise
            return True

        until(committed, f"{teller.name} taking a fact", 120, every=0.2)

    def logged(self, teller: str) -> list[Envelope]:
        """What a teller has logged, as it goes over the wire, oldest first."""
        statement = select(event_log).order_by(event_log.c.position)
        with self.tellers[teller].database.reading() as session:
            rows = session.execute(statement).mappings().all()
        return [Envelope.of_row(teller, row) for row in rows]

    def deliver_again(self, teller: str, envelopes: Sequence[Envelope]) -> None:
        """Publish these once more, one to five times each, shuffled."""
        copies = [each for each in envelopes for _ in range(self.random.randint(1, 5))]
        self.random.shuffle(copies)
        with transport.connect(self.broker.uri) as connection:
            transport.ConfirmedPublisher(connection, teller).publish(copies)

    def heal(self) -> None:
        for network in (*self.networks.values(), *self.database_networks.values()):
            network.heal()

    def settle(self, patience: float = RECOVERY) -> float:
        """Heal everything and wait until nothing is left to do; how many seconds that took."""
        self.broker.start()
        self.heal()
        self.start()
        since = time.monotonic()
        try:
            until(self.is_settled, "all being told, published and applied", patience, every=0.1)
        except AssertionError as late:
            raise AssertionError(f"{late}; left: {self.left()}") from late
        return time.monotonic() - since

    @contextmanager
    def story(self) -> Iterator[Self]:
        """Everything runs and is settled; after the story the whole ledger is looked at.

        What is held then has said why; one command tries all of it again, and nothing is left.
        """
        self.settle()
        yield self
        self.settle()
        self.assert_all_is_right()
        self.replay()
        self.assert_all_is_right()
        held = {name: each.held() for name, each in self.listeners.items()}
        assert not any(held.values()), f"still held after it was tried again: {held}"

    def assert_all_is_right(self) -> None:
        wrong = self.audit().wrong
        assert not wrong, "\n".join(wrong[:50])

    def replay(self) -> None:
        """The cause is mended, an operator has everything tried again that is held."""
        holding = [name for name, listener in self.listeners.items() if listener.held()]
        for name in holding:
            self.listeners[name].mend()
            until(partial(self.retries_held, name), f"{name} trying again what it holds")
        if holding:
            self.settle()

    def hears_all(self, told: Sequence[Burst], patience: float = RECOVERY) -> None:
        """Wait until all listeners have applied these."""
        for name, listener in self.listeners.items():
            heard = partial(listener.has_heard, flat(told))
            until(heard, f"{name} hearing it", patience, every=0.1)

    def is_settled(self) -> bool:
        """Whether every fact is published, applied or held for good, and the queues are empty."""
        try:
            return not any(self.left().values()) and not self.queued()
        except transport.BROKER_ERRORS:
            return False  # its queues are not there yet, or not led by anybody
        except DBAPIError as error:
            if is_down(error):
                return False  # it was restarted, and we too have connections that were ended
            raise

    def left(self) -> dict[str, int]:
        """Events that still have a way to go: unpublished by teller, to come by listener."""
        counts = {
            name: log_reader.unpublished(each.database) for name, each in self.tellers.items()
        }
        logged = sum(log_reader.logged(each.database) for each in self.tellers.values())
        for name, listener in self.listeners.items():
            with listener.database.reading() as session:
                applied = session.scalar(select(func.sum(progress.c.sequence))) or 0
            counts[name] = logged - applied - listener.waiting()
        return counts

    def queued(self) -> int:
        """Messages waiting in the listeners' queues. Raises BROKER_ERRORS, also where one lacks."""
        queues = [each for to in LISTENERS for of in TELLERS for each in _queues(to, of)]
        with transport.connect(self.broker.uri) as connection:
            channel = connection.channel()
            return sum(
                int(channel.queue_declare(each.name, passive=True).message_count) for each in queues
            )

    def lose_queue(self, consumer: str, source: str) -> None:
        """As when somebody deletes it, with all that is in it."""
        with transport.connect(self.broker.uri) as connection:
            channel = connection.channel()
            for queue in _queues(consumer, source):
                channel.queue_delete(queue.name)

    def forget(self, listener: str) -> None:
        """Leave a listener's database as that of a service which was never started."""
        with self.listeners[listener].database.transaction() as session:
            small.forget(session)

    def query(self, name: str, statement: str) -> list[Any]:
        """The first column of what a service's database answers."""
        with self._database(name).reading() as session:
            return list(session.scalars(text(statement)))

    def is_busy(self, name: str) -> bool:
        """Whether a transaction of a service is waiting for what its handler does."""
        return bool(
            self.query(
                name,
                "select 1 from pg_stat_activity where datname = current_database() "
                "and state = 'idle in transaction' and pid <> pg_backend_pid()",
            )
        )

    def audit(self) -> ledger.Findings:
        return ledger.audit(list(self.tellers.values()), list(self.listeners.values()))

    @contextmanager
    def calls(self) -> Iterator[RpcClient]:
        """Calls to the services, as the command line makes them."""
        settings = configuration.read(
            {"ENTENTE_AMQP_URI": self.broker.uri, "ENTENTE_DATA_DIR": self._data}
        )
        with Caller(settings) as calls:
            yield calls

    def rebuild(self, name: str) -> None:
        """Forget what a listener made of all that it heard, so that it is made again."""
        with self.calls() as calls:
            calls.call(
                name, "execute", deadline=RECOVERY, name="rebuild", body={}, call=Call().to_plain()
            )

    def retries_held(self, name: str) -> bool:
        """What an operator does once the cause is mended; whether the service could be reached."""
        with self.calls() as calls:
            try:
                calls.call(name, "retry_held")
            except Unavailable:
                return False
            return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def _database(self, name: str) -> Database:
        return (self.tellers | self.listeners)[name].database

    def _open(self, name: str) -> Database:
        database = self._opened.enter_context(closing(Database(self._url.format(service=name))))
        small.make_tables(database)
        return database


def _port(uri: str) -> int:
    port = urlsplit(uri).port
    assert port is not None, f"{uri} names no port"
    return port


def _at(uri: str, port: int) -> str:
    """The same server, reached through another local port."""
    return uri.replace(f":{_port(uri)}/", f":{port}/")


def _queues(consumer: str, source: str) -> list[Queue]:
    """ENTENTE_PARTS counts here as in the services."""
    return transport.queues_of(consumer, source, divided_into(configuration.read().parts))


def flat(bursts: Sequence[Burst]) -> list[Any]:
    """The facts of bursts, in their order."""
    return [fact for burst in bursts for fact in burst.facts]
