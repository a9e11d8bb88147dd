"""How a process ends: soon when it is told to, by itself when it stands still, never half-way.

The insight service runs as a process of its own; somebody's transaction locks its timeline, so that
its handler is in the middle of an event for as long as the test likes.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from services.insight.store import timeline
from services.platform import upgrade_databases
from services.pulse import GRACE
from shared.settings import Settings
from tests.office import Office, until

#: Seconds that an interpreter takes to start and to go, beside what is promised.
OVERHEAD = 5.0
#: Seconds for which a loop may stand still here; longer than it waits for a service that is down.
STALL = 4.0
HURRIED = {"ENTENTE_STALL_SECONDS": str(STALL), "ENTENTE_CALL_DEADLINE": "1"}


class Insight:
    """The insight service as an institution runs it, and its database as seen from outside."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.said = folder / "insight.log"
        self.engine: Engine = create_engine(settings.database_of("insight"))

    def start(self, **environment: str) -> None:
        with self.said.open("a") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services", "run", "insight"],
                env=os.environ
                | {
                    "ENTENTE_AMQP_URI": self.settings.amqp_uri,
                    "ENTENTE_DATABASE_URL": self.settings.database_url,
                    "ENTENTE_DATA_DIR": str(self.settings.data_dir),
                }
                | environment,
                stdout=said,
                stderr=said,
            )

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.engine.dispose()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """As long as the block lasts, who writes to the timeline waits, in mid-transaction."""
        with self.engine.connect() as connection, connection.begin():
            connection.execute(text("lock table timeline in access exclusive mode"))
            yield

    def is_in_mid_handler(self) -> bool:
        with self.engine.connect() as connection:
            return bool(connection.scalar(text("select count(*) from pg_locks where not granted")))

    def told(self) -> int:
        with self.engine.connect() as connection:
            return self._told(connection)

    def _told(self, connection: Connection) -> int:
        return len(connection.execute(timeline.select()).all())


@pytest.fixture
def profile() -> str:
    return "distributed"


@pytest.fixture
def insight(settings: Settings, tmp_path: Path) -> Iterator[Insight]:
    upgrade_databases(settings)
    with ExitStack() as ending:
        made = Insight(settings, tmp_path)
        ending.callback(made.stop)
        yield made


@pytest.fixture
def partner(settings: Settings, insight: Insight) -> Iterator[Office]:
    with Office(settings, ("partner",)) as running:
        yield running


def propose(partner: Office, name: str = "Al-Quds University") -> None:
    partner.do("propose_partner", legal_name=name, country="PS", sector="hospital")


def test_told_to_stop_in_mid_handler_it_finishes_what_it_began(
    insight: Insight, partner: Office
) -> None:
    insight.start()
    with insight.busy():
        propose(partner)
        until(insight.is_in_mid_handler, "the handler being at it")
        insight.process.send_signal(signal.SIGTERM)
    assert insight.process.wait(GRACE + OVERHEAD) == 0, insight.said.read_text()
    assert insight.told() == 1


@pytest.mark.soak
def test_a_handler_that_does_not_end_is_cut_off_and_the_next_process_goes_on(
    insight: Insight, partner: Office
) -> None:
    """Its transaction is the database's by then: it is carried out whole, or taken back whole and
    done again. What comes behind it shows that it is over."""
    insight.start()
    with insight.busy():
        propose(partner)
        until(insight.is_in_mid_handler, "the handler being at it")
        insight.process.send_signal(signal.SIGTERM)
        assert insight.process.wait(GRACE + OVERHEAD) == 1
    assert "Timeout" in insight.said.read_text()
    insight.start()
    propose(partner, "Birzeit University")
    until(lambda: insight.told() == 2, "both events being applied")


def test_a_process_whose_subscriber_stands_still_says_so_and_ends_itself(
    insight: Insight, partner: Office
) -> None:
    insight.start(**HURRIED)
    with insight.busy():
        propose(partner)
        until(insight.is_in_mid_handler, "the handler being at it")
        assert insight.process.wait(STALL + OVERHEAD) == 1
    said = insight.said.read_text()
    assert "standing still" in said
    assert "insight partner" in said
    insight.start()
    until(lambda: insight.told() == 1, "the event being applied")
