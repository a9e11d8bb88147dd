"""Alembic's environment, the same for every database; the connection comes from the caller."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import JSON

from shared.columns import Exact, Moment, Value, Word

config = context.config
wanted = config.attributes["metadata"]
known = {name for metadata in wanted for name in metadata.tables}


def only_ours(name: str | None, kind: str, _: Any) -> bool:
    """Another line's tables in the same database are none of this one's business."""
    return kind != "table" or name in known


def render(kind: str, item: Any, renderer: Any) -> str | Literal[False]:
    """Our column types as what they are in the database, so that migrations outlive our code."""
    if kind != "type":
        return False
    if isinstance(item, Word | Exact):
        return f"sa.String({item.impl.length})"
    for types, written in (((Value, JSON), "plain_json"), (Moment, "Moment")):
        if isinstance(item, types):
            renderer.imports.add(f"from shared.columns import {written}")
            return f"{written}()"
    return False


context.configure(
    connection=config.attributes["connection"],
    target_metadata=wanted,
    include_name=only_ours,
    render_item=render,
    render_as_batch=True,  # SQLite cannot alter a table in place
    compare_type=False,
)
with context.begin_transaction():
    context.run_migrations()
