"""Writing many rows in one statement.

PostgreSQL gets them as one JSON document: psycopg2 would send row after row, each with its own
round trip. SQLite, which is in this process, is quick with row after row.

Rows are dicts by column, all with the same columns.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    FromClause,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shared.values import to_json

Rows = Sequence[Mapping[str, Any]]


def insert(session: Session, table: Table, rows: Rows) -> None:
    """Raises IntegrityError where one of them is there already."""
    _insert(session, table, rows, lambda statement: statement)


def insert_new(session: Session, table: Table, rows: Rows) -> None:
    """Rows that are there already stay as they are."""
    _insert(session, table, rows, lambda statement: statement.on_conflict_do_nothing())


def upsert(session: Session, table: Table, rows: Rows) -> None:
    """Rows that are there already, by primary key, get the new values. No key twice in `rows`."""
    key = [each.name for each in table.primary_key]

    def replacing(statement: Any) -> Any:
        excluded = statement.excluded
        values = {each.name: excluded[each.name] for each in table.c if each.name not in key}
        return statement.on_conflict_do_update(index_elements=key, set_=values)

    _insert(session, table, rows, replacing)


def change(session: Session, table: Table, key: Column[Any], rows: Rows) -> None:
    """Set the other columns of each row on the record that has its `key`."""
    if not rows:
        return
    names = [name for name in rows[0] if name != key.name]
    if _is_sqlite(session):
        told: Any = {name: bindparam(f"new_{name}") for name in names}
        statement = update(table).where(key == bindparam("of")).values(told)
        parameters = [
            {"of": row[key.name]} | {f"new_{name}": row[name] for name in names} for row in rows
        ]
        session.connection().execute(statement, parameters)
        return
    given = _recordset(table, list(rows[0]))
    statement = update(table).where(key == given.c[key.name])
    values = {name: given.c[name] for name in names}
    session.execute(statement.values(values), {"rows": to_json(rows)})


def _insert(session: Session, table: Table, rows: Rows, settled: Callable[[Any], Any]) -> None:
    if not rows:
        return
    if _is_sqlite(session):
        session.execute(settled(sqlite.insert(table)), rows)
        return
    names = list(rows[0])
    given = _recordset(table, names)
    statement = postgresql.insert(table).from_select(names, select(given))
    session.execute(settled(statement), {"rows": to_json(rows)})


def _recordset(table: Table, names: Sequence[str]) -> FromClause:
    """The rows of the JSON document `:rows`, with the types of the table's columns."""
    document = cast(bindparam("rows", type_=Text), postgresql.JSON)
    columns = [column(name, table.c[name].type) for name in names]
    return func.json_to_recordset(document).table_valued(*columns).render_derived(with_types=True)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
