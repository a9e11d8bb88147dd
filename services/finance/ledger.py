"""The days, packs and documents of an account, as its rules ask for them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select

from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.bank_references import KnownReference, plain_reference
from services.finance.domain.billing import Bill, bill_milestone, void
from services.finance.domain.crediting import void_credit
from services.finance.domain.document import InvoiceState
from services.finance.domain.expected import ExpectedPayment
from services.finance.domain.invoice import Invoice
from services.finance.domain.pack import InvoicePack
from services.finance.domain.reductions import ReducedInvoice
from services.finance.store import approved_days, invoices, packs
from shared.errors import Conflict
from shared.work import Work


def account_of(work: Work, invoice: Invoice) -> Account:
    """The account that counts the invoice, which nobody else changes before this transaction ends.

    So those who work on invoices of one contract at the same moment queue, and none is refused.
    """
    return work.lock(Account, invoice.contract_id)


@contextmanager
def counting(work: Work, *documents: Invoice) -> Iterator[None]:
    """Whatever happens to the documents inside is counted in their accounts, which are held.

    Accounts are held in one order by everybody.
    """
    held = {id: work.lock(Account, id) for id in sorted({e.contract_id for e in documents})}
    with ExitStack() as counted:
        for each in documents:
            counted.enter_context(held[each.contract_id].counting(each))
        yield


def to_bill(work: Work, contract_id: UUID) -> Sequence[ApprovedDays]:
    """The contract's days that await billing, and those that await their credit."""
    days = approved_days.c
    awaits_billing = days.pack_id.is_(None) & ~days.reversed
    awaits_credit = days.pack_id.is_not(None) & days.reversed & days.credit_pack_id.is_(None)
    return work.session.scalars(
        select(ApprovedDays).where(
            days.contract_id == contract_id, or_(awaits_billing, awaits_credit)
        )
    ).all()


def on_pack(work: Work, pack: InvoicePack) -> Sequence[ApprovedDays]:
    """The days of a pack's lines."""
    named = {line.entry_id for line in pack.lines if line.entry_id is not None}
    return work.session.scalars(
        select(ApprovedDays).where(
            approved_days.c.contract_id == pack.contract_id, approved_days.c.entry_id.in_(named)
        )
    ).all()


def reduced(work: Work, contract_id: UUID) -> Sequence[ReducedInvoice]:
    """The contract's invoices with credits over an amount."""
    found = select(Invoice).where(
        invoices.c.contract_id == contract_id, invoices.c.reduced_minor > 0
    )
    return [
        ReducedInvoice(each, pack, on_pack(work, pack))
        for each in work.session.scalars(found.order_by(invoices.c.id)).all()
        for pack in [work.get(InvoicePack, each.pack_id)]
    ]


def named_by(work: Work, pack: InvoicePack, *more: Invoice) -> dict[UUID, Invoice]:
    """The invoices of which the pack's lines credit an amount, or take that back; and `more`."""
    ids = {line.invoice_id for line in pack.lines if line.invoice_id is not None}
    return {id: work.get(Invoice, id) for id in ids} | {each.id: each for each in more}


def keep(work: Work, bill: Bill) -> InvoicePack:
    """Keep a pack and its draft."""
    pack, invoice = bill
    work.add(pack)
    work.add(invoice)
    return pack


def invoice_milestone(work: Work, account: Account, milestone_id: UUID) -> InvoicePack:
    """Keep the pack and the draft of what is met of a milestone and not billed yet."""
    return keep(
        work,
        bill_milestone(
            account,
            milestone_id,
            to_bill(work, account.id),
            reduced(work, account.id),
            _last_billed(work, account.id),
            work.today,
        ),
    )


def bill_if_there_is_room(work: Work, account: Account, milestone_id: UUID) -> None:
    """As `invoice_milestone`, on an event, which nobody is there to be refused.

    Where nothing is to be billed or credited, or the contract's value leaves no room, nothing
    happens: the account shows what is met and not billed, and its reconciliation says so.
    """
    if not account.payment(milestone_id).to_bill:
        return
    try:
        invoice_milestone(work, account, milestone_id)
    except Conflict as refusal:
        if refusal.rule not in ("value-is-ceiling", "something-to-bill"):
            raise


def void_invoice(work: Work, account: Account, invoice: Invoice, reason: str) -> None:
    """Void an invoice or credit note with its pack; what it billed or credited is open again."""
    pack = work.get(InvoicePack, invoice.pack_id)
    days = on_pack(work, pack)
    if invoice.credits_invoice_id is None:
        void(account, invoice, pack, days, named_by(work, pack), reason)
    else:
        credited = work.get(Invoice, invoice.credits_invoice_id)
        named = named_by(work, pack)
        void_credit(account, invoice, pack, credited, days, named, reason, work.today)


def void_drafts(work: Work, account: Account, payment: ExpectedPayment, reason: str) -> None:
    """Void what a new decision contradicts among a milestone's drafts, the latest first.

    Where more is met, draft credits; where less, draft bills. One that cannot be voided, because
    a later pack credits its days, stays: a credit or a bill makes up for it.
    """
    drafts = work.session.scalars(
        select(Invoice)
        .where(
            invoices.c.pack_id.in_(payment.pack_ids),
            invoices.c.state == InvoiceState.DRAFT,
            invoices.c.credits_invoice_id.is_(None),
        )
        .order_by(invoices.c.id.desc())
    )
    for each in drafts.all():
        fee = work.get(InvoicePack, each.pack_id).fee
        if (fee.minor < 0) == (payment.to_bill.minor < 0):
            continue
        try:
            void_invoice(work, account, each, reason)
        except Conflict as refusal:
            if refusal.rule != "void-the-credit-first":
                raise


def use_reference(work: Work, written: str, invoice: Invoice, *, repeated: bool) -> None:
    """Note the bank reference of a payment on this invoice.

    repeated: it was confirmed that other payments may stand under it. Raises Conflict where it was
    not and they do.
    """
    plain = plain_reference(written)
    known = work.find(KnownReference, plain)
    if known is None:
        known = work.add(KnownReference(reference=plain))
    if not repeated:
        numbers = select(invoices.c.number).where(invoices.c.id.in_(known.invoice_ids))
        known.require_unused([str(each) for each in work.session.scalars(numbers)])
    known.use(invoice.id)


def give_back_reference(work: Work, written: str, invoice: Invoice) -> None:
    """The payment under it was reversed: another one may use it."""
    work.get(KnownReference, plain_reference(written)).give_back(invoice.id)


def _last_billed(work: Work, contract_id: UUID) -> date | None:
    return work.session.scalar(
        select(func.max(packs.c.period_to)).where(
            packs.c.contract_id == contract_id, packs.c.stands
        )
    )
