"""What the contract service gives: contracts as they are shown, and their burn-down."""

from typing import Any

from marshmallow import fields, post_dump, pre_dump, validate

from services.contract.domain.burn_down import BurnDown
from services.contract.domain.contract import Contract
from services.contract.domain.invoices import NOT_BILLED, InvoiceState, billing_of
from services.contract.domain.lifecycle import ContractState
from services.contract.domain.milestones import MilestoneState
from services.contract.domain.readiness import Finding
from services.contract.domain.terms import terms_sha256
from services.contract.views import ContractAsSeen
from shared.events.contract import BudgetLine, ContractTerms, OpenWork, Party
from shared.events.permissions import Permission
from shared.events.vocabulary import (
    ContractType,
    MilestoneType,
    OverBudgetPolicy,
    RenewalType,
    Role,
    Side,
)
from shared.schemas import DecimalField, MoneyField, View, one_of, schema_for


def _fingerprint(**more: Any) -> fields.String:
    """Somebody who knows all of the terms but one amount would find it by trying."""
    return fields.String(metadata={"needs": Permission.MONEY_READ}, **more)


class PartnerName(View):
    id = fields.UUID()
    reference = fields.String()
    name = fields.String()


class MilestoneView(View):
    milestone_id = fields.UUID()
    title = fields.String()
    type = one_of(MilestoneType)
    due_on = fields.Date()
    amount = MoneyField(allow_none=True)
    state = one_of(MilestoneState)
    decided_on = fields.Date(allow_none=True)
    evidence = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    fraction = DecimalField(
        allow_none=True,
        metadata={"description": "Of a partially met milestone, where it was stated"},
    )
    met_amount = MoneyField(
        allow_none=True,
        metadata={"description": "How much of a payment milestone's amount is met"},
    )
    correction = fields.String(
        allow_none=True, metadata={"description": "Why the decision before this one was wrong"}
    )
    billing = fields.String(
        allow_none=True,
        validate=validate.OneOf([NOT_BILLED, *InvoiceState]),
        metadata={
            "vocabulary": "contract.Billing",
            "description": "How a payment milestone is billed; null for other milestones, and for "
            "readers to whom invoices are not open",
        },
    )


class InvoiceLine(View):
    """An invoice of the contract, as finance last told of it."""

    id = fields.UUID()
    number = fields.String(allow_none=True, metadata={"description": "Drafts have none"})
    milestone_id = fields.UUID(
        allow_none=True, metadata={"description": "null: approved days are billed"}
    )
    state = one_of(InvoiceState)
    total = MoneyField()
    outstanding = MoneyField(metadata={"description": "Nothing before the invoice is opened"})
    due_on = fields.Date(allow_none=True)


class SignatoryView(View):
    id = fields.UUID()
    name = fields.String()
    email = fields.String(metadata={"needs": Permission.SIGNATORY_READ})
    side = one_of(Side)
    order = fields.Integer()
    signed_on = fields.Date(allow_none=True)
    is_next = fields.Boolean(metadata={"description": "Whether it is this signatory's turn"})


class ApprovalView(View):
    approver_id = fields.String()
    role = one_of(Role)
    given_at = fields.AwareDateTime(format="iso")


class ContractSummary(View):
    id = fields.UUID()
    reference = fields.String()
    version = fields.Integer()
    state = one_of(ContractState)
    partner_id = fields.UUID()
    partner = fields.Nested(PartnerName, allow_none=True)
    type = one_of(ContractType)
    title = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date(allow_none=True)
    value = MoneyField(allow_none=True, attribute="terms.value")
    owner_id = fields.String(
        allow_none=True,
        metadata={
            "description": "null: imported, and nobody has taken it on yet",
            "needs": Permission.COLLEAGUES_READ,
        },
    )
    created_at = fields.AwareDateTime(format="iso")
    origin = fields.String(allow_none=True)
    not_stated = fields.List(
        fields.String(),
        attribute="terms.not_stated",
        metadata={
            "description": "Fields of which the source of an import says nothing: unknown, not none"
        },
    )
    awaits_confirmation = fields.Boolean(
        metadata={"description": "Imported, or changed at the source, and not confirmed yet"}
    )


class ImportView(View):
    """Where an imported contract came from, and what became of it."""

    source = fields.String(metadata={"description": "The file, or what else it came from"})
    partner_name = fields.String(metadata={"description": "As the source has it"})
    by = fields.List(
        fields.String(),
        metadata={"description": "Brought or changed what awaits confirmation; may not confirm it"},
    )
    confirmed_by = fields.String(allow_none=True)
    confirmed_at = fields.AwareDateTime(format="iso", allow_none=True)
    proposed = fields.Nested(
        schema_for(ContractTerms),
        allow_none=True,
        metadata={"description": "Of a confirmed contract: terms that await confirmation"},
    )
    proposed_signed_on = fields.Date(allow_none=True)
    rejected_because = fields.String(allow_none=True)


class ContractTotals(View):
    """The sum of a list of contracts in one currency."""

    currency = fields.String()
    contracts = fields.Integer(metadata={"description": "How many have a value in it"})
    value = MoneyField()


class ContractTotalsView(View):
    totals = fields.List(fields.Nested(ContractTotals))
    without_value = fields.Integer(
        metadata={"description": "Contracts whose value is not known, or which have none"}
    )


class ContractView(ContractSummary):
    """Everything about one contract, who may approve it next, and what is missing."""

    terms_version = fields.Integer(attribute="terms.version")
    terms_sha256 = _fingerprint()
    milestones = fields.List(fields.Nested(MilestoneView))
    day_budget = fields.List(fields.Nested(schema_for(BudgetLine)), attribute="terms.day_budget")
    expense_cap = MoneyField(allow_none=True, attribute="terms.expense_cap")
    over_budget = one_of(OverBudgetPolicy, attribute="terms.over_budget")
    payment_days = fields.Integer(allow_none=True, attribute="terms.payment_days")
    renewal = one_of(RenewalType, attribute="terms.renewal")
    notice_days = fields.Integer(allow_none=True, attribute="terms.notice_days")
    purchase_order = fields.String(allow_none=True, attribute="terms.purchase_order")
    governing_law = fields.String(allow_none=True, attribute="terms.governing_law")
    parent_id = fields.UUID(allow_none=True)
    parties = fields.List(fields.Nested(schema_for(Party)), attribute="terms.parties")
    invoices = fields.List(
        fields.Nested(InvoiceLine),
        allow_none=True,
        metadata={
            "description": "Oldest first; they change without the contract's version. null for "
            "readers to whom invoices are not open"
        },
    )
    signatories = fields.List(fields.Nested(SignatoryView))
    missing = fields.List(
        fields.Nested(schema_for(Finding)),
        metadata={
            "description": "What a draft still needs before it can be reviewed",
            "needs": Permission.DRAFT_READ,
        },
    )
    authors = fields.List(
        fields.String(),
        metadata={"description": "None of them may approve", "needs": Permission.DRAFT_READ},
    )
    needed_roles = fields.List(one_of(Role), metadata={"needs": Permission.DRAFT_READ})
    open_roles = fields.List(
        one_of(Role),
        metadata={"description": "Who may approve next", "needs": Permission.DRAFT_READ},
    )
    approvals = fields.List(fields.Nested(ApprovalView), metadata={"needs": Permission.DRAFT_READ})
    approved_sha256 = _fingerprint(allow_none=True)
    document_sha256 = fields.String(allow_none=True)
    in_sequence = fields.Boolean(allow_none=True)
    sent_on = fields.Date(allow_none=True)
    signed_on = fields.Date(allow_none=True)
    released_at = fields.AwareDateTime(format="iso", allow_none=True)
    imported = fields.Nested(
        ImportView,
        allow_none=True,
        metadata={"description": "null: drafted here", "needs": Permission.DRAFT_READ},
    )

    @pre_dump
    def lay_out(self, shown: Contract | ContractAsSeen, **_: object) -> dict[str, Any]:
        seen = shown if isinstance(shown, ContractAsSeen) else ContractAsSeen.whole(shown)
        contract = seen.contract
        signing = contract.signing
        is_draft = contract.state is ContractState.DRAFT
        plain = {name: getattr(contract, name, None) for name in self.fields}
        return plain | {
            "terms": contract.terms,
            "terms_sha256": terms_sha256(contract.terms),
            "milestones": [_milestone(seen, each) for each in contract.terms.milestones],
            "invoices": seen.invoices,
            "imported": seen.imported,
            "signatories": [_signatory(contract, each) for each in contract.signatories],
            "missing": contract.missing() if is_draft else (),
            "document_sha256": signing and signing.document_sha256,
            "in_sequence": signing and signing.in_sequence,
            "sent_on": signing and signing.sent_on,
        }


class ImportedContract(View):
    outcome = fields.String(
        validate=validate.OneOf(["created", "changed", "unchanged", "skipped"]),
        metadata={"vocabulary": "contract.ImportOutcome"},
    )
    reason = fields.String(metadata={"description": "What was left out or kept, or why; mostly ''"})
    contract = fields.Nested(ContractView)


class ImportedRow(View):
    outcome = fields.String(
        validate=validate.OneOf(["created", "changed", "unchanged", "skipped", "refused"]),
        metadata={"vocabulary": "contract.RowOutcome"},
    )
    contract_id = fields.UUID(allow_none=True, attribute="contract.id")
    partner_id = fields.UUID(allow_none=True, attribute="contract.partner_id")
    field = fields.String(metadata={"description": "What the reason is about"})
    rule = fields.String(metadata={"description": "The rule of a refusal"})
    reason = fields.String()

    @post_dump
    def complete(self, row: dict[str, Any], **_: object) -> dict[str, Any]:
        return {"contract_id": None, "partner_id": None} | row


class ImportedContracts(View):
    rows = fields.List(fields.Nested(ImportedRow))


class ConfirmedContract(View):
    id = fields.UUID()
    outcome = fields.String(
        validate=validate.OneOf(["confirmed", "refused"]),
        metadata={"vocabulary": "contract.ConfirmationOutcome"},
    )
    state = one_of(ContractState, allow_none=True)
    field = fields.String()
    reason = fields.String(metadata={"description": "Why it was refused; else ''"})


class ConfirmedContracts(View):
    rows = fields.List(fields.Nested(ConfirmedContract))


#: Figures, alerts, foreseen exhaustion and the weekly series of a contract's day budget.
BurnDownView = schema_for(BurnDown)

#: Engagements, days, deliverables, programmes, invoices, contracts and milestones still open.
OpenWorkView = schema_for(OpenWork)


#: What a milestone shows of the decision on it.
_DECIDED = ("decided_on", "evidence", "reason", "fraction", "met_amount", "correction")


def _milestone(seen: ContractAsSeen, milestone: Any) -> dict[str, Any]:
    contract = seen.contract
    outcome = contract.outcome(milestone.milestone_id)
    decided = dict.fromkeys(_DECIDED)
    if outcome is not None:
        decided = {name: getattr(outcome, name) for name in decided}
    state = contract.milestone_state(milestone.milestone_id)
    return vars(milestone) | {"state": state, "billing": _billing(seen, milestone)} | decided


def _billing(seen: ContractAsSeen, milestone: Any) -> str | None:
    if seen.invoices is None or milestone.type is not MilestoneType.PAYMENT:
        return None
    return billing_of(milestone.milestone_id, seen.invoices)


def _signatory(contract: Contract, signatory: Any) -> dict[str, Any]:
    signing = contract.signing
    signatures = signing.signatures if signing else ()
    signed_on = next((s.signed_on for s in signatures if s.signatory_id == signatory.id), None)
    is_next = signing is not None and signatory in signing.waiting_for(contract.signatories)
    return vars(signatory) | {"signed_on": signed_on, "is_next": is_next}
