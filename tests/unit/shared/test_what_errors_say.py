"""Errors of the database end in logs: what people wrote does not."""

import traceback

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import Database, key_taken

pytestmark = pytest.mark.row("X3")

WRITTEN = "Rania: 2 of 5"
INSERT = "INSERT INTO notes VALUES (:answer)"


@pytest.fixture
def table(database: Database) -> Database:
    with database.transaction() as session:
        session.execute(text("CREATE TABLE notes (said VARCHAR(40) NOT NULL UNIQUE)"))
        session.execute(text(INSERT), {"answer": WRITTEN})
    return database


def error_of(database: Database, statement: str) -> DBAPIError:
    with pytest.raises(DBAPIError) as failed, database.transaction() as session:
        session.execute(text(statement), {"answer": WRITTEN})
    return failed.value


@pytest.mark.parametrize(
    "statement",
    [
        INSERT,
        "INSERT INTO nowhere VALUES (:answer)",
        "UPDATE notes SET said = NULL WHERE said = :answer",
    ],
    ids=["unique", "no such table", "not null"],
)
def test_an_error_names_no_value_of_its_statement_or_row(table: Database, statement: str) -> None:
    logged = "".join(traceback.format_exception(error_of(table, statement)))
    assert WRITTEN not in logged


def test_a_key_that_is_taken_is_still_told_from_other_errors(table: Database) -> None:
    taken = key_taken(error_of(table, INSERT))
    assert taken is not None
    assert (taken.table, taken.columns) == ("notes", ("said",))
