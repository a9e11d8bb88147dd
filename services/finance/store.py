"""The finance service's own tables, mapped onto its domain."""

from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, String, Table, Text, Uuid
from sqlalchemy.orm import registry

from services.finance.domain.account import Account, DayRate, UnpricedContract
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.bank_references import KnownReference
from services.finance.domain.days_billed import DaysBilled
from services.finance.domain.document import InvoiceState, Payment
from services.finance.domain.expected import ExpectedPayment
from services.finance.domain.figures import Figures
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from shared import finding
from shared.columns import Amount, Exact, Value, Values, Word, new_metadata
from shared.events.finance import PackLine

metadata = new_metadata()

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),  # the contract's id
    Column("version", Integer, nullable=False),
    Column("contract_reference", String(20), nullable=False, index=True),
    Column("partner_id", Uuid, nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    Column("value", Amount(), nullable=False),
    Column("terms_version", Integer, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("purchase_order", String(200)),
    Column("payment_days", Integer),
    Column("rates", Values(DayRate), nullable=False),
    Column("expected", Values(ExpectedPayment), nullable=False),
    Column("days_billed", Values(DaysBilled), nullable=False),
    Column("figures", Value(Figures), nullable=False),
    Column("packs_prepared", Integer, nullable=False),
)

unpriced_contracts = Table(
    "unpriced_contracts",
    metadata,
    Column("contract_id", Uuid, primary_key=True),
    Column("reference", String(20), nullable=False),
    Column("partner_id", Uuid, nullable=False),
)

approved_days = Table(
    "approved_days",
    metadata,
    Column("entry_id", Uuid, primary_key=True),
    Column("contract_id", Uuid, nullable=False),
    Column("role", String(200), nullable=False),
    Column("worked_on", Date, nullable=False),
    Column("days", Exact, nullable=False),
    Column("reversed", Boolean, nullable=False),
    Column("pack_id", Uuid, index=True),
    Column("billed_at", Amount()),
    Column("credit_pack_id", Uuid, index=True),
    Column("credited", Amount()),
    Index("ix_approved_days_contract_id_worked_on", "contract_id", "worked_on"),
)

packs = Table(
    "packs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("invoice_id", Uuid, nullable=False, unique=True),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("contract_reference", String(20), nullable=False),
    Column("partner_id", Uuid, nullable=False, index=True),
    Column("terms_version", Integer, nullable=False),
    Column("milestone_id", Uuid),
    Column("purchase_order", String(200)),
    Column("period_from", Date, nullable=False),
    Column("period_to", Date, nullable=False, index=True),
    Column("lines", Values(PackLine), nullable=False),
    Column("total", Amount(), nullable=False),
    Column("ready_on", Date, nullable=False),
    Column("credits_invoice_id", Uuid),
    Column("stands", Boolean, nullable=False),
)

invoices = Table(
    "invoices",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("number", String(20), unique=True),
    Column("pack_id", Uuid, nullable=False, unique=True),
    Column("contract_id", Uuid, nullable=False, index=True),
    Column("contract_reference", String(20), nullable=False),
    Column("partner_id", Uuid, nullable=False, index=True),
    Column("milestone_id", Uuid),
    Column("credits_invoice_id", Uuid, index=True),
    Column("total", Amount(), nullable=False),
    Column("state", Word(InvoiceState), nullable=False),
    Column("ready_on", Date, nullable=False),
    Column("purchase_order", String(200)),
    Column("issued_on", Date),
    Column("payable_from", Date),
    Column("due_on", Date),
    Column("payments", Values(Payment), nullable=False),
    Column("settlement", Integer, nullable=False),
    Column("credited", Amount(), nullable=False),
    Column("overdue_noted", Boolean, nullable=False),
    Column("reason", Text),
    Column("currency", String(3), nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("paid_minor", BigInteger, nullable=False),
    Column("outstanding_minor", BigInteger, nullable=False),
    Column("reduced_minor", BigInteger, nullable=False),
    Column("credits_issued_minor", BigInteger, nullable=False),
    Column("is_credited", Boolean, nullable=False),
    *finding.key_columns(),
    Index("ix_invoices_state_due_on", "state", "due_on"),
)

known_references = Table(
    "known_references",
    metadata,
    Column("reference", String(140), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("invoice_ids", Values(UUID), nullable=False),
)

_mapped = registry(metadata=metadata)
_mapped.map_imperatively(Account, accounts, version_id_col=accounts.c.version)
_mapped.map_imperatively(UnpricedContract, unpriced_contracts)
_mapped.map_imperatively(ApprovedDays, approved_days)
_mapped.map_imperatively(InvoicePack, packs, version_id_col=packs.c.version)
_mapped.map_imperatively(Invoice, invoices, version_id_col=invoices.c.version)
_mapped.map_imperatively(
    KnownReference, known_references, version_id_col=known_references.c.version
)
finding.keep(
    Invoice,
    name=lambda invoice: invoice.number or "",
    found_by=lambda invoice: (
        invoice.number,
        invoice.contract_reference,
        invoice.purchase_order,
    ),
)
