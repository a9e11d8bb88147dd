"""What the faculty-development service takes."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import fields, validate

from services.faculty.domain.design import (
    ContributorKind,
    EducatorDomain,
)
from services.faculty.domain.stages import ProgrammeState
from shared.events.faculty import Moment, PlaceKind, PlaceWanted
from shared.events.permissions import Permission
from shared.events.vocabulary import KirkpatrickLevel, ProgrammeKind
from shared.schemas import AnyRow, Strict, one_of, sought, text


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


class ImportedParticipant(Strict):
    """One row of an import; validated by itself, so that it never stops the others."""

    name = text(300, required=True)
    email = fields.Email(load_default=None, allow_none=True, validate=validate.Length(max=254))
    profession = text(load_default=None, allow_none=True)
    wanted = _wanted()
    place = fields.Integer(load_default=None, allow_none=True, strict=True)


class ParticipantImport(Strict):
    judged_later = frozenset(["rows", "earlier"])

    dry_run = fields.Boolean(load_default=False)
    partner_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "The partner whose people those are who are new; null: none"},
    )
    wanted = _wanted()
    rows = fields.List(
        AnyRow(allow_none=True),
        required=True,
        validate=validate.Length(1, 500),
        metadata={
            "description": "Each with name and email and, for somebody new, profession; if known "
            "wanted (on_site, remote or either), else that of the list; place: its number in the "
            "file"
        },
    )
    earlier = fields.List(
        AnyRow(allow_none=True),
        load_default=(),
        validate=validate.Length(max=4_500),
        metadata={"description": "In a dry run: rows of the same list that came before these"},
    )
    met = fields.Dict(
        fields.UUID(),
        fields.Integer(strict=True),
        load_default=dict,
        validate=validate.Length(max=5_000),
        metadata={
            "description": "By participant id: the place of the earlier row of the same list that "
            "brought them"
        },
    )


class LateEnrolment(NewEnrolment):
    session_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "For a walk-in: the session at which the person is present"},
    )


class EnrolmentChoice(Strict):
    enrolment_id = fields.UUID(required=True)


class PlaceChange(EnrolmentChoice):
    wanted = one_of(PlaceWanted, required=True)


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
