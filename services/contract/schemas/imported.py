"""What the contract service takes of contracts that other systems published."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validate, validates_schema

from services.contract.schemas.taken import (
    MANY,
    BudgetLineBody,
    KeptMilestone,
    MilestoneBody,
    whole,
)
from shared import amounts
from shared.amounts import DecimalMark
from shared.errors import Invalid
from shared.events.contract import Party
from shared.events.vocabulary import ContractType, OverBudgetPolicy, RenewalType, Side
from shared.money import DECIMAL_TEXT
from shared.schemas import AnyRow, MoneyField, Strict, one_of, text


def _written(**kwargs: Any) -> MoneyField:
    """Money as its source wrote it; see `Release.read_amounts`."""
    return MoneyField(metadata={"component": "WrittenMoney"}, **kwargs)


def decimal_mark() -> fields.Enum:
    return one_of(
        DecimalMark,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Before the decimals of the amounts, where they can be read in two "
            "ways: 125.000 euros"
        },
    )


class ImportedParty(Strict):
    name = text(300, required=True)
    side = one_of(
        Side, load_default=None, allow_none=True, metadata={"description": "null: not known"}
    )

    @post_load
    def as_value(self, values: dict[str, Any], **_: object) -> Party:
        return Party(**values)


class ImportedMilestone(MilestoneBody):
    amount = _written(load_default=None, allow_none=True)
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
    value = _written(**_stated())
    decimal_mark = decimal_mark()
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
    expense_cap = _written(**_stated())
    payment_days = whole(0, 3650, **_stated())
    renewal = one_of(RenewalType, load_default=RenewalType.UNKNOWN)
    notice_days = whole(0, 3650, **_stated())
    purchase_order = text(80, **_stated())
    governing_law = text(200, **_stated())
    parent_origin = text(300, **_stated(metadata={"description": "Of an imported contract"}))
    owner_id = text(80, **_stated())

    @pre_load
    def read_amounts(self, body: Any, **_: object) -> Any:
        """As `shared.amounts` reads them: what can be read in two ways is refused."""
        if not isinstance(body, dict):
            return body
        mark = body.get("decimal_mark")
        mark = DecimalMark(mark) if mark in list(DecimalMark) else None
        told = {name: body[name] for name in ("value", "expense_cap") if name in body}
        read: dict[str, Any] = {name: _as_meant(each, mark, name) for name, each in told.items()}
        if isinstance(body.get("milestones"), list):
            read["milestones"] = [
                each | {"amount": _as_meant(each["amount"], mark, f"milestones.{place}.amount")}
                if isinstance(each, dict) and "amount" in each
                else each
                for place, each in enumerate(body["milestones"])
            ]
        return body | read

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
    decimal_mark = decimal_mark()
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


def _as_meant(written: Any, mark: DecimalMark | None, field: str) -> Any:
    """An amount in the one way in which it can be read; what has another shape stays as it is.

    Raises ValidationError for one that can be read in two ways, or in none.
    """
    if not isinstance(written, dict) or not all(isinstance(e, str) for e in written.values()):
        return written
    amount, currency = written.get("amount", ""), written.get("currency", "")
    if DECIMAL_TEXT.fullmatch(amount) and amount.startswith("-"):
        return written
    try:
        return written | {"amount": str(amounts.read(amount, currency, mark).amount)}
    except Invalid as refused:
        if refused.field != "amount":
            return written
        raise ValidationError({f"{field}.amount": [refused.message]}) from refused
