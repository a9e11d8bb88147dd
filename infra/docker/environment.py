"""Passwords for docker-compose.yml: a random one for everything that has none in .env yet.

`python -m infra.docker.environment` is `make compose-env`. What stands in the file stays, so that
it can be run again when a service has come.
"""

import secrets
from collections.abc import Sequence
from pathlib import Path

from infra.rabbitmq.definitions import SERVICES, USERS
from infra.rabbitmq.definitions import password_variable as broker_password

FILE = Path(".env")


def database_password(service: str) -> str:
    return f"ENTENTE_{service.upper()}_DATABASE_PASSWORD"


def variables() -> Sequence[str]:
    """Every variable of docker-compose.yml that is a secret."""
    return (
        "POSTGRES_PASSWORD",
        *map(database_password, SERVICES),
        *map(broker_password, USERS),
        "ENTENTE_SECRET_KEY",
    )


def completed(text: str) -> str:
    """The contents of a .env, with what it lacks. Letters and digits only: they go into URLs."""
    known = {line.partition("=")[0].strip() for line in text.splitlines()}
    missing = [name for name in variables() if name not in known]
    if text and not text.endswith("\n"):
        text += "\n"
    return text + "".join(f"{name}={secrets.token_hex(24)}\n" for name in missing)


def main() -> None:
    FILE.touch(mode=0o600)
    FILE.write_text(completed(FILE.read_text()))


if __name__ == "__main__":
    main()
