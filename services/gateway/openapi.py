"""The OpenAPI 3.1 document, made from the operations that the services declared."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls
from marshmallow import Schema, fields

from services.gateway.api import PREFIX
from services.gateway.problems import KINDS, MEDIA_TYPE
from shared.operations import Operation
from shared.permissions import Extent
from shared.schemas import MoneyField
from shared.withholding import needed_for

_PLACE = re.compile(r"\{(\w+)\}")

#: What is said of each service where its operations are grouped.
TAGS = {
    "partner": "Partner institutions: proposal, due diligence, risk, needs, contacts.",
    "contract": "Contracts: terms, approval, signatures, milestones, day budget.",
    "consultancy": "Curriculum consultancy: consultants, engagements, days, deliverables.",
    "faculty": "Faculty development: programmes, places, attendance, certificates, evaluation.",
    "finance": "Accounts, invoice-ready packs, invoices, payments, reconciliation.",
    "insight": "Read models over all services: timelines and what is put together from events.",
    "gateway": "API tokens.",
}

DESCRIPTION = """\
One REST API for all services of the office.

* **Identify** with `Authorization: Bearer ent_…`. A token has one role; each operation names its \
roles.
* **Versions**: a record's answer carries an `ETag`; send it back in `If-Match` with a change. \
`If-Match: *` means whatever version there is.
* **Retries**: send an `Idempotency-Key` with a command; the same key gives the same answer and \
changes nothing twice.
* **Withheld**: a field that the reader may not see is null, and named in the header `Withheld`; \
each says which permission it needs.
* **Lists** are paged: `next` in the answer (and `Link: rel="next"`) leads to the next page as \
`cursor`.
* **Problems** are `application/problem+json` (RFC 9457); `/problems/<kind>` explains each kind.
* **Money** is `{"amount": "125000.00", "currency": "GBP"}`, **dates** are ISO 8601, **days** are \
decimal text.
"""

#: What any operation can meet at the door.
_ALWAYS = (
    "malformed",
    "unauthenticated",
    "forbidden",
    "not-acceptable",
    "invalid",
    "unexpected",
    "too-many-requests",
    "unavailable",
)
_COMMANDS = ("conflict", "too-large", "unsupported-media-type")


def document(operations: Sequence[Operation], version: str) -> dict[str, Any]:
    """The whole document as plain JSON-able values."""
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    spec = APISpec(
        title="Entente",
        version=version,
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": DESCRIPTION},
        servers=[{"url": PREFIX}],
        security=[{"token": []}],
        tags=[
            {"name": service, "description": TAGS.get(service, service)}
            for service in dict.fromkeys(operation.service for operation in operations)
        ],
    )
    assert plugin.converter is not None
    plugin.converter.add_attribute_function(_as_text)
    answers = {schema for each in operations for schema in _answered_by(each)}
    plugin.converter.add_attribute_function(_may_be_withheld(operations, answers))
    plugin.converter.add_parameter_attribute_function(_said_or_left_out)
    _add_components(spec)
    for operation in operations:
        spec.path(
            path=operation.path,
            operations={operation.method.lower(): _described(operation)},
        )
    return spec.to_dict()


def _add_components(spec: APISpec) -> None:
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    text = {"type": "string"}
    spec.components.schema(
        "Money",
        {
            "type": "object",
            "description": "An amount as text, with at most the currency's decimals (answers have "
            "exactly as many).",
            "properties": {
                "amount": {
                    **text,
                    "pattern": r"^-?\d{1,17}(\.\d{1,4})?$",
                    "examples": ["125000.00"],
                },
                "currency": {**text, "pattern": "^[A-Z]{3}$", "examples": ["GBP"]},
            },
            "required": ["amount", "currency"],
            "additionalProperties": False,
        },
    )
    finding = dict.fromkeys(("field", "rule", "message", "accepted"), text)
    spec.components.schema(
        "Problem",
        {
            "type": "object",
            "description": "Problem details (RFC 9457).",
            "properties": {
                **dict.fromkeys(("title", "detail", "rule", "field", "accepted"), text),
                "type": {**text, "format": "uri-reference"},
                "status": {"type": "integer"},
                "instance": {**text, "format": "uri-reference"},
                "correlation_id": text,
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": finding,
                        "required": ["field", "message"],
                    },
                },
                "further_errors": {
                    "type": "integer",
                    "description": "How many findings there are beside those in `errors`",
                },
            },
            "required": [
                "type",
                "title",
                "status",
                "detail",
                "instance",
                "correlation_id",
            ],
        },
    )
    for name, kind in KINDS.items():
        spec.components.response(
            name,
            {
                "description": f"{kind.title}. {kind.advice}",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        )
    for name, description, schema in (
        (
            "If-Match",
            "The `ETag` of the version that is changed, or `*` for any.",
            {**text, "pattern": r'^("(0|[1-9]\d{0,8})(-[0-9a-f]{16})?"|\*)$'},
        ),
        (
            "If-None-Match",
            "An `ETag` that the caller has: unchanged is answered 304.",
            text,
        ),
        (
            "Idempotency-Key",
            "New for each new request: the same key gives the same answer again.",
            {**text, "minLength": 1, "maxLength": 100, "pattern": "^[!-~]+$"},
        ),
        (
            "X-Correlation-Id",
            "Found again in the answer, in logs and in the events that follow.",
            {**text, "pattern": "^[A-Za-z0-9._:-]{1,64}$"},
        ),
    ):
        spec.components.parameter(
            name, "header", {"name": name, "description": description, "schema": schema}
        )
    spec.components.header(
        "ETag",
        {
            "description": "The record's version, and a fingerprint of what is shown.",
            "schema": {**text, "pattern": r'^"\d+-[0-9a-f]{16}"$'},
        },
    )
    spec.components.header(
        "Withheld",
        {
            "description": "Fields that are null because the reader may not see them: "
            "`value, milestones.amount`. Missing where nothing is withheld.",
            "schema": text,
        },
    )
    spec.components.header("Location", {"description": "Where it can be read.", "schema": text})
    spec.components.header("Link", {"description": "The next page.", "schema": text})


def _described(operation: Operation) -> dict[str, Any]:
    roles = ", ".join(
        f"`{role}` (their own)" if extent is Extent.OWN else f"`{role}`"
        for role, extent in operation.holders.items()
    )
    places = _PLACE.findall(operation.path)
    described: dict[str, Any] = {
        "operationId": f"{operation.service}_{operation.name}",
        "tags": [operation.service],
        "summary": operation.summary.rstrip("."),
        "description": (
            f"{operation.description}\n\nPermission: `{operation.needs}`. Roles: {roles}."
        ).strip(),
        "parameters": _path_parameters(operation, places) + _header_parameters(operation),
        "responses": _responses(operation, places),
    }
    schema = _without(operation.takes, places)
    if schema is None:
        return described
    if operation.is_command:
        required = any(field.required for field in schema.fields.values())
        described["requestBody"] = {
            "required": required,
            "content": {"application/json": {"schema": schema}},
        }
    else:
        described["parameters"].insert(len(places), {"in": "query", "schema": schema})
        if operation.is_listing:
            _explain_paging(described, operation)
    return described


def _path_parameters(operation: Operation, places: Sequence[str]) -> list[dict[str, Any]]:
    known = operation.schema_in.fields
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"}
            if name == "id" or isinstance(known.get(name), fields.UUID)
            else {"type": "string"},
        }
        for name in places
    ]


def _header_parameters(operation: Operation) -> list[Any]:
    wanted = ["X-Correlation-Id"]
    if not operation.is_command:
        wanted.append("If-None-Match")
    else:
        wanted.append("Idempotency-Key")
        if operation.on is not None:
            wanted.append("If-Match")
    return wanted


def _explain_paging(described: dict[str, Any], operation: Operation) -> None:
    names = ", ".join(f"`{name}`" for name in sorted(operation.sorts or {}))
    described["description"] = (
        f"{described['description']}\n\nSorted by {names}, with `-` before it descending; "
        f"`{operation.default_sort}` where nothing is said."
    )


def _without(takes: type[Schema] | None, places: Sequence[str]) -> Schema | None:
    """What is still to be sent where the path tells the rest; None: nothing."""
    if takes is None:
        return None
    known = takes().fields
    schema = takes(exclude=tuple(name for name in places if name in known))
    return schema if schema.fields else None


def _responses(operation: Operation, places: Sequence[str]) -> dict[str, Any]:
    kinds = [*_ALWAYS, *(_COMMANDS if operation.is_command else ())]
    if places:
        kinds.append("not-found")
    if operation.is_command and operation.on is not None:
        kinds.append("stale")
    if operation.needs_version:
        kinds.append("version-missing")
    responses: dict[str, Any] = {
        str(KINDS[kind].status): {"$ref": f"#/components/responses/{kind}"}
        for kind in sorted(kinds, key=lambda kind: KINDS[kind].status)
    }
    success: dict[str, Any] = {"description": "Done." if operation.is_command else "Found."}
    headers = {"ETag": {"$ref": "#/components/headers/ETag"}}
    if operation.creates:
        headers["Location"] = {"$ref": "#/components/headers/Location"}
    if operation.is_listing:
        headers = {"Link": {"$ref": "#/components/headers/Link"}}
    if operation.guarded:
        headers["Withheld"] = {"$ref": "#/components/headers/Withheld"}
    success["headers"] = headers
    success["content"] = {"application/json": {"schema": _answer(operation)}}
    responses["201" if operation.creates else "200"] = success
    if not operation.is_command and not operation.is_listing:
        responses["304"] = {"description": "Unchanged since the version in `If-None-Match`."}
    return dict(sorted(responses.items()))


def _answer(operation: Operation) -> Any:
    if operation.gives is None:
        return {"type": "null"}
    if not operation.is_listing:
        return operation.gives
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": operation.gives},
            "next": {
                "type": ["string", "null"],
                "description": "The cursor of the next page; null on the last.",
            },
        },
        "required": ["items", "next"],
    }


def _schema_name(schema: Any) -> str:
    """A name that two services do not share: ``contract.MilestoneView``."""
    cls: Any = resolve_schema_cls(schema)
    home = getattr(cls, "value_class", cls).__module__.split(".")
    service = home[1] if home[0] == "services" else home[-1]
    return f"{service}.{cls.__name__}"


def _as_text(_: Any, field: fields.Field, ret: dict[str, Any]) -> dict[str, Any]:
    """Money and exact numbers travel as text, so that no float creeps in."""
    if isinstance(field, MoneyField):
        reference = {"$ref": "#/components/schemas/Money"}
        ret.clear()
        return {"anyOf": [reference, {"type": "null"}]} if field.allow_none else reference
    if isinstance(field, fields.Decimal):
        lowest, highest = ret.pop("minimum", None), ret.pop("maximum", None)
        kinds = ["string", "null"] if field.allow_none else "string"
        described = {"type": kinds, "pattern": r"^-?\d+(\.\d+)?$"}
        # JSON Schema knows limits of numbers only, and this is text.
        if lowest is not None:
            described["description"] = f"From {lowest}" + (f" to {highest}." if highest else ".")
        return described
    if isinstance(field, fields.Enum):
        return {"type": ["string", "null"] if field.allow_none else "string"}
    return {}


def _answered_by(operation: Operation) -> Iterator[type[Schema]]:
    """The schemas that stand in an operation's answer, nested ones too."""
    pending = [operation.schema_out] if operation.schema_out else []
    while pending:
        schema = pending.pop()
        yield type(schema)
        for field in schema.fields.values():
            inner = field.inner if isinstance(field, fields.List) else field
            if isinstance(inner, fields.Nested):
                pending.append(inner.schema)


def _may_be_withheld(
    operations: Sequence[Operation], answers: Collection[type[Schema]]
) -> Callable[..., dict[str, Any]]:
    """Says of the fields of answers which permission they need, and that they may be null."""
    table = operations[0].permissions

    def described(_: Any, field: fields.Field, ret: dict[str, Any]) -> dict[str, Any]:
        needed = needed_for(field, table)
        if needed is None or type(field.parent) not in answers:
            return {}
        said = f"Needs `{needed}`: null for readers without it."
        description = f"{ret['description']}. {said}" if "description" in ret else said
        kind = ret.get("type")
        if "$ref" in ret:
            return {
                "anyOf": [{"$ref": ret.pop("$ref")}, {"type": "null"}],
                "description": description,
            }
        if isinstance(kind, str):
            return {"type": [kind, "null"], "description": description} | _with_null(ret)
        return {"description": description}

    return described


def _with_null(described: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a closed vocabulary, with null among them."""
    return {"enum": [*described["enum"], None]} if "enum" in described else {}


def _said_or_left_out(_: Any, __: fields.Field, ret: dict[str, Any]) -> dict[str, Any]:
    """A query has no null: what is not wanted is left out."""
    schema = ret["schema"]
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    if schema.get("default", ...) is None:
        del schema["default"]
    return {}
