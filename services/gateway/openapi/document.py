"""The OpenAPI 3.1 document, made from the operations that the services declared."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from apispec import APISpec
from marshmallow import Schema, fields

from services.gateway.api import PREFIX
from services.gateway.log_heads import PATH, SUMMARY, LogHeadsView
from services.gateway.openapi.components import REQUIRED_VERSION, add_components, headers
from services.gateway.openapi.fields import Plugin
from services.gateway.problems import KINDS
from shared.operations import Operation
from shared.permissions import Extent
from shared.schemas import View

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

* **Identify** with `Authorization: Bearer ent_…`. A token has one or more roles, and does \
what any of them permits; each operation names its roles.
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
    spec = APISpec(
        title="Entente",
        version=version,
        openapi_version="3.1.0",
        plugins=[Plugin(operations[0].permissions)],
        info={"description": DESCRIPTION},
        servers=[{"url": PREFIX}],
        security=[{"token": []}],
        tags=[
            {"name": service, "description": TAGS.get(service, service)}
            for service in dict.fromkeys(operation.service for operation in operations)
        ],
    )
    add_components(spec)
    for operation in operations:
        spec.path(
            path=operation.path,
            operations={operation.method.lower(): _described(operation)},
        )
    spec.path(path=PATH, operations={"get": _log_heads()})
    return spec.to_dict()


def _log_heads() -> dict[str, Any]:
    """What no service owns, and anybody may read."""
    kinds = ("not-acceptable", "unexpected", "too-many-requests", "unavailable")
    found = {
        "description": "Found.",
        "headers": headers(),
        "content": {"application/json": {"schema": LogHeadsView}},
    }
    return {
        "operationId": "gateway_list_log_heads",
        "tags": ["gateway"],
        "summary": SUMMARY,
        "description": "Proof, for anybody who keeps it, of what the logs said. Needs no "
        "token; changes once a minute at most.",
        "security": [],
        "parameters": ["X-Correlation-Id"],
        "responses": {"200": found} | {str(KINDS[kind].status): _refused(kind) for kind in kinds},
    }


def _refused(kind: str) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{kind}"}


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
            if name == operation.target or isinstance(known.get(name), fields.UUID)
            else {"type": "string"},
        }
        for name in places
    ]


def _header_parameters(operation: Operation) -> list[Any]:
    wanted = ["X-Correlation-Id"]
    if not operation.is_command:
        if operation.shows_version:
            wanted.append("If-None-Match")
    else:
        wanted.append("Idempotency-Key")
        if operation.on is not None:
            wanted.append(REQUIRED_VERSION if operation.needs_version else "If-Match")
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
    responses: dict[str, Any] = {str(KINDS[kind].status): _refused(kind) for kind in kinds}
    versioned = ("ETag",) if operation.shows_version else ()
    more = ("Link",) if operation.is_listing else ("Location",) if operation.creates else ()
    guarded = ("Withheld",) if operation.guarded else ()
    responses["201" if operation.creates else "200"] = {
        "description": _success(operation),
        "headers": headers(*versioned, *more, *guarded),
        "content": {"application/json": {"schema": _answer(operation)}},
    }
    if not operation.is_command and operation.shows_version:
        responses["304"] = {
            "description": "Unchanged since the version in `If-None-Match`.",
            "headers": headers("ETag"),
        }
    return dict(sorted(responses.items()))


def _success(operation: Operation) -> str:
    if operation.creates:
        return "Created."
    return "Done." if operation.is_command else "Found."


def _answer(operation: Operation) -> Any:
    if operation.gives is None:
        return {"type": "null"}
    return _page(operation.gives) if operation.is_listing else operation.gives


@cache
def _page(item: type[Schema]) -> type[Schema]:
    remark = {"description": "The cursor of the next page; null on the last."}
    described = {
        "__module__": getattr(item, "value_class", item).__module__,
        "items": fields.List(fields.Nested(item)),
        "next": fields.String(allow_none=True, metadata=remark),
    }
    return type(f"{item.__name__}Page", (View,), described)
