"""A real RabbitMQ for development and tests: the best that this machine can give.

In this order: the server that ENTENTE_AMQP_URI names; a container, where a Docker engine runs; the
installed server as a private node; the server from Debian's packages, where we may install it.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

from infra.local import rabbitmq_package
from infra.local.amqp import accepts_connections
from infra.local.processes import ServerUnavailable
from infra.local.rabbitmq_container import Container
from infra.local.rabbitmq_node import PrivateNode, server_folder

NAMED_BY = "ENTENTE_AMQP_URI"

WHAT_TO_DO = f"""no RabbitMQ can be had here. Any one of these helps:
  - set {NAMED_BY} to a running server (amqp://user:password@host:5672//)
  - start Docker
  - install the server: apt-get install rabbitmq-server, brew install rabbitmq
What was tried:"""


class Broker(Protocol):
    """What every kind of local broker can do. Ports, users and data stay over stop and kill."""

    @property
    def uri(self) -> str:
        """Of a user who may do everything, amqp://…"""

    @property
    def pid(self) -> int | None:
        """Of the Erlang machine, for faults by signal; None where it is not ours to signal."""

    def running(self) -> bool: ...

    def start(self) -> None:
        """Up and taking connections when this returns; nothing to do if it runs."""

    def stop(self) -> None:
        """In good order."""

    def kill(self) -> None:
        """As a power cut would."""

    def restart(self) -> None: ...

    def wipe(self) -> None:
        """Stop and lose every queue, message and user; `start` then gives an empty server."""

    def declare(self, definitions: Mapping[str, Any]) -> None:
        """Import a RabbitMQ definitions document: users, permissions, exchanges, policies."""

    def control(self, *command: str) -> str:
        """What `rabbitmqctl` answers; ServerUnavailable with its words if it fails."""

    def uri_for(self, user: str, password: str) -> str: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class NamedBroker:
    """The server that the environment names: used as it is, never stopped or changed."""

    pid = None

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def running(self) -> bool:
        return accepts_connections(self.uri)

    def start(self) -> None:
        """Nothing: it runs, or its owner starts it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing: it goes on running."""

    def uri_for(self, user: str, password: str) -> str:
        address = urlsplit(self.uri)
        host = address.netloc.rpartition("@")[2]
        return address._replace(netloc=f"{user}:{password}@{host}").geturl()

    def stop(self) -> None:
        self._refuse()

    kill = restart = wipe = stop

    def declare(self, definitions: Mapping[str, Any]) -> None:
        self._refuse()

    def control(self, *command: str) -> str:
        self._refuse()
        return ""

    def _refuse(self) -> None:
        raise ServerUnavailable(
            f"the server that {NAMED_BY} names is not ours to stop or change; "
            f"unset {NAMED_BY} for what needs a private one"
        )


def start(folder: Path) -> Broker:
    """The broker to use, started, its data under `folder` where it is ours.

    As a context manager it stops at the end. Raises ServerUnavailable with what to do.
    """
    uri = os.environ.get(NAMED_BY, "")
    if uri.startswith("amqp"):
        return NamedBroker(uri)
    return start_private(folder)


def start_private(folder: Path) -> Broker:
    """Like `start`, but always a server of our own, which a test may stop, kill and wipe."""
    folder = Path(folder).resolve()
    kinds: list[Callable[[Path], Broker]] = [Container, PrivateNode, _installed_now]
    refusals = []
    for kind in kinds:
        try:
            broker = kind(folder)
            broker.start()
        except ServerUnavailable as refusal:
            refusals.append(f"  - {refusal}")
        else:
            return broker
    raise ServerUnavailable("\n".join([WHAT_TO_DO, *refusals]))


def existing(folder: Path) -> Broker | None:
    """The broker of our own that was started in `folder` before, running or not."""
    if (folder / "container-port").exists():
        return Container(folder)
    return PrivateNode(folder) if (folder / "identity.json").exists() else None


def _installed_now(folder: Path) -> Broker:
    if server_folder() is not None:
        raise ServerUnavailable("the system's packages would bring the server that is installed")
    rabbitmq_package.install()
    return PrivateNode(folder)
