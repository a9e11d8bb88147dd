"""What the finance service takes and gives."""

from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields, pre_dump, validates_schema

from services.finance.domain.document import PaymentKind, Standing
from services.finance.domain.reconciliation import CauseKind
from services.finance.statements import InvoiceOnDay, on_day
from shared.events.vocabulary import LineKind
from shared.schemas import DecimalField, MoneyField, Strict, View, one_of, sought, text


class PackRequest(Strict):
    """Either a milestone that was met, or a period."""

    milestone_id = fields.UUID()
    period_from = fields.Date()
    period_to = fields.Date()

    @validates_schema
    def either_milestone_or_period(self, values: dict[str, Any], **_: Any) -> None:
        given = set(values)
        if given not in ({"milestone_id"}, {"period_from", "period_to"}):
            raise ValidationError(
                "Send either milestone_id (fixed price) or period_from and period_to (by days)."
            )


class Surplus(StrEnum):
    """What a payment beyond what is outstanding means."""

    REFUSE = "refuse"
    KEEP_AS_CREDIT = "keep_as_credit"


class IssueBody(Strict):
    issued_on = fields.Date(
        load_default=None, allow_none=True, metadata={"description": "Today, if not given"}
    )
    due_on = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "By the contract's payment terms, if not given"},
    )


class Correction(Strict):
    due_on = fields.Date(load_default=None, allow_none=True)
    purchase_order = text(200, load_default=None, allow_none=True)
    reason = text(2000, required=True)

    @validates_schema
    def corrects_something(self, values: dict[str, Any], **_: Any) -> None:
        if values["due_on"] is None and values["purchase_order"] is None:
            raise ValidationError("Send due_on, purchase_order or both.")


class CreditBody(Strict):
    amount = MoneyField(
        load_default=None,
        allow_none=True,
        metadata={"description": "Not given: in full, so that it can be invoiced anew"},
    )
    reason = text(2000, required=True)


class _TransferBody(Strict):
    amount = MoneyField(required=True)
    bank_reference = text(140, load_default=None, allow_none=True)
    confirm_repeated_reference = fields.Boolean(
        load_default=False,
        metadata={"description": "Another payment may stand under this bank reference"},
    )


class PaymentBody(_TransferBody):
    received_on = fields.Date(required=True)
    surplus = one_of(
        Surplus,
        load_default=Surplus.REFUSE,
        metadata={"description": "What is done with more than is outstanding"},
    )


class RefundBody(_TransferBody):
    paid_on = fields.Date(required=True)


class SetOffBody(Strict):
    against_invoice_id = fields.UUID(required=True)
    amount = MoneyField(required=True)


class ReversalBody(Strict):
    payment_id = fields.UUID(required=True)
    reversed_on = fields.Date(
        load_default=None, allow_none=True, metadata={"description": "Today, if not given"}
    )
    reason = text(2000, required=True)


class Reason(Strict):
    reason = text(2000, required=True)


class AccountFilter(Strict):
    partner_id = fields.UUID()


class PackFilter(Strict):
    contract_id = fields.UUID()
    partner_id = fields.UUID()
    stands = fields.Boolean(metadata={"description": "false: its invoice was voided"})


class InvoiceFilter(Strict):
    state = one_of(Standing)
    contract_id = fields.UUID()
    partner_id = fields.UUID()
    due_before = fields.Date()
    text = sought("the number, the contract's reference or the purchase order")


class FiguresView(View):
    drafted = MoneyField()
    invoiced = MoneyField()
    paid = MoneyField()
    set_off = MoneyField(
        metadata={
            "description": "Settled by credits of the partner's other contracts; negative: theirs"
        }
    )
    written_off = MoneyField()
    outstanding = MoneyField(metadata={"description": "Still to be received"})
    owed = MoneyField(metadata={"description": "To the partner, neither refunded nor set off"})


class AccountSummary(View):
    id = fields.UUID(metadata={"description": "The contract's id"})
    version = fields.Integer()
    contract_reference = fields.String()
    partner_id = fields.UUID()
    currency = fields.String()
    value = MoneyField()
    is_fixed_price = fields.Boolean()
    figures = fields.Nested(FiguresView)


class ExpectedView(View):
    milestone_id = fields.UUID(attribute="payment.milestone_id")
    title = fields.String(attribute="payment.title")
    due_on = fields.Date(attribute="payment.due_on")
    amount = MoneyField(attribute="payment.amount")
    met_on = fields.Date(attribute="payment.met_on", allow_none=True)
    dropped = fields.Boolean(attribute="payment.dropped")
    state = fields.String(
        attribute="standing",
        metadata={
            "description": "scheduled, met, partially_met, not_met, or its last invoice's state"
        },
    )
    met_amount = MoneyField(attribute="payment.met_amount", allow_none=True)
    billed = MoneyField(attribute="payment.billed")
    to_bill = MoneyField(attribute="payment.to_bill")
    invoice_id = fields.UUID(attribute="invoice.id", allow_none=True)
    invoice_number = fields.String(attribute="invoice.number", allow_none=True)
    paid = MoneyField()


class UnbilledView(View):
    role = fields.String()
    days = DecimalField()
    oldest = fields.Date()


class CreditWaitingView(View):
    """Days that were reversed after they were billed; the next pack credits them."""

    role = fields.String()
    days = DecimalField()
    oldest = fields.Date()


class DayRateView(View):
    role = fields.String()
    rate = MoneyField()


class AccountView(View):
    id = fields.UUID(attribute="account.id")
    version = fields.Integer()
    contract_reference = fields.String(attribute="account.contract_reference")
    partner_id = fields.UUID(attribute="account.partner_id")
    currency = fields.String(attribute="account.currency")
    value = MoneyField(attribute="account.value")
    is_fixed_price = fields.Boolean(attribute="account.is_fixed_price")
    terms_version = fields.Integer(attribute="account.terms_version")
    purchase_order = fields.String(attribute="account.purchase_order", allow_none=True)
    payment_days = fields.Integer(
        allow_none=True,
        attribute="account.payment_days",
        metadata={"description": "null: not known; each invoice needs a due date of its own"},
    )
    rates = fields.List(fields.Nested(DayRateView), attribute="account.rates")
    figures = fields.Nested(FiguresView, attribute="account.figures")
    expected = fields.List(fields.Nested(ExpectedView))
    unbilled = fields.List(fields.Nested(UnbilledView))
    credits_waiting = fields.List(fields.Nested(CreditWaitingView))
    not_yet_billed = MoneyField(
        metadata={"description": "What packs prepared now would come to; negative: a credit"}
    )


class PackSummary(View):
    id = fields.UUID()
    version = fields.Integer()
    invoice_id = fields.UUID()
    contract_id = fields.UUID()
    contract_reference = fields.String()
    partner_id = fields.UUID()
    terms_version = fields.Integer()
    milestone_id = fields.UUID(allow_none=True)
    purchase_order = fields.String(allow_none=True)
    period_from = fields.Date()
    period_to = fields.Date()
    total = MoneyField()
    ready_on = fields.Date()
    credits_invoice_id = fields.UUID(allow_none=True)
    stands = fields.Boolean()


class LineView(View):
    kind = one_of(LineKind)
    description = fields.String()
    quantity = DecimalField()
    unit_price = MoneyField()
    amount = MoneyField()
    entry_id = fields.UUID(allow_none=True)
    role = fields.String(allow_none=True)
    invoice_id = fields.UUID(
        allow_none=True,
        metadata={"description": "A credit over an amount: the invoice that it credits"},
    )


class PackView(PackSummary):
    lines = fields.List(fields.Nested(LineView))


class InvoiceSummary(View):
    id = fields.UUID(attribute="invoice.id")
    version = fields.Integer()
    number = fields.String(attribute="invoice.number", allow_none=True)
    pack_id = fields.UUID(attribute="invoice.pack_id")
    contract_id = fields.UUID(attribute="invoice.contract_id")
    contract_reference = fields.String(attribute="invoice.contract_reference")
    partner_id = fields.UUID(attribute="invoice.partner_id")
    milestone_id = fields.UUID(attribute="invoice.milestone_id", allow_none=True)
    credits_invoice_id = fields.UUID(
        attribute="invoice.credits_invoice_id",
        allow_none=True,
        metadata={"description": "A credit note for one invoice: that invoice"},
    )
    is_credit_note = fields.Boolean(attribute="invoice.is_credit_note")
    state = one_of(Standing, attribute="standing")
    total = MoneyField(
        attribute="invoice.total", metadata={"description": "Negative on a credit note"}
    )
    paid = MoneyField(
        attribute="invoice.paid", metadata={"description": "Received, less what was paid back"}
    )
    outstanding = MoneyField(
        attribute="invoice.outstanding",
        metadata={"description": "Still to be received; negative: owed to the partner"},
    )
    credited = MoneyField(
        attribute="invoice.credited", metadata={"description": "By credit notes for this invoice"}
    )
    purchase_order = fields.String(attribute="invoice.purchase_order", allow_none=True)
    issued_on = fields.Date(attribute="invoice.issued_on", allow_none=True)
    due_on = fields.Date(attribute="invoice.due_on", allow_none=True)
    reason = fields.String(attribute="invoice.reason", allow_none=True)

    @pre_dump
    def on_its_day(self, row: Any, **_: Any) -> InvoiceOnDay:
        return on_day(row)


class PaymentView(View):
    payment_id = fields.UUID()
    kind = one_of(PaymentKind)
    amount = MoneyField(metadata={"description": "Negative where it was paid out, or set off from"})
    paid_on = fields.Date()
    bank_reference = fields.String(allow_none=True)
    other_invoice_id = fields.UUID(allow_none=True)
    recorded_by = fields.String(
        allow_none=True, metadata={"description": "null: not shown to partners"}
    )
    reversed_on = fields.Date(allow_none=True)
    reversal_reason = fields.String(allow_none=True)
    reversed_by = fields.String(allow_none=True)


class InvoiceView(InvoiceSummary):
    payments = fields.List(fields.Nested(PaymentView))


class InvoiceTotals(View):
    """The sums of a list of invoices in one currency, void ones left out."""

    currency = fields.String()
    invoices = fields.Integer()
    drafted = MoneyField()
    invoiced = MoneyField()
    paid = MoneyField()
    set_off = MoneyField(
        metadata={"description": "Settled by credits that are not in the list; negative: theirs"}
    )
    outstanding = MoneyField()
    owed = MoneyField()
    written_off = MoneyField()


class InvoiceTotalsView(View):
    totals = fields.List(fields.Nested(InvoiceTotals))


class CauseView(View):
    kind = one_of(CauseKind)
    about = fields.String(metadata={"description": "The role, the milestone or the credit"})
    amount = MoneyField()
    days = DecimalField(allow_none=True)


class ReconciliationView(View):
    contract_id = fields.UUID(attribute="account.id")
    contract_reference = fields.String(attribute="account.contract_reference")
    partner_id = fields.UUID(attribute="account.partner_id")
    due = MoneyField(metadata={"description": "By the contract's events"})
    billed = MoneyField(metadata={"description": "By drafts and issued documents"})
    difference = MoneyField()
    causes = fields.List(fields.Nested(CauseView))
    unexplained = MoneyField(metadata={"description": "Anything but 0 is a fault"})
    not_yet_billed = MoneyField()


class AccountTotals(View):
    """The sums of accounts in one currency."""

    currency = fields.String()
    accounts = fields.Integer()
    due = MoneyField()
    billed = MoneyField()
    difference = MoneyField()
    unexplained = MoneyField()
    not_yet_billed = MoneyField()


class AccountsAskedFor(Strict):
    contract_id = fields.UUID()
    partner_id = fields.UUID()


class ReconciliationFilter(AccountsAskedFor):
    differing = fields.Boolean(
        load_default=True,
        metadata={"description": "false: also the accounts without a difference"},
    )


class ReconciliationTotalsView(View):
    totals = fields.List(fields.Nested(AccountTotals))
