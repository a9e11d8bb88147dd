"""Contracts, days and accounts as the finance tests meet them."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from services.finance.domain import billing
from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.billing import Bill
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from services.finance.domain.policy import Policy
from services.finance.domain.reductions import ReducedInvoice
from services.finance.domain.settling import Transfer
from shared.events.consultancy import LoggedDays
from shared.events.contract import BudgetLine, ContractTerms, MilestoneTerms
from shared.events.vocabulary import ContractType, DayKind, MilestoneType
from shared.identifiers import new_id
from shared.money import Money

PARTNER = UUID("01890000-0000-7000-8000-000000000001")
CONTRACT = UUID("01890000-0000-7000-8000-000000000002")
INCEPTION = UUID("01890000-0000-7000-8000-000000000003")
FINAL = UUID("01890000-0000-7000-8000-000000000004")
MONDAY = date(2026, 3, 2)


def gbp(amount: str | int) -> Money:
    return Money.of(amount, "GBP")


def milestone(
    milestone_id: UUID,
    amount: Money | None,
    type: MilestoneType = MilestoneType.PAYMENT,
) -> MilestoneTerms:
    titles = {INCEPTION: "Inception report", FINAL: "Final report"}
    return MilestoneTerms(
        milestone_id=milestone_id,
        title=titles.get(milestone_id, "A report"),
        type=type,
        due_on=date(2026, 6, 30),
        amount=amount,
    )


def terms(version: int = 1, **changes: object) -> ContractTerms:
    """A fixed-price contract of 100,000.00 GBP in two payments."""
    agreed: dict[str, object] = {
        "version": version,
        "type": ContractType.STATEMENT_OF_WORK,
        "title": "Assessment renewal",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        "value": gbp(100_000),
        "milestones": (
            milestone(INCEPTION, gbp(40_000)),
            milestone(FINAL, gbp(60_000)),
        ),
        "day_budget": (
            BudgetLine(role="senior adviser", days=Decimal(40), rate=gbp(1_000)),
            BudgetLine(role="adviser", days=Decimal(60), rate=gbp("700.50")),
        ),
        "payment_days": 30,
        "purchase_order": "PO-7781",
    }
    return ContractTerms(**{**agreed, **changes})  # type: ignore[arg-type]


def terms_by_days(version: int = 1, **changes: object) -> ContractTerms:
    """The same work without payment milestones: invoiced by days."""
    return terms(version, **{"milestones": (), **changes})


def account(agreed: ContractTerms | None = None) -> Account:
    return Account.open(
        contract_id=CONTRACT,
        reference="CTR-2026-0042",
        partner_id=PARTNER,
        terms=agreed or terms(),
    )


def entry(
    worked_on: date = MONDAY,
    days: str = "1",
    role: str = "senior adviser",
    *,
    chargeable: bool = True,
    contract_id: UUID = CONTRACT,
) -> LoggedDays:
    return LoggedDays(
        entry_id=new_id(),
        engagement_id=new_id(),
        contract_id=contract_id,
        partner_id=PARTNER,
        consultant_id=new_id(),
        role=role,
        worked_on=worked_on,
        days=Decimal(days),
        kind=DayKind.ON_SITE,
        chargeable=chargeable,
    )


def approved(
    worked_on: date = MONDAY, days: str = "1", role: str = "senior adviser"
) -> ApprovedDays:
    return ApprovedDays.of(entry(worked_on, days, role))


def bill_milestone(
    of: Account,
    milestone_id: UUID,
    days: Sequence[ApprovedDays] = (),
    last_billed: date | None = None,
    today: date = MONDAY,
    reduced: Sequence[ReducedInvoice] = (),
) -> Bill:
    return billing.bill_milestone(of, milestone_id, days, reduced, last_billed, today)


def bill_period(
    of: Account,
    period_from: date,
    period_to: date,
    days: Sequence[ApprovedDays],
    today: date = MONDAY,
    reduced: Sequence[ReducedInvoice] = (),
) -> Bill:
    return billing.bill_period(of, period_from, period_to, days, reduced, today)


def invoiced_inception(of: Account) -> tuple[InvoicePack, Invoice]:
    """The pack and draft of the first payment, 40,000.00 GBP."""
    of.note_decided(INCEPTION, gbp(40_000), MONDAY)
    return bill_milestone(of, INCEPTION)


def issue(invoice: Invoice, number: str = "INV-2026-0001", on: date = MONDAY) -> None:
    """Due thirty days later."""
    invoice.open(
        number=number,
        issued_on=on,
        due_on=None,
        payment_days=30,
        earliest=on,
        latest=on,
        policy=Policy(),
    )


def open_invoice(of: Account | None = None) -> Invoice:
    """Issued on the Monday."""
    _, invoice = invoiced_inception(of or account())
    issue(invoice)
    return invoice


def pay(invoice: Invoice, amount: Money, on: date = MONDAY + timedelta(days=3)) -> None:
    transfer = Transfer(amount=amount, paid_on=on, bank_reference=None, recorded_by="fin")
    invoice.receive(transfer, latest=on)
