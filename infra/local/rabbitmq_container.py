"""RabbitMQ as a container of the running Docker engine."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from infra.local.amqp import accepts_connections
from infra.local.processes import ServerUnavailable, free_port, wait_until

IMAGE = "rabbitmq:4.1"
START_SECONDS = 90.0


class Container:
    """One container per folder; its data live and go with the container."""

    pid = None

    def __init__(self, folder: Path) -> None:
        if shutil.which("docker") is None:
            raise ServerUnavailable("docker is not installed")
        if subprocess.run(["docker", "info"], capture_output=True).returncode:
            raise ServerUnavailable("the Docker engine does not run")
        self.folder = folder
        self.name = "entente-rabbitmq-" + hashlib.sha256(str(folder).encode()).hexdigest()[:10]
        folder.mkdir(parents=True, exist_ok=True)
        remembered = folder / "container-port"
        if not remembered.exists():
            remembered.write_text(str(free_port()))
        self.port = int(remembered.read_text())

    @property
    def uri(self) -> str:
        return self.uri_for("guest", "guest")

    def uri_for(self, user: str, password: str) -> str:
        return f"amqp://{user}:{password}@127.0.0.1:{self.port}//"

    def running(self) -> bool:
        return accepts_connections(self.uri)

    def start(self) -> None:
        exists = (
            subprocess.run(["docker", "inspect", self.name], capture_output=True).returncode == 0
        )
        if exists:
            self._docker("start", self.name)
        else:
            # A fixed host name, since the node's data folder carries it.
            self._docker(
                *("run", "--detach", "--name", self.name, "--hostname", "entente"),
                *("--publish", f"127.0.0.1:{self.port}:5672", IMAGE),
            )
        wait_until(
            lambda: accepts_connections(self.uri),
            START_SECONDS,
            f"container {self.name} does not answer",
        )

    def stop(self) -> None:
        self._docker("stop", self.name)

    def kill(self) -> None:
        self._docker("kill", self.name)

    def restart(self) -> None:
        self.stop()
        self.start()

    def wipe(self) -> None:
        self._docker("rm", "--force", "--volumes", self.name)

    def declare(self, definitions: Mapping[str, Any]) -> None:
        self._docker(
            *("exec", "--interactive", self.name, "sh", "-c"),
            "umask 077; cat > /tmp/definitions.json && rabbitmqctl import_definitions"
            " /tmp/definitions.json; done=$?; rm -f /tmp/definitions.json; exit $done",
            given=json.dumps(definitions),
        )

    def control(self, *command: str) -> str:
        """What `rabbitmqctl` answers; ServerUnavailable with its words if it fails."""
        return self._docker("exec", self.name, "rabbitmqctl", "--quiet", *command)

    def _docker(self, *arguments: str, given: str = "") -> str:
        done = subprocess.run(["docker", *arguments], input=given, capture_output=True, text=True)
        if done.returncode:
            raise ServerUnavailable(f"docker {arguments[0]} failed: {done.stderr.strip()[-300:]}")
        return done.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
