"""Fields that not everybody may see: null in the answer to those who may not.

A field says by its metadata which permission it needs (``{"needs": "…"}``); every amount of money
needs the permission that the table names for money, so that a new amount is withheld by itself.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from marshmallow import Schema, fields

from shared.permissions import Permissions
from shared.schemas import MoneyField

#: A way to a field through nested objects and lists, and the permission that it needs.
Guarded = tuple[tuple[str, ...], str]


def needed_for(field: fields.Field[Any], permissions: Permissions) -> str | None:
    """The permission that a field needs; None: it is open to whoever sees the record."""
    needed: str | None = field.metadata.get("needs")
    if needed is None and isinstance(field, MoneyField):
        return permissions.money
    return needed


def guarded_fields(schema: Schema, permissions: Permissions) -> Iterator[Guarded]:
    """The fields of an answer that need a permission of their own, those within others too."""
    for name, field in schema.dump_fields.items():
        key = field.data_key or name
        needed = needed_for(field, permissions)
        inner = field.inner if isinstance(field, fields.List) else field
        if needed is None and inner is not field:
            needed = needed_for(inner, permissions)
        if needed is not None:
            yield (key,), needed
        elif isinstance(inner, fields.Nested):
            for path, need in guarded_fields(inner.schema, permissions):
                yield (key, *path), need


def withhold(plain: Any, guarded: Collection[Guarded], may: Callable[[str], bool]) -> list[str]:
    """Set what may not be seen to null, in place; returns the paths, such as milestones.amount."""
    hidden = [path for path, needed in guarded if not may(needed)]
    for path in hidden:
        _blank(plain, path)
    return [".".join(path) for path in hidden]


def _blank(plain: Any, path: tuple[str, ...]) -> None:
    if isinstance(plain, list):
        for each in plain:
            _blank(each, path)
    elif isinstance(plain, dict) and path[0] in plain:
        if len(path) == 1:
            plain[path[0]] = None
        else:
            _blank(plain[path[0]], path[1:])
