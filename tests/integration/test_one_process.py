"""One platform for a data folder, one process for a port: a second is refused in plain words."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.local.processes import free_port
from services.cli.main import app
from services.control import AlreadyRunning
from shared import settings as configuration
from shared.errors import Unavailable
from shared.http.listening import AddressTaken, listen

pytestmark = pytest.mark.row("X4")


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens, willing to share it."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def environment(folder: Path, **more: object) -> dict[str, str]:
    chosen = {"DATA_DIR": folder, "PORT": free_port(), "LOG_LEVEL": "WARNING"} | more
    return {f"ENTENTE_{name}": str(value) for name, value in chosen.items()} | {"COLUMNS": "300"}


def test_a_port_in_use_is_refused_with_what_to_do(tmp_path: Path, taken: int) -> None:
    said = CliRunner().invoke(app, ["up"], env=environment(tmp_path, PORT=taken))
    assert isinstance(said.exception, AddressTaken)
    assert f"Port {taken} of 127.0.0.1 is in use" in str(said.exception)
    assert "ENTENTE_PORT" in str(said.exception)
    assert not list(tmp_path.glob("*.db"))


def test_so_is_the_port_for_operators(tmp_path: Path, taken: int) -> None:
    said = CliRunner().invoke(app, ["up"], env=environment(tmp_path, OPERATIONS_PORT=taken))
    assert isinstance(said.exception, AddressTaken)
    assert "ENTENTE_OPERATIONS_PORT" in str(said.exception)


def test_a_listening_port_is_nobody_elses() -> None:
    first = listen("127.0.0.1", 0, "ENTENTE_PORT")
    port = first.getsockname()[1]
    with first:
        for host in ("127.0.0.1", "0.0.0.0"):
            with pytest.raises(AddressTaken):
                listen(host, port, "ENTENTE_PORT")


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(AddressTaken, match="has no address"):
        listen("192.0.2.1", 8000, "ENTENTE_PORT")


@pytest.fixture
def owned(tmp_path: Path) -> Iterator[Path]:
    """A data folder that another process has."""
    own = "import sys; from services.control import sole_owner; from pathlib import Path\n" + (
        "with sole_owner(Path(sys.argv[1])): print('owned', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", own, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "owned\n"
        yield tmp_path
        other.communicate("")


@pytest.mark.parametrize("command", [["up"], ["db", "upgrade"]])
def test_a_data_folder_belongs_to_one_process(owned: Path, command: list[str]) -> None:
    said = CliRunner().invoke(app, command, env=environment(owned))
    assert isinstance(said.exception, AlreadyRunning)


def test_the_doctor_looks_at_the_ports(tmp_path: Path, taken: int) -> None:
    said = CliRunner().invoke(app, ["doctor"], env=environment(tmp_path, PORT=taken))
    assert said.exit_code == 1
    assert f"Port {taken} of 127.0.0.1 is in use" in said.stdout


def test_the_doctor_looks_who_can_look_into_the_data_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    said = CliRunner().invoke(app, ["doctor"], env=environment(tmp_path))
    assert "other users can look into it" in said.stdout


def test_no_sign_in_link_leads_to_a_platform_that_does_not_run(tmp_path: Path) -> None:
    (tmp_path / "owner.token").write_text("kept from an earlier run")
    said = CliRunner().invoke(app, ["sign-in"], env=environment(tmp_path))
    assert isinstance(said.exception, Unavailable)
    assert "entente up" in str(said.exception)
    assert "enter#code" not in said.output
    assert not list(tmp_path.glob("*.db"))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),
        ("::", "http://[::1]:8080"),
        ("::1", "http://[::1]:8080"),
        ("localhost", "http://localhost:8080"),
    ],
)
def test_a_browser_is_shown_an_address_that_it_can_open(host: str, address: str) -> None:
    settings = configuration.read({"ENTENTE_HOST": host, "ENTENTE_PORT": "8080"})
    assert settings.address == address
