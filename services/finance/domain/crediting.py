"""Credit notes for one invoice: in full, so that it can be billed anew, or over an amount.

In full: every line is taken back; its days and its milestone may be billed again, as if the
invoice had been voided, but with a document for each step. Over an amount (a price reduced, a
gesture): what was billed stays billed.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.billing import Bill, draft_of
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from services.finance.domain.pack_lines import take_back
from shared.errors import Conflict, Invalid
from shared.events.finance import PackLine
from shared.events.vocabulary import LineKind
from shared.identifiers import new_id
from shared.money import Money, total

ONE = Decimal(1)


def left_to_credit(
    account: Account, invoice: Invoice, pack: InvoicePack, days: Sequence[ApprovedDays]
) -> Money:
    """What an issued invoice still asks for: its total less all that was credited of it.

    After a credit in full its lines are billed no longer, and what was credited is more than them.
    """
    lines = _still_billed(account, pack, days)
    left = total([line.amount for line in lines], account.currency) - invoice.credited
    return max(left, Money.zero(account.currency))


def credit_amount(
    account: Account,
    invoice: Invoice,
    pack: InvoicePack,
    days: Sequence[ApprovedDays],
    amount: Money,
    reason: str,
    today: date,
) -> Bill:
    """The draft of a credit note over a part of an invoice. Raises Invalid above what is left."""
    _require_issued_invoice(invoice)
    left = left_to_credit(account, invoice, pack, days)
    if amount.currency != account.currency or not 0 < amount.minor <= left.minor:
        raise Invalid(
            f"{invoice.issued_number} over {invoice.total} leaves {left} to credit; {amount} "
            "cannot be credited on it.",
            rule="credit-within-what-is-left",
            field="amount",
            accepted=f"more than 0 and at most {left}" if left.minor > 0 else "no further credit",
        )
    line = _credit_line(f"Credit for {invoice.issued_number}: {reason}", -amount)
    return _prepare(account, invoice, pack, (line,), today)


def credit_in_full(
    account: Account,
    invoice: Invoice,
    pack: InvoicePack,
    days: Sequence[ApprovedDays],
    reason: str,
    today: date,
) -> Bill:
    """The draft of a credit note over all that is left of an invoice.

    days: those that the pack bills or credits; they may be billed (or credited) again. Raises
    Conflict where nothing is left.
    """
    _require_issued_invoice(invoice)
    billed = _still_billed(account, pack, days)
    if not left_to_credit(account, invoice, pack, days):
        raise Conflict(
            f"All that {invoice.issued_number} asked for was credited already.",
            rule="credit-within-what-is-left",
            field="state",
            accepted="an invoice of which something is left",
        )
    lines = [
        replace(line, quantity=-line.quantity, amount=-line.amount)
        if line.role is not None
        else replace(_credit_line(f"{line.description}: {reason}", -line.amount), kind=line.kind)
        for line in billed
    ]
    if invoice.credited:
        lines.append(_credit_line("Credited before", invoice.credited))
    for each in days:
        if each.credit_pack_id in (None, pack.id):
            each.release(pack.id)
    take_back(account, tuple(billed))
    if pack.milestone_id is not None:
        fee = total([e.amount for e in billed if e.kind is LineKind.FEE], account.currency)
        account.take_off_pack(pack.milestone_id, pack.id, fee)
    return _prepare(account, invoice, pack, tuple(lines), today)


def void_credit(
    account: Account,
    credit: Invoice,
    pack: InvoicePack,
    invoice: Invoice,
    days: Sequence[ApprovedDays],
    reason: str,
) -> None:
    """Void a credit note for one invoice: that invoice stands again as before.

    pack: the credit note's. days: those of its lines. Raises Conflict where they, or the
    milestone, have been billed again since.
    """
    with account.counting(credit):
        credit.void(reason)
    invoice.credited += credit.total
    by_entry = {each.entry_id: each for each in days}
    for line in pack.lines:
        if line.entry_id is not None:
            _put_back(by_entry[line.entry_id], line, invoice.pack_id)
    take_back(account, pack.lines)
    account.note_reduced(pack.milestone_id, -pack.reduction)
    if pack.milestone_id is not None and pack.fee:
        account.put_back_on_pack(pack.milestone_id, invoice.pack_id, -pack.fee)
    pack.withdraw()


def _put_back(days: ApprovedDays, line: PackLine, pack_id: UUID) -> None:
    """Bill days on their first pack again, or credit them there, as before the credit note."""
    if line.quantity < 0:
        if days.pack_id is not None:
            raise _used_again("billed")
        days.bill(pack_id, line.unit_price)
    else:
        if not days.awaits_credit:
            raise _used_again("credited")
        days.credit(pack_id, line.amount)


def _used_again(what: str) -> Conflict:
    return Conflict(
        f"Days of this credit note have been {what} again since: void that invoice first.",
        rule="billed-again-since",
        field="state",
        accepted="a credit note whose days are on no other invoice",
    )


def _still_billed(
    account: Account, pack: InvoicePack, days: Sequence[ApprovedDays]
) -> list[PackLine]:
    """The pack's lines, but for days that were credited elsewhere and fees that were taken back."""
    elsewhere = {
        each.entry_id
        for each in days
        if each.pack_id != pack.id or each.credit_pack_id not in (None, pack.id)
    }
    still = []
    for line in pack.lines:
        if line.kind is LineKind.FEE and pack.milestone_id is not None:
            fee = min(line.amount, account.payment(pack.milestone_id).billed)
            still.append(replace(line, amount=fee))
        elif line.entry_id is None or line.quantity < 0 or line.entry_id not in elsewhere:
            still.append(line)
    return still


def _credit_line(description: str, amount: Money) -> PackLine:
    sign = -ONE if amount.minor < 0 else ONE
    return PackLine(
        kind=LineKind.CREDIT,
        description=description,
        quantity=sign,
        unit_price=amount * sign,
        amount=amount,
    )


def _prepare(
    account: Account,
    invoice: Invoice,
    credited: InvoicePack,
    lines: tuple[PackLine, ...],
    today: date,
) -> Bill:
    pack = InvoicePack.prepare(
        pack_id=new_id(),
        contract_id=account.id,
        contract_reference=account.contract_reference,
        partner_id=account.partner_id,
        terms_version=credited.terms_version,
        milestone_id=credited.milestone_id,
        purchase_order=invoice.purchase_order,
        period_from=credited.period_from,
        period_to=credited.period_to,
        lines=lines,
        ready_on=today,
        credits_invoice_id=invoice.id,
    )
    invoice.credited -= pack.total
    return pack, draft_of(account, pack)


def _require_issued_invoice(invoice: Invoice) -> None:
    if invoice.is_credit_note or not invoice.is_issued:
        raise Conflict(
            "A credit note is made for an invoice that was issued. Void a draft; void a credit "
            "note after reversing what was refunded or set off.",
            rule="credit-for-issued-invoice",
            field="state",
            accepted="an issued invoice",
        )
