"""The places of a programme: who comes, who leaves, and who takes what is offered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from services.faculty.domain.enrolment import Enrolment, EnrolmentState
from services.faculty.domain.policy import Policy
from services.faculty.domain.room import Kind
from services.faculty.domain.stages import TAUGHT, ProgrammeState, must_be
from services.faculty.domain.waiting_list import WaitingList
from shared.errors import Conflict, Invalid
from shared.events.faculty import (
    ParticipantChangedPlace,
    ParticipantEnrolled,
    ParticipantWaitlisted,
    ParticipantWithdrew,
    PlaceOfferDeclined,
    PlaceWanted,
)
from shared.identifiers import new_id


@dataclass(eq=False, kw_only=True)
class Places(WaitingList):
    """What a programme is as far as its places go.

    First come, first served: whoever waits longest is offered a free place before any newcomer
    can take it. Places taken and offered together never exceed the capacity, neither of all nor of
    a kind; that this holds for two who come at once is kept by the version of the programme, which
    holds its enrolments.
    """

    def enrol(
        self,
        participant_id: UUID,
        *,
        at: datetime,
        policy: Policy,
        wanted: PlaceWanted | None = None,
    ) -> Enrolment:
        """Give the person a place or, where none that suits is free, the last on the waiting list.

        wanted: on-site, remote or either, of a programme that keeps them apart.
        """
        must_be(self.state, "take enrolments", ProgrammeState.ENROLLING)
        self.lapse_offers(at=at, policy=policy)
        self._must_be_new(participant_id, field="participant_id")
        wanted = self.room.chosen(wanted)
        (placed,) = self._place([participant_id], wanted, at) or (None,)
        if placed is not None:
            return placed
        enrolment = self._join(participant_id, wanted, at)
        self.record(
            ParticipantWaitlisted(
                programme_id=self.id,
                participant_id=participant_id,
                waiting=self.waiting,
                wanted=wanted,
            )
        )
        return enrolment

    def enrol_group(
        self,
        participant_ids: tuple[UUID, ...],
        *,
        at: datetime,
        policy: Policy,
        wanted: PlaceWanted | None = None,
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
        wanted = self.room.chosen(wanted)
        free = self.room.free_for(wanted)
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
        return self._place(participant_ids, wanted, at)

    def enrol_late(
        self, participant_id: UUID, *, at: datetime, wanted: PlaceWanted | None = None
    ) -> Enrolment:
        """Give a place to somebody who comes after the start: there is no waiting list any more.

        Also after delivery, for somebody who took part and was never entered.
        """
        must_be(self.state, "take late enrolments", *TAUGHT)
        self._must_be_new(participant_id, field="participant_id")
        wanted = self.room.chosen(wanted)
        if not self.room.free_for(wanted):
            raise Conflict(
                f"{self.room.all_taken(wanted)}. Raise the capacity of the programme first.",
                rule="place-free",
                field="participant_id",
            )
        (enrolment,) = self._place([participant_id], wanted, at)
        return enrolment

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

    def change_place(
        self, enrolment_id: UUID, wanted: PlaceWanted, *, at: datetime, policy: Policy
    ) -> Enrolment:
        """Take another kind of place: somebody enrolled moves to a free one, or stays.

        Somebody who waits keeps their turn. A place that frees is offered on.
        """
        must_be(self.state, "have places changed", ProgrammeState.ENROLLING, ProgrammeState.RUNNING)
        self.lapse_offers(at=at, policy=policy)
        enrolment = self.enrolment(enrolment_id)
        self._must_have_settled(enrolment)
        changed = replace(enrolment, wanted=self.room.chosen(wanted))
        if changed == enrolment:
            return enrolment
        if enrolment.holds_a_place:
            changed = self._moved(changed)
        self._keep(changed)
        self.record(
            ParticipantChangedPlace(
                programme_id=self.id,
                participant_id=changed.participant_id,
                wanted=wanted,
                place=changed.place,
            )
        )
        self.lapse_offers(at=at, policy=policy)
        return self.enrolment(enrolment_id)

    def _moved(self, enrolment: Enrolment) -> Enrolment:
        """In a place that suits: the one that they have, or else a free one. Raises Conflict."""
        suitable = self.room.suiting(enrolment.wanted)
        if enrolment.place in suitable:
            return enrolment
        for _, kind in self.room.share_out([enrolment.wanted]):
            return replace(enrolment, place=kind)
        raise Conflict(
            f"{self.room.all_taken(enrolment.wanted)}. Keep the place, or withdraw and enrol again "
            "to wait for another.",
            rule="place-free",
            field="wanted",
        )

    def _must_have_settled(self, enrolment: Enrolment) -> None:
        """Raises Conflict for an open offer, and for somebody who is not in the programme."""
        if enrolment.state is EnrolmentState.OFFERED:
            raise Conflict(
                "A place is on offer: accept or decline it first.",
                rule="offer-settled",
                accepted="an enrolment that is enrolled or waiting",
            )
        if not enrolment.stands:
            raise Conflict(
                f"This enrolment is {enrolment.state.in_words} already.",
                rule="enrolment-stands",
                accepted="an enrolment that is enrolled or waiting",
            )

    def accept_offer(self, enrolment_id: UUID, *, at: datetime) -> Enrolment:
        enrolment = self._offered(enrolment_id)
        if enrolment.offered_until is not None and enrolment.offer_lapsed(at):
            until = enrolment.offered_until.astimezone(UTC)
            raise Conflict(
                f"The offer ran out at {until:%d %B %Y, %H:%M} UTC. Enrol again "
                "to join the waiting list.",
                rule="offer-in-time",
            )
        return self._enrol(enrolment, enrolment.place, at)

    def decline_offer(self, enrolment_id: UUID, *, at: datetime, policy: Policy) -> Enrolment:
        enrolment = self._offered(enrolment_id)
        declined = self._keep(replace(enrolment, state=EnrolmentState.DECLINED))
        self.record(
            PlaceOfferDeclined(programme_id=self.id, participant_id=enrolment.participant_id)
        )
        self.lapse_offers(at=at, policy=policy)
        return declined

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
                self._keep(enrolment.waiting_again)
        self.lapse_offers(at=at, policy=policy)

    def _must_be_new(self, participant_id: UUID, *, field: str) -> None:
        if any(each.stands and each.participant_id == participant_id for each in self.enrolments):
            raise Conflict(
                "This person is already enrolled, waiting, or has been offered a place.",
                rule="enrolled-once",
                field=field,
            )

    def _place(
        self, participant_ids: Sequence[UUID], wanted: PlaceWanted | None, at: datetime
    ) -> tuple[Enrolment, ...]:
        """A place for each of them, as far as places that suit are free."""
        return tuple(
            self._enrol(self._join(participant_ids[position], wanted, at), kind, at)
            for position, kind in self.room.share_out([wanted] * len(participant_ids))
        )

    def _join(self, participant_id: UUID, wanted: PlaceWanted | None, at: datetime) -> Enrolment:
        enrolment = Enrolment(
            id=new_id(),
            participant_id=participant_id,
            state=EnrolmentState.WAITING,
            joined_at=at,
            wanted=wanted,
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

    def _enrol(self, enrolment: Enrolment, place: Kind, at: datetime) -> Enrolment:
        enrolled = self._keep(
            replace(
                enrolment,
                state=EnrolmentState.ENROLLED,
                place=place,
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
                place=place,
            )
        )
        return enrolled
