"""What tables are made of, for both stores: types of columns, and names of constraints."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, MetaData, String, Text
from sqlalchemy.dialects.postgresql import JSONB, TEXT
from sqlalchemy.types import TypeDecorator

from shared.money import Money
from shared.values import from_plain, to_plain


def new_metadata() -> MetaData:
    """A service's tables; constraints get names, so that migrations can speak of them."""
    return MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def plain_json() -> JSON:
    """A JSON column: binary on PostgreSQL, text on SQLite."""
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def sort_key() -> Text:
    """Text that both stores compare sign by sign, whatever language the server is set to."""
    return Text().with_variant(TEXT(collation="C"), "postgresql")


class Value(TypeDecorator[Any]):
    """One plain value (a dataclass, Money, a dict …) as a JSON column; None stays NULL."""

    impl = JSON
    cache_ok = True

    def __init__(self, of: Any) -> None:
        super().__init__(none_as_null=True)
        self.of = of

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(plain_json().dialect_impl(dialect))

    def process_bind_param(self, value: Any, _: Any) -> Any:
        return None if value is None else to_plain(value, self.of)

    def process_result_value(self, value: Any, _: Any) -> Any:
        return None if value is None else from_plain(value, self.of)


class Values(Value):
    """A tuple of plain values as a JSON column. Assign a new tuple to change it."""

    cache_ok = True

    def __init__(self, each: Any) -> None:
        super().__init__(tuple[each, ...])


class Amount(Value):
    """Money as a JSON column; where it is summed or sorted, keep the minor units beside it."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(Money)


class Word(TypeDecorator[StrEnum]):
    """One word of a closed vocabulary, as text."""

    impl = String(60)
    cache_ok = True
    python_type = str

    def __init__(self, vocabulary: type[StrEnum]) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def process_bind_param(self, value: Any, _: Any) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: Any, _: Any) -> Any:
        return None if value is None else self.vocabulary(value)


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite, which knows no zones, keeps it naive."""

    impl = DateTime(timezone=True)
    cache_ok = True
    python_type = datetime

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal number as text, so that SQLite does not turn it into a float."""

    impl = String(40)
    cache_ok = True
    python_type = Decimal

    def process_bind_param(self, value: Any, _: Any) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: Any, _: Any) -> Decimal | None:
        return None if value is None else Decimal(value)
