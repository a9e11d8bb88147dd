"""A programme from its design to its completion: its lifecycle, places, and attendance."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.faculty.domain.answers import Result
from services.faculty.domain.attendance import Attended
from services.faculty.domain.attending import Attending
from services.faculty.domain.coverage import must_be_countable
from services.faculty.domain.design import (
    Contributor,
    Outcome,
    Session,
    must_be_complete,
    must_be_publishable,
    must_be_sound,
    must_lie_within,
)
from services.faculty.domain.instruments import Instrument, instrument_for
from services.faculty.domain.known_contract import KnownContract
from services.faculty.domain.policy import Policy
from services.faculty.domain.stages import CHANGEABLE, ProgrammeState, must_be, step_back
from services.faculty.domain.windows import Window, window_of
from shared.errors import Conflict
from shared.events.faculty import (
    Bound,
    EnrolmentOpened,
    Moment,
    ProgrammeCancelled,
    ProgrammeCompleted,
    ProgrammeDelivered,
    ProgrammeDesigned,
    ProgrammeLeadChanged,
    ProgrammePublished,
    ProgrammeRedesigned,
    ProgrammeReinstated,
    ProgrammeStarted,
    ProgrammeStepTakenBack,
    Step,
)
from shared.events.vocabulary import KirkpatrickLevel, ProgrammeKind
from shared.identifiers import new_id


@dataclass(frozen=True)
class Design:
    """What the people who plan a programme decide about it."""

    kind: ProgrammeKind
    title: str
    capacity: int
    outcomes: tuple[Outcome, ...]
    sessions: tuple[Session, ...]
    contributors: tuple[Contributor, ...]


@dataclass(eq=False, kw_only=True)
class Programme(Attending):
    """A workshop, course, fellowship … that is designed, published, taught and evaluated."""

    kind: ClassVar[str] = "programme"

    reference: str
    contract_id: UUID
    partner_id: UUID
    programme_kind: ProgrammeKind
    title: str
    #: The account of the person who answers for it: a programme lead runs only their own.
    lead_id: str
    outcomes: tuple[Outcome, ...]
    contributors: tuple[Contributor, ...]
    cancelled_because: str | None = None
    cancelled_from: ProgrammeState | None = None
    version: int = 0

    @classmethod
    def design(
        cls,
        design: Design,
        *,
        lead_id: str,
        reference: str,
        contract: KnownContract,
        policy: Policy,
    ) -> "Programme":
        """A first design; its contract need not be active yet."""
        must_be_sound(design.capacity, design.sessions, design.outcomes, policy)
        must_be_countable(design.sessions)
        programme = cls(
            id=new_id(),
            reference=reference,
            contract_id=contract.id,
            partner_id=contract.partner_id,
            programme_kind=design.kind,
            title=design.title,
            lead_id=lead_id,
            capacity=design.capacity,
            outcomes=design.outcomes,
            sessions=design.sessions,
            contributors=design.contributors,
        )
        programme.record(
            ProgrammeDesigned(
                programme_id=programme.id,
                reference=reference,
                contract_id=contract.id,
                partner_id=contract.partner_id,
                title=design.title,
                kind=design.kind,
                capacity=design.capacity,
                sessions=tuple(session.as_plan() for session in design.sessions),
                lead_id=lead_id,
            )
        )
        return programme

    def change_lead(self, lead_id: str, reason: str) -> None:
        """Name somebody else who answers for it, at any time: corrections come late."""
        if lead_id == self.lead_id:
            raise Conflict(
                "This person leads the programme already.",
                rule="another-lead",
                field="lead_id",
                accepted="the account of somebody else",
            )
        former, self.lead_id = self.lead_id, lead_id
        self.record(
            ProgrammeLeadChanged(
                programme_id=self.id, lead_id=lead_id, former_lead_id=former, reason=reason
            )
        )

    @property
    def current_design(self) -> Design:
        return Design(
            kind=self.programme_kind,
            title=self.title,
            capacity=self.capacity,
            outcomes=self.outcomes,
            sessions=self.sessions,
            contributors=self.contributors,
        )

    def redesign(
        self,
        design: Design,
        *,
        contract: KnownContract,
        at: datetime,
        policy: Policy,
        rated: bool = False,
    ) -> None:
        """Change or correct the design. What was promised at publishing keeps holding.

        rated: whether a participant has answered about the outcomes: from then on they stay as
        they are. Places that were taken are never taken back, and added places go to the waiting
        list first. Sessions at which somebody was present stay, and stay in the past; once the
        programme is delivered, sessions can be corrected, and none added or removed.
        """
        must_be(self.state, "be changed", *CHANGEABLE)
        must_be_sound(design.capacity, design.sessions, design.outcomes, policy)
        must_be_countable(design.sessions)
        if self.state in (ProgrammeState.PUBLISHED, ProgrammeState.ENROLLING):
            must_be_publishable(
                design.sessions, design.outcomes, design.contributors, contract, policy
            )
        elif self.state is not ProgrammeState.DESIGNED:
            must_be_complete(design.sessions, design.outcomes, design.contributors, policy)
            must_lie_within(contract, design.sessions)
        if rated and design.outcomes != self.outcomes:
            raise Conflict(
                "Outcomes can no longer change: participants have begun to rate themselves on "
                "them.",
                rule="outcomes-fixed-once-rated",
                field="outcomes",
            )
        if design.capacity < self.taken:
            raise Conflict(
                f"There cannot be fewer places than are taken or on offer, which is {self.taken}.",
                rule="capacity-covers-taken-places",
                field="capacity",
                accepted=f"at least {self.taken}",
            )
        if design.sessions != self.sessions:
            self.check_sessions(design.sessions, at=at)
        if design == self.current_design:
            return
        self.programme_kind, self.title = design.kind, design.title
        self.capacity, self.outcomes = design.capacity, design.outcomes
        self.sessions, self.contributors = design.sessions, design.contributors
        self.forget_attendance_to_come(at)
        self.record(
            ProgrammeRedesigned(
                programme_id=self.id,
                title=self.title,
                kind=self.programme_kind,
                capacity=self.capacity,
                sessions=tuple(session.as_plan() for session in self.sessions),
            )
        )
        if self.state is ProgrammeState.ENROLLING:
            self.lapse_offers(at=at, policy=policy)

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
        self.record(EnrolmentOpened(programme_id=self.id, capacity=self.capacity))

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
