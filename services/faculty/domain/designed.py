"""What the people who plan a programme decide about it, and may change later."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

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
from services.faculty.domain.known_contract import KnownContract
from services.faculty.domain.policy import Policy
from services.faculty.domain.room import must_cover, must_have_places
from services.faculty.domain.stages import CHANGEABLE, ProgrammeState, must_be
from shared.errors import Conflict
from shared.events.faculty import (
    PlaceKind,
    ProgrammeDesigned,
    ProgrammeLeadChanged,
    ProgrammeRedesigned,
)
from shared.events.vocabulary import ProgrammeKind
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
    #: How many of the places are remote ones; None: on-site and remote are not kept apart.
    remote_capacity: int | None = None


@dataclass(eq=False, kw_only=True)
class Designed(Attending):
    """What a programme is as far as its design and its lead go."""

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

    @classmethod
    def design(
        cls,
        design: Design,
        *,
        lead_id: str,
        reference: str,
        contract: KnownContract,
        policy: Policy,
    ) -> Self:
        """A first design; its contract need not be active yet."""
        _must_be_sound(design, policy)
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
            remote_capacity=design.remote_capacity,
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
                remote_capacity=design.remote_capacity,
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
            remote_capacity=self.remote_capacity,
        )

    def redesign(
        self,
        design: Design,
        *,
        contract: KnownContract,
        at: datetime,
        policy: Policy,
        rated: bool = False,
        places_so_far: PlaceKind | None = None,
    ) -> None:
        """Change or correct the design. What was promised at publishing keeps holding.

        rated: whether a participant has answered about the outcomes: from then on they stay as
        they are. Places that were taken are never taken back, and added places go to the waiting
        list first. Sessions at which somebody was present stay, and stay in the past; once the
        programme is delivered, sessions can be corrected, and none added or removed.
        places_so_far: which kind of place people have already, where from now on they are kept
        apart.
        """
        must_be(self.state, "be changed", *CHANGEABLE)
        _must_be_sound(design, policy)
        self._must_stay_complete(design, contract, policy)
        if rated and design.outcomes != self.outcomes:
            raise Conflict(
                "Outcomes can no longer change: participants have begun to rate themselves on "
                "them.",
                rule="outcomes-fixed-once-rated",
                field="outcomes",
            )
        self.lapse_offers(at=at, policy=policy)
        apart = self.kept_apart(design.remote_capacity, places_so_far)
        must_cover(design.capacity, design.remote_capacity, apart)
        if design.sessions != self.sessions:
            self.check_sessions(design.sessions, at=at)
        if design == self.current_design:
            return
        self.enrolments = apart
        self._take(design, at=at, policy=policy)

    def _must_stay_complete(self, design: Design, contract: KnownContract, policy: Policy) -> None:
        if self.state in (ProgrammeState.PUBLISHED, ProgrammeState.ENROLLING):
            must_be_publishable(
                design.sessions, design.outcomes, design.contributors, contract, policy
            )
        elif self.state is not ProgrammeState.DESIGNED:
            must_be_complete(design.sessions, design.outcomes, design.contributors, policy)
            must_lie_within(contract, design.sessions)

    def _take(self, design: Design, *, at: datetime, policy: Policy) -> None:
        former_start = min((each.starts_at for each in self.held), default=at)
        self.programme_kind, self.title = design.kind, design.title
        self.capacity, self.remote_capacity = design.capacity, design.remote_capacity
        self.outcomes, self.contributors = design.outcomes, design.contributors
        self.sessions = design.sessions
        self.forget_attendance_to_come(at)
        self.record(
            ProgrammeRedesigned(
                programme_id=self.id,
                title=self.title,
                kind=self.programme_kind,
                capacity=self.capacity,
                sessions=tuple(session.as_plan() for session in self.sessions),
                remote_capacity=self.remote_capacity,
            )
        )
        self.follow_sessions(former_start, at=at, policy=policy)


def _must_be_sound(design: Design, policy: Policy) -> None:
    """What holds for every design, however early. Raises Invalid."""
    must_have_places(design.capacity, design.remote_capacity)
    must_be_sound(design.sessions, design.outcomes, policy)
    must_be_countable(design.sessions)
