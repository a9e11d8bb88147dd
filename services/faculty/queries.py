"""What may be read of faculty development."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, false, or_, select

from services.faculty import schemas
from services.faculty.domain.answers import Respondent
from services.faculty.domain.certificate import Certificate
from services.faculty.domain.evaluation import Evaluation
from services.faculty.domain.participant import Participant
from services.faculty.domain.programme import Programme
from services.faculty.domain.stages import ProgrammeState
from services.faculty.leading import (
    leads,
    led,
    must_be_seen,
    must_lead,
    must_lead_its_programme,
    of_programmes_led,
)
from services.faculty.operations import operations
from services.faculty.store import certificates, evaluations, participants, programmes
from services.faculty.views import (
    enrolment_view,
    evaluation_view,
    own_enrolments_view,
    programme_of_partner,
    register_view,
)
from shared import finding, personal_changes
from shared.errors import NotFound
from shared.events.permissions import PERMISSIONS, Permission
from shared.filters import equal
from shared.work import Work

#: In which order a list shows the states: work in hand, then what becomes it, then the past.
_RANKS = {
    ProgrammeState.RUNNING: 0,
    ProgrammeState.ENROLLING: 1,
    ProgrammeState.PUBLISHED: 2,
    ProgrammeState.AWAITING_EVALUATION: 3,
    ProgrammeState.DESIGNED: 4,
    ProgrammeState.COMPLETED: 5,
    ProgrammeState.CANCELLED: 6,
}
_REFERENCE = finding.reference_order(programmes.c.reference, "PRG")


def _sees_drafts(work: Work) -> bool:
    return PERMISSIONS.allows(work.actor.roles, Permission.DRAFT_READ)


@operations.query(
    "GET /programmes/{id}",
    needs=Permission.PROGRAMME_READ,
    on=Programme,
    gives=schemas.ProgrammeView,
    scoped_by="shown_to",
)
def get_programme(work: Work, programme: Programme, _: dict[str, Any]) -> Any:
    """One programme with its design, its places and its attendance.

    Partners see theirs once it is published, and who of their own people attended.
    """
    must_be_seen(work, programme)
    if not work.actor.scope:
        return programme
    own = select(participants.c.id).where(participants.c.partner_id == work.actor.scope)
    return programme_of_partner(programme, frozenset(work.session.scalars(own)))


@operations.listing(
    "GET /programmes",
    needs=Permission.PROGRAMME_READ,
    takes=schemas.ProgrammeFilter,
    gives=schemas.ProgrammeSummary,
    sorts={
        "active_first": finding.ranked(programmes.c.state, _RANKS, _REFERENCE),
        "reference": _REFERENCE,
        "title": programmes.c.sorted_as,
    },
    default_sort="active_first",
    key=programmes.c.id,
    scoped_by=programmes.c.partner_id,
)
def list_programmes(work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Programmes, by state, kind, contract, partner, lead or title; the running ones first."""
    statement = equal(
        select(Programme),
        wanted,
        state=programmes.c.state,
        kind=programmes.c.programme_kind,
        contract_id=programmes.c.contract_id,
        partner_id=programmes.c.partner_id,
        lead_id=programmes.c.lead_id,
    )
    if not _sees_drafts(work):
        statement = statement.where(or_(~_drafts(), _own(work)))
    return finding.searched(statement, wanted.get("text"), programmes.c.found_as)


@operations.query(
    "GET /programmes/{id}/enrolments",
    needs=Permission.ENROLMENT_READ,
    own=must_lead,
    on=Programme,
    gives=schemas.Register,
    scoped_by="shown_to",
)
def get_register(work: Work, programme: Programme, _: dict[str, Any]) -> dict[str, Any]:
    """Who is enrolled, waiting or gone, in order of coming, with attendance so far.

    A partner sees its own people. The office also sees who has answered which questions, to remind
    the others; nobody sees what they answered.
    """
    here = {enrolment.participant_id for enrolment in programme.enrolments}
    statement = select(Participant).where(participants.c.id.in_(here))
    if work.actor.scope:
        statement = statement.where(participants.c.partner_id == work.actor.scope)
    people = {person.id: person for person in work.session.scalars(statement)}
    answered = () if work.actor.scope else _respondents(work, programme)
    return {"items": register_view(programme, people, answered, work)}


@operations.query(
    "GET /programmes/{id}/enrolments/{enrolment_id}",
    needs=Permission.PROGRAMME_READ,
    on=Programme,
    takes=schemas.EnrolmentChoice,
    gives=schemas.EnrolmentView,
    scoped_by="shown_to",
)
def get_enrolment(work: Work, programme: Programme, wanted: dict[str, Any]) -> dict[str, Any]:
    """One enrolment, as it stands. A partner sees those of its own people, anybody their own."""
    must_be_seen(work, programme)
    enrolment = programme.enrolment(wanted["enrolment_id"])
    person = work.get(Participant, enrolment.participant_id)
    if not (leads(work, programme) or _sees(work, person)):
        raise NotFound(
            f"This programme has no enrolment {enrolment.id}.", rule="exists", field="enrolment_id"
        )
    return enrolment_view(programme, enrolment, work)


def _sees(work: Work, participant: Participant) -> bool:
    if participant.is_account(work.actor.id):
        return True
    if work.actor.scope:
        return participant.partner_id == work.actor.scope
    return PERMISSIONS.allows(work.actor.roles, Permission.ENROLMENT_READ)


def _drafts() -> ColumnElement[bool]:
    """As `Programme.is_draft`."""
    designed = ProgrammeState.DESIGNED
    return or_(
        programmes.c.state == designed,
        programmes.c.cancelled_from.is_not(None) & (programmes.c.cancelled_from == designed),
    )


def _own(work: Work) -> ColumnElement[bool]:
    may_design = PERMISSIONS.extent(work.actor.roles, Permission.PROGRAMME_DESIGN) is not None
    return led(work) if may_design else false()


def _respondents(work: Work, programme: Programme) -> tuple[Respondent, ...]:
    statement = select(Evaluation).where(evaluations.c.programme_id == programme.id)
    evaluation = work.session.scalars(statement).one_or_none()
    return () if evaluation is None else evaluation.respondents


@operations.query(
    "GET /own-enrolments",
    needs=Permission.PROGRAMME_READ,
    gives=schemas.OwnEnrolments,
    scoped_by="partner_id",
)
def get_own_enrolments(work: Work, _: dict[str, Any]) -> dict[str, Any]:
    """The caller's own places: enrolled, waiting (where and why), or offered (until when).

    Also those of a partner's guest whom the office has registered with that account.
    """
    mine = select(participants.c.id).where(participants.c.account_id == work.actor.id)
    own = set(work.session.scalars(mine))
    # Enrolments are kept in their programme; that an id is somewhere in them finds the programme.
    joined = (cast(programmes.c.enrolments, Text).contains(str(person)) for person in own)
    statement = select(Programme).where(or_(false(), *joined), ~_drafts())
    if work.actor.scope:
        statement = statement.where(programmes.c.partner_id == work.actor.scope)
    found = work.session.scalars(statement.order_by(programmes.c.reference.desc()))
    return {"items": own_enrolments_view(found, own, work)}


@operations.query(
    "GET /programmes/{id}/evaluation",
    needs=Permission.EVALUATION_READ,
    on=Programme,
    gives=schemas.EvaluationView,
    scoped_by="shown_to",
)
def get_evaluation(work: Work, programme: Programme, _: dict[str, Any]) -> dict[str, Any]:
    """What participants are asked, and the results of what enough of them have answered."""
    must_be_seen(work, programme)
    evaluation = work.session.scalars(
        select(Evaluation).where(evaluations.c.programme_id == programme.id)
    ).one_or_none()
    if evaluation is None:  # enrolment has not been opened
        evaluation = Evaluation.open(
            programme_id=programme.id,
            contract_id=programme.contract_id,
            partner_id=programme.partner_id,
        )
    return evaluation_view(programme, evaluation, work)


@operations.query(
    "GET /participants/{id}",
    needs=Permission.PARTICIPANT_READ,
    on=Participant,
    gives=schemas.ParticipantView,
    scoped_by="partner_id",
)
def get_participant(_work: Work, participant: Participant, _: dict[str, Any]) -> Participant:
    """One participant."""
    return participant


@operations.listing(
    "GET /participants/{id}/changes",
    needs=Permission.PERSONAL_CHANGES_READ,
    **personal_changes.LISTING,
)
def list_participant_changes(_work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """What a participant's details said before and after each correction.

    Kept here and not in the events, so that it can be erased.
    """
    return personal_changes.of(Participant.kind, wanted["id"])


@operations.listing(
    "GET /participants",
    needs=Permission.PARTICIPANT_READ,
    takes=schemas.ParticipantFilter,
    gives=schemas.ParticipantView,
    sorts={"name": participants.c.sorted_as, "email": participants.c.email},
    default_sort="name",
    key=participants.c.id,
    scoped_by=participants.c.partner_id,
)
def list_participants(_work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Participants, by partner or part of the name or address."""
    statement = equal(select(Participant), wanted, partner_id=participants.c.partner_id)
    return finding.searched(statement, wanted.get("text"), participants.c.found_as)


@operations.query(
    "GET /certificates/{id}",
    needs=Permission.ENROLMENT_READ,
    own=must_lead_its_programme,
    on=Certificate,
    gives=schemas.CertificateView,
    scoped_by="partner_id",
)
def get_certificate(work: Work, certificate: Certificate, _: dict[str, Any]) -> Certificate:
    """One certificate, with the name on it. A partner sees those of its own people."""
    participant = work.get(Participant, certificate.participant_id)
    if work.actor.scope and participant.partner_id != work.actor.scope:
        raise NotFound(f"There is no certificate {certificate.id}.", rule="exists", field="id")
    return certificate


@operations.listing(
    "GET /certificates",
    needs=Permission.ENROLMENT_READ,
    own=of_programmes_led,
    takes=schemas.CertificateFilter,
    gives=schemas.CertificateSummary,
    sorts={
        "number": finding.reference_order(certificates.c.number, "CERT"),
        "issued_on": certificates.c.issued_on,
    },
    default_sort="-issued_on",
    key=certificates.c.id,
    scoped_by=certificates.c.partner_id,
)
def list_certificates(work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Certificates, by programme or participant. A partner sees those of its own people."""
    statement = select(Certificate)
    if work.actor.scope:
        own = select(participants.c.id).where(participants.c.partner_id == work.actor.scope)
        statement = statement.where(certificates.c.participant_id.in_(own))
    return equal(
        statement,
        wanted,
        programme_id=certificates.c.programme_id,
        participant_id=certificates.c.participant_id,
    )
