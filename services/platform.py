"""The services of Entente, started and called: the one place that knows all of them."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import eventlet
from eventlet import wsgi
from nameko.runners import ServiceRunner
from prometheus_client import make_wsgi_app
from sqlalchemy import MetaData

from services.registry import SERVICES
from shared import migrations
from shared.database import Database, is_down, reason_unreachable
from shared.errors import Unavailable
from shared.messaging.entrypoint import CALL_REFUSED, TRUSTED_KEYS
from shared.messaging.metrics import Measurements
from shared.messaging.rpc import RpcClient
from shared.messaging.service import MEASUREMENTS, OPERATIONS, SETTINGS, Runtime, Service
from shared.messaging.signing import TOOLS, Signer, own_key, trusted
from shared.operations import Operation, Operations
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
        settings.data_dir.mkdir(parents=True, exist_ok=True)
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

    def start(self, **configuration: Any) -> None:
        """Start the services; on return each takes calls. `configuration` is for nameko."""
        self.runner = ServiceRunner(
            {
                "AMQP_URI": self.settings.amqp_uri,
                "WEB_SERVER_ADDRESS": f"{self.settings.host}:{self.settings.port}",
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
        if self.settings.metrics_port:
            self._show_measurements(self.settings.metrics_port)

    def _show_measurements(self, port: int) -> None:
        """Serve them, for as long as the process lives, at any path of this port."""
        listener = eventlet.listen((self.settings.host, port))
        app = make_wsgi_app(self.measurements.registry)
        eventlet.spawn_n(wsgi.server, listener, app, log_output=False)

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


class Caller:
    """Calls to the services from outside of them, as long as the block lasts."""

    def __init__(self, settings: Settings, name: str = "cli", operations_as: str = TOOLS) -> None:
        """operations_as: the kind of key that signs commands and queries; it decides which of them
        are carried out, and in whose name.
        """
        signer = Signer(own_key(settings, TOOLS), own_key(settings, operations_as))
        self._client = RpcClient(settings.amqp_uri, name, settings.call_deadline, signer)

    def __enter__(self) -> RpcClient:
        self._listening = eventlet.spawn(self._client.run)
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.stop()
        with suppress(eventlet.Timeout), eventlet.Timeout(3):
            self._listening.wait()
