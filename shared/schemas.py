"""marshmallow at the edges: strict input, the money field, and schemas made from plain values."""

import dataclasses
import re
import types
import typing
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from shared import names
from shared.errors import Invalid, Refusal
from shared.money import DECIMAL_TEXT, Money
from shared.values import unstorable

#: Years of dates and moments that are taken. Beyond them, arithmetic with days and zones overflows,
#: and what is meant is a slip of the pen.
YEARS = range(1900, 2200)
#: A binary fraction (64 bits) holds so many decimal digits; further ones are noise.
_DIGITS_OF_A_FLOAT = 15
#: Whole numbers that every store takes as an INTEGER.
_STORABLE = range(-(2**31), 2**31)


_DIGITS = re.compile("[0-9]{1,9}")
_BLANK = "Must not be blank."


def _check_year(value: date) -> None:
    if value.year not in YEARS:
        raise ValidationError(f"Must be in the years {YEARS[0]} to {YEARS[-1]}.")


def _check_storable(value: int) -> None:
    if value not in _STORABLE:
        raise ValidationError(f"Must be from {_STORABLE[0]} to {_STORABLE[-1]}.")


class Strict(Schema):
    """What people and programs send us: an unknown field is refused, not ignored.

    Dates, moments and whole numbers have bounds even where a schema states none.
    """

    #: Fields whose texts are checked part by part later, so that one bad part costs itself alone.
    judged_later: typing.ClassVar[frozenset[str]] = frozenset()

    class Meta:
        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field) -> None:
        """Called by marshmallow with each field of a new instance."""
        if isinstance(field_obj, fields.List):
            self.on_bind_field(field_name, field_obj.inner)
        elif isinstance(field_obj, fields.DateTime):  # dates are a kind of it
            field_obj.validators = [*field_obj.validators, _check_year]
        elif isinstance(field_obj, fields.Integer):
            field_obj.validators = [*field_obj.validators, _check_storable]


class View(Schema):
    """What we answer: every field is there, null where there is nothing to show.

    Fields may be added: readers ignore those that they do not know.
    """


#: What marshmallow says by itself, in words for who filled in the form.
_SAID = {
    "Missing data for required field.": ("required", "Required."),
    "Field may not be null.": ("required", "Required; must not be null."),
    "Unknown field.": ("known-field", "This field is not known here. Check its spelling."),
    "Not a valid string.": ("type", "Must be text, in quotation marks."),
    "Not a valid integer.": ("type", "Must be a whole number, without quotation marks."),
    "Must be a whole number, such as 50.": ("type", "Must be a whole number, such as 50."),
    "Not a valid number.": ("type", "Must be a number, such as 2.5."),
    "Not a valid boolean.": ("type", "Must be true or false."),
    "Not a valid list.": ("type", "Must be a list: [ … ]."),
    "Not a valid mapping type.": ("type", "Must be an object: { … }."),
    "Invalid input type.": ("type", "Must be an object: { … }."),
    "Not a valid date.": ("date", "Must be a date such as 2026-11-22."),
    "Not a valid datetime.": ("moment", "Must be a date and time such as 2026-11-22T09:00:00Z."),
    "Not a valid aware datetime.": (
        "moment",
        "Must be a date and time with its zone, such as 2026-11-22T09:00:00+02:00 or …Z.",
    ),
    "Not a valid UUID.": ("id", "Must be an id, as this platform gives them."),
    "Not a valid URL.": ("url", "Must be a whole address such as https://example.org/."),
    "Not a valid email address.": ("email", "Must be an e-mail address such as name@example.org."),
    "Special numeric values (nan or infinity) are not permitted.": (
        "type",
        "Must be a number, such as 2.5.",
    ),
}
_SAID_WITH_NUMBERS = (
    (re.compile(r"Longer than maximum length (\d+)\."), "length", r"Must not be longer than \1."),
    (re.compile(r"Shorter than minimum length 1\."), "length", "Must not be empty."),
    (
        re.compile(r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\."),
        "range",
        r"Must be from \1 to \2.",
    ),
)


#: Longest text that a list is searched for, in characters.
LONGEST_SEARCH = 200


def sought(of: str) -> fields.String:
    """The text that a list is searched for; `of` says what is looked through."""
    return fields.String(
        validate=validate.Length(max=LONGEST_SEARCH),
        metadata={
            "description": f"Words of {of}, in any order, whole or in part; case, accents and "
            "punctuation do not count"
        },
    )


class Count(fields.Integer):
    """A whole number in a query string: digits, and no other script's or any sign."""

    def _deserialize(self, value: Any, *rest: Any, **more: Any) -> Any:
        if isinstance(value, str) and not _DIGITS.fullmatch(value):
            raise ValidationError("Must be a whole number, such as 50.")
        return super()._deserialize(value, *rest, **more)


class DecimalField(fields.Decimal):
    """A decimal number, as text or as a JSON number: digits with a decimal point, no exponent.

    A JSON number counts without the noise of binary fractions: 0.30000000000000004 is 0.3. It is
    read as it was written, and shown without needless zeros: 3.25 for 3.250.
    marshmallow's own field also takes `1_0`, digits of other scripts, `NaN` and spaces.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(as_string=True, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        written = isinstance(value, str) and DECIMAL_TEXT.fullmatch(value)
        number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        if not (written or number):
            raise self.make_error("invalid")
        plain = f"{value:.{_DIGITS_OF_A_FLOAT}g}" if isinstance(value, float) else value
        return super()._deserialize(plain, *args, **kwargs)

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        shown = None if value is None else without_needless_zeros(Decimal(value))
        return super()._serialize(shown, *args, **kwargs)


def without_needless_zeros(number: Decimal) -> Decimal:
    """The same number, written as people do: 3.25 for 3.250, 40 for 40.00 and for 4E+1."""
    return Decimal(f"{number.normalize():f}")


class MoneyField(fields.Field[Money]):
    """``{"amount": "125000.00", "currency": "GBP"}``: the amount as text, never a float."""

    default_error_messages = {
        # Doubled braces: marshmallow formats the message.
        "shape": 'Must be {{"amount": "125000.00", "currency": "GBP"}}, the amount as text.',
        "sign": "Must not be negative.",
        "amount": "Must be an amount in digits with a decimal point, such as 125000.00.",
    }

    def __init__(self, *, negative: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.negative = negative

    def _serialize(self, value: Money | None, *_: Any, **__: Any) -> dict[str, str] | None:
        if value is None:
            return None
        return {"amount": str(value.amount), "currency": value.currency}

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Money:
        if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
            raise self.make_error("shape")
        if not isinstance(value["amount"], str) or not isinstance(value["currency"], str):
            raise self.make_error("shape")
        if not DECIMAL_TEXT.fullmatch(value["amount"]):
            raise ValidationError({"amount": [self.error_messages["amount"]]})
        try:
            money = self._read(value["amount"], value["currency"])
        except Refusal as refusal:
            raise ValidationError({refusal.field: [refusal.message]}) from refusal
        if money.minor < 0 and not self.negative:
            raise self.make_error("sign")
        return money

    def _read(self, amount: str, currency: str) -> Money:
        return Money.of(amount, currency)


class RecordedMoneyField(MoneyField):
    """Money in an event: of any sign, and perhaps of a currency that was withdrawn since."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(negative=True, **kwargs)

    def _read(self, amount: str, currency: str) -> Money:
        return Money.recorded(amount, currency)


def text(longest: int = 200, **kwargs: Any) -> fields.String:
    """A line of text: trimmed by nobody, not blank or invisible, at most `longest` characters."""
    return fields.String(
        validate=[
            validate.Length(max=longest),
            validate.Regexp(r"^[^\x00]*\S[^\x00]*$", 0, error=_BLANK),
            _check_visible,
        ],
        **kwargs,
    )


def chosen_id() -> fields.UUID:
    """The id under which a new record is kept, where its creator wants to choose it."""
    return fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "Optional client-supplied id of the new record"},
    )


def _check_visible(value: str) -> None:
    if not value.isascii() and not names.clean(value):
        raise ValidationError(_BLANK)


class AnyRow(fields.Dict):
    """A row of whatever shape: one that is wrong is refused by itself, not with all others."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return value


def one_of(choices: type[Enum], **kwargs: Any) -> fields.Enum:
    """One word of a closed vocabulary, by value."""
    return fields.Enum(choices, by_value=True, **kwargs)


def load(schema: Schema, plain: Any) -> Any:
    """`plain` as the schema's values. Raises Invalid that names every offending field."""
    later = getattr(schema, "judged_later", None)
    now = {name: plain[name] for name in plain if name not in later} if later else plain
    bad_text = unstorable(now)
    if bad_text is not None:
        words = "contains an invalid character (NUL or an unpaired surrogate)."
        raise Invalid(
            f"{bad_text or 'The body'}: {words}",
            rule="text",
            field=bad_text,
            accepted="Unicode text without NUL",
            errors=[{"field": bad_text, "rule": "text", "message": f"C{words[1:]}"}],
        )
    try:
        return schema.load(plain)
    except ValidationError as error:
        errors = list(_findings(error.messages))
        first = errors[0]
        raise Invalid(
            f"{first['field'] or 'The body'}: {first['message']}" + _and_more(len(errors) - 1),
            rule="schema",
            field=first["field"],
            errors=errors,
        ) from error


def _and_more(number: int) -> str:
    if number == 0:
        return ""
    return (
        " There is 1 further finding." if number == 1 else f" There are {number} further findings."
    )


def _findings(messages: Any, path: str = "") -> typing.Iterator[dict[str, str]]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            step = "" if key == "_schema" else str(key)
            yield from _findings(inner, ".".join(filter(None, (path, step))))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _findings(inner, path)
    else:
        rule, message = _in_words(str(messages))
        yield {"field": path, "rule": rule, "message": message}


def _in_words(message: str) -> tuple[str, str]:
    """The rule and what is said of it; a message of our own is taken as it is."""
    for shape, rule, words in _SAID_WITH_NUMBERS:
        if shape.fullmatch(message):
            return rule, shape.sub(words, message)
    return _SAID.get(message, ("schema", message))


_SIMPLE: dict[Any, type[fields.Field]] = {
    str: fields.String,
    bool: fields.Boolean,
    date: fields.Date,
    UUID: fields.UUID,
    Any: fields.Raw,
}


@cache
def schema_for(value_class: type) -> type[Schema]:
    """A schema made from a dataclass: one definition for the value and for its JSON.

    Loading gives an instance. Unknown fields are ignored, fields with defaults may be missing.
    """
    hints = typing.get_type_hints(value_class)
    made: dict[str, Any] = {}
    for item in dataclasses.fields(value_class):
        options: dict[str, Any] = {"required": True}
        if item.default is not dataclasses.MISSING:
            options = {"load_default": item.default}
        elif item.default_factory is not dataclasses.MISSING:
            options = {"load_default": item.default_factory}
        made[item.name] = _field_for(hints[item.name], options)
    schema = type(value_class.__name__, (_ValueSchema,), made)
    schema.value_class = value_class  # type: ignore[attr-defined]
    return schema


class _ValueSchema(Schema):
    value_class: typing.ClassVar[type]

    class Meta:
        unknown = EXCLUDE

    def load(self, data: Any, **kwargs: Any) -> Any:
        loaded = super().load(data, **kwargs)
        if self.many:
            return tuple(self.value_class(**item) for item in loaded)
        return self.value_class(**loaded)


class _TupleField(fields.List):
    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(*args, **kwargs))


def _field_for(hint: Any, options: dict[str, Any]) -> fields.Field:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        (inner,) = [each for each in arguments if each is not type(None)]
        return _field_for(inner, {**options, "allow_none": True})
    if origin is tuple:
        return _TupleField(_field_for(arguments[0], {}), **options)
    if origin is dict:
        return fields.Dict(fields.String(), _field_for(arguments[1], {}), **options)
    if hint is int:
        return fields.Integer(strict=True, **options)
    if hint is Decimal:
        return DecimalField(**options)
    if hint is datetime:
        return fields.AwareDateTime(format="iso", **options)
    if hint is Money:
        return RecordedMoneyField(**options)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return fields.Enum(hint, by_value=True, **options)
    if dataclasses.is_dataclass(hint):
        return fields.Nested(schema_for(typing.cast(type, hint)), **options)
    return _SIMPLE[hint](**options)
