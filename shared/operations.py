"""Commands and queries: declared beside their use cases, carried out by `shared.desk`.

The declaration names the REST binding ("POST /contracts/{id}/submit"), who may call, what goes in
and what comes out; the gateway makes its routes and its OpenAPI document from the same table. So
a use case says only what is its own.
"""

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import ColumnElement

from shared import paging
from shared.errors import Forbidden
from shared.permissions import Extent, Permissions
from shared.schemas import Count, Strict
from shared.withholding import Guarded, guarded_fields
from shared.work import Actor, Work

_PLACE = re.compile(r"\{(\w+)\}")


class PageParameters(Strict):
    limit = Count(load_default=50, validate=validate.Range(1, paging.LARGEST_PAGE))
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
    #: The permission it needs, and the table that says who has it.
    needs: str
    permissions: Permissions
    on: type | None = None
    takes: type[Schema] | None = None
    gives: type[Schema] | None = None
    #: Attribute (of the record) or column (of a listing) that must equal an outsider's scope.
    scoped_by: str | ColumnElement[Any] | None = None
    needs_version: bool = False
    #: Of a command that makes a new record (201): where that can be read, with the names of the
    #: answer's fields in braces.
    creates: str | None = None
    #: Fields of the body of which nothing is kept, not even in the fingerprint under a command id.
    confidential: tuple[str, ...] = ()
    sorts: Mapping[str, ColumnElement[Any]] | None = None
    default_sort: str = ""
    key: ColumnElement[Any] | None = None
    #: For those whose permission reaches only their own: raises Forbidden for what is not theirs,
    #: ``own(work, record or None, values)``; of a listing, the condition of their rows,
    #: ``own(work)``.
    own: Callable[..., Any] | None = None
    #: What is shown of the rows of a page of a listing: ``present(work, rows, parameters)``, which
    #: may leave rows out.
    present: Callable[..., Sequence[Any]] | None = None

    @property
    def is_command(self) -> bool:
        return self.method != "GET"

    @property
    def is_listing(self) -> bool:
        return self.sorts is not None

    @property
    def target(self) -> str:
        """The name, in the path and in what the desk is told, of the id of the record of `on`."""
        return next(iter(_PLACE.findall(self.path)), "id")

    @property
    def shows_version(self) -> bool:
        """Whether the answer has a version, for If-Match."""
        return (
            not self.is_listing
            and self.schema_out is not None
            and "version" in self.schema_out.fields
        )

    def check_permitted(self, actor: Actor) -> None:
        """Raises Forbidden where the actor may not call this at all, whatever the body says."""
        extent = self.permissions.extent(actor.roles, self.needs)
        if extent is None:
            raise self._not_permitted(actor)
        if actor.scope:
            if self.scoped_by is None and (self.on is not None or not self.is_command):
                raise Forbidden("This is not open to people from outside the office.", rule="scope")
        elif extent is Extent.OWN and self.own is None:
            raise self._not_permitted(actor)

    def _not_permitted(self, actor: Actor) -> Forbidden:
        words = self.permissions.in_words(self.needs)
        if actor.scope:
            # How the office divides its work is nothing that outsiders are told.
            return Forbidden(f"You may not {words}.", rule="permission")
        holders = ", ".join(
            f"{role} (their own only)" if extent is Extent.OWN else role
            for role, extent in self.holders.items()
        )
        return Forbidden(
            f"You may not {words} ({self.needs}). Roles that may: {holders}.",
            rule="permission",
            accepted=holders,
        )

    @property
    def holders(self) -> dict[str, Extent]:
        """The roles that may call it, and whether for everything or for what is their own."""
        return self.permissions.holders(self.needs)

    @cached_property
    def guarded(self) -> tuple[Guarded, ...]:
        """Fields of its answer that need a permission of their own."""
        if self.schema_out is None:
            return ()
        return tuple(guarded_fields(self.schema_out, self.permissions))

    def reaches_only_own(self, actor: Actor) -> bool:
        return self.permissions.extent(actor.roles, self.needs) is Extent.OWN

    def asks_whose(self, actor: Actor) -> bool:
        """Whether `own` decides: outsiders see all in their scope, and change less than that."""
        is_scoped = actor.scope is not None and not self.is_command
        return self.reaches_only_own(actor) and not is_scoped

    def shows(self, actor: Actor, permission: str) -> bool:
        """Whether the actor sees the fields that need this permission, in what this answers.

        Who has it for their own sees them where all that they are shown is their own.
        """
        extent = self.permissions.extent(actor.roles, permission)
        if extent is Extent.OWN and actor.scope is None:
            return self.reaches_only_own(actor) and self.shows_own(actor, permission)
        return extent is not None

    def shows_own(self, actor: Actor, permission: str) -> bool:
        """Whether the actor sees such fields of what is, by this operation, their own: one and the
        same role has both for its own.
        """
        both = {self.needs, permission}
        return any(
            all(self.permissions.extent([role], each) is Extent.OWN for each in both)
            for role in actor.roles
        )

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

    def __init__(
        self, service: str, *, permissions: Permissions, for_tools: Set[str] = frozenset()
    ) -> None:
        """permissions: the table that says which roles may call what; for_tools: the operations,
        by name, that the command line may call.
        """
        self.service = service
        self.for_tools = frozenset(for_tools)
        self.permissions = permissions
        self.all: dict[str, Operation] = {}
        self.daily_rules: list[Callable[[Work], None]] = []

    def command(
        self,
        binding: str,
        *,
        needs: str,
        on: type | None = None,
        takes: type[Schema] | None = None,
        gives: type[Schema] | None = None,
        scoped_by: str | None = None,
        own: Callable[[Work, Any, dict[str, Any]], None] | None = None,
        needs_version: bool | None = None,
        creates: str | None = None,
        confidential: tuple[str, ...] = (),
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A use case that changes state: ``f(work, body)``, or ``f(work, record, body)`` with `on`.

        needs_version: whether callers over HTTP must send If-Match; by default where `on` is set.
        creates: the path of the query that shows what is made, filled from the answer.
        confidential: fields that the desk forgets; the same command id with others in them is
        taken for a repeat.
        """
        guarded = on is not None if needs_version is None else needs_version
        return self._declare(
            binding,
            needs=needs,
            on=on,
            takes=takes,
            gives=gives,
            scoped_by=scoped_by,
            own=own,
            needs_version=guarded,
            creates=creates,
            confidential=confidential,
        )

    def query(
        self,
        binding: str,
        *,
        needs: str,
        gives: type[Schema],
        on: type | None = None,
        takes: type[Schema] | None = None,
        scoped_by: str | None = None,
        own: Callable[[Work, Any, dict[str, Any]], None] | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A use case that reads: ``f(work, parameters)``, or ``f(work, record, parameters)``."""
        return self._declare(
            binding,
            needs=needs,
            on=on,
            takes=takes,
            gives=gives,
            scoped_by=scoped_by,
            own=own,
        )

    def listing(
        self,
        binding: str,
        *,
        needs: str,
        gives: type[Schema],
        sorts: Mapping[str, Any],
        default_sort: str,
        key: Any,
        takes: type[Schema] | None = None,
        scoped_by: Any = None,
        own: Callable[[Work], ColumnElement[bool]] | None = None,
        present: Callable[[Work, Sequence[Any], dict[str, Any]], Sequence[Any]] | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A list with filters: ``f(work, parameters)`` returns a select; paging is done here.

        sorts: non-null columns by the name that callers use; key: the unique column that breaks
        ties; scoped_by: the column that must equal an outsider's scope; present: what is shown of
        the rows of a page, some of which it may leave out; others then fill the page.
        """
        return self._declare(
            binding,
            needs=needs,
            takes=type("Wanted", (takes or Strict, PageParameters), {}),
            gives=gives,
            scoped_by=scoped_by,
            own=own,
            sorts=sorts,
            default_sort=default_sort,
            key=key,
            present=present,
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
                permissions=self.permissions,
                **declared,
            )
            return run

        return declare
