"""The contract service's own tables, mapped onto its domain."""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Uuid,
)
from sqlalchemy.orm import foreign, registry, relationship

from services.contract.domain.approval import Approval
from services.contract.domain.contract import Contract
from services.contract.domain.day_budget import (
    Alert,
    DayBudget,
    EntryState,
    KnownEntry,
    KnownPlan,
    RoleDays,
)
from services.contract.domain.import_record import ImportRecord
from services.contract.domain.invoices import InvoiceState, KnownInvoice
from services.contract.domain.lifecycle import ContractState
from services.contract.domain.milestones import MilestoneOutcome
from services.contract.domain.open_work import KnownDeliverable, KnownPackLine, KnownProgramme
from services.contract.domain.partners import KnownPartner, PartnerState
from services.contract.domain.signing import Signatory, Signing
from services.contract.domain.teams import KnownConsultant, KnownTeam
from shared import finding
from shared.columns import Amount, Exact, Moment, Value, Values, Word, new_metadata
from shared.events.consultancy import TeamMember
from shared.events.contract import BudgetLine, ContractTerms
from shared.events.vocabulary import ContractType, RiskBand, Role

metadata = new_metadata()

contracts = Table(
    "contracts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reference", String(20), nullable=False, unique=True),
    Column("partner_id", Uuid, nullable=False, index=True),
    Column("owner_id", String(80)),
    Column("state", Word(ContractState), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("terms", Value(ContractTerms), nullable=False),
    Column("title", String(300), nullable=False),
    Column("type", Word(ContractType), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, index=True),
    Column("parent_id", Uuid, ForeignKey("contracts.id"), index=True),
    Column("signatories", Values(Signatory), nullable=False),
    Column("authors", Values(str), nullable=False),
    Column("needed_roles", Values(Role), nullable=False),
    Column("approvals", Values(Approval), nullable=False),
    Column("approved_sha256", String(64)),
    Column("signing", Value(Signing)),
    Column("signed_on", Date),
    Column("outcomes", Values(MilestoneOutcome), nullable=False),
    Column("origin", String(300), unique=True),
    Column("released_at", Moment),
    Column("imported", Value(ImportRecord)),
    Column("awaits_confirmation", Boolean, nullable=False, index=True),
    Column("end_announced_for", Integer),
    Column("currency", String(3)),  # of the value, and its minor units: to be summed
    Column("value_minor", BigInteger),
    *finding.key_columns(),
)

#: What other services said, as far as contracts need it.
known_partners = Table(
    "known_partners",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("reference", String(20), nullable=False),
    Column("name", String(300), nullable=False),
    Column("other_names", Values(str), nullable=False),
    Column("state", Word(PartnerState), nullable=False),
    Column("risk_band", Word(RiskBand)),
    Column("due_diligence_until", Date),
    *finding.key_columns(),
)

known_plans = Table(
    "known_plans",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("team", Values(TeamMember), nullable=False),
    Column("is_open", Boolean, nullable=False),
)

known_consultants = Table(
    "known_consultants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", String(80), index=True),
)

known_teams = Table(
    "known_teams",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("consultant_ids", Values(UUID), nullable=False),
)

known_deliverables = Table(
    "known_deliverables",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("is_open", Boolean, nullable=False),
)

known_programmes = Table(
    "known_programmes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("is_open", Boolean, nullable=False),
)

known_entries = Table(
    "known_entries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("contract_id", Uuid, nullable=False),
    Column("engagement_id", Uuid, nullable=False),
    Column("role", String(80), nullable=False),
    Column("worked_on", Date, nullable=False),
    Column("days", Exact, nullable=False),
    Column("chargeable", Boolean, nullable=False),
    Column("state", Word(EntryState), nullable=False),
)
Index("ix_known_entries_contract_id_state", known_entries.c.contract_id, known_entries.c.state)

known_invoices = Table(
    "known_invoices",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("pack_id", Uuid, nullable=False),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("milestone_id", Uuid),
    Column("total", Amount(), nullable=False),
    Column("outstanding", Amount(), nullable=False),
    Column("state", Word(InvoiceState), nullable=False),
    Column("number", String(20)),
    Column("due_on", Date),
    Column("settlement", Integer, nullable=False),
)

known_pack_lines = Table(
    "known_pack_lines",
    metadata,
    Column("pack_id", Uuid, primary_key=True),
    Column("entry_id", Uuid, primary_key=True),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("days", Exact, nullable=False),
)

day_budgets = Table(
    "day_budgets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("terms_version", Integer, nullable=False),
    Column("lines", Values(BudgetLine), nullable=False),
    Column("roles", Values(RoleDays), nullable=False),
    Column("alerts", Values(Alert), nullable=False),
    Column("ahead_told_for", Integer),
)

_mapping = registry(metadata=metadata)
_mapping.map_imperatively(
    Contract,
    contracts,
    version_id_col=contracts.c.version,
    # For views alone: people read the partner's name, not its id, and how the contract is billed.
    properties={
        "partner": relationship(
            KnownPartner,
            primaryjoin=foreign(contracts.c.partner_id) == known_partners.c.id,
            viewonly=True,
            lazy="joined",
        ),
        "invoices": relationship(
            KnownInvoice,
            primaryjoin=contracts.c.id == foreign(known_invoices.c.contract_id),
            # Ids are made in the order of time.
            order_by=known_invoices.c.id,
            viewonly=True,
            uselist=True,
        ),
    },
)
_mapping.map_imperatively(DayBudget, day_budgets, version_id_col=day_budgets.c.version)
_mapping.map_imperatively(KnownPartner, known_partners)
_mapping.map_imperatively(KnownPlan, known_plans)
_mapping.map_imperatively(KnownConsultant, known_consultants)
_mapping.map_imperatively(KnownTeam, known_teams)
_mapping.map_imperatively(KnownDeliverable, known_deliverables)
_mapping.map_imperatively(KnownProgramme, known_programmes)
_mapping.map_imperatively(KnownEntry, known_entries)
_mapping.map_imperatively(KnownInvoice, known_invoices)
_mapping.map_imperatively(KnownPackLine, known_pack_lines)
finding.keep(
    Contract,
    name=lambda contract: contract.terms.title,
    found_by=lambda contract: (
        contract.reference,
        contract.terms.title,
        contract.terms.purchase_order,
        contract.origin,
    ),
)
finding.keep(
    KnownPartner,
    name=lambda partner: partner.name,
    found_by=lambda partner: (partner.reference, partner.name, *partner.other_names),
)
