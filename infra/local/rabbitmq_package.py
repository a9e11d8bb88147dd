"""RabbitMQ from Debian's packages, without the system service that the package would start."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from infra.local.processes import ServerUnavailable

# Debian's packages ask this program whether they may start a service: 101 is "no".
SERVICE_GUARD = Path("/usr/sbin/policy-rc.d")


def install() -> None:
    """Install rabbitmq-server; ServerUnavailable where that is not possible."""
    if shutil.which("apt-get") is None:
        raise ServerUnavailable("rabbitmq-server is not installed, and there is no apt-get here")
    if os.geteuid() != 0:
        raise ServerUnavailable("rabbitmq-server is not installed, and only root may install it")
    with _no_service_started():
        for step in (
            ["update", "-q"],
            ["install", "-qy", "--no-install-recommends", "rabbitmq-server"],
        ):
            done = subprocess.run(
                ["apt-get", *step],
                env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                raise ServerUnavailable(f"apt-get {step[0]} failed: {done.stderr.strip()[-300:]}")


@contextlib.contextmanager
def _no_service_started() -> Iterator[None]:
    if SERVICE_GUARD.exists():
        yield
        return
    SERVICE_GUARD.write_text("#!/bin/sh\nexit 101\n")
    SERVICE_GUARD.chmod(0o755)
    try:
        yield
    finally:
        SERVICE_GUARD.unlink()
