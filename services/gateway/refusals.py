"""Refusals of access, as the audit shows them: who, from where, was not let in or further."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from shared.aggregate import Aggregate
from shared.events.gateway import AccessRefused
from shared.identifiers import new_id
from shared.work import Actor, Call, UnitOfWork

#: Seconds in which refusals of one kind from one address become one event more, not many.
WINDOW = 60.0
#: Kinds and addresses that are told apart at the same time; beyond, addresses count as one.
KNOWN = 500
MANY = "many addresses"

#: Acts where nobody is known.
NOBODY = Actor("nobody", frozenset())

_log = structlog.get_logger("gateway")


class _Refusal(Aggregate):
    kind: ClassVar[str] = "refusal"

    def __init__(self, event: AccessRefused) -> None:
        self.id = new_id()
        self.record(event)


@dataclass(frozen=True)
class _Kind:
    token_id: UUID | None
    address: str
    rule: str
    operation: str


@dataclass
class _Counted:
    until: float
    further: int = 0


class Refusals:
    """Has refusals logged, so that neither the log nor a request suffers from many of them.

    The first of a kind is logged at once. Those that follow within a minute are counted, and
    logged as one event with the next refusal after it. What was only counted when the process
    ends stays in the process's own log alone.
    """

    def __init__(
        self, unit_of_work: UnitOfWork, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._counted: dict[_Kind, _Counted] = {}

    def note(
        self, address: str, rule: str, operation: str, token_id: UUID | None, correlation_id: str
    ) -> None:
        """Count a refusal; see the class. Raises nothing: what was refused stays refused."""
        now = self._clock()
        self._log_counted(now, correlation_id)
        kind = _Kind(token_id, address, rule, operation)
        if kind not in self._counted and len(self._counted) >= KNOWN:
            kind = _Kind(None, MANY, rule, "")
        counted = self._counted.get(kind)
        if counted is not None:
            counted.further += 1
            return
        self._counted[kind] = _Counted(now + WINDOW)
        self._log(kind, 1, correlation_id)

    def _log_counted(self, now: float, correlation_id: str) -> None:
        over = [kind for kind, counted in self._counted.items() if counted.until <= now]
        for kind in over:
            further = self._counted.pop(kind).further
            if further:
                self._log(kind, further, correlation_id)

    def _log(self, kind: _Kind, times: int, correlation_id: str) -> None:
        event = AccessRefused(
            token_id=kind.token_id,
            address=kind.address,
            rule=kind.rule,
            operation=kind.operation,
            times=times,
        )
        actor = Actor(str(kind.token_id), frozenset()) if kind.token_id else NOBODY
        call = Call(actor=actor, correlation_id=correlation_id)
        try:
            self._unit_of_work.run(call, lambda work: work.log_only(_Refusal(event)))
        except SQLAlchemyError:
            _log.exception("refusal of access not logged", rule=kind.rule, times=times)
