"""`python -m infra.local up|down|status|env`: a RabbitMQ and a PostgreSQL that stay up.

They live under the project's `.local/`, go on after this command has ended, and keep their data
until `down --wipe`. `up` is safe to repeat. `env` prints what makes the platform use them:
`eval "$(python -m infra.local env)"`.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.local import postgres, rabbitmq
from infra.local.processes import ServerUnavailable
from infra.rabbitmq.definitions import SERVICES

FOLDER = Path(__file__).resolve().parents[2] / ".local"
STATE = FOLDER / "servers.json"


def up() -> dict[str, str]:
    """Start what does not run; returns the environment that names both servers."""
    FOLDER.mkdir(exist_ok=True)
    broker = rabbitmq.start(FOLDER / "rabbitmq")
    database = postgres.start(FOLDER / "postgres")
    # The services' addresses differ by name only, so that one setting holds them all.
    password = database.password
    for service in SERVICES:
        database.create_service_database(service, password)
    address = database.uri_for("{service}", password, "{service}")
    environment = {"ENTENTE_AMQP_URI": broker.uri, "ENTENTE_DATABASE_URL": address}
    STATE.touch(mode=0o600)
    STATE.write_text(json.dumps(environment, indent=2))
    return environment


def down(wipe: bool) -> None:
    """Stop both servers, where they are ours; with `wipe`, forget their data too."""
    for server in _ours():
        if wipe:
            server.wipe()
        else:
            server.stop()
    STATE.unlink(missing_ok=True)


def status() -> dict[str, str]:
    """In a word for each server: "running" or "stopped"."""
    named = _state().get("ENTENTE_AMQP_URI", "")
    words = {}
    for server in _ours():
        kind = "PostgreSQL" if isinstance(server, postgres.Postgres) else "RabbitMQ"
        words[kind] = f"running, {server.uri}" if server.running() else "stopped"
    if "RabbitMQ" not in words:
        words["RabbitMQ"] = f"not ours, {named}" if named else "stopped"
    return words


def _ours() -> list[rabbitmq.Broker | postgres.Postgres]:
    servers: list[rabbitmq.Broker | postgres.Postgres] = []
    broker = rabbitmq.existing(FOLDER / "rabbitmq")
    if broker is not None:
        servers.append(broker)
    if (FOLDER / "postgres").exists():
        servers.append(postgres.Postgres(FOLDER / "postgres"))
    return servers


def _state() -> dict[str, str]:
    return dict(json.loads(STATE.read_text())) if STATE.exists() else {}


def _show(environment: Mapping[str, str], prefix: str) -> None:
    for name, value in environment.items():
        print(f"{prefix}{name}={shlex.quote(value)}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    starting = commands.add_parser("up", help="start both and print their addresses")
    starting.add_argument("--exports", action="store_true", help="as export lines for a shell")
    stopping = commands.add_parser("down", help="stop both")
    stopping.add_argument("--wipe", action="store_true", help="and forget their data")
    commands.add_parser("status", help="say which run; exit code 1 if one does not")
    commands.add_parser("env", help="print export lines for a shell")
    given = parser.parse_args()
    try:
        if given.command == "up":
            _show(up(), "export " if given.exports else "")
        elif given.command == "down":
            down(given.wipe)
        elif given.command == "env":
            _show(_state() or up(), "export ")
        else:
            words = status()
            for kind, word in words.items():
                print(f"{kind:<10} {word}")
            return 1 if "stopped" in words.values() else 0
    except ServerUnavailable as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
