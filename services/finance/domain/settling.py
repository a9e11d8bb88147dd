"""How an invoice is settled: payments, refunds of what is owed, set-offs, and their reversal."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.finance.domain.document import Document, InvoiceState, Payment, PaymentKind
from shared.dates import check_happened
from shared.errors import Conflict, Invalid, NotFound
from shared.events.finance import (
    CreditNoteSettled,
    CreditSetOff,
    InvoiceCredited,
    InvoicePaid,
    PaymentRecorded,
    PaymentReversed,
    RefundRecorded,
)
from shared.identifiers import new_id
from shared.money import Money


@dataclass(frozen=True)
class Transfer:
    """Money that moved between the partner and the office."""

    amount: Money
    paid_on: date
    bank_reference: str | None
    recorded_by: str


class Settling(Document):
    """An issued document, until nothing is outstanding on it."""

    def receive(self, transfer: Transfer, *, latest: date) -> None:
        """A payment, whole or in part; the last one makes the invoice paid.

        Raises Invalid for more than is outstanding: see `receive_with_surplus`.
        """
        self._check_receipt(transfer, latest)
        if transfer.amount > self.outstanding:
            surplus = transfer.amount - self.outstanding
            raise Invalid(
                f"{transfer.amount} is {surplus} more than the {self.outstanding} outstanding on "
                f"{self.issued_number}. Either the {surplus} pays another invoice: record "
                f"{self.outstanding} here and the rest there. Or the partner paid too much: record "
                "the whole amount here with surplus “keep_as_credit”; the surplus is then owed to "
                "the partner, to be set off or refunded.",
                rule="no-overpayment",
                field="amount",
                accepted=f"at most {self.outstanding}, or surplus “keep_as_credit”",
            )
        self._take(transfer)

    def receive_with_surplus(self, transfer: Transfer, *, latest: date) -> None:
        """A payment of which what is too much is owed to the partner, on this invoice."""
        self._check_receipt(transfer, latest)
        self._take(transfer)

    def refund(self, transfer: Transfer, *, latest: date) -> None:
        """What is owed on this document is paid out, whole or in part."""
        self._require_owed(transfer.amount)
        self._check_date(transfer.paid_on, latest, what="The refund", field="paid_on")
        payment = self._settle(PaymentKind.REFUNDED, replace(transfer, amount=-transfer.amount))
        self.record(
            RefundRecorded(
                **self._named,
                payment_id=payment.payment_id,
                amount=transfer.amount,
                outstanding=self.outstanding,
                paid_on=transfer.paid_on,
                settlement=self.settlement,
            )
        )
        self._close_when_settled(transfer.paid_on)

    def set_off(self, against: "Settling", amount: Money, *, on: date, by: str) -> None:
        """What is owed on this document settles so much of another one of the same partner."""
        against._require(
            InvoiceState.OPEN, InvoiceState.UNCOLLECTIBLE, to="set a credit off against it"
        )
        self._require_owed(amount)
        if against.currency != self.currency:
            raise Invalid(
                f"{against.issued_number} is in {against.currency} and {self.issued_number} in "
                f"{self.currency}: a credit settles invoices of its own currency. Refund it, or "
                "choose another invoice.",
                rule="set-off-in-one-currency",
                field="against_invoice_id",
                accepted=f"the id of an open invoice in {self.currency}",
            )
        if amount > against.receivable:
            raise Invalid(
                f"Only {against.receivable} is outstanding on {against.issued_number}.",
                rule="set-off-within-outstanding",
                field="amount",
                accepted=f"at most {against.receivable}",
            )
        payment_id = new_id()
        is_credit = self.is_credit_note and self.credits_invoice_id != against.id
        self._set_off(payment_id, -amount, against, on, by)
        against._set_off(payment_id, amount, self, on, by, is_credit=is_credit)

    def credit_issued(self, credit: Document, on: date) -> None:
        """A credit note for this invoice was sent. It may so be credited that was paid before."""
        self._count_credit(-credit.total.minor, on)

    def credit_voided(self, credit: Document, on: date) -> None:
        """A credit note for this invoice, sent before, counts no longer."""
        self._count_credit(credit.total.minor, on)

    def payment(self, payment_id: UUID) -> Payment:
        """Raises NotFound."""
        for each in self.payments:
            if each.payment_id == payment_id:
                return each
        raise NotFound(
            f"{self.number or 'This draft'} has no payment {payment_id}.",
            rule="exists",
            field="payment_id",
        )

    def reverse(
        self, payment_id: UUID, *, reason: str, reversed_on: date, by: str, latest: date
    ) -> None:
        """A payment, refund or set-off did not stand. What it settled is outstanding again."""
        payment = self.payment(payment_id)
        if not payment.stands:
            raise Conflict(
                f"This payment was already reversed on {payment.reversed_on}.",
                rule="reversed-once",
                field="payment_id",
                accepted="a payment that was not reversed",
            )
        check_happened(
            reversed_on,
            since=payment.paid_on,
            latest=latest,
            what="The reversal",
            follows="the payment",
            field="reversed_on",
        )
        undone = replace(payment, reversed_on=reversed_on, reversal_reason=reason, reversed_by=by)
        self.payments = tuple(undone if each is payment else each for each in self.payments)
        self._settlement_changed()
        self.record(
            PaymentReversed(
                **self._named,
                payment_id=payment_id,
                amount=payment.amount,
                outstanding=self.outstanding,
                reversed_on=reversed_on,
                reason=reason,
                settlement=self.settlement,
            )
        )
        self._close_when_settled(reversed_on)

    def _take(self, transfer: Transfer) -> None:
        payment = self._settle(PaymentKind.RECEIVED, transfer)
        self.record(
            PaymentRecorded(
                **self._named,
                payment_id=payment.payment_id,
                amount=transfer.amount,
                outstanding=self.outstanding,
                received_on=transfer.paid_on,
                settlement=self.settlement,
            )
        )
        self._close_when_settled(transfer.paid_on)

    def _count_credit(self, minor: int, on: date) -> None:
        was_credited = self.is_credited
        self.credits_issued_minor += minor
        self._count()
        if self.state is InvoiceState.PAID and self.is_credited is not was_credited:
            self._tell_settled(on)

    def _set_off(
        self,
        payment_id: UUID,
        amount: Money,
        other: "Settling",
        on: date,
        by: str,
        *,
        is_credit: bool = False,
    ) -> None:
        self._add(
            Payment(
                payment_id=payment_id,
                kind=PaymentKind.SET_OFF,
                amount=amount,
                paid_on=on,
                recorded_by=by,
                other_invoice_id=other.id,
                is_credit=is_credit,
            )
        )
        self.record(
            CreditSetOff(
                **self._named,
                payment_id=payment_id,
                other_invoice_id=other.id,
                other_number=other.issued_number,
                amount=amount,
                outstanding=self.outstanding,
                set_off_on=on,
                settlement=self.settlement,
            )
        )
        self._close_when_settled(on)

    def _settle(self, kind: PaymentKind, transfer: Transfer) -> Payment:
        payment = Payment(
            payment_id=new_id(),
            kind=kind,
            amount=transfer.amount,
            paid_on=transfer.paid_on,
            recorded_by=transfer.recorded_by,
            bank_reference=transfer.bank_reference,
        )
        self._add(payment)
        return payment

    def _add(self, payment: Payment) -> None:
        self.payments = (*self.payments, payment)
        self._settlement_changed()

    def _settlement_changed(self) -> None:
        self.settlement += 1
        self._count()

    def _close_when_settled(self, on: date) -> None:
        """Paid once nothing is left to receive, or to give; open again where that was undone."""
        left = self.owed if self.is_credit_note else self.receivable
        if left and self.state is InvoiceState.PAID:
            self.state = InvoiceState.OPEN
            self.overdue_noted = False
        elif not left and self.state is not InvoiceState.PAID:
            self.state, self.reason = InvoiceState.PAID, None
            self._count()
            self._tell_settled(on)
        self._count()

    def _tell_settled(self, on: date) -> None:
        if self.is_credit_note:
            self.record(CreditNoteSettled(**self._named, total=self.total, settled_on=on))
            return
        billed = {**self._named, "milestone_id": self.milestone_id, "total": self.total}
        if self.is_credited:
            self.record(InvoiceCredited(**billed, credited_on=on))
            return
        settled_on = max((each.paid_on for each in self.payments if each.stands), default=on)
        self.record(InvoicePaid(**billed, paid_on=settled_on))

    @property
    def _named(self) -> dict[str, Any]:
        return {
            "invoice_id": self.id,
            "number": self.issued_number,
            "contract_id": self.contract_id,
            "partner_id": self.partner_id,
        }

    def _check_receipt(self, transfer: Transfer, latest: date) -> None:
        self._require(InvoiceState.OPEN, InvoiceState.UNCOLLECTIBLE, to="record a payment on it")
        if self.is_credit_note:
            raise Conflict(
                f"{self.issued_number} is a credit note: money is paid out on it, not received. "
                "Record a refund, or record the payment on the invoice that it pays.",
                rule="payment-on-invoice",
                field="state",
                accepted="an invoice",
            )
        self._check_amount(transfer.amount)
        self._check_date(transfer.paid_on, latest, what="The payment", field="received_on")

    def _check_date(self, on: date, latest: date, *, what: str, field: str) -> None:
        assert self.payable_from is not None
        check_happened(
            on,
            since=self.payable_from,
            latest=latest,
            what=what,
            follows=f"{self.issued_number} was issued",
            field=field,
        )

    def _check_amount(self, amount: Money) -> None:
        if amount.currency != self.currency:
            raise Invalid(
                f"{self.issued_number} is in {self.currency}; this amount is in "
                f"{amount.currency}. Enter what it came to in {self.currency}.",
                rule="payment-in-invoice-currency",
                field="amount.currency",
                accepted=self.currency,
            )
        if amount.minor <= 0:
            raise Invalid(
                "The amount must be more than 0.",
                rule="payment-above-zero",
                field="amount",
                accepted="an amount above 0",
            )

    def _require_owed(self, amount: Money) -> None:
        self._require(InvoiceState.OPEN, InvoiceState.PAID, to="pay out or set off what it owes")
        self._check_amount(amount)
        if amount > self.owed:
            raise Invalid(
                f"{self.issued_number} owes the partner {self.owed}; {amount} is more.",
                rule="within-what-is-owed",
                field="amount",
                accepted=f"at most {self.owed}" if self.owed else "a document that owes something",
            )
