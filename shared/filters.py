"""The conditions that lists have in common, as `Operations.listing` puts them into a select."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select

Statement = TypeVar("Statement", bound=Select[*tuple[Any, ...]])


def equal(
    statement: Statement, wanted: Mapping[str, Any], **columns: ColumnElement[Any]
) -> Statement:
    """Only rows whose columns equal what is wanted under their names, where it is wanted."""
    for name, column in columns.items():
        if name in wanted:
            statement = statement.where(column == wanted[name])
    return statement
