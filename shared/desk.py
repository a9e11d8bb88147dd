"""The desk of a service: where its declared operations are carried out, all in one way.

Idempotency, authorization, validation, versions and retries stand here once.
"""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from shared import paging, patience, tracing
from shared.clock import Clock
from shared.database import (
    has_waited_too_long,
    is_passing,
    key_taken,
    limit_waiting,
    take_turns,
    unavailable_when_down,
)
from shared.errors import Conflict, Invalid, NotFound, Refusal, Stale, Unavailable
from shared.messaging import tables
from shared.messaging.tables import answers
from shared.operations import Operation, Operations
from shared.schemas import load
from shared.showing import check_may_choose_by, is_theirs, withhold_from, withhold_from_each
from shared.values import canonical_json
from shared.work import OFFICE, Call, UnitOfWork, Work


class Desk:
    """Carries out a service's operations on its database."""

    def __init__(
        self,
        operations: Operations,
        unit_of_work: UnitOfWork,
        keep_answers: timedelta = timedelta(days=7),
    ) -> None:
        """keep_answers: for how long a repeated command is given its first answer."""
        self.operations = operations
        self.unit_of_work = unit_of_work
        self.keep_answers = keep_answers

    def execute(self, name: str, body: dict[str, Any], call: Call) -> dict[str, Any]:
        """Run a command: ``{"body": view, "version": int | None}``.

        The same command id gives the same answer and changes nothing, also where it comes while
        the first is still running; with another body it is refused. Raises any Refusal; then
        nothing has been stored.
        """
        operation = self._permitted(name, call)
        plain = _without_target(operation, body)
        loaded = [load(operation.schema_in, plain)]
        fingerprint = _fingerprint(operation, body, call)

        def act(work: Work) -> dict[str, Any]:
            _wait_for_turn(work, call)
            given = _given_before(work, call, fingerprint)
            if given is not None:
                return given
            # Anew for each further try: a use case may have taken its body apart.
            values = loaded.pop() if loaded else load(operation.schema_in, plain)
            answer = _carry_out(operation, work, body, values)
            _remember(work, call, fingerprint, answer)
            return answer

        try:
            with (
                unavailable_when_down(self.operations.service),
                tracing.committing(self.operations.service, call.traceparent) as span,
            ):
                answer = self.unit_of_work.run(
                    call.within(span.traceparent), act, within=patience.LOCK_TIMEOUT
                )
        except Exception as error:
            refusal = _refusal_for(error)
            if refusal is not None:
                raise refusal from error
            raise
        if operation.confidential:
            # What was there just before says, beside what is there now, what came in between.
            self.unit_of_work.database.forget_earlier_states()
        return answer

    def ask(self, name: str, parameters: dict[str, Any], call: Call) -> dict[str, Any]:
        """Run a query: ``{"body": view or {"items", "next"}, "version": int | None}``."""
        operation = self._permitted(name, call)
        values = load(operation.schema_in, _without_target(operation, parameters))
        with (
            unavailable_when_down(self.operations.service),
            self.unit_of_work.reading(call) as work,
        ):
            if operation.is_listing:
                return _list(operation, work, values)
            return _carry_out(operation, work, parameters, values)

    def tick(self, clock: Clock) -> None:
        """Run every time-driven rule, each in its own transaction, as at the clock's moment."""
        for rule in self.operations.daily_rules:
            self.unit_of_work.run(Call(actor=OFFICE), rule, clock)
        self.unit_of_work.run(Call(actor=OFFICE), self._forget_answers)
        self.unit_of_work.database.forget_earlier_states()

    def _forget_answers(self, work: Work) -> None:
        """By the real time, whatever day the rules are run for."""
        long_ago = work.now - self.keep_answers
        work.session.execute(answers.delete().where(answers.c.recorded_at < long_ago))

    def _permitted(self, name: str, call: Call) -> Operation:
        operation = self.operations.all.get(name)
        if operation is None:
            raise NotFound(
                f"The {self.operations.service} service has no operation {name}.",
                rule="known-operation",
            )
        operation.check_permitted(call.actor)
        return operation


#: First half of the lock that a command id takes ("entC").
_COMMAND = 0x656E7443


def _wait_for_turn(work: Work, call: Call) -> None:
    """Let a repeat of a command wait until the first has ended: then its answer is there."""
    limit_waiting(work.session)
    if call.command_id is not None:
        digest = hashlib.sha256(call.command_id.encode()).digest()
        take_turns(work.session, _COMMAND, int.from_bytes(digest[:4], signed=True))


def _refusal_for(error: Exception) -> Refusal | None:
    """What a caller is told of an error of the database; None where the fault is ours."""
    if has_waited_too_long(error):
        return Unavailable(
            "Another request has been at work on the same record, or under the same "
            "Idempotency-Key, for several seconds. Send this one again in a moment.",
            rule="too-busy",
        )
    taken = key_taken(error)
    if taken is not None and taken.table not in tables.metadata.tables:
        words = " and ".join(name.replace("_", " ") for name in taken.columns)
        return Conflict(
            f"There is already a record with this {words}. Read that one, or send another value.",
            rule="already-recorded",
            field=taken.columns[-1],
            accepted=f"another {words}",
        )
    if is_passing(error):
        return Conflict(
            "Others are changing the same record. Try again in a moment.", rule="too-busy"
        )
    return None


def _without_target(operation: Operation, body: dict[str, Any]) -> dict[str, Any]:
    if operation.on is None:
        return body
    return {key: value for key, value in body.items() if key != operation.target}


def _carry_out(
    operation: Operation, work: Work, body: dict[str, Any], values: Any
) -> dict[str, Any]:
    if not operation.is_command:
        check_may_choose_by(operation, work, values)
    target = None if operation.on is None else _target(operation, work, body)
    if operation.own is not None and operation.asks_whose(work.actor):
        operation.own(work, target, values)
    is_own = is_theirs(operation, work, target)
    result = operation.run(work, values) if target is None else operation.run(work, target, values)
    work.session.flush()
    shown: Any = operation.schema_out.dump(result) if operation.schema_out else None
    return {
        "body": shown,
        "withheld": withhold_from(operation, work, shown, is_own),
        "version": shown["version"] if operation.shows_version else None,
    }


def _target(operation: Operation, work: Work, body: dict[str, Any]) -> Any:
    assert operation.on is not None
    try:
        identifier = UUID(str(body.get(operation.target)))
    except ValueError as error:
        raise Invalid(
            f"{body.get(operation.target)!r} is not an id.",
            rule="id",
            field=operation.target,
            accepted="a UUID",
        ) from error
    # Commands on one record queue, so that nobody is refused because others were at work on it.
    find = work.lock if operation.is_command else work.get
    record: Any = find(operation.on, identifier)
    if work.actor.scope and getattr(record, str(operation.scoped_by)) != work.actor.scope:
        word = operation.on.kind  # type: ignore[attr-defined]
        raise NotFound(f"There is no {word} {identifier}.", rule="exists", field=operation.target)
    expected = work.call.expected_version
    if operation.is_command and expected is not None and expected != record.version:
        raise Stale(
            f"The record is now at version {record.version}, and your change is for version "
            f"{expected}. Read it again and repeat your change.",
            rule="version",
            field="If-Match",
            accepted=f'"{record.version}"',
        )
    return record


def _list(operation: Operation, work: Work, values: dict[str, Any]) -> dict[str, Any]:
    assert operation.sorts is not None
    assert operation.key is not None
    check_may_choose_by(operation, work, values)
    limit, cursor = values.pop("limit"), values.pop("cursor")
    sort = values.pop("sort") or operation.default_sort
    statement: Select[Any] = operation.run(work, values)
    if work.actor.scope:
        assert operation.scoped_by is not None  # `Desk` lets no outsider come to another list
        assert not isinstance(operation.scoped_by, str)
        statement = statement.where(operation.scoped_by == work.actor.scope)
    if operation.own is not None and operation.asks_whose(work.actor):
        statement = statement.where(operation.own(work))
    items: list[Any] = []
    while True:
        page = paging.fetch(
            work.session,
            statement,
            sorts=operation.sorts,
            key=operation.key,
            sort=sort,
            limit=limit - len(items),
            cursor=cursor,
        )
        present, cursor = operation.present, page.next
        items += page.items if present is None else present(work, page.items, values)
        if cursor is None or len(items) == limit:
            break
    assert operation.schema_out is not None
    shown = operation.schema_out.dump(items, many=True)
    withheld = withhold_from_each(operation, work, shown)
    return {"body": {"items": shown, "next": cursor}, "withheld": withheld, "version": None}


def _fingerprint(operation: Operation, body: dict[str, Any], call: Call) -> str:
    """What tells one request from another; of a few possible answers it would tell which."""
    kept = {key: value for key, value in body.items() if key not in operation.confidential}
    return hashlib.sha256(canonical_json([operation.name, kept, call.actor.id])).hexdigest()


def _given_before(work: Work, call: Call, fingerprint: str) -> dict[str, Any] | None:
    if call.command_id is None:
        return None
    row = work.session.execute(
        answers.select().where(answers.c.command_id == call.command_id)
    ).one_or_none()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise Invalid(
            "This Idempotency-Key was used for another request. Make a new key for a new request.",
            rule="idempotency-key-reused",
            field="Idempotency-Key",
            accepted="a key that has not been used, or the same request as before",
        )
    answer: dict[str, Any] = row.answer
    return answer


def _remember(work: Work, call: Call, fingerprint: str, answer: dict[str, Any]) -> None:
    if call.command_id is None:
        return
    work.session.execute(
        answers.insert().values(
            command_id=call.command_id,
            fingerprint=fingerprint,
            answer=answer,
            recorded_at=work.now,
        )
    )
