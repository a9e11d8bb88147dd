"""Databases and a virtual host of its own, on the local servers, for one run of the platform."""

import json
import uuid
from pathlib import Path
from urllib.parse import urlsplit

from infra.local import postgres, rabbitmq
from infra.local.__main__ import FOLDER
from infra.local.rabbitmq import NamedBroker
from infra.rabbitmq.definitions import SERVICES


def office(folder: Path) -> dict[str, str]:
    """What makes the platform use servers on which nothing is yet; running when this returns.

    The same folder gets the same databases and virtual host again, so that a run which was broken
    off can go on. Raises ServerUnavailable with what to do.
    """
    broker = rabbitmq.start(FOLDER / "rabbitmq")
    database = postgres.start(FOLDER / "postgres")
    kept = folder / "servers.json"
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    name = f"entente_{uuid.uuid4().hex[:8]}"
    for service in SERVICES:
        database.create_database(f"{name}_{service}")
    environment = {
        "ENTENTE_AMQP_URI": virtual_host(broker, name),
        "ENTENTE_DATABASE_URL": f"{database.uri.rpartition('/')[0]}/{name}_{{service}}",
    }
    folder.mkdir(parents=True, exist_ok=True)
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(environment))
    return environment


def virtual_host(broker: rabbitmq.Broker, name: str) -> str:
    """The address of a new virtual host; of the broker as it is, where that is not ours."""
    if isinstance(broker, NamedBroker):
        return broker.uri
    user = urlsplit(broker.uri).username
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    broker.declare(
        {
            "vhosts": [{"name": name}],
            "permissions": [{"user": user, "vhost": name, **everything}],
        }
    )
    return urlsplit(broker.uri)._replace(path=f"/{name}").geturl()
