"""What goes on a pack, and what comes free when its invoice is voided.

Fixed price (the contract has payment milestones): the fee is the milestone's amount; the approved
days that led there are listed at zero, covered by the fee, so that they count as billed, once.
By days (it has none): each approved day of a period at the rate of its role in the terms in force,
up to the contract's value.
A day that was reversed after it was billed is a negative line at the price it was billed at.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from shared.errors import Conflict, Invalid
from shared.events.finance import PackLine
from shared.events.vocabulary import LineKind
from shared.identifiers import new_id
from shared.money import Money, total


def bill_milestone(
    account: Account,
    milestone_id: UUID,
    days: Sequence[ApprovedDays],
    last_billed: date | None,
) -> tuple[InvoicePack, Invoice]:
    """The pack and draft invoice of a payment milestone that was met.

    days: the account's days that await billing or credit. last_billed: the last day of the
    period of the latest pack that stands.
    """
    pack_id = new_id()
    account.put_on_pack(milestone_id, pack_id)
    payment = account.payment(milestone_id)
    assert payment.met_on is not None
    covered = _oldest_first(
        each for each in days if each.awaits_billing and each.worked_on <= payment.met_on
    )
    fee = PackLine(
        kind=LineKind.FEE,
        description=payment.title,
        quantity=Decimal(1),
        unit_price=payment.amount,
        amount=payment.amount,
    )
    nothing = Money.zero(account.currency)
    lines = [
        fee,
        *(_billed(each, nothing, pack_id, " (covered by the fee)") for each in covered),
    ]
    starts_on = account.starts_on if last_billed is None else last_billed + timedelta(days=1)
    first = min([payment.met_on, starts_on, *(each.worked_on for each in covered)])
    credits = _credits_within(payment.amount, days)
    return _prepare(account, pack_id, milestone_id, (first, payment.met_on), lines, credits)


def bill_period(
    account: Account, period_from: date, period_to: date, days: Sequence[ApprovedDays]
) -> tuple[InvoicePack, Invoice]:
    """The pack and draft invoice of the approved, unbilled days worked in a period.

    Raises Conflict for a fixed-price contract, a role without a rate, nothing to bill, or more
    than the contract's value leaves room for; then no day has been billed.
    """
    if period_to < period_from:
        raise Invalid(
            "The period ends before it starts.",
            rule="period-ends-after-start",
            field="period_to",
            accepted=f"{period_from} or later",
        )
    if account.is_fixed_price:
        raise Conflict(
            f"Contract {account.contract_reference} is paid by milestones: choose a milestone that "
            "was met, not a period.",
            rule="fixed-price-by-milestone",
            field="period_from",
            accepted="milestone_id",
        )
    worked = _oldest_first(
        each for each in days if each.awaits_billing and period_from <= each.worked_on <= period_to
    )
    pack_id = new_id()
    priced = [(each, account.rate_of(each.role)) for each in worked]
    asked_for = total([_amount(each.days, rate) for each, rate in priced], account.currency)
    if asked_for.minor <= 0:
        raise Conflict(
            f"Contract {account.contract_reference} has no approved, unbilled days with a price "
            f"from {period_from} to {period_to}.",
            rule="something-to-bill",
            field="period_from",
            accepted="a period with approved days that are not on another pack",
        )
    credits = _credits_within(asked_for, days)
    account.require_room_for(
        asked_for - total([_worth(each) for each in credits], asked_for.currency)
    )
    lines = [_billed(each, rate, pack_id) for each, rate in priced]
    return _prepare(account, pack_id, None, (period_from, period_to), lines, credits)


def void(
    account: Account,
    invoice: Invoice,
    pack: InvoicePack,
    days: Sequence[ApprovedDays],
    reason: str,
) -> None:
    """Void an invoice; its days and its milestone may be billed again.

    days: those that the pack bills or credits. Raises Conflict where a later pack that stands
    credits one of its days: voiding would leave a credit for what was never billed.
    """
    if any(each.pack_id == pack.id and each.credit_pack_id is not None for each in days):
        raise Conflict(
            "A later invoice credits reversed days of this one: void that invoice first.",
            rule="void-the-credit-first",
            field="state",
            accepted="an invoice whose days no other invoice credits",
        )
    with account.counting(invoice):
        invoice.void(reason)
    pack.withdraw()
    for each in days:
        each.release(pack.id)
    if pack.milestone_id is not None:
        account.take_off_pack(pack.milestone_id)


def _prepare(
    account: Account,
    pack_id: UUID,
    milestone_id: UUID | None,
    period: tuple[date, date],
    lines: list[PackLine],
    credits: Sequence[ApprovedDays],
) -> tuple[InvoicePack, Invoice]:
    lines += [_credited(each, pack_id) for each in credits]
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
        lines=tuple(lines),
    )
    invoice = Invoice.draft(pack)
    account.figures += invoice.figures
    return pack, invoice


def _credits_within(room: Money, days: Iterable[ApprovedDays]) -> list[ApprovedDays]:
    """Reversed days to be credited, oldest first, as far as less than `room` is given back.

    An invoice asks for money; what does not fit waits for the next pack.
    """
    given = []
    for each in _oldest_first(day for day in days if day.awaits_credit):
        worth = _worth(each)
        if worth and worth >= room:
            continue
        room -= worth
        given.append(each)
    return given


def _worth(billed: ApprovedDays) -> Money:
    """What was asked for days that are billed."""
    assert billed.billed_at is not None
    return _amount(billed.days, billed.billed_at)


def _credited(days: ApprovedDays, pack_id: UUID) -> PackLine:
    assert days.billed_at is not None
    days.credit(pack_id)
    return _line(days, -days.days, days.billed_at, " (reversed after it was billed)")


def _billed(days: ApprovedDays, price: Money, pack_id: UUID, remark: str = "") -> PackLine:
    days.bill(pack_id, price)
    return _line(days, days.days, price, remark)


def _line(days: ApprovedDays, quantity: Decimal, price: Money, remark: str) -> PackLine:
    return PackLine(
        kind=LineKind.DAY,
        description=f"{days.role}, {days.worked_on.isoformat()}{remark}",
        quantity=quantity,
        unit_price=price,
        amount=_amount(quantity, price),
        entry_id=days.entry_id,
    )


def _amount(quantity: Decimal, price: Money) -> Money:
    """Rounded to the minor unit, half to even; the same for a day and for its credit."""
    return price * quantity


def _oldest_first(days: Iterable[ApprovedDays]) -> list[ApprovedDays]:
    return sorted(days, key=lambda each: (each.worked_on, str(each.entry_id)))
