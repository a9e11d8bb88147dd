"""How imports ask the services: patiently, and without doing anything twice."""

import time
from typing import Any
from uuid import uuid4

from shared.errors import Unavailable
from shared.messaging.service_calls import ServiceCalls
from shared.work import OFFICE, Call

#: Seconds for which one batch may keep a service busy.
DEADLINE = 60.0
#: How often a command is given again to a service that does not answer, and after how long.
TRIES = 5
PAUSE = 1.0


class Asking:
    """Commands and queries in the name of the office.

    A command that got no answer is given again under the same id: it is carried out once.
    """

    def __init__(self, calls: ServiceCalls, call: Call | None = None) -> None:
        self._calls = calls
        self._call = call or Call(actor=OFFICE)

    def execute(self, service: str, name: str, body: dict[str, Any]) -> Any:
        """The command's view. Raises its Refusal, or Unavailable after the last try."""
        call = self._call.to_plain() | {"command_id": str(uuid4())}
        for left in reversed(range(TRIES)):
            try:
                answer = self._calls.call(
                    service, "execute", deadline=DEADLINE, name=name, body=body, call=call
                )
                return answer["body"]
            except Unavailable:
                if not left:
                    raise
                time.sleep(PAUSE)
        raise AssertionError("unreachable")

    def ask(self, service: str, name: str, parameters: dict[str, Any]) -> Any:
        """The query's view. Raises its Refusal, or Unavailable."""
        return self._calls.ask(service, name, parameters, self._call)["body"]
