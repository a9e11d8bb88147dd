"""The consultancy service's own tables, mapped onto its domain."""

import dataclasses
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text, Uuid
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, composite, registry

from services.consultancy.domain.consultant import (
    AvailabilityPeriod,
    Consultant,
    DayRate,
    Expertise,
)
from services.consultancy.domain.contract_budget import (
    ContractBudget,
    EngagementDays,
    KnownMilestone,
    RoleDays,
)
from services.consultancy.domain.day_entry import DayEntry, EntryState, Worked
from services.consultancy.domain.deliverable import Deliverable
from services.consultancy.domain.diary import DiaryDate
from services.consultancy.domain.documents import DeliverableState, DocumentVersion, KeptAnswer
from services.consultancy.domain.engagement import Engagement
from services.consultancy.domain.engagement_state import EngagementState
from shared import finding
from shared.columns import Exact, Moment, Values, Word, new_metadata
from shared.database import is_on_sqlite
from shared.events.consultancy import TeamMember
from shared.events.vocabulary import Area, DayKind, OverBudgetPolicy, WorkMode

metadata = new_metadata()

consultants = Table(
    "consultants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reference", String(20), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("email", String(320), nullable=False, unique=True),
    Column("orcid", String(19), unique=True),
    Column("account_id", String(80), unique=True),
    Column("expertise", Values(Expertise), nullable=False),
    Column("languages", Values(str), nullable=False),
    Column("day_rates", Values(DayRate), nullable=False),
    Column("availability", Values(AvailabilityPeriod), nullable=False),
    Column("linked_accounts", Values(str), nullable=False),
    *finding.key_columns(),
)

contract_budgets = Table(
    "contract_budgets",
    metadata,
    Column("contract_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reference", String(20), nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("title", String(500), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("over_budget", Word(OverBudgetPolicy), nullable=False),
    Column("lines", Values(RoleDays), nullable=False),
    Column("milestones", Values(KnownMilestone), nullable=False),
    Column("ended_on", Date),
    Column("worked_until", Date),
    Column("consumed", Values(EngagementDays), nullable=False),
    Column("planned", Values(EngagementDays), nullable=False),
)

engagements = Table(
    "engagements",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reference", String(20), nullable=False, unique=True),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("partner_id", Uuid, nullable=False, index=True),
    Column("area", Word(Area), nullable=False),
    Column("title", String(300), nullable=False),
    Column("mode", Word(WorkMode), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("team", Values(TeamMember), nullable=False),
    Column("state", Word(EngagementState), nullable=False, index=True),
    Column("over_budget_warning", Text, nullable=False),
    Column("cancel_reason", Text, nullable=False),
    Column("ended_on", Date),
    Column("worked_until", Date),
    *finding.key_columns(),
)

diary_dates = Table(
    "diary_dates",
    metadata,
    Column("consultant_id", Uuid, primary_key=True),
    Column("on", Date, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("taken", Exact, nullable=False),
)

day_entries = Table(
    "day_entries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("engagement_id", Uuid, nullable=False, index=True),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("partner_id", Uuid, nullable=False),
    Column("consultant_id", Uuid, nullable=False),
    Column("role", String(100), nullable=False),
    Column("worked_on", Date, nullable=False, index=True),
    Column("days", Exact, nullable=False),
    Column("kind", Word(DayKind), nullable=False),
    Column("chargeable", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("worker_account", String(80)),
    Column("writers", Values(str), nullable=False),
    Column("logged_at", Moment, nullable=False),
    Column("state", Word(EntryState), nullable=False, index=True),
    Column("over_budget_warning", Text, nullable=False),
    Column("approver_id", String(80)),
    Column("decided_on", Date),
    Column("reason", Text, nullable=False),
    Column("reversal_requested_by", String(80)),
    Column("reversal_reason", Text, nullable=False),
)
Index(
    "ix_day_entries_consultant_id_worked_on",
    day_entries.c.consultant_id,
    day_entries.c.worked_on,
)

deliverables = Table(
    "deliverables",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("engagement_id", Uuid, nullable=False, index=True),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("partner_id", Uuid, nullable=False, index=True),
    Column("title", String(300), nullable=False),
    Column("due_on", Date, nullable=False, index=True),
    Column("milestone_id", Uuid),
    Column("state", Word(DeliverableState), nullable=False),
    Column("documents", Values(DocumentVersion), nullable=False),
    Column("answers", Values(KeptAnswer), nullable=False),
    Column("drop_reason", Text, nullable=False),
    *finding.key_columns(),
)


def open_diary_date(session: Session, consultant_id: UUID, on: date) -> None:
    """Make sure that a person's date is there; who comes second finds the first one's."""
    insert = sqlite.insert if is_on_sqlite(session) else postgresql.insert
    session.execute(
        insert(diary_dates)
        .values(consultant_id=consultant_id, on=on, version=1, taken=Decimal(0))
        .on_conflict_do_nothing()
    )


_mapped = registry(metadata=metadata)
for _class, _table in (
    (Consultant, consultants),
    (ContractBudget, contract_budgets),
    (Engagement, engagements),
    (DiaryDate, diary_dates),
    (Deliverable, deliverables),
):
    _mapped.map_imperatively(_class, _table, version_id_col=_table.c.version)

finding.keep(
    Consultant,
    name=lambda consultant: consultant.name,
    found_by=lambda consultant: (consultant.reference, consultant.name),
)
finding.keep(
    Engagement,
    name=lambda engagement: engagement.title,
    found_by=lambda engagement: (engagement.reference, engagement.title),
)
finding.keep(
    Deliverable,
    name=lambda deliverable: deliverable.title,
    found_by=lambda deliverable: (deliverable.title,),
)

_worked = [day_entries.c[field.name] for field in dataclasses.fields(Worked)]
_mapped.map_imperatively(
    DayEntry,
    day_entries,
    version_id_col=day_entries.c.version,
    # What was worked is one value in the domain, and columns here, to filter and sort by.
    properties={
        **{f"_{column.name}": column for column in _worked},
        "worked": composite(Worked, *_worked),
    },
)
