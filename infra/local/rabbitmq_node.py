"""The installed RabbitMQ as a private node, apart from any RabbitMQ of the system.

It has its own data, log, settings, cookie, ports and port mapper (epmd), all under one folder, and
runs as whoever starts it. Works alike for root and for others, for RabbitMQ 3.10 and 4.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from infra.local import port_mapper
from infra.local.amqp import accepts_connections
from infra.local.processes import (
    DetachedProcess,
    ServerUnavailable,
    claim_port,
    free_port,
    port_is_free,
    wait_until,
)

START_SECONDS = 90.0


class PrivateNode:
    """One node, kept in `folder`; built again over the same folder, it is the same node."""

    def __init__(self, folder: Path, name: str = "entente") -> None:
        """`name` tells the nodes of a cluster apart."""
        programs = server_folder()
        if programs is None:
            raise ServerUnavailable("rabbitmq-server is not installed")
        self._programs = programs
        self.folder = Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.name = f"{name}@localhost"
        self.log = self.folder / "rabbitmq.log"
        self._process = DetachedProcess(self.folder / "pid")
        self._identity = self._remembered_identity()
        #: By which the port mapper knows where other nodes are.
        self._found: list[socket.socket] = []

    @property
    def port(self) -> int:
        return int(self._identity["amqp"])

    @property
    def uri(self) -> str:
        return self.uri_for("guest", "guest")

    def uri_for(self, user: str, password: str) -> str:
        return f"amqp://{user}:{password}@127.0.0.1:{self.port}//"

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def running(self) -> bool:
        return self.pid is not None

    def start(self) -> None:
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Begin to start, without waiting: so that the nodes of a cluster start side by side."""
        if self.pid is not None:
            return
        claim_port(self.port, f"the RabbitMQ in {self.folder}")
        self._start_mapper()
        self._write_settings()
        self._process.launch(
            [str(self._programs / "rabbitmq-server")],
            log=self.log,
            environment=self._environment(),
            # Its threads wake each other all the time, which from core to core of a virtual
            # machine may cost so much that it takes four times as long to start.
            core=self.port,
        )

    def has_data(self) -> bool:
        return (self.folder / "data").exists()

    def wait(self) -> None:
        """Return when connections are taken; a node that never comes so far is ended."""
        try:
            wait_until(self._answers, START_SECONDS, f"RabbitMQ did not start, see {self.log}")
        except ServerUnavailable:
            self.kill()
            raise
        starter = self._process.process
        for child in starter.children() if starter else []:
            # The start script only waits for the machine it started: the machine is what counts.
            if child.name() == "beam.smp":
                self._process.adopt(child.pid)

    def stop(self) -> None:
        self._process.end(signal.SIGTERM)
        self._stop_mapper()

    def kill(self) -> None:
        """As a power cut would.

        RabbitMQ 3.10 writes down which quorum queues it has only twice a second. One made less
        than that before the kill comes back empty and without a leader; in a cluster its member
        comes back half, and the queue stands still when that is to lead. One that is just being
        made stays without a leader in all nodes. Both have to be deleted.
        """
        self._process.end(signal.SIGKILL)
        self._stop_mapper()

    def restart(self) -> None:
        self.stop()
        self.start()

    def wipe(self) -> None:
        self.kill()
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def declare(self, definitions: Mapping[str, Any]) -> None:
        document = self.folder / "definitions.json"
        document.touch(mode=0o600)
        try:
            document.write_text(json.dumps(definitions))
            self.control("import_definitions", str(document))
        finally:
            document.unlink()

    def control(self, *command: str) -> str:
        """What `rabbitmqctl` answers; ServerUnavailable with its words if it fails."""
        done = subprocess.run(
            [str(self._programs / "rabbitmqctl"), "--quiet", *command],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise ServerUnavailable(f"rabbitmqctl {command[0]} failed: {said[-500:]}")
        return done.stdout

    def follow(self, first: "PrivateNode") -> None:
        """Be of the cluster of `first`, which runs by then; to be said before the first start."""
        self._identity["cookie"] = first._identity["cookie"]
        self._identity["peers"] = [first.name, self.name]
        self._keep_identity(self._identity)

    @property
    def distribution_port(self) -> int:
        """Where other nodes reach this one."""
        return int(self._identity["distribution"])

    def find(self, other: "PrivateNode", port: int) -> None:
        """Reach another node at this local port, for as long as this object lives."""
        self._start_mapper()
        self._found.append(port_mapper.register(self._identity["epmd"], other.name, port))

    def _answers(self) -> bool:
        if self.pid is None:
            raise ServerUnavailable(f"RabbitMQ ended while it started, see {self.log}")
        return not port_is_free(self.port) and accepts_connections(self.uri)

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not _names_a_node(name)}
        return inherited | {
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._identity["epmd"]),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_DIST_PORT": str(self._identity["distribution"]),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            # The system's own settings and plugins are not for this node.
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
        }

    def _write_settings(self) -> None:
        for part in ("data", "log"):
            (self.folder / part).mkdir(exist_ok=True)
        cookie = self.folder / ".erlang.cookie"
        cookie.unlink(missing_ok=True)
        cookie.touch(mode=0o600)
        cookie.write_text(self._identity["cookie"])
        (self.folder / "enabled_plugins").write_text("[].\n")
        # A node of a cluster that says nothing is given up after ten seconds instead of sixty.
        (self.folder / "advanced.config").write_text("[{kernel, [{net_ticktime, 10}]}].\n")
        (self.folder / "rabbitmq-env.conf").write_text("")
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            # A nearly full laptop disk must not block every publisher.
            "disk_free_limit.absolute = 50MB\n"
            # Nodes that see less than half of the cluster pause: no two halves go on apart.
            "cluster_partition_handling = pause_minority\n"
            + "".join(
                f"cluster_formation.classic_config.nodes.{number} = {peer}\n"
                for number, peer in enumerate(self._identity.get("peers", ()), start=1)
            )
        )

    @property
    def _mapper(self) -> DetachedProcess:
        return DetachedProcess(self.folder / "epmd-pid")

    def _start_mapper(self) -> None:
        """Our own epmd, so that it can be ended by its pid: one that Erlang starts cannot."""
        if not port_is_free(self._identity["epmd"]):
            return
        program = shutil.which("epmd")
        if program is None:
            raise ServerUnavailable("epmd is not on the PATH: it comes with Erlang")
        self._mapper.launch(
            [program, "-address", "127.0.0.1", "-port", str(self._identity["epmd"])],
            log=self.folder / "epmd.log",
        )
        wait_until(lambda: not port_is_free(self._identity["epmd"]), 10, "epmd did not start")

    def _stop_mapper(self) -> None:
        """End it, unless it must go on knowing where the other nodes of a cluster are."""
        if not self._found:
            self._mapper.end(signal.SIGTERM)

    def _remembered_identity(self) -> dict[str, Any]:
        known = self.folder / "identity.json"
        if known.exists():
            return dict(json.loads(known.read_text()))
        ports = {purpose: free_port() for purpose in ("amqp", "distribution", "epmd")}
        return self._keep_identity({**ports, "cookie": secrets.token_hex(16)})

    def _keep_identity(self, identity: dict[str, Any]) -> dict[str, Any]:
        known = self.folder / "identity.json"
        known.touch(mode=0o600)
        known.write_text(json.dumps(identity))
        return identity

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._found:
            self._found.pop().close()
        self.kill()  # to stop in good order takes half a minute where there were many queues


def server_folder() -> Path | None:
    """Where RabbitMQ's own programs are, or None where it is not installed."""
    # Unlike Debian's /usr/sbin/rabbitmq-server, this one keeps to the user and folders it is given.
    debian = Path("/usr/lib/rabbitmq/bin")
    if (debian / "rabbitmq-server").exists():
        return debian
    found = shutil.which("rabbitmq-server")
    return None if found is None else Path(found).resolve().parent


def _names_a_node(variable: str) -> bool:
    return variable.startswith(("RABBITMQ_", "ERL_", "NOTIFY_SOCKET"))
