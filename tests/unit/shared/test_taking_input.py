"""What comes from outside is taken exactly as it says, or refused with every offending field."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from marshmallow import ValidationError, fields, validate

from shared.errors import Invalid
from shared.money import Money
from shared.schemas import DecimalField, MoneyField, Strict, load, one_of, schema_for, text


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Payment(Strict):
    title = text(20, required=True)
    amount = MoneyField(required=True)


class Plan(Strict):
    name = text(required=True)
    colour = one_of(Colour)
    payments = fields.List(fields.Nested(Payment))
    days = fields.Integer(strict=True)


def offending(schema: Strict, plain: Any) -> set[str]:
    with pytest.raises(Invalid) as refusal:
        load(schema, plain)
    return {each["field"] for each in refusal.value.errors}


def money(amount: Any, currency: Any = "GBP") -> dict[str, Any]:
    return {"title": "First", "amount": {"amount": amount, "currency": currency}}


@pytest.mark.row("X4")
def test_every_offending_field_is_named_by_its_path() -> None:
    plain = {
        "colour": "green",
        "payments": [money("1.00"), {"amount": {"amount": "1", "currency": "XXY"}}],
        "days": 1.5,
        "shape": "round",
    }
    assert offending(Plan(), plain) == {
        "name",
        "colour",
        "payments.1.title",
        "payments.1.amount.currency",
        "days",
        "shape",
    }


@pytest.mark.row("X4")
@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_what_is_no_object_is_refused(body: Any) -> None:
    assert offending(Plan(), body) == {""}


@pytest.mark.row("X4")
@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u200b", "\u2060 \u00ad"])
def test_a_blank_line_of_text_is_refused(blank: str) -> None:
    assert offending(Plan(), {"name": blank}) == {"name"}


@pytest.mark.row("X4")
@pytest.mark.parametrize("wrong", ["a\x00b", "half \ud800"])
def test_signs_that_no_database_keeps_are_refused_by_path(wrong: str) -> None:
    with pytest.raises(Invalid) as refusal:
        load(Plan(), {"name": "A", "payments": [{"title": wrong}]})
    assert (refusal.value.rule, refusal.value.field) == ("text", "payments.0.title")


class Everything(Strict):
    line = text(10)
    whole = fields.Integer(strict=True, validate=validate.Range(1, 5))
    share = fields.Decimal()
    flag = fields.Boolean()
    list = fields.List(fields.String(), validate=validate.Length(1, 2))
    inner = fields.Nested(Payment)
    day = fields.Date()
    since = fields.DateTime(format="iso")
    moment = fields.AwareDateTime(format="iso")
    id = fields.UUID()
    link = fields.Url()
    mail = fields.Email()
    points = fields.Dict(fields.String(), fields.Integer(strict=True))
    wanted = fields.String(required=True)


@pytest.mark.row("X4")
@pytest.mark.parametrize(
    ("name", "wrong", "rule"),
    [
        ("line", 5, "type"),
        ("line", None, "required"),
        ("line", "x" * 11, "length"),
        ("whole", "5", "type"),
        ("whole", 6, "range"),
        ("share", "half", "type"),
        ("share", "NaN", "type"),
        ("flag", "perhaps", "type"),
        ("list", "one", "type"),
        ("inner", "one", "type"),
        ("points", "one", "type"),
        ("day", "22/11/2026", "date"),
        ("since", "yesterday", "moment"),
        ("moment", "2026-11-22T09:00:00", "moment"),
        ("id", "7", "id"),
        ("link", "javascript:alert(1)", "url"),
        ("mail", "nobody", "email"),
        ("colour", "red", "known-field"),
    ],
)
def test_what_is_wrong_is_said_with_its_rule_and_in_words(name: str, wrong: Any, rule: str) -> None:
    with pytest.raises(Invalid) as refusal:
        load(Everything(), {name: wrong, "wanted": "so"})
    (found,) = refusal.value.errors
    assert (found["field"], found["rule"]) == (name, rule)
    assert not found["message"].startswith(("Not a valid", "Invalid", "Field may", "Unknown"))


@pytest.mark.row("X4")
def test_what_is_left_out_is_asked_for() -> None:
    with pytest.raises(Invalid) as refusal:
        load(Everything(), {})
    assert refusal.value.message == "wanted: Required."


def test_a_name_in_another_script_is_taken_as_it_is() -> None:
    assert load(Plan(), {"name": "الجامعة الأردنية"})["name"] == "الجامعة الأردنية"


@pytest.mark.row("C2")
@pytest.mark.parametrize(
    ("amount", "currency", "path"),
    [
        ("0.001", "GBP", "amount.amount"),
        ("0.5", "JPY", "amount.amount"),
        ("a few", "GBP", "amount.amount"),
        ("1e3", "GBP", "amount.amount"),
        ("+1", "GBP", "amount.amount"),
        ("1", "pounds", "amount.currency"),
        (1.5, "GBP", "amount"),
        ("-1", "GBP", "amount"),
    ],
)
def test_money_that_cannot_be_is_refused_by_the_part_that_is_wrong(
    amount: Any, currency: str, path: str
) -> None:
    assert offending(Payment(), money(amount, currency)) == {path}


@dataclass(frozen=True)
class Line:
    what: str
    fee: Money


@dataclass(frozen=True, kw_only=True)
class Sheet:
    id: UUID
    day: date
    at: datetime
    colour: Colour
    days: Decimal
    lines: tuple[Line, ...]
    counts: dict[str, int] = field(default_factory=dict)
    note: str | None = None


SHEET = {
    "id": "00000000-0000-0000-0000-000000000007",
    "day": "2026-03-01",
    "at": "2026-03-01T12:00:00+02:00",
    "colour": "red",
    "days": "0.25",
    "lines": [{"what": "advice", "fee": {"amount": "-7.125", "currency": "JOD"}}],
}


def test_a_schema_made_from_a_value_gives_the_value() -> None:
    assert schema_for(Sheet)().load(SHEET) == Sheet(
        id=UUID(int=7),
        day=date(2026, 3, 1),
        at=datetime(2026, 3, 1, 10, tzinfo=UTC),
        colour=Colour.RED,
        days=Decimal("0.25"),
        lines=(Line("advice", Money(-7125, "JOD")),),
    )


def test_a_schema_made_from_a_value_ignores_what_it_does_not_know() -> None:
    schema = schema_for(Sheet)()
    assert schema.load(SHEET | {"added_later": 1}) == schema.load(SHEET)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("id", "7"),
        ("day", "1 March"),
        ("at", "2026-03-01T12:00:00"),  # no zone
        ("colour", "green"),
        ("days", "NaN"),
        ("lines", {"what": "advice"}),
        ("counts", {"a": "1"}),
        ("day", None),
    ],
)
def test_a_schema_made_from_a_value_refuses_what_does_not_fit(name: str, wrong: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        schema_for(Sheet)().load(SHEET | {name: wrong})
    assert set(refusal.value.messages) == {name}


def test_a_missing_field_without_a_default_is_named() -> None:
    with pytest.raises(ValidationError) as refusal:
        schema_for(Sheet)().load({key: value for key, value in SHEET.items() if key != "days"})
    assert set(refusal.value.messages) == {"days"}


@pytest.mark.parametrize(
    ("sent", "days"),
    [(0.1 + 0.2, "0.3"), (0.1, "0.1"), ("0.30", "0.30"), (2, "2"), (59.970000000000006, "59.97")],
)
def test_a_decimal_number_is_read_as_it_was_written(sent, days):
    assert str(DecimalField().deserialize(sent)) == days


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("3.250", "3.25"),
        ("0.50", "0.5"),
        ("40.00", "40"),
        ("40", "40"),
        ("4E+1", "40"),
        ("0.00", "0"),
        ("-0.250", "-0.25"),
    ],
)
def test_a_decimal_number_is_shown_without_needless_zeros(kept: str, shown: str) -> None:
    assert DecimalField().serialize("days", {"days": Decimal(kept)}) == shown
