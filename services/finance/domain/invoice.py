"""An invoice or credit note from draft to paid, void or uncollectible."""

from datetime import date, timedelta

from services.finance.domain.document import InvoiceState
from services.finance.domain.pack import InvoicePack
from services.finance.domain.policy import Policy
from services.finance.domain.settling import Settling
from shared.dates import check_happened
from shared.errors import Conflict, Invalid
from shared.events.finance import (
    CreditNoteIssued,
    InvoiceCorrected,
    InvoiceDrafted,
    InvoiceOpened,
    InvoiceOverdue,
    InvoiceReinstated,
    InvoiceUncollectible,
    InvoiceVoided,
)
from shared.money import Money


class Invoice(Settling):
    """``draft → open → paid``, ``draft | open → void``, ``open ⇄ uncollectible``.

    Money may still come in on an uncollectible invoice; paid in full it is paid after all. A
    reversed payment opens a paid one again. What was issued and paid is corrected by a credit
    note, never changed.
    """

    @classmethod
    def draft(cls, pack: InvoicePack) -> "Invoice":
        """The invoice of a pack, without a number until it is opened."""
        invoice = cls(
            id=pack.invoice_id,
            number=None,
            pack_id=pack.id,
            contract_id=pack.contract_id,
            contract_reference=pack.contract_reference,
            partner_id=pack.partner_id,
            milestone_id=pack.milestone_id,
            credits_invoice_id=pack.credits_invoice_id,
            total=pack.total,
            state=InvoiceState.DRAFT,
            ready_on=pack.ready_on,
            purchase_order=pack.purchase_order,
            issued_on=None,
            payable_from=None,
            due_on=None,
            payments=(),
            settlement=0,
            credited=Money.zero(pack.total.currency),
            overdue_noted=False,
            reason=None,
            currency=pack.total.currency,
            total_minor=pack.total.minor,
        )
        invoice.record(
            InvoiceDrafted(
                invoice_id=invoice.id,
                pack_id=pack.id,
                contract_id=pack.contract_id,
                partner_id=pack.partner_id,
                milestone_id=pack.milestone_id,
                total=pack.total,
                credits_invoice_id=pack.credits_invoice_id,
            )
        )
        return invoice

    def open(
        self,
        *,
        number: str,
        issued_on: date,
        due_on: date | None,
        payment_days: int | None,
        earliest: date,
        latest: date,
        policy: Policy,
    ) -> None:
        """Give it its number and send it. A credit note is due on no day.

        due_on: None: so many days after its issue as the contract says; needed where nobody
        knows. earliest and latest: the dates that it is anywhere now.

        Raises Invalid for an issue before the pack was ready, unless it is that date somewhere
        now; on a date that has begun nowhere; and for a due date out of bounds.
        """
        self._require(InvoiceState.DRAFT, to="open it")
        check_happened(
            issued_on,
            since=min(self.ready_on, earliest),
            latest=latest,
            what="The invoice",
            follows="its pack was ready",
            field="issued_on",
        )
        if due_on is not None:
            _check_due(due_on, issued_on, policy)
        if due_on is None and not self.is_credit_note:
            due_on = _agreed_due(issued_on, payment_days)
        self.state = InvoiceState.OPEN
        self.number = number
        self.issued_on = issued_on
        self.payable_from = min(issued_on, earliest)
        self.due_on = None if self.is_credit_note else due_on
        self._count()
        self._tell_issued()
        if not self.total:
            self._close_when_settled(issued_on)

    def correct(
        self, *, due_on: date | None, purchase_order: str | None, reason: str, policy: Policy
    ) -> None:
        """Another due date or purchase order; what is None stays."""
        self._require(
            InvoiceState.DRAFT, InvoiceState.OPEN, InvoiceState.UNCOLLECTIBLE, to="correct it"
        )
        if due_on is not None:
            if self.issued_on is None or self.is_credit_note:
                raise Conflict(
                    "A draft has no due date yet (it is set when the invoice is opened), and a "
                    "credit note has none at all.",
                    rule="due-date-of-issued-invoice",
                    field="due_on",
                    accepted="an issued invoice",
                )
            _check_due(due_on, self.issued_on, policy)
            self.due_on, self.overdue_noted = due_on, False
        if purchase_order is not None:
            self.purchase_order = purchase_order
        self.record(
            InvoiceCorrected(
                invoice_id=self.id,
                number=self.number,
                contract_id=self.contract_id,
                partner_id=self.partner_id,
                due_on=self.due_on,
                purchase_order=self.purchase_order,
                reason=reason,
            )
        )

    def void(self, reason: str) -> None:
        """Take it back as if it had never been. Raises Conflict once something settled it."""
        is_nothing = self.state is InvoiceState.PAID and not self.total
        self._require_unsettled()
        if not is_nothing:
            self._require(InvoiceState.DRAFT, InvoiceState.OPEN, to="void it")
        self.state = InvoiceState.VOID
        self.reason = reason
        self._count()
        self.record(
            InvoiceVoided(
                invoice_id=self.id,
                contract_id=self.contract_id,
                partner_id=self.partner_id,
                milestone_id=self.milestone_id,
                reason=reason,
            )
        )

    def give_up(self, reason: str) -> None:
        """What is outstanding will not be received: the debt is right, the money is lost."""
        self._require(InvoiceState.OPEN, to="mark it uncollectible")
        if self.is_credit_note:
            raise Conflict(
                f"{self.issued_number} is a credit note: what it owes is refunded or set off.",
                rule="invoice-state",
                field="state",
                accepted="an invoice",
            )
        self.state = InvoiceState.UNCOLLECTIBLE
        self.reason = reason
        self._count()
        self.record(
            InvoiceUncollectible(**self._named, outstanding=self.outstanding, reason=reason)
        )

    def reinstate(self, reason: str) -> None:
        """It is not uncollectible after all: open again."""
        self._require(InvoiceState.UNCOLLECTIBLE, to="reinstate it")
        self.state, self.reason, self.overdue_noted = InvoiceState.OPEN, None, False
        self._count()
        self.record(InvoiceReinstated(**self._named, outstanding=self.outstanding, reason=reason))

    def note_overdue(self, on: date) -> None:
        """Said once, on the first day after the due date that this is asked; safe to ask again."""
        if self.overdue_noted or not self.is_overdue(on):
            return
        assert self.due_on is not None
        self.overdue_noted = True
        self.record(InvoiceOverdue(**self._named, outstanding=self.outstanding, due_on=self.due_on))

    def _tell_issued(self) -> None:
        assert self.issued_on is not None
        issued = {
            **self._named,
            "milestone_id": self.milestone_id,
            "total": self.total,
            "issued_on": self.issued_on,
        }
        if self.is_credit_note:
            self.record(CreditNoteIssued(**issued, credits_invoice_id=self.credits_invoice_id))
        elif self.due_on is not None:
            self.record(InvoiceOpened(**issued, due_on=self.due_on))

    def _require_unsettled(self) -> None:
        if any(each.stands for each in self.payments):
            raise Conflict(
                f"{self.issued_number} has payments or set-offs: it cannot be voided. Reverse them "
                "where they were recorded wrongly; issue a credit note where the invoice is wrong.",
                rule="void-without-payments",
                field="state",
                accepted="an invoice without payments",
            )
        if self.credited:
            raise Conflict(
                f"A credit note over {self.credited} stands for {self.issued_number}: void it "
                "first.",
                rule="void-the-credit-first",
                field="state",
                accepted="an invoice without credit notes",
            )


def _agreed_due(issued_on: date, payment_days: int | None) -> date:
    if payment_days is None:
        raise Invalid(
            "The imported contract does not say when its invoices fall due. Give a due date.",
            rule="due-date-known",
            field="due_on",
            accepted="a date on or after the issue",
        )
    return issued_on + timedelta(days=payment_days)


def _check_due(due_on: date, issued_on: date, policy: Policy) -> None:
    last = issued_on + timedelta(days=policy.longest_payment_days)
    if issued_on <= due_on <= last:
        return
    raise Invalid(
        f"The invoice was issued on {issued_on}: it cannot be due on {due_on}.",
        rule="date-possible",
        field="due_on",
        accepted=f"a date from {issued_on} to {last}",
    )
