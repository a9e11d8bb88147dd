"""What the insight service takes and gives."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, pre_dump, validate

from services.insight.domain.visibility import EVERYTHING
from services.insight.domain.wording import About, sentence
from shared.events import schema_of
from shared.events.permissions import Permission
from shared.operations import PageParameters
from shared.schemas import MoneyField, Strict, View

KINDS = sorted({type_.partition(".")[0] for type_ in EVERYTHING} | EVERYTHING)


class TimelineFilter(Strict):
    kind = fields.String(
        validate=validate.OneOf(
            KINDS, error="Must be a service, such as finance, or a type of event."
        ),
        metadata={
            "vocabulary": "insight.Kind",
            "description": "A service (finance) or a type of event (finance.invoice_paid)",
        },
    )
    contract_id = fields.UUID()
    since = fields.AwareDateTime(format="iso", metadata={"description": "From this moment on"})
    until = fields.AwareDateTime(format="iso", metadata={"description": "Before this moment"})


class PartnerTimelineFilter(TimelineFilter):
    id = fields.UUID(required=True, metadata={"description": "The partner's id"})


class ContractTimelineFilter(Strict):
    id = fields.UUID(required=True, metadata={"description": "The contract's id"})
    kind = TimelineFilter._declared_fields["kind"]
    since = TimelineFilter._declared_fields["since"]
    until = TimelineFilter._declared_fields["until"]


class EntryView(View):
    """An event as a line of a timeline."""

    event_id = fields.UUID()
    source = fields.String(metadata={"description": "The service that it comes from"})
    type = fields.String()
    occurred_at = fields.AwareDateTime(format="iso")
    actor = fields.String(
        metadata={"description": "Who did it, by id", "needs": Permission.COLLEAGUES_READ}
    )
    sentence = fields.String()
    subject = fields.String()
    partner_id = fields.UUID(allow_none=True)
    partner_name = fields.String(allow_none=True)
    contract_id = fields.UUID(allow_none=True)
    contract_reference = fields.String(allow_none=True)

    @pre_dump
    def in_words(self, row: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        event = schema_of(row["type"], row["version"]).load(row["data"])
        reference, partner = row["contract_reference"], row["partner_name"]
        about = About(
            partner=partner or About.partner,
            contract=f"contract {reference}" if reference else About.contract,
            name=row["name"],
            shows_money=row["shows_money"],
        )
        return {**row, "sentence": sentence(event, about)}


class AuditFilter(PageParameters):
    subject = fields.String(
        metadata={"description": "What it happened to, as the trail writes it: contract/ID"}
    )
    actor_id = fields.String(metadata={"description": "Who did it"})
    type = fields.String(
        validate=validate.OneOf(sorted(EVERYTHING), error="Must be a type of event."),
        metadata={
            "vocabulary": "insight.EventType",
            "description": "A type of event: contract.terms_changed",
        },
    )
    partner_id = fields.UUID()
    contract_id = fields.UUID()
    since = TimelineFilter._declared_fields["since"]
    until = TimelineFilter._declared_fields["until"]


class AuditedEventView(EntryView):
    """An event with what it changed."""

    sequence = fields.Integer(
        metadata={"description": "Its number among the events of its subject, from 1, no gaps"}
    )
    correlation = fields.String(
        allow_none=True,
        metadata={"description": "The same for everything that one request brought about"},
    )
    reason = fields.String(
        allow_none=True, metadata={"description": "As whoever did it gave it; null: none asked for"}
    )
    before = fields.Dict(
        fields.String(),
        metadata={
            "description": "What earlier events of the subject last said under the names in "
            "`after`; a name is missing where none had said anything"
        },
    )
    after = fields.Dict(
        fields.String(), attribute="data", metadata={"description": "What the event itself says"}
    )


class AuditPage(View):
    items = fields.List(fields.Nested(AuditedEventView))
    next = fields.String(allow_none=True, metadata={"description": "Cursor of the page after"})


class DeadlineView(View):
    kind = fields.String(
        validate=validate.OneOf(["milestone", "contract_end", "invoice"]),
        metadata={"vocabulary": "insight.DeadlineKind"},
    )
    title = fields.String()
    due_on = fields.Date()
    partner_id = fields.UUID(allow_none=True)
    partner_name = fields.String(allow_none=True)
    contract_id = fields.UUID(allow_none=True)
    contract_reference = fields.String(allow_none=True)


class InvoiceLine(View):
    invoice_id = fields.UUID(attribute="id")
    number = fields.String()
    due_on = fields.Date()
    outstanding = MoneyField()
    partner_id = fields.UUID(allow_none=True)
    partner_name = fields.String(allow_none=True)
    contract_id = fields.UUID(allow_none=True)
    contract_reference = fields.String(allow_none=True)


class Overview(View):
    partners = fields.Dict(
        fields.String(), fields.Integer(), metadata={"description": "How many, by state"}
    )
    contracts = fields.Dict(
        fields.String(), fields.Integer(), metadata={"description": "How many, by state"}
    )
    due_soon = fields.List(
        fields.Nested(DeadlineView),
        metadata={"description": "Earliest first; overdue milestones stay until they are decided"},
    )
    invoices_overdue = fields.List(
        fields.Nested(InvoiceLine),
        metadata={"description": "Oldest first; empty for readers who see no finance"},
    )


class Rebuilding(View):
    forgotten = fields.Integer(metadata={"description": "Timeline entries that will come again"})
