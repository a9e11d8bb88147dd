"""The walls between the parts stand, and every service is laid out alike."""

import re
import subprocess
import sys
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import eventlet
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, inspect, text

from services.platform import metadata_of, service_class
from services.registry import SERVICES
from shared import migrations
from shared.database import Database
from shared.messaging import tables
from shared.operations import Operations
from tests.conftest import fresh_postgres_url
from tests.office import until
from tests.rows import ROWS, marked, unknown

ROOT = Path(__file__).resolve().parents[2]

#: What every service has, as a file or, where it outgrew one, as a folder.
LAYOUT = ("domain", "migrations", "store", "schemas", "commands", "queries", "reactions", "service")


def test_the_import_walls_stand() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("part", LAYOUT)
def test_every_service_is_laid_out_alike(service: str, part: str) -> None:
    place = ROOT / "services" / service / part
    assert place.is_dir() or place.with_suffix(".py").is_file()


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_says_what_it_is_for(service: str) -> None:
    readme = ROOT / "services" / service / "README.md"
    assert readme.is_file()
    assert readme.read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_known_by_one_name_everywhere(service: str) -> None:
    known = service_class(service)
    declared: Operations = import_module(f"services.{service}.operations").operations
    reactions = import_module(f"services.{service}.reactions").reactions
    assert (known.name, declared.service, reactions.consumer) == (service,) * 3


def test_what_is_shared_names_no_service() -> None:
    name = re.compile(rf"[\"'](?:services\.)?(?:{'|'.join(SERVICES)})[\"'.]")
    outside = [
        path
        for path in (ROOT / "shared").rglob("*.py")
        if "events" not in path.relative_to(ROOT).parts and "migrations" not in path.parts
    ]
    named = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in outside
        for line in path.read_text(encoding="utf-8").splitlines()
        if name.search(line)
    ]
    assert named == []


def test_every_mark_of_a_row_is_of_a_row_that_there_is() -> None:
    assert unknown(list(marked())) == []


def test_a_row_is_either_tested_or_on_the_roadmap() -> None:
    roadmap = (ROOT / "docs" / "roadmap.md").read_text(encoding="utf-8")
    planned = set(re.findall(r"^\| ([A-Z]\d+) \|", roadmap, re.MULTILINE))
    tested = {row for row, _ in marked()}
    assert set(ROWS) == tested
    assert planned & tested == set()


@pytest.mark.parametrize("service", SERVICES)
def test_the_migrations_make_the_tables_that_the_code_expects(
    service: str, store: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/{service}.db"
    if store == "postgresql":
        server = request.getfixturevalue("postgres")
        url = fresh_postgres_url(server, (service,)).replace("{service}", service)
    with closing(Database(url)) as database:
        migrations.upgrade(service, metadata_of(service), database)
        assert _differences(database, service) == []


@pytest.mark.parametrize("service", SERVICES)
def test_an_upgrade_of_a_current_database_does_nothing(service: str, tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path}/{service}.db")) as database:
        assert migrations.upgrade(service, metadata_of(service), database)
        assert not migrations.upgrade(service, metadata_of(service), database)


def test_an_upgrade_waits_for_one_that_is_under_way(postgres: Any) -> None:
    """As when several pods of a service start together."""
    url = fresh_postgres_url(postgres, ("partner",)).replace("{service}", "partner")
    waiting = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
    with closing(Database(url)) as database:
        with database.engine.begin() as other:
            other.execute(text(f"select pg_advisory_xact_lock({migrations.LOCK}, 0)"))
            upgrading = eventlet.spawn(
                migrations.upgrade, "partner", metadata_of("partner"), database
            )
            until(lambda: other.scalar(waiting), "the second one waiting")
            assert not inspect(other).has_table("event_log")
        assert upgrading.wait()
        assert _differences(database, "partner") == []


def _differences(database: Database, service: str) -> list[object]:
    """What alembic would change to get from the database to the tables in the code."""
    wanted: list[MetaData] = [tables.metadata, metadata_of(service)]
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        found: list[object] = list(compare_metadata(context, wanted))  # type: ignore[arg-type]
    return found
