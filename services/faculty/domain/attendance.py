"""Who was present at which session, and whether that is enough for a certificate.

| Case | What counts |
|---|---|
| cancelled session | nothing, neither attended nor missed |
| sessions for parallel groups | one of them: the one attended, else the longest |
| sessions that overlap | the hours covered by both, once |
| session begun before a late enrolment | only if the person was there |
| somebody was there before being enrolled (a walk-in) | everything from that session on |
| left and came back | everything since the first enrolment |
| attendance not recorded yet | not attended, but still possible |
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.faculty.domain.design import Session


@dataclass(frozen=True)
class Attendance:
    """Who was present at one session."""

    session_id: UUID
    present_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class Share:
    """Time attended, out of the time that could be attended."""

    time: timedelta
    of: timedelta

    def reaches(self, percent: int) -> bool:
        """Registration alone never qualifies, however low the percentage."""
        return self.time > timedelta() and self.time * 100 >= self.of * percent


@dataclass(frozen=True)
class Attended:
    """What one participant attended of a programme, and what they can still attend."""

    participant_id: UUID
    so_far: Share
    at_best: Share
    missed_mandatory: tuple[UUID, ...]  # sessions not attended so far
    lost_mandatory: tuple[UUID, ...]  # those of them that can no longer be attended

    @property
    def time(self) -> timedelta:
        return self.so_far.time

    @property
    def hours(self) -> Decimal:
        """Rounded half to even to the hundredth of an hour."""
        return (Decimal(int(self.time.total_seconds())) / 3600).quantize(Decimal("0.01"))

    @property
    def percent(self) -> int:
        """Rounded down, so that 79.9 % never reads as 80 %."""
        return self.time * 100 // self.so_far.of if self.so_far.of else 0

    def qualifies(self, percent: int) -> bool:
        """Whether this earns a certificate.

        Counted by session hours, not by number of sessions: the certificate states hours, and a
        morning missed out of a week weighs more than a short opening round.
        """
        return not self.missed_mandatory and self.so_far.reaches(percent)

    def out_of_reach(self, percent: int) -> str | None:
        """Why no certificate can be earned any more, in words; None while it still can."""
        if self.lost_mandatory:
            return "A mandatory session was missed."
        if not self.at_best.reaches(percent):
            return f"Even with every session to come, attendance stays below {percent} %."
        return None


def attended_by(
    participant_id: UUID,
    sessions: tuple[Session, ...],
    attendance: tuple[Attendance, ...],
    *,
    enrolled_at: datetime,
) -> Attended:
    """enrolled_at: when the person first had a place; see the table above for what counts."""
    recorded = {each.session_id for each in attendance}
    present_at = {each.session_id for each in attendance if participant_id in each.present_ids}
    came_at = min(
        (enrolled_at, *(each.starts_at for each in sessions if each.id in present_at)),
    )
    attended: list[Session] = []
    could: list[Session] = []
    at_best: list[Session] = []
    could_at_best: list[Session] = []
    missed: list[UUID] = []
    lost: list[UUID] = []
    for alternatives in _alternatives(sessions):
        present = [each for each in alternatives if each.id in present_at]
        unknown = [each for each in alternatives if each.id not in recorded]
        reachable = [each for each in alternatives if each.starts_at >= came_at]
        if present:
            attended.append(_adding_most(present, attended))
            could.append(attended[-1])
            at_best.append(attended[-1])
            could_at_best.append(attended[-1])
            continue
        if reachable:
            could.append(_adding_most(reachable, could))
        if unknown:
            at_best.append(_adding_most(unknown, at_best))
            could_at_best.append(at_best[-1])
        elif reachable:
            could_at_best.append(_adding_most(reachable, could_at_best))
        if mandatory := [each.id for each in alternatives if each.mandatory]:
            missed += mandatory
            lost += [] if unknown else mandatory
    return Attended(
        participant_id=participant_id,
        so_far=Share(_covered(attended), _covered(could)),
        at_best=Share(_covered(at_best), _covered(could_at_best)),
        missed_mandatory=tuple(missed),
        lost_mandatory=tuple(lost),
    )


def _alternatives(sessions: tuple[Session, ...]) -> Iterable[list[Session]]:
    """The sessions that take place, those for parallel groups together."""
    groups: dict[object, list[Session]] = {}
    for session in sessions:
        if not session.is_cancelled:
            name = session.parallel_group
            groups.setdefault(name.strip().casefold() if name else session.id, []).append(session)
    return groups.values()


def _adding_most(alternatives: list[Session], to: list[Session]) -> Session:
    """The one that adds most time to those; the first of several that add the same."""
    if len(alternatives) == 1:
        return alternatives[0]
    return max(alternatives, key=lambda each: _covered([*to, each]))


def _covered(sessions: Iterable[Session]) -> timedelta:
    """The time that they cover together: hours in which they overlap are counted once."""
    total, until = timedelta(), None
    for session in sorted(sessions, key=lambda each: each.starts_at):
        begin = session.starts_at if until is None else max(session.starts_at, until)
        if session.ends_at > begin:
            total += session.ends_at - begin
            until = session.ends_at
    return total
