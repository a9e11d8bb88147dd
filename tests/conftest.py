"""Fixtures for all tests: both stores, both transports, a whole office running over them."""

import warnings

warnings.filterwarnings("ignore", message=r"(?s).*[Ee]ventlet is deprecated")

import eventlet  # noqa: E402

eventlet.monkey_patch()

import importlib  # noqa: E402
import tempfile  # noqa: E402
import uuid  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from contextlib import closing  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import hypothesis  # noqa: E402
import pytest  # noqa: E402
import structlog  # noqa: E402
from kombu import Connection  # noqa: E402
from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: E402
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: E402
from sqlalchemy import create_engine, text  # noqa: E402

from services.registry import SERVICES  # noqa: E402
from shared import settings as configuration  # noqa: E402
from shared import tracing  # noqa: E402
from shared.converters.addresses import EMBEDDED  # noqa: E402
from shared.database import Database  # noqa: E402
from shared.messaging import tables  # noqa: E402
from shared.messaging.embedded import Transport  # noqa: E402
from shared.messaging.parts import WHOLE, Part  # noqa: E402
from shared.settings import Settings  # noqa: E402
from tests.office import Office  # noqa: E402

# How long an example takes says how busy the machine is, and nothing about the code.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def own_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test, or a command in it, configures of the logs is forgotten after it."""
    configure = structlog.configure

    def configure_for_now(**options: Any) -> None:
        configure(**options | {"cache_logger_on_first_use": False})

    monkeypatch.setattr(structlog, "configure", configure_for_now)
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Where the servers of this test run keep their data.

    Not under pytest's own folder: each run of pytest closes that to other users, and where we are
    root PostgreSQL is one.
    """
    with tempfile.TemporaryDirectory(prefix="entente-servers-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres(server_folder: Path) -> Iterator[Any]:
    """A real PostgreSQL server of this test run."""
    module = importlib.import_module("infra.local.postgres")
    # Processes end here, never the machine: nothing has to reach the disk.
    options = {"max_connections": "300", "fsync": "off"}
    with module.start(server_folder / "postgres", options) as server:
        yield server


@pytest.fixture(scope="session")
def rabbitmq(server_folder: Path) -> Iterator[Any]:
    """A real RabbitMQ of this test run, or the one that ENTENTE_AMQP_URI names."""
    module = importlib.import_module("infra.local.rabbitmq")
    with module.start(server_folder / "rabbitmq") as broker:
        yield broker


def fresh_postgres_url(server: Any, services: tuple[str, ...]) -> str:
    """Address, with {service} in it, of an empty database for each service."""
    prefix = f"t{uuid.uuid4().hex[:8]}_"
    engine = create_engine(server.uri, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for service in services:
            connection.execute(text(f'create database "{prefix}{service}"'))
    engine.dispose()
    base, _, _ = server.uri.rpartition("/")
    return f"{base}/{prefix}{{service}}"


def delete_queues(uri: str) -> None:
    """Leave no queue of an earlier test on a broker."""
    with Connection(uri) as connection:
        channel = connection.channel()
        for consumer in SERVICES:
            channel.queue_delete(f"rpc-{consumer}")
            for source in SERVICES:
                for part in (WHOLE, Part(1, 2), Part(2, 2)):
                    channel.queue_delete(part.name(f"{consumer}.from.{source}"))


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    """Each test runs once over each store."""
    return str(request.param)


@pytest.fixture(params=["embedded", "rabbitmq"])
def transport(request: pytest.FixtureRequest) -> str:
    """Each test runs once over each transport."""
    return str(request.param)


@pytest.fixture
def database(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with the messaging tables, on either store."""
    if store == "postgresql":
        server = request.getfixturevalue("postgres")
        url = fresh_postgres_url(server, ("one",)).replace("{service}", "one")
    else:
        url = f"sqlite:///{tmp_path}/one.db"
    made = Database(url)
    tables.metadata.create_all(made.engine)
    with closing(made):
        yield made


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """An empty database, where the kind of store makes no difference."""
    with closing(Database(f"sqlite:///{tmp_path}/one.db")) as made:
        yield made


@pytest.fixture
def amqp_uri(transport: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A broker without queues of other tests."""
    if transport == "embedded":
        Transport.reset()
        yield EMBEDDED
        Transport.reset()
        return
    broker = request.getfixturevalue("rabbitmq")
    delete_queues(broker.uri)
    yield broker.uri
    delete_queues(broker.uri)


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    """Takes the traces of this process, which are written from here on."""
    memory = InMemorySpanExporter()
    tracing.switch_on(SimpleSpanProcessor(memory))
    yield memory
    tracing.switch_off()


@pytest.fixture(params=["embedded", "distributed"])
def profile(request: pytest.FixtureRequest) -> str:
    """The two ways to run: SQLite and the transport in the process; PostgreSQL and RabbitMQ."""
    return str(request.param)


@pytest.fixture
def settings(profile: str, request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of an empty office in either profile."""
    environment = {"ENTENTE_DATA_DIR": str(tmp_path / "data"), "ENTENTE_LOG_LEVEL": "WARNING"}
    if profile == "distributed":
        broker = request.getfixturevalue("rabbitmq")
        delete_queues(broker.uri)
        server = request.getfixturevalue("postgres")
        environment["ENTENTE_AMQP_URI"] = broker.uri
        environment["ENTENTE_DATABASE_URL"] = fresh_postgres_url(server, SERVICES)
    else:
        Transport.reset()
    return configuration.read(environment)


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    """The whole office at work, in either profile; see `tests.office`."""
    with Office(settings) as running:
        yield running
