"""What all operations share: money, problems, parameters and headers."""

from typing import Any

from apispec import APISpec

from services.gateway.problems import KINDS, MEDIA_TYPE

_TEXT = {"type": "string"}
_ADDRESS = {**_TEXT, "format": "uri-reference"}

_MONEY = {
    "type": "object",
    "description": "An amount as text, with at most the currency's decimals (answers have "
    "exactly as many).",
    "properties": {
        "amount": {
            **_TEXT,
            "pattern": r"^-?\d{1,17}(\.\d{1,4})?$",
            "examples": ["125000.00"],
        },
        "currency": {**_TEXT, "pattern": "^[A-Z]{3}$", "examples": ["GBP"]},
    },
    "required": ["amount", "currency"],
    "additionalProperties": False,
}
_WRITTEN_MONEY = {
    "type": "object",
    "description": "An amount as its source wrote it, where it can be read in one way: with comma "
    "or point before the decimals, with groups of three. What can be read in two ways is refused "
    "unless `decimal_mark` says which.",
    "properties": {
        "amount": {**_TEXT, "examples": ["125000.00", "125.000,00", "1,25,000"]},
        "currency": {**_TEXT, "pattern": "^[A-Z]{3}$", "examples": ["EUR"]},
    },
    "required": ["amount", "currency"],
}

_FINDING = {
    "type": "object",
    "description": "What is wrong with one field.",
    "properties": dict.fromkeys(("field", "rule", "message", "accepted"), _TEXT),
    "required": ["field", "rule", "message"],
}

_PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457).",
    "properties": {
        **dict.fromkeys(("title", "detail", "rule", "field", "accepted"), _TEXT),
        "type": _ADDRESS,
        "status": {"type": "integer"},
        "instance": _ADDRESS,
        "correlation_id": _TEXT,
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
        "further_errors": {
            "type": "integer",
            "description": "The number of findings beside those in `errors`",
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "correlation_id"],
}

#: Name, what it says, schema.
_PARAMETERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "If-Match",
        "The `ETag` of the version that is changed, or `*` for any.",
        {**_TEXT, "pattern": r'^("(0|[1-9]\d{0,8})(-[0-9a-f]{16})?"|\*)$'},
    ),
    ("If-None-Match", "An `ETag` that the caller has: unchanged is answered 304.", _TEXT),
    (
        "Idempotency-Key",
        "New for each new request: the same key gives the same answer again.",
        {**_TEXT, "minLength": 1, "maxLength": 100, "pattern": "^[!-~]+$"},
    ),
    (
        "X-Correlation-Id",
        "Found again in the answer, in logs and in the events that follow.",
        {**_TEXT, "pattern": "^[A-Za-z0-9._:-]{1,64}$"},
    ),
)

#: Name, what it says, schema, whether an answer that declares it always has it.
_HEADERS: tuple[tuple[str, str, dict[str, Any], bool], ...] = (
    (
        "ETag",
        "The record's version, and a fingerprint of what is shown.",
        {**_TEXT, "pattern": r'^"\d+-[0-9a-f]{16}"$'},
        True,
    ),
    ("Location", "Where the new record can be read.", _ADDRESS, True),
    ("Link", 'The next page, as `<…>; rel="next"`; absent on the last.', _TEXT, False),
    (
        "Withheld",
        "Fields that are null because the reader may not see them: `value, milestones.amount`. "
        "Absent where nothing is withheld.",
        _TEXT,
        False,
    ),
    ("Cache-Control", "Always `no-store`: answers are private.", _TEXT, True),
    (
        "X-Correlation-Id",
        "The request's own, or a new one: state it when asking about an answer.",
        _TEXT,
        True,
    ),
    ("Retry-After", "The seconds to wait before trying again.", {"type": "integer"}, True),
    ("WWW-Authenticate", "How to identify oneself.", _TEXT, True),
)

#: On every answer.
ALWAYS = ("Cache-Control", "X-Correlation-Id")
_OF_KIND = {
    "too-many-requests": ("Retry-After",),
    "unavailable": ("Retry-After",),
    "unauthenticated": ("WWW-Authenticate",),
}

REQUIRED_VERSION = "If-Match-Required"


def headers(*names: str) -> dict[str, Any]:
    """The headers of an answer: those that every answer has, and these."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*names, *ALWAYS)}


def add_components(spec: APISpec) -> None:
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for name, described in (
        ("Money", _MONEY),
        ("WrittenMoney", _WRITTEN_MONEY),
        ("Finding", _FINDING),
        ("Problem", _PROBLEM),
    ):
        spec.components.schema(name, described)
    for name, kind in KINDS.items():
        spec.components.response(
            name,
            {
                "description": f"{kind.title}. {kind.advice}",
                "headers": headers(*_OF_KIND.get(name, ())),
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        )
    for name, description, schema in _PARAMETERS:
        told = {"name": name, "description": description, "schema": schema}
        spec.components.parameter(name, "header", told)
        if name == "If-Match":
            spec.components.parameter(REQUIRED_VERSION, "header", {**told, "required": True})
    for name, description, schema, always in _HEADERS:
        told = {"description": description, "schema": schema}
        spec.components.header(name, {**told, "required": True} if always else told)
