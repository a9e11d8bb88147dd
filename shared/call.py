"""Who acts, and what surrounds what they ask for."""

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from shared.identifiers import new_id


@dataclass(frozen=True)
class Actor:
    """Who acts, as the gateway identified them."""

    id: str
    roles: frozenset[str]
    #: The one record (of whatever kind) that an outsider may see; None: not an outsider.
    scope: UUID | None = None


#: Acts for the office itself: imports, time-driven rules, reactions to events.
OFFICE = Actor(id="office", roles=frozenset({"administrator"}))

#: Begins the id of somebody who acts by the command line, where that gives a name.
OPERATOR = "operator:"


def is_operator(actor: Actor) -> bool:
    """Whether it is the office itself, or somebody at the command line; never a token's bearer."""
    return actor.id == OFFICE.id or actor.id.startswith(OPERATOR)


@dataclass(frozen=True)
class Call:
    """What surrounds one command, query or reaction; it becomes the metadata of its events."""

    actor: Actor = OFFICE
    correlation_id: str = field(default_factory=lambda: str(new_id()))
    causation_id: str | None = None
    command_id: str | None = None
    expected_version: int | None = None
    traceparent: str | None = None
    #: Where the request came from (an address). Known at the door alone: no call carries it on.
    address: str | None = None

    def within(self, traceparent: str | None) -> "Call":
        """The same call, as a step of this trace."""
        return self if traceparent == self.traceparent else replace(self, traceparent=traceparent)

    def to_plain(self) -> dict[str, Any]:
        return {
            "actor": {
                "id": self.actor.id,
                "roles": sorted(self.actor.roles),
                "scope": self.actor.scope and str(self.actor.scope),
            },
            "correlation_id": self.correlation_id,
            "causation_id": self.causation_id,
            "command_id": self.command_id,
            "expected_version": self.expected_version,
            "traceparent": self.traceparent,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Call":
        actor = plain["actor"]
        return cls(
            **{
                **plain,
                "actor": Actor(
                    actor["id"],
                    frozenset(actor["roles"]),
                    UUID(actor["scope"]) if actor["scope"] else None,
                ),
            }
        )
