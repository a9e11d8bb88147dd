"""What who operates a running platform asks of it: complete? what is held? make it again."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import delete
from typer.testing import CliRunner, Result

from services import logs
from services.cli import reaching
from services.cli.exits import Exit
from services.cli.main import app
from services.cli.verifying import findings
from services.insight.store import timeline
from shared.errors import Conflict
from shared.messaging import tables
from shared.messaging.envelope import Envelope
from shared.messaging.service import Runtime
from shared.messaging.service_calls import ServiceCalls
from tests.office import Office, until

Run = Callable[..., Result]


@pytest.fixture
def entente(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """The command line, as somebody uses it while the office is at work elsewhere."""

    @contextmanager
    def services(_: Any) -> Iterator[ServiceCalls]:
        yield office.calls

    monkeypatch.setattr(reaching, "services", services)
    monkeypatch.setattr(logs, "configure", lambda level: None)  # the office logs on after it
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.__stderr__))

    def run(*arguments: str) -> Result:
        env = {"COLUMNS": "300", "ENTENTE_DATA_DIR": str(office.settings.data_dir)}
        return CliRunner().invoke(app, arguments, env=env)

    yield run
    structlog.reset_defaults()


@pytest.fixture
def insight(office: Office) -> Runtime:
    """Of the insight service, that has heard of three partners."""
    for number in range(3):
        name = f"University {number}"
        office.do("propose_partner", legal_name=name, country="ES", sector="university")
    office.settle()
    containers = {each.service_name: each for each in office.platform.runner.containers}
    found: Runtime = next(
        each for each in containers["insight"].dependencies if isinstance(each, Runtime)
    )
    return found


def spoil(insight: Runtime, number: int) -> None:
    """Let insight receive so many events of a version that nobody knows."""
    subscriber = next(each for each in insight.subscribers if each.source == "partner")
    known = insight.calls.events("partner", 0, 1)[0]
    for each in range(number):
        unknown = {"subject": f"partner/{each}", "subjectsequence": 1, "id": f"{each}"}
        subscriber.inbox.apply(
            [Envelope({**known, **unknown, "type": f"{known['type'].rpartition('.')[0]}.v99"})]
        )


def test_verify_finds_all_complete(entente: Run, insight: Runtime) -> None:
    said = entente("verify")
    assert (said.exit_code, said.stdout.strip()) == (0, "complete: 3 facts, each where it belongs")


def test_verify_repairs_what_a_service_has_lost(
    entente: Run, office: Office, insight: Runtime
) -> None:
    with insight.database.transaction() as session:
        session.execute(delete(timeline))
        session.execute(delete(tables.progress))
    assert len(office.calls.call("insight", "completeness")["missing"]) == 3
    said = entente("verify", "--repair")
    assert (said.exit_code, said.stdout.splitlines()) == (
        0,
        ["insight: fetched 3 events that it lacked", "complete: 3 facts, each where it belongs"],
    )
    assert len(office.ask("get_timeline")["items"]) == 3


def test_a_service_that_was_restored_alone_is_named(office: Office, insight: Runtime) -> None:
    containers = {each.service_name: each for each in office.platform.runner.containers}
    partner = next(each for each in containers["partner"].dependencies if isinstance(each, Runtime))
    with partner.database.transaction() as session:
        session.execute(delete(tables.event_log).where(tables.event_log.c.link > 1))
    (line,) = findings("insight", office.calls.call("insight", "completeness"))
    assert line.startswith("partner: was restored to an earlier state than insight")
    assert "(and 1 more subjects); restore every database to one moment" in line


def test_held_events_are_listed_by_cause_tried_as_a_group_and_discarded(
    entente: Run, insight: Runtime
) -> None:
    spoil(insight, 3)
    (cause,) = json.loads(entente("held", "list", "--json").stdout)
    assert (cause["service"], cause["source"], cause["state"]) == ("insight", "partner", "dead")
    assert cause["number"] == 3
    cut = entente("held", "list", "--each", "--limit", "2").stdout
    assert "… and 1 more; narrow it down, or raise --limit." in cut

    assert "3 will be tried" in entente("held", "retry", "--error", "version").stdout
    assert "No matching event" in entente("held", "retry", "--source", "finance").stdout
    until(lambda: _states(entente) == ["dead"] * 3, "all being dead again")

    id = json.loads(entente("held", "list", "--each", "--json").stdout)["items"][0]["id"]
    assert entente("held", "discard", id, "--reason", "made by a test").exit_code == 0
    gone = json.loads(entente("held", "discarded", "--json").stdout)
    assert [(each["id"], each["reason"]) for each in gone["items"]] == [(id, "made by a test")]
    assert len(_states(entente)) == 2


def test_a_retry_says_which(entente: Run, office: Office) -> None:
    assert entente("held", "retry").exit_code == 2
    assert entente("held", "retry", "--all", "--source", "partner").exit_code == 2
    assert entente("held", "retry", "--all").exit_code == 0


def test_insight_is_made_again(entente: Run, office: Office, insight: Runtime) -> None:
    before = office.ask("get_timeline")
    said = entente("rebuild", "insight")
    assert (said.exit_code, said.stdout.strip()) == (0, "insight is complete: 3 events.")
    assert office.ask("get_timeline") == before


@pytest.mark.parametrize("service", ["partner", "contract", "finance", "gateway"])
def test_a_service_that_owns_facts_is_not_made_again(service: str) -> None:
    refused = CliRunner().invoke(app, ["rebuild", service]).exception
    assert isinstance(refused, Conflict)
    assert "What can be made again: insight." in refused.message


def test_a_sample_that_is_not_there_is_no_sample(tmp_path: Path) -> None:
    """An empty platform would pass for one with sample data."""
    env = {"COLUMNS": "300", "ENTENTE_DATA_DIR": str(tmp_path / "data")}
    refused = CliRunner().invoke(app, ["up", "--sample", str(tmp_path / "wrong")], env=env)
    assert refused.exit_code == Exit.USAGE
    assert f"Write one there by `entente sample {tmp_path / 'wrong'}`" in refused.output
    assert not (tmp_path / "data").exists()


def _states(entente: Run) -> list[str]:
    rows = json.loads(entente("held", "list", "--each", "--json").stdout)["items"]
    return [row["state"] for row in rows]
