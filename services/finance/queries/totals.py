"""What may be read of sums: under the list of invoices, and contract by contract."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, case, func, select

from services.finance import schemas
from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.document import InvoiceState
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from services.finance.domain.reconciliation import Reconciliation
from services.finance.operations import operations
from services.finance.queries.records import wanted_invoices
from services.finance.store import accounts, approved_days, invoices, packs
from shared.events.permissions import Permission
from shared.filters import equal
from shared.money import Money, total
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


@operations.query(
    "GET /reconciliation",
    needs=Permission.ACCOUNT_READ,
    takes=schemas.ReconciliationFilter,
    gives=schemas.ReconciliationsView,
)
def get_reconciliation(work: Work, wanted: dict[str, Any]) -> dict[str, Any]:
    """What contracts let finance bill against what it billed, and the causes of a difference.

    Also what is not yet billed per contract. Every difference has causes that add up to it.
    """
    asked_for = equal(
        select(Account), wanted, contract_id=accounts.c.id, partner_id=accounts.c.partner_id
    )
    found = work.session.scalars(asked_for.order_by(accounts.c.contract_reference)).all()
    records = _Records.of(work, asked_for.with_only_columns(accounts.c.id))
    reconciled = [records.reconcile(each) for each in found]
    return {
        "items": [
            each
            for each in reconciled
            if each.difference or each.unexplained or each.not_yet_billed or not wanted["differing"]
        ],
        "totals": _by_currency(reconciled),
    }


@dataclass(frozen=True)
class _Records:
    """All days, packs and invoices of some accounts, by contract."""

    days: dict[UUID, list[ApprovedDays]]
    packs: dict[UUID, list[InvoicePack]]
    invoices: dict[UUID, list[Invoice]]

    @classmethod
    def of(cls, work: Work, of_accounts: Select[Any]) -> "_Records":
        return cls(
            _by_contract(work, ApprovedDays, approved_days, of_accounts),
            _by_contract(work, InvoicePack, packs, of_accounts),
            _by_contract(work, Invoice, invoices, of_accounts),
        )

    def reconcile(self, account: Account) -> Reconciliation:
        return Reconciliation.of(
            account,
            self.days.get(account.id, []),
            self.packs.get(account.id, []),
            self.invoices.get(account.id, []),
        )


def _by_contract(
    work: Work, kind: type[R], table: Table, of_accounts: Select[Any]
) -> dict[UUID, list[R]]:
    found: dict[UUID, list[R]] = {}
    for each in work.session.scalars(select(kind).where(table.c.contract_id.in_(of_accounts))):
        found.setdefault(each.contract_id, []).append(each)
    return found


def _by_currency(reconciled: Iterable[Reconciliation]) -> list[dict[str, Any]]:
    by_currency: dict[str, list[Reconciliation]] = {}
    for each in reconciled:
        by_currency.setdefault(each.due.currency, []).append(each)
    names = ("due", "billed", "difference", "unexplained", "not_yet_billed")
    return [
        {
            "currency": currency,
            "accounts": len(group),
            **{name: total([getattr(e, name) for e in group], currency) for name in names},
        }
        for currency, group in sorted(by_currency.items())
    ]


def _sum(condition: ColumnElement[bool], amount: ColumnElement[int]) -> Any:
    return func.sum(case((condition, amount), else_=0))
