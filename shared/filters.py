"""The conditions that lists have in common, as `Operations.listing` puts them into a select."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, or_

Statement = TypeVar("Statement", bound=Select[*tuple[Any, ...]])


def equal(
    statement: Statement, wanted: Mapping[str, Any], **columns: ColumnElement[Any]
) -> Statement:
    """Only rows whose columns equal what is wanted under their names, where it is wanted."""
    for name, column in columns.items():
        if name in wanted:
            statement = statement.where(column == wanted[name])
    return statement


def containing(statement: Statement, text: str | None, *columns: ColumnElement[Any]) -> Statement:
    """Only rows in which one of the columns has the text in it, in capitals or not."""
    if not text:
        return statement
    return statement.where(or_(*(each.icontains(text, autoescape=True) for each in columns)))
