"""What the consultancy service takes and gives."""

from decimal import Decimal
from typing import Any

import pycountry
from marshmallow import fields, post_load, validate

from services.consultancy.domain.consultant import (
    AvailabilityPeriod,
    DayRate,
    Expertise,
    Presence,
)
from services.consultancy.domain.day_entry import EntryState
from services.consultancy.domain.documents import DeliverableState, DocumentVersion
from services.consultancy.domain.engagement_state import EngagementState
from shared.events.consultancy import TeamMember
from shared.events.permissions import Permission
from shared.events.vocabulary import Area, DayKind, WorkMode
from shared.operations import PageParameters
from shared.schemas import (
    DecimalField,
    MoneyField,
    Strict,
    View,
    chosen_id,
    one_of,
    schema_for,
    sought,
    text,
)

LANGUAGES = frozenset(
    language.alpha_2 for language in pycountry.languages if hasattr(language, "alpha_2")
)


def language_code(**kwargs: Any) -> fields.String:
    """An ISO 639-1 code: two small letters."""
    known = validate.OneOf(
        sorted(LANGUAGES),
        error="Must be an ISO 639-1 code of two small letters, such as en, ar or fr.",
    )
    return fields.String(validate=known, metadata={"vocabulary": "LanguageCode"}, **kwargs)


def day_count(**kwargs: Any) -> DecimalField:
    """Days as a decimal number. The bounds only keep nonsense out; the rules are the domain's."""
    return DecimalField(
        validate=validate.Range(
            Decimal("0.01"), Decimal(10_000), error="Must be between 0.01 and 10000."
        ),
        **kwargs,
    )


class ExpertiseBody(Strict):
    area = one_of(Area, required=True)
    level = fields.Integer(required=True, strict=True, validate=validate.Range(1, 5))

    @post_load
    def as_value(self, values: dict[str, Any], **_: object) -> Expertise:
        return Expertise(**values)


class DayRateBody(Strict):
    role = text(100, required=True)
    rate = MoneyField(required=True)

    @post_load
    def as_value(self, values: dict[str, Any], **_: object) -> DayRate:
        return DayRate(**values)


class AvailabilityBody(Strict):
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    presence = one_of(Presence, required=True)

    @post_load
    def as_value(self, values: dict[str, Any], **_: object) -> AvailabilityPeriod:
        return AvailabilityPeriod(**values)


class ConsultantChange(Strict):
    """Only what is sent is changed."""

    name = text()
    email = fields.Email(validate=validate.Length(max=320))
    orcid = fields.String(allow_none=True, validate=validate.Length(max=60))
    account_id = text(80, allow_none=True)
    expertise = fields.List(fields.Nested(ExpertiseBody), validate=validate.Length(max=5))
    languages = fields.List(language_code(), validate=validate.Length(max=30))
    day_rates = fields.List(fields.Nested(DayRateBody), validate=validate.Length(max=30))
    availability = fields.List(fields.Nested(AvailabilityBody), validate=validate.Length(max=200))

    @post_load
    def in_tuples(self, values: dict[str, Any], **_: object) -> dict[str, Any]:
        return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


class NewConsultant(ConsultantChange):
    id = chosen_id()
    name = text(required=True)
    email = fields.Email(required=True, validate=validate.Length(max=320))


class TeamMemberBody(Strict):
    consultant_id = fields.UUID(required=True)
    role = text(100, required=True)
    planned_days = day_count(required=True)

    @post_load
    def as_value(self, values: dict[str, Any], **_: object) -> TeamMember:
        return TeamMember(**values)


class PlanChange(Strict):
    """Only what is sent is changed."""

    title = text(300)
    mode = one_of(WorkMode)
    starts_on = fields.Date()
    ends_on = fields.Date()
    team = fields.List(fields.Nested(TeamMemberBody), validate=validate.Length(max=100))

    @post_load
    def in_tuples(self, values: dict[str, Any], **_: object) -> dict[str, Any]:
        return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


class NewEngagement(PlanChange):
    id = chosen_id()
    contract_id = fields.UUID(required=True)
    area = one_of(Area, required=True)
    title = text(300, required=True)
    mode = one_of(WorkMode, required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    team = fields.List(
        fields.Nested(TeamMemberBody), required=True, validate=validate.Length(max=100)
    )


class Reason(Strict):
    reason = text(2000, required=True)


class WorkedBody(Strict):
    """Only what is sent is changed."""

    role = text(100, metadata={"description": "May be left out where there is only one"})
    worked_on = fields.Date()
    days = day_count()
    kind = one_of(DayKind)
    chargeable = fields.Boolean(
        metadata={"description": "Whether the days consume the contract's day budget"}
    )
    note = fields.String(validate=validate.Length(max=2000))


class NewEntry(WorkedBody):
    id = chosen_id()
    consultant_id = fields.UUID(required=True)
    worked_on = fields.Date(required=True)
    days = day_count(required=True)
    kind = one_of(DayKind, required=True)


class NewDeliverable(Strict):
    id = chosen_id()
    title = text(300, required=True)
    due_on = fields.Date(required=True)
    milestone_id = fields.UUID(load_default=None, allow_none=True)


class DeliverableChange(Strict):
    """Only what is sent is changed."""

    title = text(300)
    due_on = fields.Date()
    milestone_id = fields.UUID(allow_none=True)


class NewVersion(Strict):
    sha256 = fields.String(required=True, validate=validate.Length(max=100))
    link = fields.Url(load_default=None, allow_none=True, schemes={"http", "https"})
    note = fields.String(load_default="", validate=validate.Length(max=2000))


class AnswerBody(Strict):
    comments = fields.String(load_default="", validate=validate.Length(max=10_000))
    said_by = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "Who at the partner said so, where the office writes it down"},
    )
    answered_on = fields.Date(
        load_default=None, allow_none=True, metadata={"description": "Today, where left out"}
    )


class ConsultantView(View):
    id = fields.UUID()
    reference = fields.String()
    version = fields.Integer()
    name = fields.String()
    email = fields.String(metadata={"needs": Permission.PERSONAL_DATA_READ})
    orcid = fields.String(allow_none=True)
    account_id = fields.String(allow_none=True, metadata={"needs": Permission.PERSONAL_DATA_READ})
    expertise = fields.List(fields.Nested(schema_for(Expertise)))
    languages = fields.List(fields.String())
    day_rates = fields.List(
        fields.Nested(schema_for(DayRate)), metadata={"needs": Permission.RATE_READ}
    )
    availability = fields.List(fields.Nested(schema_for(AvailabilityPeriod)))
    warnings = fields.List(
        fields.String(),
        metadata={
            "description": "After a change: engagements planned for dates of a new absence",
        },
    )


class ConsultantFilter(Strict):
    text = sought("the name or the reference")


class Search(Strict):
    """`from` and `to` are dates, both included."""

    limit = PageParameters._declared_fields["limit"]
    cursor = PageParameters._declared_fields["cursor"]

    starts_on = fields.Date(required=True, data_key="from")
    ends_on = fields.Date(required=True, data_key="to")
    area = one_of(Area, load_default=None)
    language = language_code(load_default=None)
    role = text(100, load_default=None)


class CandidateView(View):
    consultant_id = fields.UUID(attribute="consultant.id")
    reference = fields.String(attribute="consultant.reference")
    name = fields.String(attribute="consultant.name")
    level = fields.Integer(metadata={"description": "In the area asked for; 0 where none was"})
    working_days = DecimalField()
    booked_days = DecimalField()
    free_days = DecimalField()
    kept_free = fields.Boolean()


class Candidates(View):
    items = fields.List(fields.Nested(CandidateView))
    next = fields.String(allow_none=True, metadata={"description": "Cursor of the page after"})


class EngagementView(View):
    id = fields.UUID()
    reference = fields.String()
    version = fields.Integer()
    state = one_of(EngagementState)
    contract_id = fields.UUID()
    partner_id = fields.UUID()
    area = one_of(Area)
    title = fields.String()
    mode = one_of(WorkMode)
    starts_on = fields.Date()
    ends_on = fields.Date()
    team = fields.List(
        fields.Nested(schema_for(TeamMember)), metadata={"needs": Permission.COLLEAGUES_READ}
    )
    cancel_reason = fields.String()
    ended_on = fields.Date(
        allow_none=True, metadata={"description": "When it was delivered, or cancelled"}
    )
    warnings = fields.List(fields.String())


class EngagementFilter(Strict):
    state = one_of(EngagementState)
    contract_id = fields.UUID()
    partner_id = fields.UUID()
    area = one_of(Area)
    text = sought("the title or the reference")


class EntryView(View):
    id = fields.UUID()
    version = fields.Integer()
    state = one_of(EntryState)
    engagement_id = fields.UUID()
    contract_id = fields.UUID()
    partner_id = fields.UUID()
    consultant_id = fields.UUID()
    role = fields.String(attribute="worked.role")
    worked_on = fields.Date(attribute="worked.worked_on")
    days = DecimalField(attribute="worked.days")
    kind = one_of(DayKind, attribute="worked.kind")
    chargeable = fields.Boolean(attribute="worked.chargeable")
    note = fields.String(attribute="worked.note")
    logged_by = fields.String()
    logged_at = fields.AwareDateTime(format="iso")
    approver_id = fields.String(allow_none=True)
    decided_on = fields.Date(
        allow_none=True, metadata={"description": "When it was approved, rejected or reversed"}
    )
    reason = fields.String()
    reversal_requested_by = fields.String(
        allow_none=True, metadata={"description": "A colleague confirms or refuses the reversal"}
    )
    reversal_reason = fields.String()
    warnings = fields.List(fields.String())


class MemberDaysView(View):
    consultant_id = fields.UUID()
    role = fields.String()
    planned = DecimalField()
    logged = DecimalField(metadata={"description": "Draft, submitted and approved days"})
    draft = DecimalField()
    submitted = DecimalField()
    approved = DecimalField()
    rejected = DecimalField(
        metadata={"description": "Held until they are corrected or withdrawn; not in `logged`"},
    )
    not_chargeable = DecimalField(
        metadata={"description": "Those among all that use no day budget"}
    )


class DayFigures(View):
    items = fields.List(fields.Nested(MemberDaysView))


class EntryFilter(Strict):
    engagement_id = fields.UUID()
    contract_id = fields.UUID()
    consultant_id = fields.UUID()
    state = one_of(EntryState)
    from_ = fields.Date(data_key="from")
    to = fields.Date()


class AnswerView(View):
    version = fields.Integer(metadata={"description": "The version that was answered"})
    outcome = one_of(DeliverableState)
    comments = fields.String(attribute="answer.comments")
    said_by = fields.String(attribute="answer.said_by")
    recorded_by = fields.String(
        attribute="answer.recorded_by", metadata={"needs": Permission.COLLEAGUES_READ}
    )
    answered_on = fields.Date(attribute="answer.answered_on")
    withdrawn = fields.String(
        metadata={"description": "Why it was recorded by mistake; blank where it stands"}
    )


class DeliverableView(View):
    id = fields.UUID()
    version = fields.Integer()
    state = one_of(DeliverableState)
    engagement_id = fields.UUID()
    contract_id = fields.UUID()
    partner_id = fields.UUID()
    title = fields.String()
    due_on = fields.Date()
    milestone_id = fields.UUID(allow_none=True)
    documents = fields.List(fields.Nested(schema_for(DocumentVersion)))
    answers = fields.List(fields.Nested(AnswerView))
    drop_reason = fields.String()


class DeliverableFilter(Strict):
    engagement_id = fields.UUID()
    contract_id = fields.UUID()
    partner_id = fields.UUID()
    state = one_of(DeliverableState)
    due_by = fields.Date(metadata={"description": "Due on this date or earlier"})
    text = sought("the title")
