"""Passwords and keys for docker-compose.yml: random ones for everything that has none in .env yet.

`python -m infra.docker.environment` is `make compose-env`. What stands in the file stays, so that
it can be run again when a service has come.
"""

import secrets
from collections.abc import Sequence
from pathlib import Path

from infra.rabbitmq.definitions import SERVICES, USERS
from infra.rabbitmq.definitions import password_variable as broker_password
from shared.converters.keys import KEY_KINDS
from shared.keys import SigningKey

FILE = Path(".env")
#: The public halves of the keys for calls, which every container is given.
PUBLIC = "ENTENTE_CALL_KEYS"
#: The key that signs the heads of event logs, and its public half, which checks them.
HEAD_KEY, HEAD_KEYS = "ENTENTE_HEAD_KEY", "ENTENTE_HEAD_KEYS"


def database_password(service: str) -> str:
    return f"ENTENTE_{service.upper()}_DATABASE_PASSWORD"


def call_key(kind: str) -> str:
    return f"ENTENTE_{kind.upper()}_CALL_KEY"


def variables() -> Sequence[str]:
    """Every variable of docker-compose.yml that is a secret."""
    return (
        "POSTGRES_PASSWORD",
        *map(database_password, SERVICES),
        *map(broker_password, USERS),
        *map(call_key, KEY_KINDS),
        "ENTENTE_SECRET_KEY",
        HEAD_KEY,
    )


def completed(text: str) -> str:
    """The contents of a .env, with what it lacks. Letters and digits only: they go into URLs."""
    lines = [line.partition("=") for line in text.splitlines()]
    known = {name.strip(): value.strip() for name, _, value in lines}
    made = {name: _secret(name) for name in variables() if name not in known}
    if PUBLIC not in known:
        private = {kind: (known | made)[call_key(kind)] for kind in KEY_KINDS}
        made[PUBLIC] = ",".join(
            f"{kind}={SigningKey.from_text(key).public.text}" for kind, key in private.items()
        )
    if HEAD_KEYS not in known:
        made[HEAD_KEYS] = SigningKey.from_text((known | made)[HEAD_KEY]).public.text
    if text and not text.endswith("\n"):
        text += "\n"
    return text + "".join(f"{name}={value}\n" for name, value in made.items())


def _secret(name: str) -> str:
    return (
        SigningKey.new().text if name.endswith(("_CALL_KEY", HEAD_KEY)) else secrets.token_hex(24)
    )


def main() -> None:
    FILE.touch(mode=0o600)
    FILE.write_text(completed(FILE.read_text()))


if __name__ == "__main__":
    main()
