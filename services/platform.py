"""The services of Entente, started and called: the one place that knows all of them."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import eventlet
from nameko.runners import ServiceRunner
from sqlalchemy import MetaData

from services.operators import operations_app
from services.registry import SERVICES
from shared import migrations
from shared.database import Database, is_down, reason_unreachable
from shared.errors import Unavailable
from shared.http.limits import Limits
from shared.http.listening import listen
from shared.http.server import Server
from shared.messaging.entrypoint import CALL_REFUSED, TRUSTED_KEYS
from shared.messaging.metrics import Measurements
from shared.messaging.rpc import RpcClient
from shared.messaging.service import LISTENER, MEASUREMENTS, OPERATIONS, SETTINGS, Runtime, Service
from shared.messaging.signing import TOOLS, Signer, own_key, trusted
from shared.operations import Operation, Operations
from shared.private_folder import make_private
from shared.settings import Settings

#: Calls that one service works on at the same time; each has a database connection to itself.
WORKERS = 10


def service_class(name: str) -> type[Service]:
    """The nameko class of a service; its module is loaded now."""
    module = import_module(f"services.{name}.service")
    found: type[Service] = getattr(module, f"{name.capitalize()}Service")
    return found


def metadata_of(name: str) -> MetaData:
    """The tables that a service owns, beside those for messaging."""
    metadata: MetaData = import_module(f"services.{name}.store").metadata
    return metadata


def operations() -> list[Operation]:
    """What all services together can be asked to do: the gateway makes its API from it."""
    found: list[Operation] = []
    for name in SERVICES:
        for module in ("commands", "queries"):
            import_module(f"services.{name}.{module}")
        declared: Operations = import_module(f"services.{name}.operations").operations
        found += declared.all.values()
    return found


def upgrade_databases(settings: Settings, names: Sequence[str] = SERVICES) -> list[str]:
    """Bring the databases to the newest form; the names of those that were not.

    Raises Unavailable, with the reason, where one cannot be reached.
    """
    if not settings.database_url:
        make_private(settings.data_dir)
    changed = []
    for name in names:
        database = Database(settings.database_of(name), patient=True)
        with closing(database), _reachable(name):
            if migrations.upgrade(name, metadata_of(name), database):
                changed.append(name)
    return changed


@contextmanager
def _reachable(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if is_down(error):
            reason = reason_unreachable(error)
            raise Unavailable(f"The database of {name} {reason}.", rule="database-down") from error
        raise


def outdated_databases(settings: Settings) -> list[str]:
    """The services whose databases are not there, or not in the newest form. Changes nothing."""
    return [
        name for name in SERVICES if not settings.has_database(name) or is_outdated(settings, name)
    ]


def is_outdated(settings: Settings, name: str) -> bool:
    """Whether a service's database waits for a migration."""
    with closing(Database(settings.database_of(name))) as database, _reachable(name):
        config = migrations.configuration(name, metadata_of(name))
        return not migrations.is_current(config, database)


@dataclass
class Platform:
    """Services running in this process. Start it once; stop it before the process ends."""

    settings: Settings
    names: Sequence[str] = SERVICES
    measurements: Measurements = field(default_factory=Measurements)
    _for_operators: Server | None = field(default=None, init=False)

    def start(self, address: tuple[str, int] | None = None, **configuration: Any) -> None:
        """Start the services; on return each takes calls. `configuration` is for nameko.

        address: where the gateway listens, other than set. Raises AddressTaken, before anything
        is started.
        """
        listeners = self._listen(address or (self.settings.host, self.settings.port))
        self.runner = ServiceRunner(
            {
                "AMQP_URI": self.settings.broker,
                LISTENER: listeners.get("gateway"),
                "max_workers": WORKERS,
                SETTINGS: self.settings,
                MEASUREMENTS: self.measurements,
                TRUSTED_KEYS: trusted(self.settings),
                CALL_REFUSED: self.measurements.call_refused,
                OPERATIONS: operations() if "gateway" in self.names else [],
                **configuration,
            }
        )
        for name in self.names:
            self.runner.add_service(service_class(name))
        self.runner.start()
        if "operations" in listeners:
            self._serve_operators(listeners["operations"])

    def check_ports(self) -> None:
        """Raises AddressTaken where another process listens; so before anything is written."""
        for listener in self._listen((self.settings.host, self.settings.port)).values():
            listener.close()

    def _listen(self, address: tuple[str, int]) -> dict[str, socket.socket]:
        listeners = {}
        if "gateway" in self.names:
            listeners["gateway"] = listen(*address, "ENTENTE_PORT")
        if self.settings.operations_port:
            listeners["operations"] = listen(
                self.settings.host, self.settings.operations_port, "ENTENTE_OPERATIONS_PORT"
            )
        return listeners

    def _serve_operators(self, listener: socket.socket) -> None:
        readiness = [
            part.readiness
            for container in self.runner.containers
            for part in container.dependencies
            if hasattr(part, "readiness")
        ]
        app = operations_app(self.measurements.registry, next(iter(readiness), None))
        self._for_operators = Server(listener, app, Limits())
        self._for_operators.start()

    @property
    def last_rounds(self) -> dict[str, float]:
        """When each relay and subscriber last went round, by `time.monotonic()`."""
        return {
            f"{part.name} {loop}": moment
            for container in self.runner.containers
            for part in container.dependencies
            if isinstance(part, Runtime)
            for loop, moment in part.last_rounds.items()
        }

    def wait(self) -> None:
        """Until the services have stopped; raises what made one of them stop."""
        self.runner.wait()

    def stop(self) -> None:
        self.runner.stop()
        if self._for_operators is not None:
            self._for_operators.stop()


class Caller:
    """Calls to the services from outside of them, as long as the block lasts."""

    def __init__(self, settings: Settings, name: str = "cli", operations_as: str = TOOLS) -> None:
        """operations_as: the kind of key that signs commands and queries; it decides which of them
        are carried out, and in whose name.
        """
        signer = Signer(own_key(settings, TOOLS), own_key(settings, operations_as))
        self._client = RpcClient(settings.broker, name, settings.call_deadline, signer)

    def __enter__(self) -> RpcClient:
        self._listening = eventlet.spawn(self._client.run)
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.stop()
        with suppress(eventlet.Timeout), eventlet.Timeout(3):
            self._listening.wait()
