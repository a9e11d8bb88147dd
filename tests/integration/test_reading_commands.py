"""Commands that read: they create nothing, and name what they could not reach."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eventlet
import psycopg2
import pytest
import structlog
from typer.testing import CliRunner, Result

from infra.local.processes import free_port
from services.cli import reaching
from services.cli.exits import Exit
from services.cli.main import app, main
from services.demo import sample
from services.platform import upgrade_databases
from shared import settings as configuration
from shared.errors import Unavailable
from shared.messaging import broker
from shared.messaging.service_calls import ServiceCalls
from shared.settings import WrongSetting
from tests.office import Office

Run = Callable[..., Result]


class WithoutFinance(ServiceCalls):
    """Calls to an office whose finance service is down; what fails is logged, too."""

    def __init__(self, calls: ServiceCalls) -> None:
        self._calls = calls

    def call(
        self, service: str, method: str, *, deadline: float | None = None, **arguments: Any
    ) -> Any:
        if service == "finance":
            structlog.get_logger().error("rpc: the service failed", service=service)
            raise Unavailable("The finance service did not answer in time.")
        return self._calls.call(service, method, deadline=deadline, **arguments)


@pytest.fixture
def entente(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """The command line beside an office that knows a partner and lacks its finance service."""
    office.do("propose_partner", legal_name="Makerere", country="UG", sector="university")
    office.settle()

    @contextmanager
    def services(_: Any) -> Iterator[ServiceCalls]:
        yield WithoutFinance(office.calls)

    monkeypatch.setattr(reaching, "services", services)
    yield lambda *arguments: CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})
    structlog.reset_defaults()


@pytest.fixture
def profile() -> str:
    """How the services are reached makes no difference here."""
    return "embedded"


@pytest.mark.parametrize(
    "command",
    [
        ("verify",),
        ("verify", "--repair"),
        ("events",),
        ("held", "list"),
        ("held", "show", "1"),
        ("held", "discarded"),
        ("rebuild", "insight"),
        ("tick", "--at", "2026-11-29"),
        ("token", "create", "--role", "auditor", "--name", "A"),
    ],
)
def test_a_mistyped_folder_is_refused_and_stays_as_it_was(command, tmp_path: Path) -> None:
    folder = tmp_path / "mistyped"
    said = CliRunner().invoke(app, command, env={"ENTENTE_DATA_DIR": str(folder)})

    assert isinstance(said.exception, WrongSetting)
    assert f"There is no Entente data in {folder}" in str(said.exception)
    assert not folder.exists()


def test_the_demo_is_not_played_on_a_platform_that_may_hold_real_data(tmp_path: Path) -> None:
    command = ("demo", "--profile", "running")
    said = CliRunner().invoke(app, command, env={"ENTENTE_DATA_DIR": str(tmp_path)})

    assert isinstance(said.exception, WrongSetting)
    assert f"{tmp_path} is not marked as sample data" in str(said.exception)


def test_what_begins_with_sample_data_is_marked_as_sample(tmp_path: Path) -> None:
    written, folder = tmp_path / "written", tmp_path / "data"
    written.mkdir()
    folder.mkdir()
    assert sample.copy(written, folder)

    assert sample.is_marked(folder)
    assert not sample.is_marked(written)


def test_doctor_creates_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    said = CliRunner().invoke(app, ("doctor",), env={"ENTENTE_DATA_DIR": str(folder)})

    assert said.exit_code == 0
    assert "`entente up` creates" in said.stdout
    assert not folder.exists()


def test_doctor_refuses_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = str(tmp_path / "file" / "data")
    said = CliRunner().invoke(app, ("doctor",), env={"ENTENTE_DATA_DIR": folder})

    assert said.exit_code == Exit.REFUSED
    assert "is not a folder" in said.stdout


def test_doctor_judges_the_services_numbers_too(tmp_path: Path) -> None:
    environment = {"ENTENTE_DATA_DIR": str(tmp_path), "ENTENTE_CONSULTANCY_DAY_STEP": "0"}
    said = CliRunner().invoke(app, ("doctor",), env=environment)

    assert said.exit_code == Exit.REFUSED
    assert "ENTENTE_CONSULTANCY_DAY_STEP" in said.stdout


def test_doctor_names_a_setting_that_is_not_known(tmp_path: Path) -> None:
    environment = {"ENTENTE_DATA_DIR": str(tmp_path / "new"), "ENTENTE_PROT": "80"}
    said = CliRunner().invoke(app, ("doctor",), env=environment)

    assert said.exit_code == Exit.REFUSED
    assert "ENTENTE_PROT: is not known and has no effect; is ENTENTE_PORT meant?" in said.stdout


def test_doctor_names_a_broker_and_databases_that_cannot_be_reached() -> None:
    environment = {
        "ENTENTE_AMQP_URI": "amqp://entente:secret@127.0.0.1:1//",
        "ENTENTE_DATABASE_URL": "postgresql+psycopg2://entente:secret@127.0.0.1:1/{service}",
    }
    said = CliRunner().invoke(app, ("doctor",), env=environment | {"COLUMNS": "300"})

    assert said.exit_code == Exit.UNAVAILABLE
    assert "Message broker: The message broker at 127.0.0.1:1 refuses connections" in said.stdout
    assert "The database of finance refuses connections" in said.stdout
    assert "secret" not in said.output


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty office: its databases, and no keys."""
    folder = tmp_path_factory.mktemp("current")
    upgrade_databases(configuration.read({"ENTENTE_DATA_DIR": str(folder)}))
    return folder


@dataclass
class Shell:
    """The command `entente` as somebody starts it, on a copy of an empty office."""

    folder: Path
    patch: pytest.MonkeyPatch
    captured: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """The exit code, and what was printed on standard output and standard error."""
        self.patch.setattr(sys, "argv", ["entente", *arguments])
        self.patch.setenv("ENTENTE_DATA_DIR", str(self.folder))
        try:
            main()
        except SystemExit as ended:
            return (int(ended.code or 0), *self.captured.readouterr())
        return (0, *self.captured.readouterr())

    def files(self) -> set[str]:
        return {str(each.relative_to(self.folder)) for each in self.folder.rglob("*.*")}


@pytest.fixture
def shell(
    current: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    folder = tmp_path / "office"
    shutil.copytree(current, folder)
    return Shell(folder, monkeypatch, capsys)


READING = [("verify",), ("events", "--json"), ("held", "list")]


@pytest.mark.parametrize("left", [None, b""])
@pytest.mark.parametrize("command", [*READING, ("up",)])
def test_a_database_that_is_missing_is_named_and_not_made(shell: Shell, command, left) -> None:
    (shell.folder / "finance.db").unlink()
    if left is not None:
        (shell.folder / "finance.db").write_bytes(left)
    shell.patch.setenv("ENTENTE_PORT", str(free_port()))
    (shell.folder / "owner.token").touch()  # the platform has run on this folder
    before = shell.files()

    code, out, error = shell.run(*command)

    assert (code, out) == (Exit.USAGE, "")
    assert "the databases of finance are missing" in error
    assert "Restore them from a backup" in error
    assert shell.files() == before


@pytest.mark.parametrize("command", [*READING, ("doctor",)])
def test_a_file_that_is_no_database_is_named(shell: Shell, command) -> None:
    (shell.folder / "partner.db").write_text("something else")

    code, out, error = shell.run(*command)

    assert code == Exit.UNAVAILABLE
    assert "The database of partner is not a database file; restore it" in out + error


@pytest.mark.parametrize("command", [*READING, ("heads", "keys"), ("up",)])
def test_a_key_file_that_holds_no_key_is_named(shell: Shell, command) -> None:
    (shell.folder / "keys").mkdir(exist_ok=True)
    (shell.folder / "keys" / "heads.key").write_text("nothing\n")

    code, out, error = shell.run(*command)

    assert (code, out) == (Exit.USAGE, "")
    assert "heads.key does not hold an Ed25519 key. Restore it from a backup" in " ".join(
        error.split()
    )


def test_a_reading_command_makes_no_key_for_signing_heads(shell: Shell) -> None:
    code, out, _ = shell.run("verify")

    assert "keys/heads.key" not in shell.files()
    assert (code, out.splitlines()[-1][:9]) == (0, "complete:")


@pytest.mark.parametrize("command", [*READING, ("doctor",)])
def test_a_path_that_cannot_be_is_named(shell: Shell, command) -> None:
    shell.folder = Path("/" + "x" * 300)

    code, out, error = shell.run(*command)

    assert code in (Exit.USAGE, Exit.REFUSED)
    assert "cannot be used: File name too long." in out + error


@pytest.mark.parametrize("command", [*READING, ("doctor",)])
def test_a_folder_for_heads_that_cannot_be_is_refused(shell: Shell, command) -> None:
    shell.patch.setenv("ENTENTE_HEADS_DIR", "/dev/null/heads")

    code, out, error = shell.run(*command)

    assert code in (Exit.USAGE, Exit.REFUSED)
    assert "ENTENTE_HEADS_DIR is" in out + error


def test_verify_names_a_service_that_is_down(
    entente: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    said = entente("verify", "--json")

    assert "Traceback" not in said.stderr + capfd.readouterr().err
    assert said.exit_code == Exit.UNAVAILABLE
    report = json.loads(said.stdout)
    assert report["complete"] is False
    assert set(report["unreachable"]) == {"finance"}
    assert report["services"]["insight"]["missing"] == []


def test_verify_names_a_service_whose_chain_could_not_be_checked(
    entente: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = WithoutFinance.call

    def call(self: Any, service: str, method: str, **arguments: Any) -> Any:
        if (service, method) == ("contract", "broken_link"):
            raise Unavailable("The contract service did not answer in time.")
        return called(self, service, method, **arguments)

    monkeypatch.setattr(WithoutFinance, "call", call)
    said = entente("verify", "--json")

    assert set(json.loads(said.stdout)["unreachable"]) == {"contract", "finance"}


def test_events_prints_what_there_is_and_names_what_is_left_out(entente: Run) -> None:
    said = entente("events", "--json")

    assert said.exit_code == Exit.UNAVAILABLE
    types = [json.loads(line)["type"] for line in said.stdout.splitlines()]
    assert types == ["partner.proposed.v1"]
    assert "finance is left out: The finance service did not answer" in said.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("held", "list"),
        ("held", "list", "--each"),
        ("held", "discarded"),
        ("held", "retry", "--all"),
        ("tick", "--at", "2026-11-29"),
    ],
)
def test_each_command_names_the_service_that_it_left_out(entente: Run, command) -> None:
    said = entente(*command)

    assert said.exit_code == Exit.UNAVAILABLE
    assert "finance is left out" in said.stderr
    assert "Done" not in said.stdout


def test_whether_an_event_is_held_stays_open_where_a_service_is_down(entente: Run) -> None:
    said = entente("held", "show", "01a22923-b435-7009-a85d-0ee2e877fae7")

    assert isinstance(said.exception, Unavailable)


def test_logs_never_mix_with_what_is_printed(entente: Run) -> None:
    said = entente("events", "--json")

    assert "rpc: the service failed" in said.stderr
    assert "rpc: the service failed" not in said.stdout


def test_nobody_waits_for_a_service_that_died_while_it_worked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Died(ServiceCalls):
        def call(self, service: str, method: str, **_: Any) -> Any:
            if method == "ping":
                raise Unavailable("It did not answer.")
            eventlet.sleep(reaching.LONG)

    monkeypatch.setattr(reaching, "PING_SECONDS", 0.01)
    answers = reaching.ask_all(Died(), ["finance"], "completeness")

    assert answers.silent == {"finance": "It did not answer."}


def test_a_service_at_work_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy(ServiceCalls):
        pings = 0

        def call(self, service: str, method: str, **_: Any) -> Any:
            if method == "ping":
                self.pings += 1
                return True
            while self.pings < 3:
                eventlet.sleep(0)
            return "compared"

    monkeypatch.setattr(reaching, "PING_SECONDS", 0.01)

    assert reaching.ask_all(Busy(), ["finance"], "completeness").given == {"finance": "compared"}


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("amqp://entente:wrong@{host}//", "refuses the user name or password"),
        ("amqp://{user}@{host}/no-such-host", "has no such virtual host"),
        ("amqp://a:b@127.0.0.1:1//", "refuses connections"),
        ("amqp://a:b@no-such-host.invalid//", "has a host name that is not known"),
    ],
)
def test_what_keeps_the_broker_from_being_used_is_named(rabbitmq: Any, address, reason) -> None:
    user, _, host = rabbitmq.uri.removeprefix("amqp://").rstrip("/").rpartition("@")
    with pytest.raises(Unavailable, match=reason) as refused:
        broker.check(address.format(user=user, host=host))

    assert "wrong" not in refused.value.message


@pytest.mark.parametrize("command", [("doctor",), ("db", "upgrade")])
def test_a_password_that_the_databases_refuse_is_named_as_that(
    command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The servers of these tests trust everybody; so the answer is PostgreSQL's own, kept."""
    answer = 'connection to server at "db" failed: FATAL:  password authentication failed for user'

    def connect(*_: Any, **__: Any) -> None:
        raise psycopg2.OperationalError(answer)

    monkeypatch.setattr(psycopg2, "connect", connect)
    said = CliRunner().invoke(
        app,
        command,
        env={
            "ENTENTE_DATABASE_URL": "postgresql+psycopg2://entente:secret@db/{service}",
            "COLUMNS": "300",
        },
    )

    assert "refuses the user name or password" in said.output + str(said.exception)
    assert "secret" not in said.output + str(said.exception)


def test_a_command_tells_its_version_and_helps() -> None:
    assert CliRunner().invoke(app, ("--version",)).stdout.startswith("Entente ")
    assert "Usage" in CliRunner().invoke(app, ("held", "-h")).stdout
