"""Bringing a service's database to the form that its code expects, and telling whether it is.

Every database follows two lines of migrations: that of its service, and that of the messaging
tables, which all services have alike.
"""

import os
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, text

from shared.database import Database
from shared.messaging import tables

_ROOT = Path(__file__).resolve().parents[2]
_MESSAGING = _ROOT / "shared" / "messaging" / "migrations"

#: First half of the advisory lock's key ("entM"); the database itself tells services apart.
LOCK = 0x656E744D


def configuration(service: str, metadata: MetaData) -> Config:
    """Alembic's configuration of one service's database."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    locations = (str(_MESSAGING), str(_ROOT / "services" / service / "migrations"))
    config.set_main_option("version_locations", os.pathsep.join(locations))
    config.set_main_option("path_separator", "os")
    config.attributes["metadata"] = [tables.metadata, metadata]
    return config


def upgrade(service: str, metadata: MetaData, database: Database) -> bool:
    """Bring the database to the newest form; whether there was anything to do.

    Safe to repeat, and for several processes at the same time: they take turns.
    """
    config = configuration(service, metadata)
    if is_current(config, database):
        return False
    with database.engine.begin() as connection:
        if not database.is_sqlite:  # which has one writer anyhow
            connection.execute(text("select pg_advisory_xact_lock(:lock, 0)"), {"lock": LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "heads")
    return True


def revise(service: str, metadata: MetaData, database: Database, message: str) -> None:
    """Write a service's next migration: what its tables have and an upgraded database lacks."""
    upgrade(service, metadata, database)
    config = configuration(service, metadata)
    config.attributes["metadata"] = [metadata]
    place = _ROOT / "services" / service / "migrations"
    number = len(list(place.glob("*.py"))) + 1
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.revision(
            config,
            message,
            autogenerate=True,
            rev_id=f"{service}_{number:04d}",
            head=f"{service}@head" if number > 1 else "base",
            branch_label=None if number > 1 else service,
            version_path=str(place),
        )


def is_current(config: Config, database: Database) -> bool:
    with database.engine.connect() as connection:
        reached = MigrationContext.configure(connection).get_current_heads()
    return set(reached) == set(ScriptDirectory.from_config(config).get_heads())
