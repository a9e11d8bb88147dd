"""Insight's read models. Everything in them comes from events and can be made again from them."""

from uuid import UUID

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text, Uuid

from services.insight.domain.known import KnownMilestone
from shared.columns import Amount, Moment, Values, new_metadata, plain_json

metadata = new_metadata()

timeline = Table(
    "timeline",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("source", String(40), nullable=False),
    Column("type", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject", String(80), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("named_by", String(80), nullable=False),  # the subject whose name helps to tell it
    Column("partner_id", Uuid),
    Column("contract_id", Uuid),
    Column("occurred_at", Moment, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("correlation", Text),
    Column("data", plain_json(), nullable=False),
    Index("ix_timeline_occurred_at_event_id", "occurred_at", "event_id"),
    Index("ix_timeline_subject_sequence", "subject", "sequence"),
    Index("ix_timeline_partner_id_occurred_at_event_id", "partner_id", "occurred_at", "event_id"),
    Index("ix_timeline_contract_id_occurred_at_event_id", "contract_id", "occurred_at", "event_id"),
)

subjects = Table(
    "subjects",
    metadata,
    Column("subject", String(80), primary_key=True),
    Column("partner_id", Uuid),
    Column("contract_id", Uuid),
    Column("name", Text),
)

partners = Table(
    "partners",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("reference", String(20)),
    Column("name", String(300)),
    Column("country", String(2)),
    Column("state", String(40), nullable=False, index=True),
)

contracts = Table(
    "contracts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("partner_id", Uuid, index=True),
    Column("reference", String(20)),
    Column("title", Text),
    Column("state", String(40), nullable=False, index=True),
    Column("ends_on", Date),
    Column("milestones", Values(KnownMilestone), nullable=False),
)

consultants = Table(
    "consultants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", String(80), index=True),
)

teams = Table(
    "teams",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("contract_id", Uuid, index=True),
    Column("consultant_ids", Values(UUID), nullable=False),
)

programmes = Table(
    "programmes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("lead_id", String(80), index=True),
    Column("is_published", Boolean, nullable=False),
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("partner_id", Uuid),
    Column("title", Text, nullable=False),
    Column("due_on", Date, nullable=False, index=True),
)

invoices = Table(
    "invoices",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("partner_id", Uuid),
    Column("contract_id", Uuid),
    Column("number", String(20)),
    Column("due_on", Date),
    Column("outstanding", Amount()),
    Column("is_open", Boolean, nullable=False),
    Column("is_given_up", Boolean, nullable=False),
    Index("ix_invoices_is_open_due_on", "is_open", "due_on"),
)

#: What `projection.forget` empties.
READ_MODELS = (
    timeline,
    subjects,
    partners,
    contracts,
    consultants,
    teams,
    programmes,
    deadlines,
    invoices,
)
