"""Who came to the sessions of a programme: sessions as they took place, and attendance."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.faculty.domain.attendance import Attendance, Attended, attended_by
from services.faculty.domain.design import Session, must_lie_within
from services.faculty.domain.enrolment import EnrolmentState
from services.faculty.domain.known_contract import KnownContract
from services.faculty.domain.places import Places
from services.faculty.domain.policy import Policy
from services.faculty.domain.stages import CHANGEABLE, DELIVERED, TAUGHT, must_be
from shared.errors import Conflict, Invalid, NotFound
from shared.events.faculty import AttendanceRecorded, SessionCancelled, SessionReinstated


@dataclass(eq=False, kw_only=True)
class Attending(Places):
    """What a programme is as far as its sessions and those present at them go.

    Attendance can be corrected for as long as the programme is known: after delivery the
    certificates follow.
    """

    attendance: tuple[Attendance, ...] = ()
    #: Percentage that counted at delivery, and so keeps counting for corrections afterwards.
    percent_to_attend: int | None = None

    def record_attendance(
        self, session_id: UUID, present_ids: tuple[UUID, ...], *, at: datetime
    ) -> None:
        """Record everybody who was at a session; replaces what was recorded before."""
        self._must_take_attendance(session_id, at)
        for position, person in enumerate(present_ids):
            self._must_have_had_a_place(person, session_id, field=f"present_ids.{position}")
        self._keep_attendance(Attendance(session_id, tuple(sorted(set(present_ids)))))

    def add_present(self, session_id: UUID, participant_id: UUID, *, at: datetime) -> None:
        """Record that one person was there; everybody else stays as recorded."""
        self._must_take_attendance(session_id, at)
        self._must_have_had_a_place(participant_id, session_id, field="participant_id")
        present = {*self.present_at(session_id), participant_id}
        self._keep_attendance(Attendance(session_id, tuple(sorted(present))))

    def remove_present(self, session_id: UUID, participant_id: UUID, *, at: datetime) -> None:
        """Take back that one person was there; everybody else stays as recorded."""
        self._must_take_attendance(session_id, at)
        present = set(self.present_at(session_id))
        if participant_id not in present:
            return
        self._keep_attendance(Attendance(session_id, tuple(sorted(present - {participant_id}))))

    def cancel_session(
        self, session_id: UUID, reason: str, *, at: datetime, policy: Policy
    ) -> None:
        """Call one session off: it counts for nobody. What was recorded of it is kept."""
        must_be(self.state, "have a session cancelled", *CHANGEABLE)
        session = self.session(session_id)
        if session.is_cancelled:
            raise Conflict(f"Session “{session.title}” is cancelled already.", rule="session-held")
        if self.held == (session,):
            advice = (
                "correct who was present at it"
                if self.state in DELIVERED
                else "cancel the programme, or move the session"
            )
            raise Conflict(
                f"“{session.title}” is the only session left: {advice}.",
                rule="at-least-one-session",
                field="session_id",
            )
        self.lapse_offers(at=at, policy=policy)
        former_start = self.starts_at
        self._keep_session(replace(session, cancelled_because=reason))
        self.record(SessionCancelled(programme_id=self.id, session_id=session_id, reason=reason))
        self.follow_sessions(former_start, at=at, policy=policy)

    def reinstate_session(
        self, session_id: UUID, *, contract: KnownContract, at: datetime, policy: Policy
    ) -> None:
        """Take the cancellation of a session back; attendance recorded of it counts again."""
        must_be(self.state, "have a session reinstated", *CHANGEABLE)
        session = self.session(session_id)
        if not session.is_cancelled:
            raise Conflict(f"Session “{session.title}” is not cancelled.", rule="session-cancelled")
        self.lapse_offers(at=at, policy=policy)
        former_start = min((each.starts_at for each in self.held), default=at)
        self._keep_session(replace(session, cancelled_because=None))
        must_lie_within(contract, self.sessions)
        self._must_fit_delivery(self.sessions, at)
        self.record(SessionReinstated(programme_id=self.id, session_id=session_id))
        self.follow_sessions(former_start, at=at, policy=policy)

    def check_sessions(self, changed: tuple[Session, ...], *, at: datetime) -> None:
        """Raises Conflict where sessions as changed contradict what has happened."""
        new = {session.id: (position, session) for position, session in enumerate(changed)}
        for session in self.sessions:
            was_attended = bool(self.present_at(session.id))
            if session.id not in new and (was_attended or self.state in DELIVERED):
                raise Conflict(
                    f"Session “{session.title}” cannot be left out: it is on record. Cancel it "
                    "instead.",
                    rule="session-on-record",
                    field="sessions",
                )
            if was_attended and new[session.id][1].starts_at > at:
                raise Conflict(
                    f"People are recorded as present at “{session.title}”: it cannot begin in the "
                    "future. Correct its attendance first.",
                    rule="session-begun",
                    field=f"sessions.{new[session.id][0]}.starts_at",
                    accepted=f"up to {at.isoformat()}",
                )
        self._must_fit_delivery(changed, at)

    def forget_attendance_to_come(self, at: datetime) -> None:
        """Of a session that was moved into the future or left out, nothing is recorded."""
        begun = {session.id for session in self.sessions if session.starts_at <= at}
        self.attendance = tuple(each for each in self.attendance if each.session_id in begun)

    def attended(self) -> tuple[Attended, ...]:
        """What each enrolled participant attended, in order of enrolment."""
        return tuple(
            self.attended_by(enrolment.participant_id)
            for enrolment in self.enrolments_that_are(EnrolmentState.ENROLLED)
        )

    def attended_by(self, participant_id: UUID) -> Attended:
        """What somebody who is or was enrolled attended."""
        return attended_by(
            participant_id,
            self.sessions,
            self.attendance,
            enrolled_at=min(
                each.enrolled_at
                for each in self.enrolments
                if each.participant_id == participant_id and each.enrolled_at is not None
            ),
        )

    @property
    def present(self) -> int:
        """How many of those enrolled were at a session that counts."""
        return sum(bool(each.time) for each in self.attended())

    def percent_needed(self, policy: Policy) -> int:
        """For a certificate: the office's choice, as it was at delivery."""
        if self.percent_to_attend is None:
            return policy.attendance_percent
        return self.percent_to_attend

    def earned(self) -> tuple[Attended, ...]:
        """Who has earned a certificate, in order of enrolment. Holds from delivery on."""
        assert self.percent_to_attend is not None
        return tuple(each for each in self.attended() if each.qualifies(self.percent_to_attend))

    @property
    def certificates_are_due(self) -> bool:
        """Whether it is known who has earned a certificate: delivered, and nothing unrecorded."""
        return self.state in DELIVERED and not self.unrecorded

    @property
    def unrecorded(self) -> tuple[Session, ...]:
        """The sessions that were held and whose attendance has not been recorded."""
        return tuple(session for session in self.held if not self.is_recorded(session.id))

    @property
    def last_day(self) -> date:
        """The date of the last session, at its place."""
        return max(self.held, key=lambda session: session.ends_at).last_day

    def is_recorded(self, session_id: UUID) -> bool:
        return any(each.session_id == session_id for each in self.attendance)

    def present_at(self, session_id: UUID) -> tuple[UUID, ...]:
        for each in self.attendance:
            if each.session_id == session_id:
                return each.present_ids
        return ()

    def session(self, session_id: UUID) -> Session:
        for session in self.sessions:
            if session.id == session_id:
                return session
        raise NotFound(
            f"This programme has no session {session_id}.",
            rule="exists",
            field="session_id",
        )

    def _must_take_attendance(self, session_id: UUID, at: datetime) -> None:
        must_be(self.state, "take attendance", *TAUGHT)
        session = self.session(session_id)
        if session.is_cancelled:
            raise Conflict(
                f"Session “{session.title}” was cancelled. If it was held after all, reinstate it "
                "first.",
                rule="session-held",
                field="session_id",
            )
        if at < session.starts_at:
            raise Conflict(
                f"Session “{session.title}” has not begun: record attendance from "
                f"{session.starts_at.isoformat()} on.",
                rule="session-begun",
                field="session_id",
            )

    def _must_have_had_a_place(self, person: UUID, session_id: UUID, *, field: str) -> None:
        """Somebody who withdrew later, or is enrolled late for having been there, has had one."""
        had = [
            each for each in self.enrolments if each.participant_id == person and each.was_enrolled
        ]
        if not had:
            raise Invalid(
                f"{person} is not enrolled in this programme. Enrol the person first.",
                rule="present-are-enrolled",
                field=field,
                accepted="ids of enrolled participants",
            )
        starts_at = self.session(session_id).starts_at
        if all(each.left_before(starts_at) for each in had):
            raise Conflict(
                f"{person} had withdrawn before this session. Enrol the person again if they "
                "came back.",
                rule="present-before-withdrawal",
                field=field,
            )

    def _must_fit_delivery(self, sessions: tuple[Session, ...], at: datetime) -> None:
        """Once a programme is delivered, its sessions are over and none is added."""
        if self.state not in DELIVERED:
            return
        known = {session.id for session in self.sessions}
        for position, session in enumerate(sessions):
            if session.id not in known:
                raise Conflict(
                    "The programme is delivered: sessions can be corrected, and none added.",
                    rule="sessions-over",
                    field=f"sessions.{position}",
                )
            if session.ends_at > at and not session.is_cancelled:
                raise Conflict(
                    f"The programme is delivered: “{session.title}” cannot end in the future.",
                    rule="sessions-over",
                    field=f"sessions.{position}.ends_at",
                    accepted=f"up to {at.isoformat()}",
                )

    def _keep_attendance(self, recorded: Attendance) -> None:
        if recorded in self.attendance:
            return
        self.attendance = (
            *(each for each in self.attendance if each.session_id != recorded.session_id),
            recorded,
        )
        self.record(
            AttendanceRecorded(
                programme_id=self.id,
                session_id=recorded.session_id,
                present_ids=recorded.present_ids,
            )
        )

    def _keep_session(self, changed: Session) -> None:
        self.sessions = tuple(changed if each.id == changed.id else each for each in self.sessions)
