"""What the contract service takes: bodies of commands, and filters."""

from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from services.contract.domain.lifecycle import ContractState
from services.contract.domain.milestones import MilestoneState
from shared.events.contract import BudgetLine, Party
from shared.events.vocabulary import (
    ContractType,
    MilestoneType,
    OverBudgetPolicy,
    RenewalType,
    Side,
)
from shared.schemas import DecimalField, MoneyField, Strict, chosen_id, one_of, sought, text

#: More lines than any real contract has; it keeps nonsense out.
MANY = validate.Length(max=200)


#: What nobody knows comes with imports only; whoever drafts a contract decides.
_KNOWN_TYPE = validate.NoneOf([ContractType.UNKNOWN], error="Must be the type of the contract.")
_KNOWN_RENEWAL = validate.NoneOf([RenewalType.UNKNOWN], error="Must say how it renews.")


class Sha256(fields.String):
    """A SHA-256 as 64 hexadecimal digits of either case, kept in small ones."""

    def __init__(self, **kwargs: Any) -> None:
        shape = validate.Regexp(r"^[0-9a-f]{64}$", error="Must be 64 hexadecimal digits.")
        super().__init__(validate=shape, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return str(super()._deserialize(value, *args, **kwargs)).lower()


def words(**kwargs: Any) -> fields.String:
    """What is looked for; a NUL, which no text here has, would trouble the database."""
    return fields.String(validate=validate.Regexp(r"^[^\x00]*$"), **kwargs)


def whole(lowest: int, highest: int, **kwargs: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(lowest, highest), **kwargs)


class PartyBody(Strict):
    name = text(300, required=True)
    side = one_of(Side, required=True)

    @post_load
    def as_value(self, values: dict[str, Any], **_: object) -> Party:
        return Party(**values)


class BudgetLineBody(Strict):
    role = text(80, required=True)
    days = DecimalField(
        required=True,
        validate=validate.Range(
            Decimal("0.01"), Decimal(100_000), error="Must be between 0.01 and 100000."
        ),
    )
    rate = MoneyField(required=True, metadata={"description": "For one day"})

    @post_load
    def as_value(self, values: dict[str, Any], **_: object) -> BudgetLine:
        return BudgetLine(**values)


class MilestoneBody(Strict):
    title = text(300, required=True)
    type = one_of(MilestoneType, required=True)
    due_on = fields.Date(required=True)
    amount = MoneyField(
        load_default=None,
        allow_none=True,
        metadata={"description": "Payment milestones, and only they, have an amount"},
    )


class KeptMilestone(MilestoneBody):
    milestone_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "The milestone that this replaces; left out: a new one"},
    )


class SignatoryBody(Strict):
    name = text(required=True)
    email = fields.Email(required=True)
    side = one_of(Side, required=True)
    order = whole(
        1, 100, load_default=1, metadata={"description": "Who signs first where in sequence"}
    )


class KeptSignatory(SignatoryBody):
    id = fields.UUID(load_default=None, allow_none=True)


class Draft(Strict):
    id = chosen_id()
    partner_id = fields.UUID(required=True)
    type = one_of(ContractType, required=True, validate=_KNOWN_TYPE)
    title = text(300, required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(
        load_default=None, allow_none=True, metadata={"description": "Evergreen ones have none"}
    )
    value = MoneyField(load_default=None, allow_none=True)
    milestones = fields.List(fields.Nested(MilestoneBody), load_default=(), validate=MANY)
    day_budget = fields.List(fields.Nested(BudgetLineBody), load_default=(), validate=MANY)
    expense_cap = MoneyField(load_default=None, allow_none=True)
    over_budget = one_of(OverBudgetPolicy, load_default=OverBudgetPolicy.BLOCK)
    payment_days = whole(0, 3650, load_default=30)
    renewal = one_of(RenewalType, load_default=RenewalType.FIXED, validate=_KNOWN_RENEWAL)
    notice_days = whole(0, 3650, load_default=90)
    purchase_order = text(80, load_default=None, allow_none=True)
    governing_law = text(200, load_default=None, allow_none=True)
    parent_id = fields.UUID(load_default=None, allow_none=True)
    parties = fields.List(
        fields.Nested(PartyBody),
        load_default=(),
        validate=MANY,
        metadata={"description": "Left out: the office's institution and the partner"},
    )
    signatories = fields.List(fields.Nested(SignatoryBody), load_default=(), validate=MANY)
    owner_id = text(80, load_default=None, allow_none=True)


class Revision(Strict):
    """Only what is sent is changed; a list that is sent replaces the list that was."""

    type = one_of(ContractType, validate=_KNOWN_TYPE)
    title = text(300)
    starts_on = fields.Date()
    ends_on = fields.Date(allow_none=True)
    value = MoneyField(allow_none=True)
    milestones = fields.List(fields.Nested(KeptMilestone), validate=MANY)
    day_budget = fields.List(fields.Nested(BudgetLineBody), validate=MANY)
    expense_cap = MoneyField(allow_none=True)
    over_budget = one_of(OverBudgetPolicy)
    payment_days = whole(0, 3650)
    renewal = one_of(RenewalType, validate=_KNOWN_RENEWAL)
    notice_days = whole(0, 3650)
    purchase_order = text(80, allow_none=True)
    governing_law = text(200, allow_none=True)
    parent_id = fields.UUID(allow_none=True)
    parties = fields.List(fields.Nested(PartyBody), validate=MANY)
    signatories = fields.List(fields.Nested(KeptSignatory), validate=MANY)
    owner_id = text(80)
    reason = text(2000, load_default="Edited before signature")


class Reason(Strict):
    reason = text(2000, required=True)


class Sending(Strict):
    terms_sha256 = Sha256(
        required=True,
        metadata={"description": "Fingerprint of the terms that the document was made from"},
    )
    document_sha256 = Sha256(required=True)
    in_sequence = fields.Boolean(load_default=False)


class SignatureBody(Strict):
    signatory_id = fields.UUID(required=True)
    document_sha256 = Sha256(required=True)
    signed_on = fields.Date(load_default=None, allow_none=True)


class Decline(Strict):
    signatory_id = fields.UUID(required=True)
    reason = text(2000, required=True)


class Completion(Strict):
    despite_open_work = fields.Boolean(
        load_default=False,
        metadata={"description": "Whether to complete it although work under it is still open"},
    )


def evidence(**kwargs: Any) -> fields.String:
    remark = {"description": "A document's reference, link or SHA-256"}
    return text(2000, metadata=remark, **kwargs)


class MilestoneMetBody(Strict):
    milestone_id = fields.UUID(required=True)
    evidence = evidence(required=True)
    met_on = fields.Date(load_default=None, allow_none=True)


def _six_decimals(fraction: Decimal) -> None:
    if fraction % Decimal("0.000001"):
        raise ValidationError("Must have at most 6 decimals.")


class PartlyMet(Strict):
    """How much of a milestone is met: for a payment milestone one of the two."""

    fraction = fields.Decimal(
        load_default=None,
        allow_none=True,
        as_string=True,
        metadata={"description": "Above 0 and below 1, such as 0.4; at most 6 decimals"},
        validate=[
            validate.Range(Decimal(0), Decimal(1), min_inclusive=False, max_inclusive=False),
            _six_decimals,
        ],
    )
    met_amount = MoneyField(load_default=None, allow_none=True)


class MilestonePartlyMetBody(PartlyMet):
    milestone_id = fields.UUID(required=True)
    reason = text(2000, required=True)
    decided_on = fields.Date(load_default=None, allow_none=True)


class MilestoneMissedBody(Strict):
    milestone_id = fields.UUID(required=True)
    reason = text(2000, required=True)
    decided_on = fields.Date(load_default=None, allow_none=True)


class MilestoneCorrection(PartlyMet):
    milestone_id = fields.UUID(required=True)
    correction = text(
        2000, required=True, metadata={"description": "What was wrong with the decision before"}
    )
    state = one_of(
        MilestoneState,
        required=True,
        validate=validate.NoneOf(
            [MilestoneState.SCHEDULED], error="Reopen the milestone to withdraw its decision."
        ),
    )
    evidence = evidence(load_default=None, allow_none=True)
    reason = text(2000, load_default=None, allow_none=True)
    decided_on = fields.Date(load_default=None, allow_none=True)


class MilestoneReason(Strict):
    milestone_id = fields.UUID(required=True)
    reason = text(2000, required=True)


class ContractFilter(Strict):
    state = one_of(ContractState)
    partner_id = fields.UUID()
    type = one_of(ContractType)
    owner_id = words()
    parent_id = fields.UUID()
    ends_before = fields.Date(metadata={"description": "Contracts whose end lies before this day"})
    text = sought("the title, the reference, the purchase order or the partner's names")
    awaiting_confirmation = fields.Boolean(
        metadata={"description": "true: imported, or changed at the source, and not confirmed yet"}
    )
