"""What the faculty-development service gives."""

from enum import StrEnum

from marshmallow import fields

from services.faculty.domain.attendance import Attendance
from services.faculty.domain.design import (
    Contributor,
    Outcome,
)
from services.faculty.domain.design import Session as PlannedSession
from services.faculty.domain.enrolment import EnrolmentState
from services.faculty.domain.stages import ProgrammeState
from shared.events.faculty import Bound, Moment, PlaceKind, PlaceWanted, Revocation
from shared.events.permissions import Permission
from shared.events.vocabulary import KirkpatrickLevel, ProgrammeKind
from shared.schemas import View, one_of, schema_for


class ImportOutcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    SKIPPED = "skipped"
    REFUSED = "refused"


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
    same_person = fields.List(
        fields.UUID(),
        metadata={
            "description": "Enrolments that the person has under other records of the same address "
            "or account"
        },
    )


class OwnEnrolment(EnrolmentView):
    reference = fields.String()
    title = fields.String()
    programme_state = one_of(ProgrammeState)


class OwnEnrolments(View):
    items = fields.List(fields.Nested(OwnEnrolment))


class Enrolments(View):
    items = fields.List(fields.Nested(EnrolmentView))


class ImportedRow(View):
    place = fields.Integer(
        metadata={"description": "As the row says, else its position in the list, from 1"}
    )
    outcome = one_of(
        ImportOutcome,
        metadata={
            "description": "created: registered, and enrolled or waiting; changed: enrolled or "
            "waiting, and registered before"
        },
    )
    participant_id = fields.UUID(
        allow_none=True, metadata={"description": "null for somebody new in a dry run"}
    )
    enrolment_id = fields.UUID(allow_none=True)
    state = one_of(EnrolmentState, allow_none=True)
    field = fields.String(metadata={"description": "What the reason is about"})
    reason = fields.String(
        metadata={"description": "Why it was not taken; of a taken row, what is worth knowing"}
    )
    similar = fields.List(
        fields.String(),
        metadata={
            "needs": Permission.PERSONAL_DATA_READ,
            "description": "Addresses of others of the same name",
        },
    )


class ImportReport(View):
    rows = fields.List(fields.Nested(ImportedRow))


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
