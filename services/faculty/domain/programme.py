"""A programme from its design to its completion: its lifecycle, places, and attendance."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from services.faculty.domain.attendance import Attendance, Attended, attended_by
from services.faculty.domain.design import (
    Contributor,
    Outcome,
    Session,
    must_be_publishable,
    must_be_sound,
)
from services.faculty.domain.enrolment import EnrolmentState
from services.faculty.domain.evaluation import Result
from services.faculty.domain.instruments import Instrument, instrument_for
from services.faculty.domain.known_contract import KnownContract
from services.faculty.domain.places import Places
from services.faculty.domain.policy import Policy
from services.faculty.domain.stages import ProgrammeState, must_be
from shared.errors import Conflict, Invalid, NotFound
from shared.events.faculty import (
    AttendanceRecorded,
    EnrolmentOpened,
    Moment,
    ProgrammeCancelled,
    ProgrammeCompleted,
    ProgrammeDelivered,
    ProgrammeDesigned,
    ProgrammePublished,
    ProgrammeRedesigned,
    ProgrammeStarted,
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
class Programme(Places):
    """A workshop, course, fellowship … that is designed, published, taught and evaluated."""

    kind: ClassVar[str] = "programme"

    reference: str
    contract_id: UUID
    partner_id: UUID
    programme_kind: ProgrammeKind
    title: str
    outcomes: tuple[Outcome, ...]
    contributors: tuple[Contributor, ...]
    attendance: tuple[Attendance, ...] = ()
    cancelled_because: str | None = None
    version: int = 0

    @classmethod
    def design(cls, design: Design, *, reference: str, contract: KnownContract) -> "Programme":
        """A first design; its contract need not be active yet."""
        must_be_sound(design.capacity, design.sessions, design.outcomes)
        programme = cls(
            id=new_id(),
            reference=reference,
            contract_id=contract.id,
            partner_id=contract.partner_id,
            programme_kind=design.kind,
            title=design.title,
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
            )
        )
        return programme

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
        self, design: Design, *, contract: KnownContract, at: datetime, policy: Policy
    ) -> None:
        """Change the design. What was promised at publishing keeps holding.

        Once enrolment is open the outcomes stay as they are, because participants rate themselves
        on them before and after; places that were taken are never taken back, and added places go
        to the waiting list first.
        """
        must_be(
            self.state,
            "be changed",
            ProgrammeState.DESIGNED,
            ProgrammeState.PUBLISHED,
            ProgrammeState.ENROLLING,
        )
        must_be_sound(design.capacity, design.sessions, design.outcomes)
        if self.state is not ProgrammeState.DESIGNED:
            must_be_publishable(
                design.sessions, design.outcomes, design.contributors, contract, policy
            )
        if self.state is ProgrammeState.ENROLLING and design.outcomes != self.outcomes:
            raise Conflict(
                "Outcomes cannot change once enrolment is open: participants have begun to rate "
                "themselves on them.",
                rule="outcomes-fixed-once-enrolling",
                field="outcomes",
            )
        if design.capacity < self.taken:
            raise Conflict(
                f"{self.taken} places are taken or offered already.",
                rule="capacity-covers-taken-places",
                field="capacity",
                accepted=f"at least {self.taken}",
            )
        if design == self.current_design:
            return
        self.programme_kind, self.title = design.kind, design.title
        self.capacity, self.outcomes = design.capacity, design.outcomes
        self.sessions, self.contributors = design.sessions, design.contributors
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
                starts_on=self.starts_at.date(),
                ends_on=self.ends_at.date(),
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
        recorded = {each.session_id for each in self.attendance}
        missing = [session.title for session in self.sessions if session.id not in recorded]
        if missing:
            raise Conflict(
                f"Record the attendance of {', '.join(f'“{title}”' for title in missing)} first.",
                rule="attendance-recorded",
                field="attendance",
            )
        earned = tuple(
            attended
            for attended in self.attended()
            if attended.qualifies(policy.attendance_percent)
        )
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

    def record_attendance(
        self, session_id: UUID, present_ids: tuple[UUID, ...], *, at: datetime
    ) -> None:
        """Say who was at a session; said again, it replaces what was said before.

        Open while the programme runs: once it is delivered, certificates rest on it.
        """
        must_be(self.state, "take attendance", ProgrammeState.RUNNING)
        session = self.session(session_id)
        if at < session.starts_at:
            raise Conflict(
                f"Session “{session.title}” has not begun: record attendance from "
                f"{session.starts_at.isoformat()} on.",
                rule="session-begun",
                field="session_id",
            )
        enrolled = {each.participant_id for each in self.enrolments if each.was_enrolled}
        strangers = [str(person) for person in present_ids if person not in enrolled]
        if strangers:
            raise Invalid(
                f"Not enrolled in this programme: {', '.join(strangers)}.",
                rule="present-are-enrolled",
                field="present_ids",
                accepted="ids of enrolled participants",
            )
        recorded = Attendance(session_id, tuple(sorted(set(present_ids))))
        if recorded in self.attendance:
            return
        self.attendance = (
            *(each for each in self.attendance if each.session_id != session_id),
            recorded,
        )
        self.record(
            AttendanceRecorded(
                programme_id=self.id,
                session_id=session_id,
                present_ids=recorded.present_ids,
            )
        )

    def attended(self) -> tuple[Attended, ...]:
        """What each enrolled participant attended, in order of enrolment."""
        return tuple(
            attended_by(enrolment.participant_id, self.sessions, self.attendance)
            for enrolment in self.enrolments_that_are(EnrolmentState.ENROLLED)
        )

    def instrument(
        self, level: KirkpatrickLevel, moment: Moment, participant_id: UUID
    ) -> Instrument:
        """The instrument that this participant may answer now. Raises where it is not open.

        Before the teaching every enrolled participant is asked; after it, those who were there.
        """
        instrument = instrument_for(self.outcomes, level, moment)
        must_be(self.state, f"take answers {moment} the teaching", *instrument.open_in)
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

    def session(self, session_id: UUID) -> Session:
        for session in self.sessions:
            if session.id == session_id:
                return session
        raise NotFound(
            f"This programme has no session {session_id}.",
            rule="exists",
            field="session_id",
        )

    @property
    def ends_at(self) -> datetime:
        """When the last session is over. Holds from publishing on, like `starts_at`."""
        return max(session.ends_at for session in self.sessions)
