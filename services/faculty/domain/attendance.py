"""Who was present at which session, and whether that is enough for a certificate.

| Case | What counts |
|---|---|
| cancelled session | nothing, neither attended nor missed |
| sessions for parallel groups | one of them: one attended, else the one that adds most |
| sessions that overlap | the hours covered by both, once |
| session begun before a late enrolment | only if the person was there |
| somebody was there before being enrolled (a walk-in) | everything from that session on |
| withdrew | no certificate, whatever was attended, until enrolled again |
| left and came back | everything since the first enrolment |
| attendance not recorded yet | not attended, but still possible |
| which of several parallel sessions, where hours overlap | the best for the person |

A certificate is out of reach once nothing that can still be recorded would earn it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.faculty.domain.coverage import Share, alternatives_among, best_share
from services.faculty.domain.design import Session


@dataclass(frozen=True)
class Attendance:
    """Who was present at one session."""

    session_id: UUID
    present_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class Outcome:
    """What attending some sessions, and missing the others, amounts to."""

    share: Share
    missed_mandatory: tuple[UUID, ...]

    def qualifies(self, percent: int) -> bool:
        return not self.missed_mandatory and self.share.reaches(percent)


@dataclass(frozen=True)
class Attended:
    """What one participant attended of a programme, and what they can still attend."""

    participant_id: UUID
    so_far: Outcome
    #: What it can still come to at best, for each session from which it may count.
    prospects: tuple[Outcome, ...]

    @property
    def time(self) -> timedelta:
        return self.so_far.share.time

    @property
    def hours(self) -> Decimal:
        """Rounded half to even to the hundredth of an hour."""
        return (Decimal(int(self.time.total_seconds())) / 3600).quantize(Decimal("0.01"))

    @property
    def percent(self) -> int:
        return self.so_far.share.percent

    @property
    def missed_mandatory(self) -> tuple[UUID, ...]:
        """Sessions not attended so far."""
        return self.so_far.missed_mandatory

    def qualifies(self, percent: int) -> bool:
        """Whether this earns a certificate.

        Counted by session hours, not by number of sessions: the certificate states hours, and a
        morning missed out of a week weighs more than a short opening round.
        """
        return self.so_far.qualifies(percent)

    def out_of_reach(self, percent: int) -> str | None:
        """Why no certificate can be earned any more, in words; None while it still can."""
        if any(prospect.qualifies(percent) for prospect in self.prospects):
            return None
        if all(prospect.missed_mandatory for prospect in self.prospects):
            return "A mandatory session was missed."
        return f"Even with every session to come, attendance stays below {percent} %."


def attended_by(
    participant_id: UUID,
    sessions: tuple[Session, ...],
    attendance: tuple[Attendance, ...],
    *,
    enrolled_at: datetime,
) -> Attended:
    """enrolled_at: when the person first had a place; see the table above for what counts."""
    held = [each for each in sessions if not each.is_cancelled]
    recorded = {each.session_id for each in attendance}
    was_at = {each.session_id for each in attendance if participant_id in each.present_ids}
    present = [each for each in held if each.id in was_at]
    unknown = [each for each in held if each.id not in recorded]
    came_at = min((enrolled_at, *(each.starts_at for each in present)))
    # To be recorded at an earlier session makes what came after it count as well: with each of
    # them as the first, nothing is better than to have been at all that are not recorded since.
    first = {came_at, *(each.starts_at for each in unknown if each.starts_at < came_at)}
    return Attended(
        participant_id=participant_id,
        so_far=_outcome(held, present, came_at),
        prospects=tuple(
            _outcome(held, [*present, *(each for each in unknown if each.starts_at >= at)], at)
            for at in sorted(first)
        ),
    )


def _outcome(held: list[Session], present: Collection[Session], came_at: datetime) -> Outcome:
    there = {each.id for each in present}
    attended, missed, mandatory = [], [], []
    for alternatives in alternatives_among(held):
        if chosen := [each for each in alternatives if each.id in there]:
            attended.append(chosen)
            continue
        if reachable := [each for each in alternatives if each.starts_at >= came_at]:
            missed.append(reachable)
        mandatory += [each.id for each in alternatives if each.mandatory]
    return Outcome(best_share(attended, missed), tuple(mandatory))
