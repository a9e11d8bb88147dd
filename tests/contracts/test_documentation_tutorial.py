"""The tutorial can be followed to the letter."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a reader who has started the platform in another terminal."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = {
        **os.environ,
        "ENTENTE_DATA_DIR": str(tmp_path / "data"),
        "ENTENTE_PORT": port,
        "ENTENTE_LOG_LEVEL": "WARNING",
    }
    with (tmp_path / "log").open("w") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "services", "up"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        await_ready(f"http://127.0.0.1:{port}/readyz")
        yield environment
    finally:
        running.terminate()
        running.wait(20)


def await_ready(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if requests.get(url, timeout=5).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            pass
        time.sleep(0.1)
    raise AssertionError("the platform did not start")


@pytest.mark.row("X4")
def test_every_step_of_the_tutorial_does_what_it_says_however_often(surroundings: dict[str, str]):
    text = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.S | re.M)
    # The commands of this checkout, whatever the reader's shell would find first.
    first = f'entente() {{ "{sys.executable}" -m services "$@"; }}\n'
    for _ in ("once", "again, on the same platform"):
        played = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", first + "\n".join(blocks)],
            cwd=ROOT,
            env=surroundings,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert played.returncode == 0, played.stdout[-2000:] + played.stderr[-2000:]
        said = played.stdout.splitlines()
        assert said.count("paid") == 1
        assert any(line.startswith("CERT-") for line in said)
        assert said[-1].startswith("complete: ")
