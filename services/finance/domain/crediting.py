"""Credit notes for one invoice: in full, so that it can be billed anew, or over an amount.

In full: every line is taken back; its days and its milestone may be billed again, as if the
invoice had been voided, but with a document for each step. Over an amount (a price reduced, a
gesture): what was billed stays billed. An amount that is all that is left is a credit in full:
what asks for nothing is not billed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.billing import Bill, draft_of
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from services.finance.domain.pack_lines import ONE, credit_line, take_back
from services.finance.domain.reductions import reduce, still_billed
from shared.errors import Conflict, Invalid
from shared.events.finance import PackLine
from shared.events.vocabulary import LineKind
from shared.identifiers import new_id
from shared.money import Money, total


def left_to_credit(
    account: Account, invoice: Invoice, pack: InvoicePack, days: Sequence[ApprovedDays]
) -> Money:
    """What an issued invoice still asks for: its total less all that was credited of it.

    Also less where a decision on its milestone, or a reversal of its days, took some of it back.
    """
    lines = still_billed(pack, days, account.expected)
    left = total([line.amount for line in lines], account.currency) - invoice.reduced
    return max(left, Money.zero(account.currency))


def credit_amount(
    account: Account,
    invoice: Invoice,
    pack: InvoicePack,
    days: Sequence[ApprovedDays],
    named: Mapping[UUID, Invoice],
    amount: Money,
    reason: str,
    today: date,
) -> Bill:
    """The draft of a credit note over a part of an invoice, or over the whole of what is left.

    named: see `credit_in_full`. Raises Invalid above what is left.
    """
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
    if amount == left:
        return credit_in_full(account, invoice, pack, days, named, reason, today)
    line = credit_line(f"Credit for {invoice.issued_number}: {reason}", -amount, invoice)
    return _prepare(account, invoice, pack, named, (line,), today)


def credit_in_full(
    account: Account,
    invoice: Invoice,
    pack: InvoicePack,
    days: Sequence[ApprovedDays],
    named: Mapping[UUID, Invoice],
    reason: str,
    today: date,
) -> Bill:
    """The draft of a credit note over all that is left of an invoice.

    days: those that the pack bills or credits; they may be billed (or credited) again. named: this
    invoice, and those of which its lines take back credits. Raises Conflict where nothing is left.
    """
    _require_issued_invoice(invoice)
    billed = still_billed(pack, days, account.expected)
    if not left_to_credit(account, invoice, pack, days):
        raise Conflict(
            f"All that {invoice.issued_number} asked for was credited already.",
            rule="credit-within-what-is-left",
            field="state",
            accepted="an invoice of which something is left",
        )
    lines = [_taken_back(line, reason) for line in billed]
    if invoice.reduced:
        lines.append(credit_line("Credited before", invoice.reduced, invoice))
    for each in days:
        if each.credit_pack_id in (None, pack.id):
            each.release(pack.id)
    take_back(account, tuple(billed))
    if pack.milestone_id is not None:
        fee = total([e.amount for e in billed if e.kind is LineKind.FEE], account.currency)
        account.take_off_pack(pack.milestone_id, pack.id, fee)
    return _prepare(account, invoice, pack, named, tuple(lines), today)


def issued(account: Account, credit: Invoice, invoice: Invoice, *, on: date, by: str) -> None:
    """A credit note for an invoice was sent: it settles what is outstanding on that."""
    invoice.credit_issued(credit, on)
    amount = min(credit.owed, invoice.receivable)
    if amount:
        with account.counting(credit), account.counting(invoice):
            credit.set_off(invoice, amount, on=on, by=by)


def void_credit(
    account: Account,
    credit: Invoice,
    pack: InvoicePack,
    invoice: Invoice,
    days: Sequence[ApprovedDays],
    named: Mapping[UUID, Invoice],
    reason: str,
    today: date,
) -> None:
    """Void a credit note for one invoice: that invoice stands again as before.

    pack: the credit note's. days: those of its lines. named: the invoices that its lines credit
    over an amount. Raises Conflict where the days, or the milestone, have been billed again since,
    or where what it credits was taken back.
    """
    was_issued = credit.is_issued
    with account.counting(credit):
        credit.void(reason)
    reduce(named, pack.lines, -1)
    if was_issued:
        invoice.credit_voided(credit, today)
    invoice.credited += credit.total
    by_entry = {each.entry_id: each for each in days}
    for line in pack.lines:
        if line.entry_id is not None:
            _put_back(by_entry[line.entry_id], line, invoice.pack_id)
    take_back(account, pack.lines)
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


def _taken_back(line: PackLine, reason: str) -> PackLine:
    if line.role is not None:
        return replace(line, quantity=-line.quantity, amount=-line.amount)
    return replace(
        line,
        description=f"{line.description}: {reason}",
        quantity=ONE if line.amount.minor < 0 else -ONE,
        amount=-line.amount,
    )


def _prepare(
    account: Account,
    invoice: Invoice,
    credited: InvoicePack,
    named: Mapping[UUID, Invoice],
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
    reduce(named, lines)
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
