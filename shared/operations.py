"""Commands and queries: declared beside their use cases, carried out in one way for all services.

The declaration names the REST binding ("POST /contracts/{id}/submit"), who may call, what goes in
and what comes out; the gateway makes its routes and its OpenAPI document from the same table. So
a use case says only what is its own, and idempotency, authorization, validation, versions and
retries stand here once.
"""

import hashlib
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate
from sqlalchemy import ColumnElement, Select

from shared import paging, tracing
from shared.clock import Clock
from shared.database import is_down, is_passing
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Stale, Unavailable
from shared.messaging.tables import answers
from shared.schemas import Strict, load
from shared.values import canonical_json
from shared.work import OFFICE, Call, UnitOfWork, Work


class PageParameters(Strict):
    limit = fields.Integer(
        load_default=50, strict=False, validate=validate.Range(1, paging.LARGEST_PAGE)
    )
    cursor = fields.String(load_default=None)
    sort = fields.String(load_default=None)


@dataclass(frozen=True)
class Operation:
    """One command or query as declared."""

    service: str
    name: str
    method: str
    path: str
    run: Callable[..., Any]
    roles: frozenset[str]
    on: type | None = None
    takes: type[Schema] | None = None
    gives: type[Schema] | None = None
    #: Attribute (of the record) or column (of a listing) that must equal an outsider's scope.
    scoped_by: str | ColumnElement[Any] | None = None
    needs_version: bool = False
    sorts: Mapping[str, ColumnElement[Any]] | None = None
    default_sort: str = ""
    key: ColumnElement[Any] | None = None

    @property
    def is_command(self) -> bool:
        return self.method != "GET"

    @property
    def is_listing(self) -> bool:
        return self.sorts is not None

    @property
    def creates(self) -> bool:
        """Whether success makes a new thing (201) rather than changing one (200)."""
        return self.is_command and self.on is None

    @property
    def summary(self) -> str:
        return (self.run.__doc__ or self.name).strip().partition("\n")[0]

    @property
    def description(self) -> str:
        return (self.run.__doc__ or "").strip().partition("\n")[2].strip()

    @cached_property
    def schema_in(self) -> Schema:
        return (self.takes or Strict)()

    @cached_property
    def schema_out(self) -> Schema | None:
        return self.gives() if self.gives else None


class Operations:
    """What a service can be asked to do."""

    def __init__(self, service: str, *, readers: Set[str]) -> None:
        """readers: roles that may call a query which names none of its own."""
        self.service = service
        self.readers = frozenset(readers)
        self.all: dict[str, Operation] = {}
        self.daily_rules: list[Callable[[Work], None]] = []

    def command(
        self,
        binding: str,
        *,
        roles: Set[str],
        on: type | None = None,
        takes: type[Schema] | None = None,
        gives: type[Schema] | None = None,
        scoped_by: str | None = None,
        needs_version: bool | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A use case that changes state: ``f(work, body)``, or ``f(work, record, body)`` with `on`.

        needs_version: whether callers over HTTP must send If-Match; by default where `on` is set.
        """
        guarded = on is not None if needs_version is None else needs_version
        return self._declare(
            binding,
            roles=frozenset(roles),
            on=on,
            takes=takes,
            gives=gives,
            scoped_by=scoped_by,
            needs_version=guarded,
        )

    def query(
        self,
        binding: str,
        *,
        gives: type[Schema],
        on: type | None = None,
        takes: type[Schema] | None = None,
        roles: Set[str] | None = None,
        scoped_by: str | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A use case that reads: ``f(work, parameters)``, or ``f(work, record, parameters)``."""
        return self._declare(
            binding,
            roles=frozenset(self.readers if roles is None else roles),
            on=on,
            takes=takes,
            gives=gives,
            scoped_by=scoped_by,
        )

    def listing(
        self,
        binding: str,
        *,
        gives: type[Schema],
        sorts: Mapping[str, Any],
        default_sort: str,
        key: Any,
        takes: type[Schema] | None = None,
        roles: Set[str] | None = None,
        scoped_by: Any = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A list with filters: ``f(work, parameters)`` returns a select; paging is done here.

        sorts: non-null columns by the name that callers use; key: the unique column that breaks
        ties; scoped_by: the column that must equal an outsider's scope.
        """
        return self._declare(
            binding,
            roles=frozenset(self.readers if roles is None else roles),
            takes=type("Wanted", (takes or Strict, PageParameters), {}),
            gives=gives,
            scoped_by=scoped_by,
            sorts=sorts,
            default_sort=default_sort,
            key=key,
        )

    def daily(self, rule: Callable[[Work], None]) -> Callable[[Work], None]:
        """A rule that time drives, run at least once a day; must be safe to run twice."""
        self.daily_rules.append(rule)
        return rule

    def _declare(
        self, binding: str, **declared: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        method, _, path = binding.partition(" ")

        def declare(run: Callable[..., Any]) -> Callable[..., Any]:
            name = run.__name__
            if name in self.all:
                raise ValueError(f"{self.service}.{name} is declared twice")
            self.all[name] = Operation(
                service=self.service,
                name=name,
                method=method,
                path=path,
                run=run,
                **declared,
            )
            return run

        return declare


class Desk:
    """Carries out a service's operations on its database."""

    def __init__(self, operations: Operations, unit_of_work: UnitOfWork) -> None:
        self.operations = operations
        self.unit_of_work = unit_of_work

    def execute(self, name: str, body: dict[str, Any], call: Call) -> dict[str, Any]:
        """Run a command: ``{"body": view, "version": int | None, "created": bool}``.

        The same command id gives the same answer and changes nothing; with another body it is
        refused. Raises any Refusal; then nothing has been stored.
        """
        operation = self._permitted(name, call)
        plain = _without_target(operation, body)
        loaded = [load(operation.schema_in, plain)]
        fingerprint = _fingerprint(name, body, call)

        def act(work: Work) -> dict[str, Any]:
            given = _given_before(work, call, fingerprint)
            if given is not None:
                return given
            # Anew for each further try: a use case may have taken its body apart.
            values = loaded.pop() if loaded else load(operation.schema_in, plain)
            answer = _carry_out(operation, work, body, values)
            _remember(work, call, fingerprint, answer)
            return answer

        try:
            with tracing.committing(self.operations.service, call.traceparent) as span:
                return self.unit_of_work.run(call.within(span.traceparent), act)
        except Exception as error:
            if is_down(error):
                raise _database_down(self.operations.service) from error
            if is_passing(error):
                raise Conflict(
                    "Others are changing the same record right now. Try again.", rule="too-busy"
                ) from error
            raise

    def ask(self, name: str, parameters: dict[str, Any], call: Call) -> dict[str, Any]:
        """Run a query: ``{"body": view or {"items", "next"}, "version": int | None}``."""
        operation = self._permitted(name, call)
        values = load(operation.schema_in, _without_target(operation, parameters))
        try:
            with self.unit_of_work.reading(call) as work:
                if operation.is_listing:
                    return {"body": _page(operation, work, values), "version": None}
                return _carry_out(operation, work, parameters, values)
        except Exception as error:
            if is_down(error):
                raise _database_down(self.operations.service) from error
            raise

    def tick(self, clock: Clock) -> None:
        """Run every time-driven rule, each in its own transaction, as at the clock's moment."""
        for rule in self.operations.daily_rules:
            self.unit_of_work.run(Call(actor=OFFICE), rule, clock)

    def _permitted(self, name: str, call: Call) -> Operation:
        operation = self.operations.all.get(name)
        if operation is None:
            raise NotFound(f"{self.operations.service} cannot {name}.", rule="known-operation")
        if not operation.roles & call.actor.roles:
            raise Forbidden(
                f"This needs one of the roles {', '.join(sorted(operation.roles))}.",
                rule="role",
            )
        if call.actor.scope and operation.scoped_by is None and not operation.creates:
            raise Forbidden("This is not open to people from outside the office.", rule="scope")
        return operation


def _without_target(operation: Operation, body: dict[str, Any]) -> dict[str, Any]:
    if operation.on is None:
        return body
    return {key: value for key, value in body.items() if key != "id"}


def _carry_out(
    operation: Operation, work: Work, body: dict[str, Any], values: Any
) -> dict[str, Any]:
    if operation.on is None:
        result = operation.run(work, values)
    else:
        result = operation.run(work, _target(operation, work, body), values)
    work.session.flush()
    return {
        "body": operation.schema_out.dump(result) if operation.schema_out else None,
        "version": getattr(result, "version", None),
        "created": operation.creates,
    }


def _target(operation: Operation, work: Work, body: dict[str, Any]) -> Any:
    assert operation.on is not None
    try:
        identifier = UUID(str(body.get("id")))
    except ValueError as error:
        raise Invalid(
            f"{body.get('id')!r} is not an id.",
            rule="id",
            field="id",
            accepted="a UUID",
        ) from error
    record: Any = work.get(operation.on, identifier)
    if work.actor.scope and getattr(record, str(operation.scoped_by)) != work.actor.scope:
        raise NotFound(f"There is no {operation.on.kind} {identifier}.", rule="exists", field="id")  # type: ignore[attr-defined]
    expected = work.call.expected_version
    if operation.is_command and expected is not None and expected != record.version:
        raise Stale(
            f"It is at version {record.version} by now; you changed version {expected}. "
            "Read it again and repeat your change.",
            rule="version",
            field="If-Match",
            accepted=f'"{record.version}"',
        )
    return record


def _page(operation: Operation, work: Work, values: dict[str, Any]) -> dict[str, Any]:
    assert operation.sorts is not None
    assert operation.key is not None
    limit, cursor = values.pop("limit"), values.pop("cursor")
    sort = values.pop("sort") or operation.default_sort
    statement: Select[Any] = operation.run(work, values)
    if work.actor.scope:
        assert operation.scoped_by is not None  # `Desk` lets no outsider come to another list
        assert not isinstance(operation.scoped_by, str)
        statement = statement.where(operation.scoped_by == work.actor.scope)
    page = paging.fetch(
        work.session,
        statement,
        sorts=operation.sorts,
        key=operation.key,
        sort=sort,
        limit=limit,
        cursor=cursor,
    )
    assert operation.schema_out is not None
    return {
        "items": operation.schema_out.dump(page.items, many=True),
        "next": page.next,
    }


def _fingerprint(name: str, body: dict[str, Any], call: Call) -> str:
    return hashlib.sha256(canonical_json([name, body, call.actor.id])).hexdigest()


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


def _database_down(service: str) -> Unavailable:
    return Unavailable(
        f"The database of the {service} service cannot be reached. Try again in a moment.",
        rule="database-down",
    )
