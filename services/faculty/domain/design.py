"""What a programme is made of: intended outcomes, sessions, and who helped to shape it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.faculty.domain.known_contract import KnownContract
from services.faculty.domain.policy import Policy
from shared.errors import Conflict, Invalid
from shared.events.faculty import SessionPlan


class EducatorDomain(StrEnum):
    """What an outcome helps an educator to do better.

    The five domains of the Academy of Medical Educators' Professional Standards for medical,
    dental and veterinary educators: https://www.medicaleducators.org/Professional-Standards.
    """

    DESIGNING = "designing_and_planning_learning"
    TEACHING = "teaching_and_facilitating_learning"
    ASSESSMENT = "assessment_of_learning"
    SCHOLARSHIP = "educational_scholarship_and_evidence_based_practice"
    LEADERSHIP = "educational_management_and_leadership"


class ContributorKind(StrEnum):
    CLINICIAN = "clinician"
    LEARNER = "learner"
    EDUCATOR = "educator"
    OTHER = "other"


@dataclass(frozen=True)
class Outcome:
    """What participants can do afterwards, and the domains that it belongs to."""

    statement: str
    domains: tuple[EducatorDomain, ...]


@dataclass(frozen=True)
class Contributor:
    """Somebody who shapes or teaches the programme. The name never leaves in an event."""

    name: str
    kind: ContributorKind


@dataclass(frozen=True)
class Session:
    """One meeting of a programme.

    Times are aware and keep the offset of the place, so that its dates are the dates there.
    """

    id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    mandatory: bool
    #: Sessions with the same name here are held for parallel groups: each person attends one.
    parallel_group: str | None = None
    cancelled_because: str | None = None

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    @property
    def first_day(self) -> date:
        """The date at the place of the session."""
        return self.starts_at.date()

    @property
    def last_day(self) -> date:
        """The date there; a session that ends at midnight ends on the day before."""
        return (self.ends_at - timedelta.resolution).date()

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_because is not None

    def as_plan(self) -> SessionPlan:
        return SessionPlan(
            session_id=self.id,
            title=self.title,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            mandatory=self.mandatory,
            parallel_group=self.parallel_group,
            cancelled=self.is_cancelled,
        )


def must_be_sound(
    sessions: tuple[Session, ...],
    outcomes: tuple[Outcome, ...],
    policy: Policy,
) -> None:
    """What holds for the sessions and outcomes of every design. Raises Invalid."""
    for position, session in enumerate(sessions):
        if session.ends_at <= session.starts_at:
            raise Invalid(
                f"Session “{session.title}” must end after it starts.",
                rule="session-ends-after-start",
                field=f"sessions.{position}.ends_at",
                accepted=f"a moment after {session.starts_at.isoformat()}",
            )
        if session.length > timedelta(hours=policy.longest_session_hours):
            raise Invalid(
                f"Session “{session.title}” would last longer than "
                f"{_hours(policy.longest_session_hours)}: nights are no teaching hours. "
                "Enter a session for each day.",
                rule="session-length",
                field=f"sessions.{position}.ends_at",
                accepted=f"at most {_hours(policy.longest_session_hours)} after the start",
            )
    for position, outcome in enumerate(outcomes):
        if not outcome.domains:
            raise Invalid(
                f"Say which domain the outcome “{outcome.statement}” belongs to.",
                rule="outcome-has-domain",
                field=f"outcomes.{position}.domains",
                accepted=", ".join(EducatorDomain),
            )


def must_be_publishable(
    sessions: tuple[Session, ...],
    outcomes: tuple[Outcome, ...],
    contributors: tuple[Contributor, ...],
    contract: KnownContract,
    policy: Policy,
) -> None:
    """What holds from publishing on. Raises Conflict that says what is still missing."""
    contract.must_be_active()
    must_lie_within(contract, sessions)
    must_be_complete(sessions, outcomes, contributors, policy)


def must_be_complete(
    sessions: tuple[Session, ...],
    outcomes: tuple[Outcome, ...],
    contributors: tuple[Contributor, ...],
    policy: Policy,
) -> None:
    """That nothing is missing which a published programme has. Raises Conflict."""
    if all(session.is_cancelled for session in sessions):
        raise Conflict(
            "A published programme needs at least one session that is not cancelled.",
            rule="at-least-one-session",
            field="sessions",
        )
    if not outcomes:
        raise Conflict(
            "A published programme needs at least one intended outcome.",
            rule="at-least-one-outcome",
            field="outcomes",
        )
    by_kind = Counter(contributor.kind for contributor in contributors)
    for kind, needed in (
        (ContributorKind.CLINICIAN, policy.clinician_contributors),
        (ContributorKind.LEARNER, policy.learner_contributors),
    ):
        if by_kind[kind] < needed:
            raise Conflict(
                f"A programme needs at least {needed} {kind} contributor"
                f"{'s' if needed > 1 else ''} to be published; it has {by_kind[kind]}.",
                rule=f"{kind}-contributor",
                field="contributors",
                accepted=f"at least {needed} of kind {kind}",
            )


def must_lie_within(contract: KnownContract, sessions: tuple[Session, ...]) -> None:
    """Raises Conflict for a session on a date, at its place, that the contract does not cover."""
    for position, session in enumerate(sessions):
        if session.is_cancelled:
            continue
        for name, day in (("starts_at", session.first_day), ("ends_at", session.last_day)):
            if not contract.covers(day):
                until = contract.ends_on or "further notice"
                raise Conflict(
                    f"Session “{session.title}” lies outside the period of contract "
                    f"{contract.reference}: move it to {contract.starts_on} until {until}.",
                    rule="session-within-contract",
                    field=f"sessions.{position}.{name}",
                    accepted=f"{contract.starts_on} until {until}",
                )


def _hours(number: int) -> str:
    return "1 hour" if number == 1 else f"{number} hours"
