"""What goes on a pack, and what comes free when its invoice is voided.

Fixed price (the contract has payment milestones): the fee is what is met of the milestone and not
billed yet; the approved days that led there are listed at zero, covered by the fee, so that they
count as billed, once.
By days (it has none): each approved day of a period at the rate of its role in the terms in force.
A day that was reversed after it was billed is a negative line at the price it was billed at, on
the next pack, which may so come to nothing or less.
The contract's value is the ceiling of all its bills, whatever they are for.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.expected import ExpectedPayment
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from services.finance.domain.pack_lines import PackLines, take_back
from services.finance.domain.reductions import ReducedInvoice, reduce
from shared.errors import Conflict, Invalid
from shared.identifiers import new_id
from shared.money import Money

Bill = tuple[InvoicePack, Invoice]

#: How far, in days, a period may reach beyond the contract's start and beyond today.
A_YEAR = 366


def bill_milestone(
    account: Account,
    milestone_id: UUID,
    days: Sequence[ApprovedDays],
    reduced: Sequence[ReducedInvoice],
    last_billed: date | None,
    today: date,
) -> Bill:
    """The pack and draft invoice of a payment milestone: what is met of it and not billed yet.

    Where less is met now than was billed, a credit. days: the account's days that await billing
    or credit. reduced: its invoices with credits over an amount. last_billed: the last day of the
    period of the latest pack that stands. Raises Conflict where there is nothing to bill, or no
    room below the contract's value.
    """
    payment = account.payment_to_bill(milestone_id)
    met_on = payment.met_on or today
    lines = PackLines(account)
    lines.fee(_fee_description(payment), payment.to_bill)
    covered = _oldest_first(
        each
        for each in days
        if each.awaits_billing and each.worked_on <= met_on and payment.to_bill.minor > 0
    )
    for each in covered:
        lines.bill(each, Money.zero(account.currency), " (covered by the fee)")
    pack_id = new_id()
    after = payment.with_part(pack_id, payment.to_bill)
    _credit_reversed(lines, days, reduced, [after if e is payment else e for e in account.expected])
    if not lines.asks_for_something:
        raise _credited_before(payment)
    account.require_room_for(lines.total, field="milestone_id")
    starts_on = account.starts_on if last_billed is None else last_billed + timedelta(days=1)
    first = min([met_on, starts_on, *(each.worked_on for each in covered)])
    account.put_on_pack(milestone_id, pack_id)
    return _prepare(account, pack_id, milestone_id, (first, met_on), lines, reduced, today)


def bill_period(
    account: Account,
    period_from: date,
    period_to: date,
    days: Sequence[ApprovedDays],
    reduced: Sequence[ReducedInvoice],
    today: date,
) -> Bill:
    """The pack and draft invoice of the approved, unbilled days worked in a period.

    All credits that wait come with them, of whatever date; they alone make a credit pack. Raises
    Conflict for a fixed-price contract (but for its credits), a role without a rate, nothing to
    bill, or more than the contract's value leaves room for; then no day has been billed.
    """
    _check_period(account, period_from, period_to, today)
    lines = PackLines(account)
    if not account.is_fixed_price:
        for each in _oldest_first(
            each
            for each in days
            if each.awaits_billing and period_from <= each.worked_on <= period_to
        ):
            lines.bill(each, account.rate_of(each.role))
    _credit_reversed(lines, days, reduced, account.expected)
    if not lines.asks_for_something:
        raise _nothing_to_bill(account, period_from, period_to)
    account.require_room_for(lines.total, field="period_to")
    return _prepare(account, new_id(), None, (period_from, period_to), lines, reduced, today)


def void(
    account: Account,
    invoice: Invoice,
    pack: InvoicePack,
    days: Sequence[ApprovedDays],
    named: Mapping[UUID, Invoice],
    reason: str,
) -> None:
    """Void an invoice; its days and its milestone may be billed again.

    days: those that the pack bills or credits. named: the invoices of which it takes back credits.
    Raises Conflict where a later pack that stands credits one of its days, or a part of its fee:
    voiding would leave a credit for what was never billed.
    """
    _require_uncredited(account, pack, days)
    with account.counting(invoice):
        invoice.void(reason)
    pack.withdraw()
    take_back(account, pack.lines)
    reduce(named, pack.lines, -1)
    for each in days:
        each.release(pack.id)
    if pack.milestone_id is not None:
        account.take_off_pack(pack.milestone_id, pack.id, pack.fee)


def _require_uncredited(account: Account, pack: InvoicePack, days: Sequence[ApprovedDays]) -> None:
    """Raises Conflict where a later pack credits what this one bills."""
    credited = any(each.pack_id == pack.id and each.credit_pack_id is not None for each in days)
    if pack.milestone_id is not None and pack.fee.minor > 0:
        credited = credited or account.payment(pack.milestone_id).left_on(pack.id) != pack.fee
    if credited:
        raise Conflict(
            "A later invoice or credit note credits some of what this one bills: void that first, "
            "or issue a credit note for this one.",
            rule="void-the-credit-first",
            field="state",
            accepted="an invoice of which no other document credits anything",
        )


def _check_period(account: Account, period_from: date, period_to: date, today: date) -> None:
    if period_to < period_from:
        raise Invalid(
            "The period ends before it starts.",
            rule="period-ends-after-start",
            field="period_to",
            accepted=f"{period_from} or later",
        )
    first, last = _days_from(account.starts_on, -A_YEAR), _days_from(today, A_YEAR)
    for field, on in (("period_from", period_from), ("period_to", period_to)):
        if not first <= on <= last:
            raise Invalid(
                f"{on} is more than a year away from the contract, which started on "
                f"{account.starts_on}, and from today.",
                rule="date-possible",
                field=field,
                accepted=f"a date from {first} to {last}",
            )


def _days_from(on: date, days: int) -> date:
    """So many days later, or earlier, as far as the calendar goes."""
    ordinal = on.toordinal() + days
    return date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))


def _nothing_to_bill(account: Account, period_from: date, period_to: date) -> Conflict:
    if account.is_fixed_price:
        return Conflict(
            f"Contract {account.contract_reference} is paid by milestones: choose a milestone that "
            "was met, not a period.",
            rule="fixed-price-by-milestone",
            field="period_from",
            accepted="milestone_id",
        )
    return Conflict(
        f"Contract {account.contract_reference} has no approved, unbilled days from {period_from} "
        f"to {period_to}, and no credit that waits.",
        rule="something-to-bill",
        field="period_from",
        accepted="a period with approved days that are not on another pack",
    )


def _prepare(
    account: Account,
    pack_id: UUID,
    milestone_id: UUID | None,
    period: tuple[date, date],
    lines: PackLines,
    reduced: Sequence[ReducedInvoice],
    today: date,
) -> Bill:
    pack = InvoicePack.prepare(
        pack_id=pack_id,
        contract_id=account.id,
        contract_reference=account.contract_reference,
        partner_id=account.partner_id,
        terms_version=account.terms_version,
        milestone_id=milestone_id,
        purchase_order=account.purchase_order,
        period_from=period[0],
        period_to=period[1],
        lines=lines.keep(pack_id),
        ready_on=today,
    )
    reduce({each.invoice.id: each.invoice for each in reduced}, pack.lines)
    return pack, draft_of(account, pack)


def draft_of(account: Account, pack: InvoicePack) -> Invoice:
    """The pack's draft invoice or credit note, counted in the account's figures."""
    invoice = Invoice.draft(pack)
    account.figures += invoice.figures
    account.packs_prepared += 1
    return invoice


def _fee_description(payment: ExpectedPayment) -> str:
    if payment.to_bill.minor < 0:
        return f"{payment.title} (less is met than was billed)"
    if payment.outcome == "partially_met":
        return f"{payment.title} (partially met: {payment.met_amount} of {payment.amount})"
    return f"{payment.title} (the rest)" if payment.billed else payment.title


def _credited_before(payment: ExpectedPayment) -> Conflict:
    return Conflict(
        f"Less is met of “{payment.title}” than was billed, but that much was already credited: "
        "there is nothing to credit.",
        rule="something-to-bill",
        field="milestone_id",
        accepted="a milestone of which more was asked for than is met",
    )


def _credit_reversed(
    lines: PackLines,
    days: Sequence[ApprovedDays],
    reduced: Sequence[ReducedInvoice],
    expected: Sequence[ExpectedPayment],
) -> None:
    for each in _oldest_first(each for each in days if each.awaits_credit):
        lines.credit(each)
    lines.take_back_reductions(reduced, expected)
    lines.round_off()


def _oldest_first(days: Iterable[ApprovedDays]) -> list[ApprovedDays]:
    return sorted(days, key=lambda each: (each.worked_on, str(each.entry_id)))
