"""What the finance service takes and gives."""

from typing import Any

from marshmallow import ValidationError, fields, pre_dump, validates_schema

from services.finance.domain.invoice import Payment, Standing
from services.finance.statements import InvoiceOnDay, on_day
from shared.events.vocabulary import LineKind
from shared.schemas import MoneyField, Strict, one_of, schema_for, text


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


class PaymentBody(Strict):
    amount = MoneyField(required=True)
    received_on = fields.Date(required=True)
    bank_reference = text(140, load_default=None, allow_none=True)


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


class FiguresView(Strict):
    drafted = MoneyField()
    invoiced = MoneyField()
    paid = MoneyField()
    written_off = MoneyField()
    outstanding = MoneyField()


class AccountSummary(Strict):
    id = fields.UUID(metadata={"description": "The contract's id"})
    version = fields.Integer()
    contract_reference = fields.String()
    partner_id = fields.UUID()
    currency = fields.String()
    value = MoneyField()
    is_fixed_price = fields.Boolean()
    figures = fields.Nested(FiguresView)


class ExpectedView(Strict):
    milestone_id = fields.UUID(attribute="payment.milestone_id")
    title = fields.String(attribute="payment.title")
    due_on = fields.Date(attribute="payment.due_on")
    amount = MoneyField(attribute="payment.amount")
    met_on = fields.Date(attribute="payment.met_on", allow_none=True)
    dropped = fields.Boolean(attribute="payment.dropped")
    state = fields.String(
        attribute="standing",
        metadata={"description": "scheduled, met, or the state of its invoice"},
    )
    invoice_id = fields.UUID(attribute="invoice.id", allow_none=True)
    invoice_number = fields.String(attribute="invoice.number", allow_none=True)
    paid = MoneyField()


class UnbilledView(Strict):
    role = fields.String()
    days = fields.Decimal(as_string=True)
    oldest = fields.Date()


class DayRateView(Strict):
    role = fields.String()
    rate = MoneyField()


class AccountView(Strict):
    id = fields.UUID(attribute="account.id")
    version = fields.Integer()
    contract_reference = fields.String(attribute="account.contract_reference")
    partner_id = fields.UUID(attribute="account.partner_id")
    currency = fields.String(attribute="account.currency")
    value = MoneyField(attribute="account.value")
    is_fixed_price = fields.Boolean(attribute="account.is_fixed_price")
    terms_version = fields.Integer(attribute="account.terms_version")
    purchase_order = fields.String(attribute="account.purchase_order", allow_none=True)
    payment_days = fields.Integer(attribute="account.payment_days")
    rates = fields.List(fields.Nested(DayRateView), attribute="account.rates")
    figures = fields.Nested(FiguresView, attribute="account.figures")
    expected = fields.List(fields.Nested(ExpectedView))
    unbilled = fields.List(fields.Nested(UnbilledView))


class PackSummary(Strict):
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
    stands = fields.Boolean()


class LineView(Strict):
    kind = one_of(LineKind)
    description = fields.String()
    quantity = fields.Decimal(as_string=True)
    unit_price = MoneyField()
    amount = MoneyField()
    entry_id = fields.UUID(allow_none=True)


class PackView(PackSummary):
    lines = fields.List(fields.Nested(LineView))


class InvoiceSummary(Strict):
    id = fields.UUID(attribute="invoice.id")
    version = fields.Integer()
    number = fields.String(attribute="invoice.number", allow_none=True)
    pack_id = fields.UUID(attribute="invoice.pack_id")
    contract_id = fields.UUID(attribute="invoice.contract_id")
    contract_reference = fields.String(attribute="invoice.contract_reference")
    partner_id = fields.UUID(attribute="invoice.partner_id")
    milestone_id = fields.UUID(attribute="invoice.milestone_id", allow_none=True)
    state = one_of(Standing, attribute="standing")
    total = MoneyField(attribute="invoice.total")
    paid = MoneyField(attribute="invoice.paid")
    outstanding = MoneyField(attribute="invoice.outstanding")
    issued_on = fields.Date(attribute="invoice.issued_on", allow_none=True)
    due_on = fields.Date(attribute="invoice.due_on", allow_none=True)
    reason = fields.String(attribute="invoice.reason", allow_none=True)

    @pre_dump
    def on_its_day(self, row: Any, **_: Any) -> InvoiceOnDay:
        return on_day(row)


class InvoiceView(InvoiceSummary):
    payments = fields.List(fields.Nested(schema_for(Payment)), attribute="invoice.payments")
