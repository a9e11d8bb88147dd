"""What the reference pages read from the source: remarks, and JSON Schema of events."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.documentation import remarks
from services.documentation.json_schema import Described
from shared.money import Money
from shared.schemas import schema_for


class Colour(StrEnum):
    """What a flag is made of."""

    RED = "red"


@dataclass(frozen=True)
class Flag:
    """A flag.

    width: how wide it is.
    """

    #: How high it is,
    #: in centimetres.
    height: int
    width: int
    colour: Colour  # of the cloth
    until: date | None = None  # None: for ever
    price: Money | None = None
    spare: tuple[Colour, ...] = ()


@dataclass(frozen=True)
class Bare:
    size: int


def described() -> dict[str, object]:
    found = Described()
    found.add(schema_for(Flag)())
    schema: dict[str, object] = found.schemas["test_documentation_remarks.Flag"]
    return schema


def test_a_remark_may_stand_above_a_field_behind_it_or_in_the_docstring():
    assert remarks.of_fields(Flag) == {
        "height": "How high it is, in centimetres.",
        "width": "how wide it is.",
        "colour": "of the cloth",
        "until": "None: for ever",
    }


def test_what_a_dataclass_says_of_itself_is_no_remark():
    assert remarks.of_class(Bare) == ""
    assert remarks.of_fields(Bare) == {}


def test_a_class_says_what_its_docstring_says():
    assert remarks.of_class(Colour) == "What a flag is made of."


def test_fields_without_a_default_are_required():
    assert described()["required"] == ["height", "width", "colour"]


def test_what_may_be_none_may_be_null():
    properties = described()["properties"]
    assert isinstance(properties, dict)
    assert properties["until"]["type"] == ["string", "null"]
    assert properties["price"] == {
        "anyOf": [{"$ref": "#/components/schemas/Money"}, {"type": "null"}]
    }


def test_a_remark_beside_a_reference_is_not_lost():
    properties = described()["properties"]
    assert isinstance(properties, dict)
    assert properties["colour"]["description"] == "of the cloth"
    assert properties["colour"]["allOf"] == [
        {"$ref": "#/components/schemas/test_documentation_remarks.Colour"}
    ]


def test_a_schema_forbids_no_further_fields_since_events_may_gain_some():
    assert "additionalProperties" not in described()
