"""Two or three small services, over both stores."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from shared.database import Database
from tests.conftest import fresh_postgres_url
from tests.integration.messaging.places import (
    OTHER_SOURCE,
    SOURCE,
    Consumer,
    HandClock,
    Source,
    with_tables,
)


@pytest.fixture
def new_database(
    store: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], Database]]:
    """Makes empty databases with the messaging tables, by name."""
    with ExitStack() as opened:

        def make(name: str) -> Database:
            if store == "postgresql":
                server = request.getfixturevalue("postgres")
                url = fresh_postgres_url(server, (name,)).replace("{service}", name)
            else:
                url = f"sqlite:///{tmp_path}/{name}.db"
            return with_tables(opened.enter_context(closing(Database(url))))

        yield make


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def source(new_database: Callable[[str], Database], clock: HandClock) -> Source:
    return Source(new_database(SOURCE), clock)


@pytest.fixture
def other_source(new_database: Callable[[str], Database], clock: HandClock) -> Source:
    """A second source, of which events of the first may be ahead."""
    return Source(new_database(OTHER_SOURCE), clock, OTHER_SOURCE)


@pytest.fixture
def consumer(new_database: Callable[[str], Database], clock: HandClock, source: Source) -> Consumer:
    return Consumer(new_database("consumer"), clock, {SOURCE: source})
