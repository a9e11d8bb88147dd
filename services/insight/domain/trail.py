"""What was known of a subject before each of its events."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

Id = TypeVar("Id")


def before_each(history: Iterable[tuple[Id, Mapping[str, Any]]]) -> dict[Id, dict[str, Any]]:
    """By event: what the subject's earlier events last said under the names that it uses itself.

    history: (id, data) of every event of one subject, oldest first. A name that no earlier event
    used is left out, so that "was not said yet" differs from "was empty".
    """
    last: dict[str, Any] = {}
    before = {}
    for identifier, data in history:
        before[identifier] = {name: last[name] for name in data if name in last}
        last.update(data)
    return before
