"""The waiting list of a programme: who waits for which places, and to whom freed ones are offered.

Where a programme keeps on-site and remote places apart, each kind has a waiting list of its own;
whoever takes either stands in both. All of them are one list in the order of coming.

| Case | What holds |
|---|---|
| a place frees | it is offered to who has waited longest of those whom it suits |
| several of both kinds free | as many as possible are served, nobody before who came earlier |
| the first session is moved earlier | no open offer outlives it: its deadline moves (an event) |
| it is moved back | the deadline moves back, up to the whole time of the offer |
| it is moved into the past | the offer lapses; free places go to who waits next |
| an offer ran out before the session was moved | it has lapsed, and stays so |
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.faculty.domain.design import Session
from services.faculty.domain.enrolment import Enrolment, EnrolmentState
from services.faculty.domain.policy import Policy
from services.faculty.domain.room import Room
from services.faculty.domain.stages import ProgrammeState, must_be
from shared.aggregate import Aggregate
from shared.errors import Conflict, Invalid, NotFound
from shared.events.faculty import (
    OfferDeadlineMoved,
    PlaceKind,
    PlaceOffered,
    PlaceOfferLapsed,
    WaitingListReordered,
)


@dataclass(eq=False, kw_only=True)
class WaitingList(Aggregate):
    """What a programme is as far as those go who wait for its places."""

    id: UUID
    capacity: int
    #: How many of the places are remote ones; None: on-site and remote are not kept apart.
    remote_capacity: int | None = None
    sessions: tuple[Session, ...]
    state: ProgrammeState = ProgrammeState.DESIGNED
    #: In the order in which people came; those who left stay on record.
    enrolments: tuple[Enrolment, ...] = ()

    @property
    def starts_at(self) -> datetime:
        """When the first session begins. A programme has sessions from publishing on."""
        return min(session.starts_at for session in self.held)

    @property
    def ends_at(self) -> datetime:
        """When the last session is over. Holds from publishing on, like `starts_at`."""
        return max(session.ends_at for session in self.held)

    @property
    def held(self) -> tuple[Session, ...]:
        """The sessions that take place or took place: all but the cancelled ones."""
        return tuple(session for session in self.sessions if not session.is_cancelled)

    @property
    def enrolled(self) -> int:
        return len(self.enrolments_that_are(EnrolmentState.ENROLLED))

    @property
    def waiting(self) -> int:
        return len(self.enrolments_that_are(EnrolmentState.WAITING))

    @property
    def taken(self) -> int:
        """Places that somebody has or has been offered."""
        return sum(enrolment.holds_a_place for enrolment in self.enrolments)

    @property
    def remote_taken(self) -> int | None:
        """Remote ones among them, where they are kept apart."""
        return None if self.remote_capacity is None else self.room.taken[PlaceKind.REMOTE]

    @property
    def room(self) -> Room:
        """The places by kind, and how many of them are taken or on offer."""
        return Room.of(
            self.capacity,
            self.remote_capacity,
            (each.place for each in self.enrolments if each.holds_a_place),
        )

    def kept_apart(
        self, remote_capacity: int | None, places_so_far: PlaceKind | None
    ) -> tuple[Enrolment, ...]:
        """The enrolments as they are once on-site and remote places are kept apart, or no more.

        Raises Invalid where people have enrolled, and it is not said which kind of place theirs is.
        """
        was_apart, is_apart = self.remote_capacity is not None, remote_capacity is not None
        if was_apart == is_apart:
            return self.enrolments
        if is_apart and places_so_far is None and self.enrolments:
            raise Invalid(
                "People have enrolled already: say whether the places so far are on-site "
                "or remote ones.",
                rule="places-so-far",
                field="places_so_far",
                accepted=", ".join(PlaceKind),
            )
        kind = places_so_far if is_apart else None
        return tuple(each.in_places_of(kind) for each in self.enrolments)

    def enrolment(self, enrolment_id: UUID) -> Enrolment:
        for enrolment in self.enrolments:
            if enrolment.id == enrolment_id:
                return enrolment
        raise NotFound(
            f"This programme has no enrolment {enrolment_id}.",
            rule="exists",
            field="enrolment_id",
        )

    def enrolments_that_are(self, state: EnrolmentState) -> tuple[Enrolment, ...]:
        return tuple(enrolment for enrolment in self.enrolments if enrolment.state is state)

    def queue_of(self, enrolment: Enrolment) -> tuple[Enrolment, ...]:
        """Those who wait for places that suit this person too, in order; empty for who has one."""
        waiting = self.enrolments_that_are(EnrolmentState.WAITING)
        if enrolment not in waiting:
            return ()
        suitable = set(self.room.suiting(enrolment.wanted))
        return tuple(each for each in waiting if suitable & set(self.room.suiting(each.wanted)))

    def place_in_queue(self, enrolment: Enrolment) -> int | None:
        """1 for the next to be offered a place; None for somebody who does not wait."""
        queue = self.queue_of(enrolment)
        return queue.index(enrolment) + 1 if queue else None

    def move_in_queue(self, enrolment_id: UUID, place: int, reason: str) -> Enrolment:
        """Move somebody to this place of the waiting list that they stand in (1: the next)."""
        must_be(self.state, "have its waiting list reordered", ProgrammeState.ENROLLING)
        enrolment = self.enrolment(enrolment_id)
        queue = self.queue_of(enrolment)
        if not queue:
            raise Conflict(
                f"This person is not on the waiting list: the enrolment is "
                f"{enrolment.state.in_words}.",
                rule="on-waiting-list",
                field="enrolment_id",
            )
        if not 1 <= place <= len(queue):
            raise Invalid(
                f"The waiting list has {len(queue)} place{'s' if len(queue) > 1 else ''}.",
                rule="place-in-queue",
                field="place",
                accepted=f"a whole number from 1 to {len(queue)}",
            )
        if queue[place - 1] == enrolment:
            return enrolment
        moved = replace(enrolment, moved_because=reason)
        waiting = list(self.enrolments_that_are(EnrolmentState.WAITING))
        new_place = waiting.index(queue[place - 1])
        waiting.remove(enrolment)
        waiting.insert(new_place, moved)
        reordered = iter(waiting)
        self.enrolments = tuple(
            next(reordered) if each.state is EnrolmentState.WAITING else each
            for each in self.enrolments
        )
        self.record(
            WaitingListReordered(
                programme_id=self.id, participant_id=moved.participant_id, place=place
            )
        )
        return moved

    def lapse_offers(self, *, at: datetime, policy: Policy) -> None:
        """Take back offers whose time is up, and offer every free place to who waits longest.

        Safe to repeat: a second time there is nothing to do. Outside enrolment nothing is offered.
        """
        if self.state is not ProgrammeState.ENROLLING:
            return
        for enrolment in self.enrolments_that_are(EnrolmentState.OFFERED):
            if enrolment.offer_lapsed(at):
                self._lapse(enrolment)
        waiting = self.enrolments_that_are(EnrolmentState.WAITING)
        for position, place in self.room.share_out([each.wanted for each in waiting]):
            self._offer(waiting[position], place, at, policy)

    def follow_sessions(self, former_start: datetime, *, at: datetime, policy: Policy) -> None:
        """Move the deadlines of open offers with the first session, which began at former_start."""
        if self.state is not ProgrammeState.ENROLLING:
            return
        for enrolment in self.enrolments_that_are(EnrolmentState.OFFERED):
            moved = enrolment.offered_up_to(self._ends_after_move(enrolment, former_start, at))
            if moved == enrolment:
                continue
            self._keep(moved)
            if not moved.offer_lapsed(at):
                self._tell_deadline(moved)
        self.lapse_offers(at=at, policy=policy)

    def _ends_of_offer(self, at: datetime) -> tuple[datetime, ...]:
        """An offer that outlives the first session promises too much; one made later, the last."""
        return tuple(end for end in (self.starts_at, self.ends_at) if at < end)

    def _ends_after_move(
        self, offered: Enrolment, former_start: datetime, at: datetime
    ) -> tuple[datetime, ...]:
        assert offered.offered_until is not None
        was_made_later = offered.offered_until > former_start
        return self._ends_of_offer(at) if was_made_later else (self.starts_at,)

    def _tell_deadline(self, moved: Enrolment) -> None:
        assert moved.offered_until is not None
        self.record(
            OfferDeadlineMoved(
                programme_id=self.id,
                participant_id=moved.participant_id,
                until=moved.offered_until,
            )
        )

    def _offer(
        self, enrolment: Enrolment, place: PlaceKind | None, at: datetime, policy: Policy
    ) -> None:
        offered = replace(
            enrolment,
            state=EnrolmentState.OFFERED,
            place=place,
            offered_at=at,
            offer_hours=policy.offer_hours,
        ).offered_up_to(self._ends_of_offer(at))
        assert offered.offered_until is not None
        self._keep(offered)
        self.record(
            PlaceOffered(
                programme_id=self.id,
                participant_id=enrolment.participant_id,
                until=offered.offered_until,
                place=place,
            )
        )

    def _lapse(self, enrolment: Enrolment) -> None:
        self._keep(replace(enrolment, state=EnrolmentState.LAPSED))
        self.record(PlaceOfferLapsed(programme_id=self.id, participant_id=enrolment.participant_id))

    def _keep(self, changed: Enrolment) -> Enrolment:
        self.enrolments = tuple(
            changed if each.id == changed.id else each for each in self.enrolments
        )
        return changed
