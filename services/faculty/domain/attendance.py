"""Who was there, and whether that is enough for a certificate."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from services.faculty.domain.design import Session


@dataclass(frozen=True)
class Attendance:
    """Who was present at one session."""

    session_id: UUID
    present_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class Attended:
    """What one participant attended of a programme."""

    participant_id: UUID
    time: timedelta
    of: timedelta
    missed_mandatory: tuple[UUID, ...]  # sessions

    @property
    def hours(self) -> Decimal:
        """Rounded half to even to the hundredth of an hour."""
        return (Decimal(int(self.time.total_seconds())) / 3600).quantize(Decimal("0.01"))

    @property
    def percent(self) -> int:
        """Rounded down, so that 79.9 % never reads as 80 %."""
        return self.time * 100 // self.of

    def qualifies(self, percent: int) -> bool:
        """Whether this earns a certificate.

        Counted by session hours, not by number of sessions: the certificate states hours, and a
        morning missed out of a week weighs more than a short opening round.
        """
        return not self.missed_mandatory and self.time * 100 >= self.of * percent


def attended_by(
    participant_id: UUID,
    sessions: tuple[Session, ...],
    attendance: tuple[Attendance, ...],
) -> Attended:
    present_at = {each.session_id for each in attendance if participant_id in each.present_ids}
    missed = [session for session in sessions if session.id not in present_at]
    of = sum((session.length for session in sessions), timedelta())
    return Attended(
        participant_id=participant_id,
        time=of - sum((session.length for session in missed), timedelta()),
        of=of,
        missed_mandatory=tuple(session.id for session in missed if session.mandatory),
    )
