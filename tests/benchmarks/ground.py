"""What a run of the benchmarks stands on: a RabbitMQ and a PostgreSQL of its own, as they come."""

import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import psycopg2
from kombu import Connection, Queue

from infra.local import fresh, postgres, rabbitmq
from infra.local.processes import free_port
from services.platform import upgrade_databases
from services.registry import SERVICES
from shared import settings as configuration
from shared.messaging import broker
from shared.messaging.parts import divided_into
from shared.settings import Settings
from tests.benchmarks.parties import Party

#: Commits are stamped by the server: so it is known to the microsecond when an effect was there.
OPTIONS = {"max_connections": "300", "track_commit_timestamp": "on"}

PEER_TABLES = """
create table contract (id uuid primary key, body text);
create table effect (id uuid primary key, body text);
create table outbox (seq bigserial primary key, body text, sent bool default false);
create index on outbox (seq) where not sent
"""


class Place:
    """Where one measure of ours or of a peer happens: databases, a virtual host, its processes.

    As a context manager it ends its processes and drops its databases.
    """

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = {"ENTENTE_LOG_LEVEL": "WARNING", **environment}
        self._ending = ExitStack()

    @property
    def settings(self) -> Settings:
        return configuration.read(self.environment)

    @property
    def amqp_uri(self) -> str:
        return self.settings.amqp_uri

    def dsn(self, database: str) -> str:
        """For psycopg2 or, embedded, sqlite3."""
        return self.settings.database_of(database).replace("+psycopg2", "")

    def start(self, module: str, *arguments: str) -> Party:
        log = self.folder / f"{uuid4().hex[:8]}.{module.rpartition('.')[2]}.log"
        party = Party(log, self.environment, module, *arguments)
        self._ending.callback(party.end)
        return party

    def run(self, service: str) -> Party:
        """A service as an institution runs it; on return it takes calls."""
        party = self.start("services", "run", service)
        party.says(f"The {service} service runs.")
        return party

    def rows(self, database: str, statement: str) -> list[tuple[Any, ...]]:
        with closing(self._connect(self.dsn(database))) as connection:
            cursor = connection.cursor()
            cursor.execute(statement)
            return list(cursor.fetchall())

    @staticmethod
    def _connect(dsn: str) -> Any:
        if dsn.startswith("sqlite"):
            return sqlite3.connect(dsn.removeprefix("sqlite:///"))
        return psycopg2.connect(dsn)

    def value(self, database: str, statement: str) -> Any:
        return self.rows(database, statement)[0][0]

    def declare(self, consumer: str, source: str) -> None:
        """Have a consumer's queues there before the consumer."""
        with broker.connect(self.amqp_uri) as connection:
            for queue in self._queues(consumer, source):
                broker.declared(queue, connection)

    def waiting(self, consumer: str, source: str) -> int:
        """Messages in a consumer's queues."""
        with Connection(self.amqp_uri) as connection:
            channel = connection.channel()
            return sum(
                queue(channel).queue_declare(passive=True).message_count
                for queue in self._queues(consumer, source)
            )

    def _queues(self, consumer: str, source: str) -> list[Queue]:
        return broker.queues_of(consumer, source, divided_into(self.settings.parts))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.close()


class Ground:
    """The servers of one run, made new and left behind by nobody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ending = ExitStack()
        self._number = 0

    def __enter__(self) -> Self:
        self.broker = self._ending.enter_context(rabbitmq.start_private(self.folder / "rabbitmq"))
        self.database = self._ending.enter_context(
            postgres.start(self.folder / "postgres", OPTIONS)
        )
        for service in SERVICES:
            self.database.create_database(f"blank_{service}")
        upgrade_databases(configuration.read({"ENTENTE_DATABASE_URL": self._url("blank")}))
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.close()

    def office(self, parts: int = 1) -> Place:
        """A distributed office in which nothing has happened yet."""
        name = self._name()
        for service in SERVICES:
            self._administrate(f'create database "{name}_{service}" template "blank_{service}"')
        return self._place(name, parts)

    def peer(self) -> Place:
        """An empty database, named `peer`, with the tables that the peers use."""
        name = self._name()
        place = self._place(name)
        self._administrate(f'create database "{name}_peer"')
        connection = psycopg2.connect(place.dsn("peer"))
        with connection, connection.cursor() as cursor:
            cursor.execute(PEER_TABLES)
        connection.close()
        return place

    def embedded(self) -> Place:
        """An office in one process on SQLite, in which nothing has happened yet."""
        folder = self.folder / self._name()
        environment = {"ENTENTE_DATA_DIR": str(folder / "data"), "ENTENTE_PORT": str(free_port())}
        folder.mkdir()
        place = Place(folder, environment)
        upgrade_databases(place.settings)
        return place

    def _place(self, name: str, parts: int = 1) -> Place:
        folder = self.folder / name
        folder.mkdir()
        return Place(
            folder,
            {
                "ENTENTE_AMQP_URI": fresh.virtual_host(self.broker, name),
                "ENTENTE_DATABASE_URL": self._url(name),
                "ENTENTE_DATA_DIR": str(folder / "data"),
                "ENTENTE_PORT": str(free_port()),
                "ENTENTE_PARTS": str(parts),
            },
        )

    def _name(self) -> str:
        self._number += 1
        return f"place{self._number}"

    def _url(self, name: str) -> str:
        return f"{self.database.uri.rpartition('/')[0]}/{name}_{{service}}"

    def _administrate(self, statement: str) -> None:
        connection = psycopg2.connect(self.database.uri.replace("+psycopg2", ""))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()
