"""Many rows in one statement, over both stores."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from shared import many_rows
from shared.database import Database
from shared.identifiers import new_id
from shared.messaging.tables import event_log


def log(database: Database, *subjects: str) -> None:
    with database.transaction() as session:
        many_rows.insert_numbered(
            session, event_log.c.sequence, event_log.c.subject, [_row(each) for each in subjects]
        )


def logged(database: Database) -> list[tuple[str, int]]:
    statement = select(event_log.c.subject, event_log.c.sequence).order_by(event_log.c.position)
    with database.reading() as session:
        return [(subject, sequence) for subject, sequence in session.execute(statement)]


def test_rows_are_numbered_on_from_those_before_them(database: Database) -> None:
    log(database, "a", "b", "a", "a")
    log(database, "b", "c", "b")
    log(database)
    assert logged(database) == [
        *[("a", 1), ("b", 1), ("a", 2), ("a", 3)],
        *[("b", 2), ("c", 1), ("b", 3)],
    ]


def test_who_was_slower_to_number_a_row_is_told(database: Database) -> None:
    log(database, "a")
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(event_log.insert(), [_row("a") | {"sequence": 1}])


def _row(subject: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "subject": subject,
        "type": "partner.review_started",
        "version": 1,
        "data": {},
        "metadata": {},
        "recorded_at": datetime.now(UTC),
    }
