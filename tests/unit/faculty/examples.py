"""Contracts, programmes and people as the faculty-development tests meet them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.faculty.domain.design import (
    Contributor,
    ContributorKind,
    EducatorDomain,
    Outcome,
    Session,
)
from services.faculty.domain.designed import Design
from services.faculty.domain.known_contract import ContractStanding, KnownContract
from services.faculty.domain.policy import Policy
from services.faculty.domain.programme import Programme
from shared.events import Event
from shared.events.vocabulary import ProgrammeKind
from shared.identifiers import new_id

PARTNER = UUID("01890000-0000-7000-8000-00000000f001")
CONTRACT = UUID("01890000-0000-7000-8000-00000000f002")

BEFORE = datetime(2026, 2, 2, 9, tzinfo=UTC)
FIRST_DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
AFTERWARDS = datetime(2026, 3, 10, 9, tzinfo=UTC)
POLICY = Policy()

FEEDBACK = Outcome("Give feedback that changes practice", (EducatorDomain.TEACHING,))
CLINICIAN = Contributor("Dr Rania Haddad", ContributorKind.CLINICIAN)
LEARNER = Contributor("Omar Saleh", ContributorKind.LEARNER)


def contract(**changed: Any) -> KnownContract:
    """An active contract for 2026."""
    return KnownContract(
        **{
            "id": CONTRACT,
            "reference": "CTR-2026-0001",
            "partner_id": PARTNER,
            "title": "Faculty development",
            "starts_on": date(2026, 1, 1),
            "ends_on": date(2026, 12, 31),
            "standing": ContractStanding.ACTIVE,
            **changed,
        }
    )


def session(
    day: float = 0,
    *,
    hours: float = 4,
    mandatory: bool = False,
    title: str = "Workshop",
    group: str | None = None,
) -> Session:
    starts_at = FIRST_DAY + timedelta(days=day)
    return Session(
        id=new_id(),
        title=title,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=hours),
        mandatory=mandatory,
        parallel_group=group,
    )


def design(**changed: Any) -> Design:
    """A workshop of two half days that could be published."""
    return Design(
        **{
            "kind": ProgrammeKind.WORKSHOP,
            "title": "Teaching on the ward round",
            "capacity": 2,
            "outcomes": (FEEDBACK,),
            "sessions": (session(0), session(1)),
            "contributors": (CLINICIAN, LEARNER),
            **changed,
        }
    )


def designed(**changed: Any) -> Programme:
    return Programme.design(
        design(**changed),
        lead_id="lead",
        reference="PRG-2026-0001",
        contract=contract(),
        policy=POLICY,
    )


def enrolling(**changed: Any) -> Programme:
    programme = designed(**changed)
    programme.publish(contract=contract(), policy=POLICY)
    programme.open_enrolment(contract=contract())
    programme.collect()
    return programme


def running(people: int = 1, **changed: Any) -> Programme:
    """A programme that has started with so many enrolled."""
    programme = enrolling(**{"capacity": max(people, 1), **changed})
    for _ in range(people):
        programme.enrol(new_id(), at=BEFORE, policy=POLICY)
    programme.start(contract=contract())
    programme.collect()
    return programme


def participants_of(programme: Programme) -> tuple[UUID, ...]:
    return tuple(enrolment.participant_id for enrolment in programme.enrolments)


def attend(programme: Programme, *sessions: Session, by: tuple[UUID, ...]) -> None:
    """Those sessions were attended by them, every other session by nobody."""
    for each in programme.sessions:
        programme.record_attendance(each.id, by if each in sessions else (), at=AFTERWARDS)


def delivered(people: int = 1) -> Programme:
    """A programme whose sessions everybody attended."""
    programme = running(people)
    attend(programme, *programme.sessions, by=participants_of(programme))
    programme.deliver(at=AFTERWARDS, policy=POLICY)
    programme.collect()
    return programme


def only(kind: type[Event], events: list[Event]) -> Any:
    """The one event of this kind among those."""
    (found,) = (event for event in events if isinstance(event, kind))
    return found
