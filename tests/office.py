"""A whole office for tests: every service running in this process, and calls to them."""

import time
from collections.abc import Callable
from copy import copy
from typing import Any, Self, TypeVar
from uuid import uuid4

from infra.local.processes import free_port
from services.cli.verifying import completeness, findings
from services.platform import Caller, Platform, operations, upgrade_databases
from services.registry import SERVICES
from shared.clock import Clock
from shared.errors import Conflict, NotFound, Unavailable
from shared.events.vocabulary import Role
from shared.messaging.service import CLOCK
from shared.messaging.signing import PEOPLE
from shared.settings import Settings
from shared.work import Actor, Call

T = TypeVar("T")

#: Seconds after which a condition that does not come true fails the test.
PATIENCE = 60.0


def until(
    condition: Callable[[], T | None],
    what: str = "the condition",
    patience: float = PATIENCE,
    every: float = 0.02,
) -> T:
    """The first true value of `condition`, asked every so often; fails when it does not come."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {patience} s")
        time.sleep(every)


#: The roles of a person who runs a small office and its platform alone.
HEAD = (Role.ADMINISTRATOR, Role.PARTNERSHIP_MANAGER, Role.FINANCE)


class Office:
    """Services running on some settings; commands and queries are given by operation name."""

    def __init__(
        self, settings: Settings, names: tuple[str, ...] = SERVICES, clock: Clock | None = None
    ) -> None:
        self.settings = copy(settings)
        self.settings.operations_port = settings.operations_port or free_port()
        self.names = names
        self.clock = clock
        self._owner = {each.name: each.service for each in operations()}
        #: Where operators look.
        self.operations = f"http://127.0.0.1:{self.settings.operations_port}"
        #: Where its gateway listens.
        self.address = f"http://127.0.0.1:{free_port()}"

    def __enter__(self) -> Self:
        upgrade_databases(self.settings, self.names)
        self.platform = Platform(self.settings, self.names)
        self.platform.start(
            ("127.0.0.1", int(self.address.rpartition(":")[2])),
            **({CLOCK: self.clock} if self.clock else {}),
        )
        self._caller = Caller(self.settings, "test", PEOPLE)
        self.calls = self._caller.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._caller.__exit__()
        self.platform.stop()

    def actor(self, *roles: Role, id: str | None = None) -> Actor:
        """Somebody with these roles; the same id is the same person."""
        return Actor(id or f"{'-'.join(roles)}", frozenset(roles))

    def do(self, name: str, /, *roles: Role, by: str | None = None, **body: Any) -> dict[str, Any]:
        """Carry out a command as the head of a small office, or as somebody with `roles`; its view.

        by: the person, where it matters who does it.
        """
        actor = self._somebody(roles, by)
        call = Call(actor=actor, command_id=str(uuid4()))
        view: dict[str, Any] = self.calls.execute(self._owner[name], name, body, call)["body"]
        return view

    def _somebody(self, roles: tuple[Role, ...], id: str | None = None) -> Actor:
        return self.actor(*roles, id=id) if roles else self.actor(*HEAD, id=id or "head")

    def do_when_known(self, name: str, /, *roles: Role, **body: Any) -> dict[str, Any]:
        """As `do`, but wait for what another service has to learn first."""

        def attempt() -> dict[str, Any] | None:
            try:
                return self.do(name, *roles, **body)
            except (Conflict, NotFound, Unavailable):
                return None

        return until(attempt, f"{name} being possible") or {}

    def ask(self, name: str, /, *roles: Role, **parameters: Any) -> Any:
        actor = self._somebody(roles)
        return self.calls.ask(self._owner[name], name, parameters, Call(actor=actor))["body"]

    def settle(self) -> None:
        """Wait until every fact has been published, and applied wherever it belongs."""
        compared = completeness(self.calls, PATIENCE)
        left = [line for name, said in compared.given.items() for line in findings(name, said)]
        left += compared.silent.values()
        assert not left, "\n".join(left)
