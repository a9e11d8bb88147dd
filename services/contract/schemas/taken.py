"""What the contract service takes: bodies of commands, and filters."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

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
from shared.schemas import AnyRow, DecimalField, MoneyField, Strict, chosen_id, one_of, sought, text

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


class ImportedParty(Strict):
    name = text(300, required=True)
    side = one_of(
        Side, load_default=None, allow_none=True, metadata={"description": "null: not known"}
    )

    @post_load
    def as_value(self, values: dict[str, Any], **_: object) -> Party:
        return Party(**values)


class ImportedMilestone(MilestoneBody):
    key = text(
        200,
        load_default=None,
        allow_none=True,
        metadata={"description": "Its id at the source, by which a later release knows it"},
    )


def _stated(**kwargs: Any) -> dict[str, Any]:
    """A field that a source may leave unsaid: then it stays unknown."""
    return {"load_default": None, "allow_none": True, **kwargs}


class Release(Strict):
    """A contract as another system published it. What it does not say stays unknown."""

    partner_id = fields.UUID(
        **_stated(metadata={"description": "Needed where the origin is new; a known one keeps its"})
    )
    partner_name = text(300, **_stated(metadata={"description": "As the source has it"}))
    origin = text(300, required=True, metadata={"description": "An OCID with the contract's id"})
    origin_is_unique = fields.Boolean(
        load_default=True,
        metadata={
            "description": "false: an id such as 1, which other sources use too; what is known "
            "under it must then agree"
        },
    )
    source = text(300, **_stated(metadata={"description": "The file, or what else it came from"}))
    title = text(300, required=True)
    type = one_of(ContractType, load_default=ContractType.UNKNOWN)
    value = MoneyField(**_stated())
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(**_stated())
    signed_on = fields.Date(**_stated())
    released_at = fields.AwareDateTime(
        format="iso",
        validate=validate.Range(datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)),
        **_stated(metadata={"description": "null: the source does not date what it says"}),
    )
    milestones = fields.List(fields.Nested(ImportedMilestone), load_default=(), validate=MANY)
    parties = fields.List(fields.Nested(ImportedParty), load_default=(), validate=MANY)
    expense_cap = MoneyField(**_stated())
    payment_days = whole(0, 3650, **_stated())
    renewal = one_of(RenewalType, load_default=RenewalType.UNKNOWN)
    notice_days = whole(0, 3650, **_stated())
    purchase_order = text(80, **_stated())
    governing_law = text(200, **_stated())
    parent_origin = text(300, **_stated(metadata={"description": "Of an imported contract"}))
    owner_id = text(80, **_stated())

    @validates_schema
    def check_what_is_bought(self, body: dict[str, Any], **_: object) -> None:
        """Only agreements may carry no money, or run on without a stated end."""
        if body["type"] not in _BUYING:
            return
        if body.get("value") is None:
            raise ValidationError("Must be given, but for agreements that carry no money.", "value")
        if body.get("ends_on") is None and body["renewal"] is not RenewalType.EVERGREEN:
            raise ValidationError("Must be given, but for agreements that run on.", "ends_on")


#: Types of contract that buy something for a time.
_BUYING = (ContractType.STATEMENT_OF_WORK, ContractType.AMENDMENT, ContractType.UNKNOWN)


class WouldBePartner(Strict):
    id = fields.UUID(required=True)
    name = text(300, required=True)


class ReleaseBatch(Strict):
    judged_later = frozenset(["rows", "earlier"])

    dry_run = fields.Boolean(load_default=False)
    rows = fields.List(
        AnyRow(allow_none=True),
        required=True,
        validate=validate.Length(1, 500),
        metadata={"description": "Each as the body of POST /contracts/import"},
    )
    earlier = fields.List(
        AnyRow(allow_none=True),
        load_default=(),
        validate=validate.Length(max=2000),
        metadata={"description": "In a dry run: rows of the same source that came before these"},
    )
    partners = fields.List(
        fields.Nested(WouldBePartner),
        load_default=(),
        validate=validate.Length(max=2500),
        metadata={"description": "In a dry run: partners that it would have made, by made-up ids"},
    )


class Confirmation(Strict):
    owner_id = text(80, **_stated(metadata={"description": "The person who looks after it"}))


class ConfirmedRow(Strict):
    id = fields.UUID(required=True)
    version = fields.Integer(
        **_stated(metadata={"description": "Of the contract as it was seen; left out: any"})
    )
    owner_id = text(80, **_stated())


class Confirmations(Strict):
    rows = fields.List(fields.Nested(ConfirmedRow), required=True, validate=validate.Length(1, 200))


class ImportCorrection(Strict):
    """Only what is sent is changed."""

    type = one_of(ContractType)
    title = text(300)
    starts_on = fields.Date()
    ends_on = fields.Date(allow_none=True)
    value = MoneyField(allow_none=True)
    signed_on = fields.Date(allow_none=True)
    milestones = fields.List(fields.Nested(KeptMilestone), validate=MANY)
    day_budget = fields.List(fields.Nested(BudgetLineBody), validate=MANY)
    expense_cap = MoneyField(allow_none=True)
    over_budget = one_of(OverBudgetPolicy)
    payment_days = whole(0, 3650, allow_none=True)
    renewal = one_of(RenewalType)
    notice_days = whole(0, 3650, allow_none=True)
    purchase_order = text(80, allow_none=True)
    governing_law = text(200, allow_none=True)
    parties = fields.List(fields.Nested(ImportedParty), validate=MANY)
    owner_id = text(80)
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
