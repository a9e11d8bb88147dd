"""What is asked of a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from shared.database import Database


@contextmanager
def selects(database: Database) -> Iterator[list[str]]:
    """The selects that are made meanwhile."""
    said: list[str] = []

    def note(*arguments: Any) -> None:
        if arguments[2].lstrip().upper().startswith("SELECT"):
            said.append(arguments[2])

    event.listen(database.engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine, "before_cursor_execute", note)
