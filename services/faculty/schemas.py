"""What the faculty-development service takes and gives."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import fields, validate

from services.faculty.domain.attendance import Attendance
from services.faculty.domain.design import (
    Contributor,
    ContributorKind,
    EducatorDomain,
    Outcome,
)
from services.faculty.domain.design import Session as PlannedSession
from services.faculty.domain.enrolment import EnrolmentState
from services.faculty.domain.stages import ProgrammeState
from shared.events.faculty import Bound, Moment, PlaceKind, PlaceWanted, Revocation
from shared.events.permissions import Permission
from shared.events.vocabulary import KirkpatrickLevel, ProgrammeKind
from shared.schemas import Strict, View, one_of, schema_for, sought, text


def _moment() -> fields.AwareDateTime:
    return fields.AwareDateTime(
        format="iso",
        required=True,
        validate=validate.Range(
            datetime(2000, 1, 1, tzinfo=UTC),
            datetime(2100, 1, 1, tzinfo=UTC),
            max_inclusive=False,
            error="Must be from the year 2000 to 2099.",
        ),
        metadata={"description": "With the offset of its zone, such as 2026-03-02T09:00:00+02:00"},
    )


class NewParticipant(Strict):
    name = text(300, required=True)
    email = fields.Email(required=True, validate=validate.Length(max=254))
    profession = text(required=True)
    partner_id = fields.UUID(load_default=None, allow_none=True)
    account_id = text(
        80,
        load_default=None,
        allow_none=True,
        metadata={"description": "The account with which the person may act for themselves"},
    )


class ParticipantChange(Strict):
    """Only what is sent is changed."""

    name = text(300)
    email = fields.Email(validate=validate.Length(max=254))
    profession = text()
    partner_id = fields.UUID(allow_none=True)
    account_id = text(80, allow_none=True)


class OutcomeBody(Strict):
    statement = text(500, required=True)
    domains = fields.List(
        one_of(EducatorDomain),
        required=True,
        validate=validate.Length(1, len(EducatorDomain)),
    )


class SessionBody(Strict):
    id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "Of the session as it stands, where it is changed and not new"},
    )
    title = text(required=True)
    starts_at = _moment()
    ends_at = _moment()
    mandatory = fields.Boolean(load_default=False)
    parallel_group = text(
        80,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The same name on sessions held for parallel groups: each participant "
            "attends one of them"
        },
    )
    cancelled_because = text(
        2000,
        allow_none=True,
        metadata={"description": "As it is: sessions are cancelled and reinstated on their own"},
    )


class ContributorBody(Strict):
    name = text(required=True)
    kind = one_of(ContributorKind, required=True)


_CAPACITY = validate.Range(1, 10_000)


def _remote_capacity(**options: Any) -> fields.Integer:
    return fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(0, 10_000),
        metadata={
            "description": "How many of the places are remote ones; null: on-site and remote "
            "places are not kept apart"
        },
        **options,
    )


def _wanted() -> fields.Enum:
    return one_of(
        PlaceWanted,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Which place suits, where the programme keeps on-site and remote ones "
            "apart"
        },
    )


class NewProgramme(Strict):
    contract_id = fields.UUID(required=True)
    kind = one_of(ProgrammeKind, required=True)
    title = text(300, required=True)
    lead_id = text(
        80,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Its lead's account; who designs it leads it unless another is named"
        },
    )
    capacity = fields.Integer(required=True, strict=True, validate=_CAPACITY)
    remote_capacity = _remote_capacity(load_default=None)
    outcomes = fields.List(
        fields.Nested(OutcomeBody), load_default=(), validate=validate.Length(max=30)
    )
    sessions = fields.List(
        fields.Nested(SessionBody), load_default=(), validate=validate.Length(max=400)
    )
    contributors = fields.List(
        fields.Nested(ContributorBody),
        load_default=(),
        validate=validate.Length(max=100),
    )


class DesignChange(Strict):
    """Only what is sent is changed; a list that is sent replaces the list as it was."""

    kind = one_of(ProgrammeKind)
    title = text(300)
    capacity = fields.Integer(strict=True, validate=_CAPACITY)
    remote_capacity = _remote_capacity()
    places_so_far = one_of(
        PlaceKind,
        metadata={
            "description": "Which kind of place people have already, when on-site and remote "
            "places are kept apart from now on"
        },
    )
    outcomes = fields.List(fields.Nested(OutcomeBody), validate=validate.Length(max=30))
    sessions = fields.List(fields.Nested(SessionBody), validate=validate.Length(max=400))
    contributors = fields.List(fields.Nested(ContributorBody), validate=validate.Length(max=100))


class Reason(Strict):
    reason = text(2000, required=True)


class Completion(Strict):
    confirm_few_answers = fields.Boolean(
        load_default=False,
        metadata={"description": "Results that too few have answered may stay hidden for good"},
    )


class NewLead(Reason):
    lead_id = text(80, required=True, metadata={"description": "The account of the new lead"})


class SessionChoice(Strict):
    session_id = fields.UUID(required=True)


class SessionReason(Reason):
    session_id = fields.UUID(required=True)


class NewEnrolment(Strict):
    participant_id = fields.UUID(required=True)
    wanted = _wanted()


class NewGroup(Strict):
    participant_ids = fields.List(
        fields.UUID(), required=True, validate=validate.Length(min=1, max=500)
    )
    wanted = _wanted()


class LateEnrolment(NewEnrolment):
    session_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "For a walk-in: the session at which the person is present"},
    )


class EnrolmentChoice(Strict):
    enrolment_id = fields.UUID(required=True)


class PlaceInQueue(EnrolmentChoice):
    place = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, 10_000),
        metadata={"description": "1 for the next to be offered a place"},
    )
    reason = text(2000, required=True)


class AttendanceBody(Strict):
    session_id = fields.UUID(required=True)
    present_ids = fields.List(
        fields.UUID(),
        required=True,
        validate=validate.Length(max=10_000),
        metadata={
            "description": "Everybody who was there; replaces what was recorded before. Once a "
            "list is recorded, If-Match must name its version"
        },
    )


class OneAttendance(Strict):
    session_id = fields.UUID(required=True)
    participant_id = fields.UUID(required=True)


class EvaluationBody(Strict):
    participant_id = fields.UUID(required=True)
    level = one_of(KirkpatrickLevel, required=True)
    moment = one_of(Moment, load_default=Moment.AFTER)
    ratings = fields.Dict(
        fields.String(),
        fields.Integer(strict=True),
        required=True,
        metadata={"description": "Points from 1 to 5 by key of question, every question"},
    )
    score_percent = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        metadata={"description": "Level 2B only: the knowledge test, 0 to 100"},
    )


class ProgrammeFilter(Strict):
    lead_id = text(80, metadata={"needs": Permission.COLLEAGUES_READ})
    state = one_of(ProgrammeState)
    kind = one_of(ProgrammeKind)
    contract_id = fields.UUID()
    partner_id = fields.UUID()
    text = sought("the title or the reference")


class ParticipantFilter(Strict):
    partner_id = fields.UUID()
    text = sought("the name or the e-mail address")


class CertificateFilter(Strict):
    programme_id = fields.UUID()
    participant_id = fields.UUID()


class ParticipantView(View):
    id = fields.UUID()
    version = fields.Integer()
    name = fields.String()
    email = fields.String(metadata={"needs": Permission.PERSONAL_DATA_READ})
    profession = fields.String()
    partner_id = fields.UUID(allow_none=True)
    account_id = fields.String(allow_none=True, metadata={"needs": Permission.COLLEAGUES_READ})


class ProgrammeSummary(View):
    id = fields.UUID()
    reference = fields.String()
    version = fields.Integer()
    state = one_of(ProgrammeState)
    kind = one_of(ProgrammeKind, attribute="programme_kind")
    title = fields.String()
    lead_id = fields.String(
        metadata={
            "needs": Permission.COLLEAGUES_READ,
            "description": "The account of the person who answers for it",
        }
    )
    contract_id = fields.UUID()
    partner_id = fields.UUID()
    capacity = fields.Integer()
    remote_capacity = fields.Integer(
        allow_none=True,
        metadata={"description": "Of all places; null: on-site and remote are not kept apart"},
    )
    enrolled = fields.Integer()
    waiting = fields.Integer()


class ProgrammeView(ProgrammeSummary):
    taken = fields.Integer(metadata={"description": "Places enrolled or on offer"})
    remote_taken = fields.Integer(
        allow_none=True, metadata={"description": "Remote ones among them"}
    )
    outcomes = fields.List(fields.Nested(schema_for(Outcome)))
    sessions = fields.List(fields.Nested(schema_for(PlannedSession)))
    contributors = fields.List(fields.Nested(schema_for(Contributor)))
    attendance = fields.List(fields.Nested(schema_for(Attendance)))
    cancelled_because = fields.String(allow_none=True)


class EnrolmentView(View):
    id = fields.UUID()
    programme_id = fields.UUID()
    participant_id = fields.UUID()
    state = one_of(EnrolmentState)
    wanted = one_of(PlaceWanted, allow_none=True)
    place = one_of(
        PlaceKind,
        allow_none=True,
        metadata={"description": "Which kind of place the person has, is offered, or had"},
    )
    joined_at = fields.AwareDateTime(format="iso")
    enrolled_at = fields.AwareDateTime(format="iso", allow_none=True)
    offered_until = fields.AwareDateTime(format="iso", allow_none=True)
    withdrawn_at = fields.AwareDateTime(format="iso", allow_none=True)
    place_in_queue = fields.Integer(
        allow_none=True,
        metadata={"description": "1 for the next to be offered a place"},
    )
    waiting_because = fields.String(
        allow_none=True, metadata={"description": "Why no place is free, in words"}
    )
    moved_because = fields.String(
        allow_none=True,
        metadata={"description": "Why the person was moved on the waiting list"},
    )
    certificate_out_of_reach = fields.String(
        allow_none=True,
        metadata={
            "description": "Why no certificate can be earned any more; null while it still can"
        },
    )


class AnsweredView(View):
    level = one_of(KirkpatrickLevel)
    moment = one_of(Moment)


class RegisteredEnrolment(EnrolmentView):
    name = fields.String()
    profession = fields.String()
    attended_hours = fields.Decimal(as_string=True, allow_none=True)
    attended_percent = fields.Integer(allow_none=True)
    missed_mandatory = fields.List(
        fields.UUID(),
        metadata={"description": "Mandatory sessions not attended so far"},
    )
    answered = fields.List(
        fields.Nested(AnsweredView),
        metadata={"description": "Which questions the person has answered; not what"},
    )


class OwnEnrolment(EnrolmentView):
    reference = fields.String()
    title = fields.String()
    programme_state = one_of(ProgrammeState)


class OwnEnrolments(View):
    items = fields.List(fields.Nested(OwnEnrolment))


class Enrolments(View):
    items = fields.List(fields.Nested(EnrolmentView))


class Register(View):
    items = fields.List(fields.Nested(RegisteredEnrolment))


class CertificateSummary(View):
    id = fields.UUID()
    number = fields.String()
    programme_id = fields.UUID()
    participant_id = fields.UUID()
    partner_id = fields.UUID()
    title = fields.String()
    hours = fields.Decimal(as_string=True)
    issued_on = fields.Date()
    replaces_id = fields.UUID(
        allow_none=True, metadata={"description": "The certificate in whose place it was issued"}
    )
    revoked_on = fields.Date(
        allow_none=True, metadata={"description": "Since when it is not valid any more"}
    )
    revoked_because = one_of(Revocation, allow_none=True)


class CertificateView(CertificateSummary):
    version = fields.Integer()
    name = fields.String(metadata={"description": "As the certificate has it"})


def _bound() -> fields.Enum:
    return one_of(
        Bound,
        allow_none=True,
        metadata={
            "description": "How to read the figure: at an end of the scale it is a limit, so that "
            "it does not say what everybody answered"
        },
    )


class QuestionView(View):
    key = fields.String()
    wording = fields.String()
    mean = fields.Decimal(as_string=True, allow_none=True)
    mean_bound = _bound()


class ResultView(View):
    level = one_of(KirkpatrickLevel)
    moment = one_of(Moment)
    open = fields.Boolean(metadata={"description": "Whether it can be answered now"})
    released = fields.Boolean(
        metadata={"description": "Whether the result is final; no figure is shown before"}
    )
    responses = fields.Integer()
    still_needed = fields.Integer(
        metadata={"description": "Answers that are missing before any figure is shown"}
    )
    mean = fields.Decimal(as_string=True, allow_none=True)
    mean_bound = _bound()
    mean_score_percent = fields.Decimal(as_string=True, allow_none=True)
    mean_score_bound = _bound()
    questions = fields.List(fields.Nested(QuestionView))


class EvaluationView(View):
    programme_id = fields.UUID()
    results = fields.List(fields.Nested(ResultView))


class Receipt(View):
    """That an answer was taken; what it said is not given back."""

    programme_id = fields.UUID()
    level = one_of(KirkpatrickLevel)
    moment = one_of(Moment)
