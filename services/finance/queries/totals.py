"""What may be read of sums: under the list of invoices, and contract by contract."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, case, func, select

from services.finance import ledger, schemas
from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.document import InvoiceState
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from services.finance.domain.reconciliation import Reconciliation
from services.finance.operations import operations
from services.finance.queries.records import wanted_invoices
from services.finance.store import accounts, approved_days, invoices, packs
from shared import finding
from shared.events.permissions import Permission
from shared.filters import equal
from shared.money import Money
from shared.paging import LARGEST_PAGE
from shared.work import Work

R = TypeVar("R", ApprovedDays, InvoicePack, Invoice)


@operations.query(
    "GET /invoices/totals",
    needs=Permission.ACCOUNT_READ,
    takes=schemas.InvoiceFilter,
    gives=schemas.InvoiceTotalsView,
)
def get_invoice_totals(work: Work, wanted: dict[str, Any]) -> dict[str, Any]:
    """The sums of a list of invoices with the same filters, by currency."""
    of = invoices.c
    is_draft = of.state == InvoiceState.DRAFT
    given_up = of.state == InvoiceState.UNCOLLECTIBLE
    to_receive = ~given_up & (of.outstanding_minor > 0)
    sums = {
        "drafted": _sum(is_draft, of.total_minor),
        "invoiced": _sum(~is_draft, of.total_minor),
        "paid": func.sum(of.paid_minor),
        "set_off": _sum(~is_draft, of.total_minor - of.paid_minor - of.outstanding_minor),
        "outstanding": _sum(to_receive, of.outstanding_minor),
        "owed": _sum(of.outstanding_minor < 0, -of.outstanding_minor),
        "written_off": _sum(given_up & (of.outstanding_minor > 0), of.outstanding_minor),
    }
    statement = (
        select(of.currency, func.count().label("invoices"), *(s.label(n) for n, s in sums.items()))
        .where(of.state != InvoiceState.VOID)
        .group_by(of.currency)
        .order_by(of.currency)
    )
    rows = work.session.execute(wanted_invoices(statement, wanted, work)).mappings()
    return {
        "totals": [
            {
                "currency": row["currency"],
                "invoices": row["invoices"],
                **{name: Money(int(row[name]), row["currency"]) for name in sums},
            }
            for row in rows
        ]
    }


def _present(work: Work, found: Sequence[Account], wanted: dict[str, Any]) -> list[Reconciliation]:
    return [
        each
        for each in _reconcile(work, found)
        if each.difference or each.unexplained or each.not_yet_billed or not wanted["differing"]
    ]


@operations.listing(
    "GET /reconciliation",
    needs=Permission.ACCOUNT_READ,
    takes=schemas.ReconciliationFilter,
    gives=schemas.ReconciliationView,
    sorts={"contract_reference": finding.reference_order(accounts.c.contract_reference, "CTR")},
    default_sort="contract_reference",
    key=accounts.c.id,
    present=_present,
)
def get_reconciliation(_work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """What contracts let finance bill against what it billed, and the causes of a difference.

    Also what is not yet billed per contract. Every difference has causes that add up to it.
    """
    return _asked_for(wanted)


@operations.query(
    "GET /reconciliation/totals",
    needs=Permission.ACCOUNT_READ,
    takes=schemas.AccountsAskedFor,
    gives=schemas.ReconciliationTotalsView,
)
def get_reconciliation_totals(work: Work, wanted: dict[str, Any]) -> dict[str, Any]:
    """The sums of the reconciliation by currency, of all accounts asked for."""
    sums: dict[str, _Sums] = {}
    for part in work.session.scalars(_asked_for(wanted)).partitions(LARGEST_PAGE):
        for each in _reconcile(work, part):
            currency = each.due.currency
            sums[currency] = sums.get(currency, _Sums.none(currency)).with_(each)
    return {"totals": [sums[currency] for currency in sorted(sums)]}


def _asked_for(wanted: dict[str, Any]) -> Select[Any]:
    return equal(
        select(Account), wanted, contract_id=accounts.c.id, partner_id=accounts.c.partner_id
    )


@dataclass(frozen=True)
class _Sums:
    """Of the accounts in one currency."""

    currency: str
    accounts: int
    due: Money
    billed: Money
    difference: Money
    unexplained: Money
    not_yet_billed: Money

    @classmethod
    def none(cls, currency: str) -> "_Sums":
        return cls(currency, 0, *[Money.zero(currency)] * 5)

    def with_(self, account: Reconciliation) -> "_Sums":
        return _Sums(
            self.currency,
            self.accounts + 1,
            self.due + account.due,
            self.billed + account.billed,
            self.difference + account.difference,
            self.unexplained + account.unexplained,
            self.not_yet_billed + account.not_yet_billed,
        )


def _reconcile(work: Work, found: Sequence[Account]) -> list[Reconciliation]:
    """With all days, packs and invoices of these accounts."""
    ids = [each.id for each in found]
    days = _by_contract(work, ApprovedDays, approved_days, ids)
    prepared = _by_contract(work, InvoicePack, packs, ids)
    documents = _by_contract(work, Invoice, invoices, ids)
    return [
        Reconciliation.of(
            each,
            days[each.id],
            prepared[each.id],
            documents[each.id],
            ledger.reduced(work, each.id) if any(e.reduced for e in documents[each.id]) else (),
        )
        for each in found
    ]


def _by_contract(
    work: Work, kind: type[R], table: Table, account_ids: Sequence[UUID]
) -> dict[UUID, list[R]]:
    found: dict[UUID, list[R]] = defaultdict(list)
    for each in work.session.scalars(select(kind).where(table.c.contract_id.in_(account_ids))):
        found[each.contract_id].append(each)
    return found


def _sum(condition: ColumnElement[bool], amount: ColumnElement[int]) -> Any:
    return func.sum(case((condition, amount), else_=0))
