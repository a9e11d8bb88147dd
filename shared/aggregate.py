"""What the aggregates of every service have in common: an identity, a version, recorded events."""

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

if TYPE_CHECKING:
    from shared.events import Event


class Aggregate:
    """A cluster of facts that changes as one, under one version.

    It records what happened; it sends nothing. The unit of work collects what was recorded and
    writes it to the event log in the transaction that saves the aggregate.
    """

    #: The word that stands before the id in an event's subject: ``contract/0192…``.
    kind: ClassVar[str]
    id: UUID
    #: Counts saves; 1 after the first. Kept by the database mapping, never by hand.
    version: int

    @property
    def subject(self) -> str:
        return f"{self.kind}/{self.id}"

    def record(self, event: "Event") -> None:
        self.__dict__.setdefault("_recorded", []).append(event)

    def collect(self) -> "list[Event]":
        """The events recorded since the last call, oldest first."""
        recorded: list[Event] = self.__dict__.pop("_recorded", [])
        return recorded
