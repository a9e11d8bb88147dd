"""Errors of the database end in logs: what people wrote does not."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import Database

pytestmark = pytest.mark.row("X3")


def test_an_error_names_no_value_of_its_statement(sqlite: Database) -> None:
    with pytest.raises(DBAPIError) as failed, sqlite.transaction() as session:
        session.execute(text("INSERT INTO nowhere VALUES (:answer)"), {"answer": "Rania: 2 of 5"})
    assert "Rania" not in str(failed.value)
