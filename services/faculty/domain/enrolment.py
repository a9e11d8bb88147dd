"""One person's way through a programme's places and its waiting list."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.events.faculty import PlaceKind, PlaceWanted


class EnrolmentState(StrEnum):
    ENROLLED = "enrolled"
    WAITING = "waiting"
    OFFERED = "offered"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    TURNED_AWAY = "turned_away"

    @property
    def in_words(self) -> str:
        return self.value.replace("_", " ")


#: Those who take or may yet take a place; a person has one such enrolment in a programme at most.
STANDING = (EnrolmentState.ENROLLED, EnrolmentState.OFFERED, EnrolmentState.WAITING)
#: Those who hold a place: an open offer holds it for the person it was made to.
HOLDING = (EnrolmentState.ENROLLED, EnrolmentState.OFFERED)


@dataclass(frozen=True)
class Enrolment:
    """Enrolments of a programme stand in the order in which people came.

    The waiting part of them may have been reordered, each time with a reason.
    """

    id: UUID
    participant_id: UUID
    state: EnrolmentState
    joined_at: datetime
    enrolled_at: datetime | None = None
    offered_until: datetime | None = None
    withdrawn_at: datetime | None = None
    #: Why the person was last moved on the waiting list. Kept here alone: it may be private.
    moved_because: str | None = None
    #: Of a programme that keeps on-site and remote places apart: what suits the person,
    wanted: PlaceWanted | None = None
    #: and what they have, or are offered.
    place: PlaceKind | None = None
    offered_at: datetime | None = None
    #: For how long it was offered, where the programme does not begin or end before.
    offer_hours: int | None = None

    @property
    def stands(self) -> bool:
        return self.state in STANDING

    @property
    def holds_a_place(self) -> bool:
        return self.state in HOLDING

    @property
    def was_enrolled(self) -> bool:
        """Also when the person withdrew later."""
        return self.enrolled_at is not None

    @property
    def waiting_again(self) -> "Enrolment":
        """Without the offer that there was."""
        return replace(
            self,
            state=EnrolmentState.WAITING,
            place=None,
            offered_at=None,
            offer_hours=None,
            offered_until=None,
        )

    def in_places_of(self, kind: PlaceKind | None) -> "Enrolment":
        """With a place of that kind, had or wanted; None: of a programme without kinds."""
        return replace(
            self,
            wanted=None if kind is None else PlaceWanted(kind.value),
            place=kind if self.holds_a_place else None,
        )

    def offered_up_to(self, ends: Iterable[datetime]) -> "Enrolment":
        """The open offer for its whole time, or up to the first of these ends."""
        assert self.offered_at is not None
        assert self.offer_hours is not None
        until = self.offered_at + timedelta(hours=self.offer_hours)
        return replace(self, offered_until=min((until, *ends)).astimezone(UTC))

    def left_before(self, moment: datetime) -> bool:
        return self.withdrawn_at is not None and self.withdrawn_at <= moment

    def ended_by_start(self, at: datetime) -> bool:
        """Whether nothing but the start of the programme ended this, and taking it back revives it.

        An offer lapses before its time only then.
        """
        if self.state is EnrolmentState.TURNED_AWAY:
            return True
        return (
            self.state is EnrolmentState.LAPSED
            and self.offered_until is not None
            and self.offered_until >= at
        )

    def offer_lapsed(self, at: datetime) -> bool:
        return (
            self.state is EnrolmentState.OFFERED
            and self.offered_until is not None
            and self.offered_until < at
        )
