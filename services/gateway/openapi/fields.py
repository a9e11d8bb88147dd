"""How marshmallow's schemas and fields are described in JSON Schema."""

from collections.abc import Callable, Iterable
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin, OpenAPIConverter
from apispec.ext.marshmallow.common import resolve_schema_cls, resolve_schema_instance
from marshmallow import Schema, fields

from shared.permissions import Permissions
from shared.schemas import MoneyField, Strict
from shared.withholding import needed_for

_NULL = {"type": "null"}


def is_request(schema: type[Schema] | Schema) -> bool:
    """Requests are closed; all else is what we answer, open to further fields."""
    return isinstance(schema, Strict) or (isinstance(schema, type) and issubclass(schema, Strict))


class Converter(OpenAPIConverter):
    """Describes answers as they are: every field is there, null where there is nothing to show."""

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        described: dict[str, Any] = super().schema2jsonschema(schema)
        if not is_request(resolve_schema_instance(schema)):
            described["required"] = sorted(described["properties"])
            described["additionalProperties"] = True
        return described


class Plugin(MarshmallowPlugin):
    """apispec's plugin, with our ways to name schemas and to describe fields."""

    Converter = Converter

    def __init__(self, permissions: Permissions) -> None:
        super().__init__(schema_name_resolver=schema_name)
        self._permissions = permissions

    def init_spec(self, spec: Any) -> None:
        super().init_spec(spec)
        assert self.converter is not None
        self.converter.add_attribute_function(_without_default)
        self.converter.add_attribute_function(_as_text)
        self.converter.add_attribute_function(_by_name)
        self.converter.add_attribute_function(_may_be_withheld(self._permissions))
        self.converter.add_parameter_attribute_function(_said_or_left_out)


def schema_name(schema: Any) -> str:
    """A name that two services do not share: ``contract.MilestoneView``."""
    cls: Any = resolve_schema_cls(schema)
    return _name_of(getattr(cls, "value_class", cls))


def _name_of(cls: type) -> str:
    home = cls.__module__.split(".")
    if home[-1] == "vocabulary":  # shared by all
        return cls.__name__
    return f"{home[1] if home[0] == 'services' else home[-1]}.{cls.__name__}"


def _without_default(_: Any, field: fields.Field, ret: dict[str, Any]) -> dict[str, Any]:
    """An answer leaves nothing out, so nothing stands for what is left out."""
    if field.parent is not None and not is_request(_schema_of(field)):
        ret.pop("default", None)
    return {}


def _schema_of(field: fields.Field) -> Schema:
    home: Any = field.parent
    while isinstance(home, fields.Field):
        home = home.parent
    return home


def _as_text(_: Any, field: fields.Field, ret: dict[str, Any]) -> dict[str, Any]:
    """Money and exact numbers travel as text, so that no float creeps in."""
    if isinstance(field, MoneyField):
        return _refer(field.metadata.get("component", "Money"), field, ret)
    if isinstance(field, fields.Decimal):
        lowest, highest = ret.pop("minimum", None), ret.pop("maximum", None)
        kinds = ["string", "null"] if field.allow_none else "string"
        described = {"type": kinds, "pattern": r"^-?\d+(\.\d+)?$"}
        # JSON Schema knows limits of numbers only, and this is text.
        if lowest is not None:
            remark = f"From {lowest}" + (f" to {highest}." if highest else ".")
            described["description"] = " ".join(filter(None, (ret.get("description"), remark)))
        return described
    return {}


def _by_name(self: Any, field: fields.Field, ret: dict[str, Any]) -> dict[str, Any]:
    """A closed vocabulary is a component of its own, referred to wherever it is used."""
    if isinstance(field, fields.Enum):
        name, words = _name_of(field.enum), [each.value for each in field.enum]
    elif "enum" in ret and "vocabulary" in field.metadata:
        name = field.metadata["vocabulary"]
        words = [each for each in ret["enum"] if each is not None]
    else:
        return {}
    _add_vocabulary(self.spec, name, words)
    return _refer(name, field, ret)


def _add_vocabulary(spec: Any, name: str, words: Iterable[Any]) -> None:
    described = {"type": "string", "enum": list(words)}
    if spec.components.schemas.setdefault(name, described) != described:
        raise ValueError(f"Two vocabularies are called {name}")


def _refer(name: str, field: fields.Field, ret: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {key: ret[key] for key in ("description", "default") if key in ret}
    ret.clear()
    reference: dict[str, Any] = {"$ref": f"#/components/schemas/{name}"}
    if field.allow_none:
        return {"anyOf": [reference, _NULL], **kept}
    return {"allOf": [reference], **kept} if kept else reference


def _may_be_withheld(permissions: Permissions) -> Callable[..., dict[str, Any]]:
    """Says of the fields of answers which permission they need, and that they may be null."""

    def withheld(_: Any, field: fields.Field, ret: dict[str, Any]) -> dict[str, Any]:
        needed = needed_for(field, permissions)
        if needed is None or field.parent is None or is_request(_schema_of(field)):
            return {}
        said = f"Needs `{needed}`: null for readers without it."
        described = {"description": ". ".join(filter(None, (ret.get("description"), said)))}
        kind = ret.get("type")
        if isinstance(kind, str):
            return {"type": [kind, "null"]} | described
        reference = ret.pop("$ref", None)
        if reference is not None:
            return {"anyOf": [{"$ref": reference}, _NULL]} | described
        if "allOf" in ret:
            return {"anyOf": [*ret.pop("allOf"), _NULL]} | described
        return described

    return withheld


def _said_or_left_out(_: Any, __: fields.Field, ret: dict[str, Any]) -> dict[str, Any]:
    """A query has no null: what is not wanted is left out."""
    schema = ret["schema"]
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    if "anyOf" in schema:
        (ret["schema"],) = (each for each in schema.pop("anyOf") if each != _NULL)
    if schema.get("default", ...) is None:
        del schema["default"]
    return {}
