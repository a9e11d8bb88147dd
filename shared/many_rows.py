"""Writing many rows in one statement.

PostgreSQL gets them as one JSON document: psycopg2 would send row after row, each with its own
round trip. That statement travels with the next one (`shared.round_trips`), where an error shows.
SQLite, which is in this process, is quick with row after row.

Rows are dicts by column, all with the same columns.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
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

from shared.database import UNANSWERED, is_on_sqlite
from shared.values import to_json

Rows = Sequence[Mapping[str, Any]]
#: What becomes of rows that are there already.
Settled = Callable[[Any, Table], Any]


def insert_numbered(session: Session, number: Column[Any], within: Column[Any], rows: Rows) -> None:
    """Each row gets the next `number`, 1, 2, 3 …, of those with the same `within`.

    An IntegrityError follows where another transaction was quicker to take it.
    """
    if not rows:
        return
    statement = _numbering(is_on_sqlite(session), number, within, tuple(rows[0]))
    if is_on_sqlite(session):
        session.execute(statement, rows)  # one by one: each sees those before it
        return
    counted: Counter[Any] = Counter()
    numbered = []
    for row in rows:
        counted[row[within.name]] += 1
        numbered.append({**row, str(number.name): counted[row[within.name]]})
    session.execute(statement, {"rows": to_json(numbered)})


def insert_new(session: Session, table: Table, rows: Rows) -> None:
    """Rows that are there already stay as they are."""
    _insert(session, table, rows, _leaving)


def upsert(session: Session, table: Table, rows: Rows) -> None:
    """Rows that are there already, by primary key, get the new values. No key twice in `rows`."""
    _insert(session, table, rows, _replacing)


def change(session: Session, key: Column[Any], rows: Rows) -> None:
    """Set the other columns of each row on the record that has its `key`."""
    if not rows:
        return
    statement = _update(is_on_sqlite(session), key, tuple(rows[0]))
    if is_on_sqlite(session):
        # Other names than those of the columns, which an update keeps for itself.
        given = [{f"new_{name}": value for name, value in row.items()} for row in rows]
        session.connection().execute(statement, given)
    else:
        session.execute(statement, {"rows": to_json(rows)})


def _insert(session: Session, table: Table, rows: Rows, settled: Settled) -> None:
    if not rows:
        return
    statement = _insertion(is_on_sqlite(session), table, tuple(rows[0]), settled)
    given: Any = rows if is_on_sqlite(session) else {"rows": to_json(rows)}
    session.execute(statement, given)


def _leaving(statement: Any, _: Table) -> Any:
    return statement.on_conflict_do_nothing()


def _replacing(statement: Any, table: Table) -> Any:
    key = [each.name for each in table.primary_key]
    excluded = statement.excluded
    values = {each.name: excluded[each.name] for each in table.c if each.name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=values)


# Made once: to build a statement takes longer than to carry it out.
@cache
def _insertion(is_sqlite: bool, table: Table, names: tuple[str, ...], settled: Settled) -> Any:
    if is_sqlite:
        return settled(sqlite.insert(table), table)
    given = _recordset(table, names)
    return settled(postgresql.insert(table).from_select(names, select(given)), table)


@cache
def _numbering(
    is_sqlite: bool, number: Column[Any], within: Column[Any], names: tuple[str, ...]
) -> Any:
    table = number.table
    those_before = table.alias()

    def last(of: ColumnElement[Any]) -> ColumnElement[Any]:
        found = select(func.max(those_before.c[number.name]))
        found = found.where(those_before.c[within.name] == of)
        return func.coalesce(found.scalar_subquery(), 0)

    if is_sqlite:
        next_one = last(bindparam(within.name, type_=within.type)) + 1
        told = {name: bindparam(name, type_=table.c[name].type) for name in names}
        return sqlite.insert(table).values({**told, number.name: next_one})
    given = _recordset(table, (*names, number.name))
    columns = [given.c[name] for name in names]
    next_one = last(given.c[within.name]) + given.c[number.name]
    return postgresql.insert(table).from_select([*names, number.name], select(*columns, next_one))


@cache
def _update(is_sqlite: bool, key: Column[Any], names: tuple[str, ...]) -> Any:
    table, others = key.table, [name for name in names if name != key.name]
    if is_sqlite:
        told: dict[str, Any] = {name: bindparam(f"new_{name}") for name in others}
        return update(table).where(key == bindparam(f"new_{key.name}")).values(told)
    given = _recordset(table, names)
    told = {name: given.c[name] for name in others}
    statement = update(table).where(key == given.c[key.name]).values(told)
    return statement.execution_options(**UNANSWERED)


def _recordset(table: FromClause, names: Sequence[str]) -> FromClause:
    """The rows of the JSON document `:rows`, with the types of the table's columns."""
    document = cast(bindparam("rows", type_=Text), postgresql.JSON)
    columns = [column(name, table.c[name].type) for name in names]
    return func.json_to_recordset(document).table_valued(*columns).render_derived(with_types=True)
