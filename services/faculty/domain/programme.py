"""A programme from publication to its completion: its lifecycle."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.faculty.domain.answers import Result
from services.faculty.domain.attendance import Attended
from services.faculty.domain.design import (
    must_be_publishable,
)
from services.faculty.domain.designed import Designed
from services.faculty.domain.instruments import Instrument, instrument_for
from services.faculty.domain.known_contract import KnownContract
from services.faculty.domain.policy import Policy
from services.faculty.domain.stages import ProgrammeState, must_be, step_back
from services.faculty.domain.windows import Window, window_of
from shared.errors import Conflict
from shared.events.faculty import (
    Bound,
    EnrolmentOpened,
    Moment,
    ProgrammeCancelled,
    ProgrammeCompleted,
    ProgrammeDelivered,
    ProgrammePublished,
    ProgrammeReinstated,
    ProgrammeStarted,
    ProgrammeStepTakenBack,
    Step,
)
from shared.events.vocabulary import KirkpatrickLevel


@dataclass(eq=False, kw_only=True)
class Programme(Designed):
    """A workshop, course, fellowship … that is designed, published, taught and evaluated."""

    cancelled_because: str | None = None
    cancelled_from: ProgrammeState | None = None
    version: int = 0

    @property
    def is_draft(self) -> bool:
        """Whether it is still being designed, or was cancelled before it was published."""
        return ProgrammeState.DESIGNED in (self.state, self.cancelled_from)

    @property
    def shown_to(self) -> UUID | None:
        """The partner whose guests see it; nobody's while it is a draft."""
        return None if self.is_draft else self.partner_id

    def publish(self, *, contract: KnownContract, policy: Policy) -> None:
        must_be(self.state, "be published", ProgrammeState.DESIGNED)
        must_be_publishable(self.sessions, self.outcomes, self.contributors, contract, policy)
        self.state = ProgrammeState.PUBLISHED
        self.record(
            ProgrammePublished(
                programme_id=self.id,
                contract_id=self.contract_id,
                partner_id=self.partner_id,
                title=self.title,
                starts_on=min(session.first_day for session in self.held),
                ends_on=self.last_day,
            )
        )

    def open_enrolment(self, *, contract: KnownContract) -> None:
        must_be(self.state, "open for enrolment", ProgrammeState.PUBLISHED)
        contract.must_be_active()
        self.state = ProgrammeState.ENROLLING
        self.record(
            EnrolmentOpened(
                programme_id=self.id,
                capacity=self.capacity,
                remote_capacity=self.remote_capacity,
            )
        )

    def start(self, *, contract: KnownContract) -> None:
        """Close enrolment and begin. Who still waits is turned away; open offers lapse."""
        must_be(self.state, "be started", ProgrammeState.ENROLLING)
        contract.must_be_active()
        if not self.enrolled:
            raise Conflict(
                "Nobody is enrolled yet: enrol somebody, or cancel the programme.",
                rule="somebody-enrolled",
            )
        turned_away = self._close_enrolment()
        self.state = ProgrammeState.RUNNING
        self.record(
            ProgrammeStarted(
                programme_id=self.id,
                enrolled=self.enrolled,
                turned_away_ids=turned_away,
            )
        )

    def deliver(self, *, at: datetime, policy: Policy) -> tuple[Attended, ...]:
        """All sessions are over. Says who has earned a certificate, in order of enrolment."""
        must_be(self.state, "be delivered", ProgrammeState.RUNNING)
        if at < self.ends_at:
            raise Conflict(
                f"The last session ends at {self.ends_at.isoformat()}: deliver after that.",
                rule="sessions-over",
                accepted=f"from {self.ends_at.isoformat()} on",
            )
        if self.unrecorded:
            titles = ", ".join(f"“{session.title}”" for session in self.unrecorded)
            raise Conflict(
                f"Record the attendance of {titles} first.",
                rule="attendance-recorded",
                field="attendance",
            )
        self.percent_to_attend = policy.attendance_percent
        earned = self.earned()
        self.state = ProgrammeState.AWAITING_EVALUATION
        self.record(
            ProgrammeDelivered(
                programme_id=self.id, enrolled=self.enrolled, certificates=len(earned)
            )
        )
        return earned

    def complete(self, *, certificates: int, reaction: Result) -> None:
        """The evaluation is closed: say what came of the programme."""
        must_be(self.state, "be completed", ProgrammeState.AWAITING_EVALUATION)
        self.state = ProgrammeState.COMPLETED
        self.record(
            ProgrammeCompleted(
                programme_id=self.id,
                contract_id=self.contract_id,
                partner_id=self.partner_id,
                enrolled=self.enrolled,
                certificates=certificates,
                responses=reaction.responses,
                mean_reaction=reaction.mean,
                mean_reaction_bound=reaction.mean_bound or Bound.EXACT,
            )
        )

    def cancel(self, reason: str) -> None:
        """Call it off, up to delivery. The event names who must be told."""
        must_be(
            self.state,
            "be cancelled",
            ProgrammeState.DESIGNED,
            ProgrammeState.PUBLISHED,
            ProgrammeState.ENROLLING,
            ProgrammeState.RUNNING,
        )
        self.cancelled_from = self.state
        self.state = ProgrammeState.CANCELLED
        self.cancelled_because = reason
        self.record(
            ProgrammeCancelled(
                programme_id=self.id,
                reason=reason,
                participant_ids=tuple(
                    enrolment.participant_id for enrolment in self.enrolments if enrolment.stands
                ),
            )
        )

    def reinstate(self, *, at: datetime, policy: Policy) -> None:
        """Take a cancellation back: the programme is where it was, offers that ran out aside."""
        if self.state is not ProgrammeState.CANCELLED or self.cancelled_from is None:
            raise Conflict(
                f"The programme is {self.state.in_words}: only a cancelled one can be reinstated.",
                rule="programme-state",
                field="state",
                accepted=ProgrammeState.CANCELLED,
            )
        self.state, self.cancelled_from = self.cancelled_from, None
        self.cancelled_because = None
        self.record(ProgrammeReinstated(programme_id=self.id))
        self.lapse_offers(at=at, policy=policy)

    def take_back(self, reason: str, *, at: datetime, policy: Policy) -> None:
        """Take back the last step, made by mistake; the table in `stages` says which."""
        step, before = step_back(self.state)
        if step is Step.OPENING and any(each.stands for each in self.enrolments):
            raise Conflict(
                "People are enrolled or waiting already. Cancel the programme, or correct its "
                "design.",
                rule="nobody-enrolled",
                field="state",
            )
        if step is Step.START and any(each.present_ids for each in self.attendance):
            raise Conflict(
                "People are recorded as present: the programme has started. Correct its attendance "
                "first; latecomers can be enrolled while it runs.",
                rule="nobody-present",
                field="state",
            )
        self.state = before
        self.record(ProgrammeStepTakenBack(programme_id=self.id, step=step, reason=reason))
        if step is Step.START:
            self._reopen_enrolment(at=at, policy=policy)
        if step is Step.DELIVERY:
            self.percent_to_attend = None

    def instrument(
        self,
        level: KirkpatrickLevel,
        moment: Moment,
        participant_id: UUID,
        *,
        at: datetime,
        policy: Policy,
    ) -> Instrument:
        """The instrument that this participant may answer now. Raises where it is not open.

        Before the teaching every enrolled participant is asked; after it, those who were there.
        """
        instrument = instrument_for(self.outcomes, level, moment)
        self.window_of(instrument, policy).must_be_open(at)
        attended = {each.participant_id: each.time for each in self.attended()}
        if participant_id not in attended:
            raise Conflict(
                "Only participants who are enrolled can evaluate the programme.",
                rule="evaluated-by-enrolled",
                field="participant_id",
            )
        if moment is Moment.AFTER and not attended[participant_id]:
            raise Conflict(
                "This participant attended no session, and cannot evaluate the teaching.",
                rule="evaluated-by-those-present",
                field="participant_id",
            )
        return instrument

    def window_of(self, instrument: Instrument, policy: Policy) -> Window:
        """When the instrument can be answered, as far as it is known by now."""
        return window_of(
            instrument,
            self.state,
            sessions=self.held,
            policy=policy,
        )
