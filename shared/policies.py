"""The numbers that an office may decide for itself: each with its default and its bounds."""

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeVar

Value = TypeVar("Value")


class OutOfBounds(ValueError):
    """A number makes no sense here; says which, and what would be accepted."""

    def __init__(self, field: str, accepted: str) -> None:
        super().__init__(f"{field} must be {accepted}")
        self.field = field
        self.accepted = accepted


def number(default: Value, *, least: int | Decimal, most: int | Decimal) -> Value:
    """A field of a policy whose value, or each of whose values, lies from `least` to `most`."""
    return dataclasses.field(default=default, metadata={"least": least, "most": most})


def bounds(item: dataclasses.Field[Any]) -> tuple[Any, Any] | None:
    """The least and the most that a field of a policy may be; None where it is not bounded."""
    return (item.metadata["least"], item.metadata["most"]) if item.metadata else None


class Bounded:
    """Base of a policy. Raises OutOfBounds for a number outside its field's bounds."""

    def __post_init__(self) -> None:
        for item in dataclasses.fields(self):  # type: ignore[arg-type]
            limits = bounds(item)
            if limits is None:
                continue
            least, most = limits
            if not all(least <= each <= most for each in _numbers(getattr(self, item.name))):
                raise OutOfBounds(item.name, f"from {least} to {most}")


def _numbers(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        yield from value
    elif isinstance(value, Decimal) and value.is_nan():
        yield Decimal("Infinity")  # compared with anything it would raise
    else:
        yield value
