"""The places of a programme: who has one, who waits, and to whom a freed one is offered."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.faculty.domain.design import Session
from services.faculty.domain.enrolment import Enrolment, EnrolmentState
from services.faculty.domain.policy import Policy
from services.faculty.domain.stages import TAUGHT, ProgrammeState, must_be
from shared.aggregate import Aggregate
from shared.errors import Conflict, Invalid, NotFound
from shared.events.faculty import (
    ParticipantEnrolled,
    ParticipantWaitlisted,
    ParticipantWithdrew,
    PlaceOfferDeclined,
    PlaceOffered,
    PlaceOfferLapsed,
    WaitingListReordered,
)
from shared.identifiers import new_id


@dataclass(eq=False, kw_only=True)
class Places(Aggregate):
    """What a programme is as far as its places go.

    First come, first served: whoever waits longest is offered a free place before any newcomer
    can take it. Places taken and offered together never exceed the capacity; that this holds for
    two who come at once is kept by the version of the programme, which holds its enrolments.
    """

    id: UUID
    capacity: int
    sessions: tuple[Session, ...]
    state: ProgrammeState = ProgrammeState.DESIGNED
    #: In the order in which people came; whoever left stays on record.
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

    def enrol(self, participant_id: UUID, *, at: datetime, policy: Policy) -> Enrolment:
        """Give the person a place or, where none is free, the last place on the waiting list."""
        must_be(self.state, "take enrolments", ProgrammeState.ENROLLING)
        self.lapse_offers(at=at, policy=policy)
        self._must_be_new(participant_id, field="participant_id")
        enrolment = self._join(participant_id, at)
        if self.taken < self.capacity:
            return self._enrol(enrolment, at)
        self.record(
            ParticipantWaitlisted(
                programme_id=self.id,
                participant_id=participant_id,
                waiting=self.waiting,
            )
        )
        return enrolment

    def enrol_group(
        self, participant_ids: tuple[UUID, ...], *, at: datetime, policy: Policy
    ) -> tuple[Enrolment, ...]:
        """Give each of them a place, or none of them. Raises Conflict where places are too few."""
        must_be(self.state, "take enrolments", ProgrammeState.ENROLLING)
        self.lapse_offers(at=at, policy=policy)
        for position, participant_id in enumerate(participant_ids):
            field = f"participant_ids.{position}"
            if participant_id in participant_ids[:position]:
                raise Invalid(
                    "This person appears twice in the group.", rule="enrolled-once", field=field
                )
            self._must_be_new(participant_id, field=field)
        free = max(0, self.capacity - self.taken)
        if free < len(participant_ids):
            raise Conflict(
                f"The group needs {len(participant_ids)} place"
                f"{'' if len(participant_ids) == 1 else 's'} and {free or 'none'} "
                f"{'is' if free <= 1 else 'are'} free, so nobody was enrolled. Enrol people one by "
                "one to put those without a place on the waiting list.",
                rule="group-fits",
                field="participant_ids",
                accepted=f"at most {free}",
            )
        return tuple(self._enrol(self._join(each, at), at) for each in participant_ids)

    def enrol_late(self, participant_id: UUID, *, at: datetime) -> Enrolment:
        """Give a place to somebody who comes after the start: there is no waiting list any more.

        Also after delivery, for somebody who took part and was never entered.
        """
        must_be(self.state, "take late enrolments", *TAUGHT)
        self._must_be_new(participant_id, field="participant_id")
        if self.taken >= self.capacity:
            raise Conflict(
                f"All {self.capacity} places are taken. Raise the capacity of the programme first.",
                rule="place-free",
                field="participant_id",
            )
        return self._enrol(self._join(participant_id, at), at)

    def move_in_queue(self, enrolment_id: UUID, place: int, reason: str) -> Enrolment:
        """Move somebody on the waiting list to this place (1: the next to be offered one)."""
        must_be(self.state, "have its waiting list reordered", ProgrammeState.ENROLLING)
        enrolment = self.enrolment(enrolment_id)
        if enrolment.state is not EnrolmentState.WAITING:
            raise Conflict(
                f"This person is not on the waiting list: the enrolment is "
                f"{enrolment.state.in_words}.",
                rule="on-waiting-list",
                field="enrolment_id",
            )
        queue = list(self.enrolments_that_are(EnrolmentState.WAITING))
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
        queue.remove(enrolment)
        queue.insert(place - 1, moved)
        reordered = iter(queue)
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

    def place_in_queue(self, enrolment: Enrolment) -> int | None:
        """1 for the next to be offered a place; None for somebody who does not wait."""
        queue = self.enrolments_that_are(EnrolmentState.WAITING)
        return queue.index(enrolment) + 1 if enrolment in queue else None

    def withdraw(self, enrolment_id: UUID, *, at: datetime, policy: Policy) -> Enrolment:
        """Leave the programme or its waiting list; a place that frees is offered on."""
        must_be(self.state, "be left", ProgrammeState.ENROLLING, ProgrammeState.RUNNING)
        enrolment = self.enrolment(enrolment_id)
        if not enrolment.stands:
            raise Conflict(
                f"This enrolment is {enrolment.state.in_words} already.",
                rule="enrolment-stands",
                accepted="an enrolment that is enrolled, offered or waiting",
            )
        withdrawn = self._keep(replace(enrolment, state=EnrolmentState.WITHDRAWN, withdrawn_at=at))
        self.record(
            ParticipantWithdrew(
                programme_id=self.id,
                participant_id=enrolment.participant_id,
                enrolled=self.enrolled,
            )
        )
        self.lapse_offers(at=at, policy=policy)
        return withdrawn

    def accept_offer(self, enrolment_id: UUID, *, at: datetime) -> Enrolment:
        enrolment = self._offered(enrolment_id)
        if enrolment.offered_until is not None and enrolment.offer_lapsed(at):
            until = enrolment.offered_until.astimezone(UTC)
            raise Conflict(
                f"The offer ran out at {until:%d %B %Y, %H:%M} UTC. Enrol again "
                "to join the waiting list.",
                rule="offer-in-time",
            )
        return self._enrol(enrolment, at)

    def decline_offer(self, enrolment_id: UUID, *, at: datetime, policy: Policy) -> Enrolment:
        enrolment = self._offered(enrolment_id)
        declined = self._keep(replace(enrolment, state=EnrolmentState.DECLINED))
        self.record(
            PlaceOfferDeclined(programme_id=self.id, participant_id=enrolment.participant_id)
        )
        self.lapse_offers(at=at, policy=policy)
        return declined

    def lapse_offers(self, *, at: datetime, policy: Policy) -> None:
        """Take back offers whose time is up, and offer every free place to who waits longest.

        Safe to repeat: a second time there is nothing to do. Outside enrolment nothing is offered.
        """
        if self.state is not ProgrammeState.ENROLLING:
            return
        for enrolment in self.enrolments_that_are(EnrolmentState.OFFERED):
            if enrolment.offer_lapsed(at):
                self._lapse(enrolment)
        free = self.capacity - self.taken
        for enrolment in self.enrolments_that_are(EnrolmentState.WAITING)[:free]:
            self._offer(enrolment, at, policy)

    def _close_enrolment(self) -> tuple[UUID, ...]:
        """End open offers and the waiting list; returns the participants who waited in vain."""
        for enrolment in self.enrolments_that_are(EnrolmentState.OFFERED):
            self._lapse(enrolment)
        waiting = self.enrolments_that_are(EnrolmentState.WAITING)
        for enrolment in waiting:
            self._keep(replace(enrolment, state=EnrolmentState.TURNED_AWAY))
        return tuple(enrolment.participant_id for enrolment in waiting)

    def _reopen_enrolment(self, *, at: datetime, policy: Policy) -> None:
        """Put back on the waiting list who was turned away, or lost an offer, when it closed.

        An offer that had not run out is made anew, for its whole time. Whoever came again since,
        and stayed or left, is left as they are.
        """
        latest = {each.participant_id: each.id for each in self.enrolments}
        for enrolment in self.enrolments:
            is_latest = latest[enrolment.participant_id] == enrolment.id
            if is_latest and enrolment.ended_by_start(at):
                self._keep(replace(enrolment, state=EnrolmentState.WAITING, offered_until=None))
        self.lapse_offers(at=at, policy=policy)

    def _must_be_new(self, participant_id: UUID, *, field: str) -> None:
        if any(each.stands and each.participant_id == participant_id for each in self.enrolments):
            raise Conflict(
                "This person is already enrolled, waiting, or has been offered a place.",
                rule="enrolled-once",
                field=field,
            )

    def _join(self, participant_id: UUID, at: datetime) -> Enrolment:
        enrolment = Enrolment(
            id=new_id(),
            participant_id=participant_id,
            state=EnrolmentState.WAITING,
            joined_at=at,
        )
        self.enrolments += (enrolment,)
        return enrolment

    def _offered(self, enrolment_id: UUID) -> Enrolment:
        must_be(self.state, "settle offers", ProgrammeState.ENROLLING)
        enrolment = self.enrolment(enrolment_id)
        if enrolment.state is not EnrolmentState.OFFERED:
            raise Conflict(
                f"No place is on offer here: the enrolment is {enrolment.state.in_words}.",
                rule="place-on-offer",
                accepted="an enrolment with an open offer",
            )
        return enrolment

    def _enrol(self, enrolment: Enrolment, at: datetime) -> Enrolment:
        enrolled = self._keep(
            replace(
                enrolment,
                state=EnrolmentState.ENROLLED,
                enrolled_at=at,
                offered_until=None,
            )
        )
        self.record(
            ParticipantEnrolled(
                programme_id=self.id,
                participant_id=enrolment.participant_id,
                enrolled=self.enrolled,
                capacity=self.capacity,
            )
        )
        return enrolled

    def _offer(self, enrolment: Enrolment, at: datetime, policy: Policy) -> None:
        until = at + timedelta(hours=policy.offer_hours)
        # An offer that outlives the first session, or the programme, promises too much.
        ends = (end for end in (self.starts_at, self.ends_at) if at < end)
        until = min((until, *ends)).astimezone(UTC)
        self._keep(replace(enrolment, state=EnrolmentState.OFFERED, offered_until=until))
        self.record(
            PlaceOffered(
                programme_id=self.id,
                participant_id=enrolment.participant_id,
                until=until,
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
