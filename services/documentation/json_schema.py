"""JSON Schema of the published language, from the schemas by which events are read."""

from enum import Enum
from typing import Any, cast

from marshmallow import Schema, fields

from services.documentation import remarks
from shared.schemas import MoneyField

Plain = dict[str, Any]

MONEY: Plain = {
    "type": "object",
    "description": "An amount with exactly the currency's decimals, as text.",
    "properties": {
        "amount": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "examples": ["125000.00"]},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217"},
    },
    "required": ["amount", "currency"],
}

_TEXTS: dict[type[fields.Field], Plain] = {
    fields.UUID: {"type": "string", "format": "uuid"},
    fields.Date: {"type": "string", "format": "date"},
    fields.AwareDateTime: {"type": "string", "format": "date-time"},
    fields.Decimal: {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
    fields.String: {"type": "string"},
    fields.Integer: {"type": "integer"},
    fields.Boolean: {"type": "boolean"},
    fields.Raw: {},
}


class Described:
    """Schemas by name, as ``#/components/schemas`` of a document has them."""

    def __init__(self) -> None:
        self.schemas: dict[str, Plain] = {"Money": MONEY}

    def add(self, schema: Schema, name: str | None = None) -> Plain:
        """A reference to the schema, which is described with all that it needs.

        Nothing forbids further properties: an event may gain fields within its version.
        """
        value_class = _value_class(schema)
        name = name or _name_of(value_class)
        if name not in self.schemas:
            self.schemas[name] = {}  # its place, should it contain itself
            said = remarks.of_fields(value_class)
            properties = {
                field_name: self._with_remark(field, said.get(field_name, ""))
                for field_name, field in schema.fields.items()
            }
            described: Plain = {"type": "object", "properties": properties}
            if about := remarks.of_class(value_class):
                described["description"] = about
            if required := [key for key, field in schema.fields.items() if field.required]:
                described["required"] = required
            self.schemas[name] = described
        return {"$ref": f"#/components/schemas/{name}"}

    def _with_remark(self, field: fields.Field, remark: str) -> Plain:
        described = self._nullable(field)
        if not remark:
            return described
        if "$ref" in described:  # beside a reference, nothing else counts
            return {"allOf": [described], "description": remark}
        return {**described, "description": remark}

    def _nullable(self, field: fields.Field) -> Plain:
        described = self._plain(field)
        if not field.allow_none:
            return described
        if isinstance(described.get("type"), str):
            return {**described, "type": [described["type"], "null"]}
        return {"anyOf": [described, {"type": "null"}]}

    def _plain(self, field: fields.Field) -> Plain:
        if isinstance(field, MoneyField):
            return {"$ref": "#/components/schemas/Money"}
        if isinstance(field, fields.Enum):
            return self._vocabulary(field.enum)
        if isinstance(field, fields.Nested):
            return self.add(field.schema)
        if isinstance(field, fields.List):
            return {"type": "array", "items": self._nullable(field.inner)}
        if isinstance(field, fields.Dict):
            values = cast(fields.Field, field.value_field)
            return {"type": "object", "additionalProperties": self._nullable(values)}
        return dict(next(_TEXTS[cls] for cls in type(field).__mro__ if cls in _TEXTS))

    def _vocabulary(self, words: type[Enum]) -> Plain:
        name = _name_of(words)
        if name not in self.schemas:
            self.schemas[name] = {"type": "string", "enum": [word.value for word in words]}
            if about := remarks.of_class(words):
                self.schemas[name]["description"] = about
        return {"$ref": f"#/components/schemas/{name}"}


def _value_class(schema: Schema) -> type:
    found: type = schema.value_class  # type: ignore[attr-defined]
    return found


def _name_of(cls: type) -> str:
    """A name that two services do not share: ``contract.MilestoneTerms``."""
    return f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}"
