"""What a page shows: asked of the services for its reader, panel by panel; and what it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, request

from services.gateway.calls import Calls
from services.gateway.domain.token import Token
from services.gateway.identity import actor_of
from services.gateway.observing import traceparent
from services.gateway.visits import address_of
from shared.errors import Forbidden, NotFound, Refusal, Unavailable
from shared.operations import Operation
from shared.work import Call


@dataclass(frozen=True)
class Panel:
    """One part of a page: what was answered, or in `trouble` why it cannot be shown."""

    content: Any = None
    trouble: str = ""
    version: int | None = None

    @property
    def items(self) -> list[Any]:
        """The items of a list; none where it could not be read."""
        return self.content["items"] if self.content else []

    @property
    def next(self) -> str | None:
        return self.content["next"] if self.content else None


class Reader:
    """Somebody who reads one page. A service that did not answer is not waited for again."""

    def __init__(self, operations: dict[str, Operation], calls: Calls, token: Token) -> None:
        self.token = token
        self._operations = operations
        self._calls = calls
        self._down: set[str] = set()

    def main(self, binding: str, **parameters: str) -> Any:
        """What the page is about. Raises what stands in the way: without it there is no page."""
        return self._ask(self._operations[binding], parameters)["body"]

    def panel(self, binding: str, **parameters: str) -> Panel:
        """A part without which the page still makes sense."""
        operation = self._operations.get(binding)
        if operation is None:
            return Panel(trouble="This part is not installed here.")
        service = operation.service
        away = f"The {service} service cannot be reached right now. Everything else is complete."
        if service in self._down:
            return Panel(trouble=away)
        try:
            return Panel(self._ask(operation, parameters)["body"])
        except Unavailable:
            self._down.add(service)
            return Panel(trouble=away)
        except Forbidden:
            return Panel(trouble="Your roles do not include this part.")
        except NotFound:
            return Panel(trouble="Nothing is known here yet.")
        except Refusal as refusal:
            return Panel(trouble=refusal.message)

    def may(self, binding: str) -> bool:
        """Whether the reader's role has what an operation needs."""
        operation = self._operations.get(binding)
        if operation is None:
            return False
        try:
            operation.check_permitted(actor_of(self.token))
        except Forbidden:
            return False
        return True

    def execute(self, binding: str, **body: Any) -> Any:
        """Run a command as the reader. Raises what refuses it."""
        operation = self._operations[binding]
        operation.check_permitted(actor_of(self.token))
        answer = self._calls.execute(operation.service, operation.name, body, self._call())
        return answer["body"]

    def _ask(self, operation: Operation, parameters: dict[str, str]) -> dict[str, Any]:
        told = {name: value for name, value in parameters.items() if value}
        return self._calls.ask(operation.service, operation.name, told, self._call())

    def _call(self) -> Call:
        return Call(
            actor=actor_of(self.token),
            correlation_id=g.correlation_id,
            traceparent=traceparent(),
            address=address_of(request),
        )


def by_binding(operations: Sequence[Operation]) -> dict[str, Operation]:
    """The operations as the pages name them: ``GET /partners/{id}``."""
    return {f"{operation.method} {operation.path}": operation for operation in operations}
