"""Sample data: an office as it might look after a year, so that the first page is alive.

All of it is made up: institutions, people, contracts, fees, rates, days, programmes and invoices;
every contract says so in its title.
"""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from services.demo.sample.history import History, MovableClock
from services.platform import Caller, Platform, upgrade_databases
from services.registry import SERVICES
from shared.messaging import heads
from shared.messaging.service import CLOCK
from shared.messaging.signing import PEOPLE
from shared.settings import Settings

#: A file of this name marks a data folder as holding nothing but made-up data.
MARK = "SAMPLE"


def write(settings: Settings, tell: Callable[[int, int], None]) -> None:
    """Write the sample into empty databases; `tell` hears (steps done, steps in all)."""
    upgrade_databases(settings)
    mark(settings.data_dir)
    today = datetime.now(settings.zone).date()
    clock = MovableClock(datetime(1970, 1, 1, tzinfo=UTC))
    platform = Platform(settings)
    platform.start(("127.0.0.1", 0), **{CLOCK: clock})
    try:
        with Caller(settings, "sample", PEOPLE) as calls:
            History(calls, clock, today).play(tell)
    finally:
        platform.stop()
    for name in SERVICES:
        # Signed with a key that is not copied with the databases; the copy's own key signs anew.
        heads.forget(settings.database_of(name))


def is_in(folder: Path) -> bool:
    """Whether databases lie there, as `write` leaves them."""
    return any(folder.glob("*.db"))


def copy(sample: Path, data_dir: Path) -> bool:
    """Fill an empty data folder from a written sample; whether it was empty."""
    if is_in(data_dir):
        return False
    for database in sample.glob("*.db*"):
        shutil.copyfile(database, data_dir / database.name)
    mark(data_dir)
    return True


def mark(data_dir: Path) -> None:
    """Say of a data folder that whatever is in it is made up."""
    (data_dir / MARK).touch()


def is_marked(data_dir: Path) -> bool:
    """Whether made-up data may be added to what is in a folder."""
    return (data_dir / MARK).exists()
