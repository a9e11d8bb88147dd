"""What the gateway asks of the services behind it."""

from collections.abc import Mapping
from typing import Any, Protocol

from shared.work import Call


class Calls(Protocol):
    """Commands and queries to the services that own the data, each with a deadline.

    Both raise what the owner raised (`shared.errors`), and Unavailable where it did not answer
    in time or cannot be reached.
    """

    def execute(self, service: str, name: str, body: dict[str, Any], call: Call) -> dict[str, Any]:
        """Run a command: ``{"body": view, "version": int | None}``."""
        ...

    def ask(
        self, service: str, name: str, parameters: dict[str, Any], call: Call
    ) -> dict[str, Any]:
        """Run a query: ``{"body": view or {"items", "next"}, "version": int | None}``."""
        ...


class Health(Protocol):
    """Looks at everything that the platform needs, in parallel, within one or two seconds."""

    def __call__(self) -> Mapping[str, str]:
        """Each part by name, with the reason why it is down; empty text: it is up."""
        ...
