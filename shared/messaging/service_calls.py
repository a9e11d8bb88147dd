"""Calls to services, whatever carries them: the broker, or the socket of a running process."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from shared.call import Call


class ServiceCalls(ABC):
    """What can be asked of a service from elsewhere."""

    @abstractmethod
    def call(
        self,
        service: str,
        method: str,
        *,
        deadline: float | None = None,
        **arguments: Any,
    ) -> Any:
        """What the service's method returns. Raises its Refusal, or Unavailable in time."""

    def execute(self, service: str, name: str, body: dict[str, Any], call: Call) -> dict[str, Any]:
        """Carry out a command of a service: `shared.desk.Desk.execute` from afar."""
        answer: dict[str, Any] = self.call(
            service, "execute", name=name, body=body, call=call.to_plain()
        )
        return answer

    def ask(
        self, service: str, name: str, parameters: dict[str, Any], call: Call
    ) -> dict[str, Any]:
        """Run a query of a service: `shared.desk.Desk.ask` from afar."""
        answer: dict[str, Any] = self.call(
            service, "ask", name=name, parameters=parameters, call=call.to_plain()
        )
        return answer

    def window(self, source: str, after: int, limit: int) -> dict[str, Any]:
        found: dict[str, Any] = self.call(source, "log_window", after=after, limit=limit)
        return found

    def events(self, source: str, after: int, until: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call(source, "log_events", after=after, until=until)
        return found

    def written(self, source: str, wanted: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
        pairs = [list(each) for each in wanted]
        found: list[dict[str, Any]] = self.call(source, "log_written", wanted=pairs)
        return found

    def reached(self, source: str, subjects: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = self.call(source, "log_reached", subjects=list(subjects))
        return found

    def beyond(self, source: str, link: int, deadline: float | None = None) -> dict[str, Any]:
        found: dict[str, Any] = self.call(source, "log_beyond", deadline=deadline, link=link)
        return found
