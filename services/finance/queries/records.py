"""What may be read of accounts, packs and invoices."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, func, literal, select

from services.finance import ledger, schemas
from services.finance.domain.account import Account
from services.finance.domain.document import InvoiceState, Standing
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from services.finance.operations import operations
from services.finance.statements import AccountStatement, InvoiceOnDay
from services.finance.store import accounts, invoices, packs
from shared import finding
from shared.errors import NotFound
from shared.events.permissions import Permission
from shared.filters import equal
from shared.work import Work


@operations.listing(
    "GET /accounts",
    needs=Permission.ACCOUNT_READ,
    takes=schemas.AccountFilter,
    gives=schemas.AccountSummary,
    sorts={"contract_reference": finding.reference_order(accounts.c.contract_reference, "CTR")},
    default_sort="contract_reference",
    key=accounts.c.id,
)
def list_accounts(_work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Accounts, one for each contract that carries money, with their figures."""
    return equal(select(Account), wanted, partner_id=accounts.c.partner_id)


@operations.query(
    "GET /accounts/{id}", needs=Permission.ACCOUNT_READ, on=Account, gives=schemas.AccountView
)
def get_account(work: Work, account: Account, _: dict[str, Any]) -> AccountStatement:
    """A contract's account: what is expected against what was invoiced and paid."""
    standing = work.session.scalars(
        select(Invoice).where(
            invoices.c.contract_id == account.id, invoices.c.state != InvoiceState.VOID
        )
    ).all()
    return AccountStatement.of(
        account,
        standing,
        ledger.to_bill(work, account.id),
        ledger.reduced(work, account.id),
        work.today,
    )


@operations.listing(
    "GET /packs",
    needs=Permission.ACCOUNT_READ,
    takes=schemas.PackFilter,
    gives=schemas.PackSummary,
    sorts={
        "period_to": packs.c.period_to,
        "contract_reference": finding.reference_order(packs.c.contract_reference, "CTR"),
    },
    default_sort="-period_to",
    key=packs.c.id,
)
def list_packs(_work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Invoice-ready packs, by contract or partner."""
    return equal(
        select(InvoicePack),
        wanted,
        contract_id=packs.c.contract_id,
        partner_id=packs.c.partner_id,
        stands=packs.c.stands,
    )


@operations.query(
    "GET /packs/{id}", needs=Permission.ACCOUNT_READ, on=InvoicePack, gives=schemas.PackView
)
def get_pack(_work: Work, pack: InvoicePack, _: dict[str, Any]) -> InvoicePack:
    """One invoice-ready pack with its lines."""
    return pack


@operations.listing(
    "GET /invoices",
    needs=Permission.INVOICE_READ,
    takes=schemas.InvoiceFilter,
    gives=schemas.InvoiceSummary,
    sorts={
        # A draft has neither: it comes first by number and last by due date.
        "number": func.coalesce(finding.reference_order(invoices.c.number, "INV"), ""),
        "due_on": func.coalesce(invoices.c.due_on, date.max),
    },
    default_sort="-number",
    key=invoices.c.id,
    scoped_by=invoices.c.partner_id,
)
def list_invoices(work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Invoices, by state, contract, partner or due date. Partners see those sent to them."""
    return wanted_invoices(select(Invoice, literal(work.today, Date).label("day")), wanted, work)


@operations.query(
    "GET /invoices/{id}",
    needs=Permission.INVOICE_READ,
    on=Invoice,
    gives=schemas.InvoiceView,
    scoped_by="partner_id",
)
def get_invoice(work: Work, invoice: Invoice, _: dict[str, Any]) -> InvoiceOnDay:
    """One invoice with its payments."""
    if work.actor.scope and invoice.number is None:
        raise NotFound(f"There is no invoice {invoice.id}.", rule="exists", field="id")
    return InvoiceOnDay(invoice, work.today, for_partner=work.actor.scope is not None)


def wanted_invoices(
    statement: Select[*tuple[Any, ...]], wanted: dict[str, Any], work: Work
) -> Select[Any]:
    """The filters of a list of invoices; partners are shown none that was not sent to them."""
    if work.actor.scope:
        statement = statement.where(invoices.c.number.is_not(None))
    if "state" in wanted:
        statement = statement.where(_stands(wanted["state"], work.today))
    if "due_before" in wanted:
        statement = statement.where(invoices.c.due_on < wanted["due_before"])
    statement = finding.searched(statement, wanted.get("text"), invoices.c.found_as)
    return equal(
        statement, wanted, contract_id=invoices.c.contract_id, partner_id=invoices.c.partner_id
    )


def _stands(standing: Standing, today: date) -> ColumnElement[bool]:
    """`Document.standing` as a condition."""
    of = invoices.c
    is_open = of.state == InvoiceState.OPEN
    is_paid = of.state == InvoiceState.PAID
    overdue = of.due_on.is_not(None) & (of.due_on < today)
    part_paid = of.outstanding_minor != of.total_minor
    match standing:
        case Standing.OVERDUE:
            return is_open & overdue
        case Standing.PART_PAID:
            return is_open & ~overdue & part_paid
        case Standing.OPEN:
            return is_open & ~overdue & ~part_paid
        case Standing.PAID:
            return is_paid & (of.total_minor >= 0) & ~of.is_credited
        case Standing.CREDITED:
            return of.is_credited
        case Standing.SETTLED:
            return is_paid & (of.total_minor < 0)
        case _:
            return of.state == InvoiceState(standing)
