"""The page of events: the whole published language, with who reacts to what."""

from collections.abc import Callable, Iterable, Mapping

from services.documentation import markdown
from services.documentation.asyncapi import key
from services.documentation.json_schema import Described, Plain
from services.documentation.markdown import code
from shared.events import Event, schema_of

_INTRODUCTION = """\
What the services tell each other. Each event travels in a CloudEvents 1.0 envelope; this page with
the envelope, in a form for machines, is [asyncapi.json](asyncapi.json) (AsyncAPI 3.0).

`entente events --follow` prints what a running platform publishes.
"""

_VALUES = """\
## Values

What the events above are made of.
"""


def page(
    events: Iterable[type[Event]],
    readers_of: Callable[[str], Iterable[str]],
    samples: Mapping[str, str],
) -> str:
    """readers_of: the services that react to a type; samples: an address by event key."""
    described = Described()
    by_service: dict[str, list[str]] = {}
    events = list(events)
    for event in events:
        described.add(schema_of(event.type, event.version), key(event))
    for event in events:
        by_service.setdefault(event.source(), []).append(
            _section(
                event,
                described.schemas[key(event)],
                list(readers_of(event.type)),
                samples.get(key(event)),
            )
        )
    values = {
        name: schema
        for name, schema in sorted(described.schemas.items())
        if name not in {key(event) for event in events}
    }
    return markdown.page(
        "Events",
        _INTRODUCTION,
        *("\n\n".join([f"## {service}", *sections]) for service, sections in by_service.items()),
        _VALUES,
        *(_value(name, schema) for name, schema in values.items()),
    )


def _section(event: type[Event], schema: Plain, readers: list[str], sample: str | None) -> str:
    who = ", ".join(readers) if readers else "nobody yet"
    parts = [
        f"### {key(event)}",
        schema.get("description", ""),
        f"Reacts: {who}." + (f" [Sample]({sample})." if sample else ""),
        _fields(schema),
    ]
    return "\n\n".join(filter(None, parts))


def _value(name: str, schema: Plain) -> str:
    parts = [f"### {name}", schema.get("description", "")]
    if "enum" in schema:
        parts.append(" · ".join(map(code, schema["enum"])))
    else:
        parts.append(_fields(schema))
    return "\n\n".join(filter(None, parts))


def _fields(schema: Plain) -> str:
    required = schema.get("required", [])
    rows = [
        (
            code(name),
            _type(described),
            "" if name in required else "yes",
            described.get("description", ""),
        )
        for name, described in schema["properties"].items()
    ]
    return markdown.table(("Field", "Type", "May be missing", "Meaning"), rows)


def _type(described: Plain) -> str:
    if "$ref" in described:
        name = described["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower().replace('.', '')})"
    if "allOf" in described:
        return _type(described["allOf"][0])
    if "anyOf" in described:
        return " or ".join(map(_type, described["anyOf"]))
    kind = described.get("type", "anything")
    if isinstance(kind, list):
        return " or ".join(_type({**described, "type": each}) for each in kind)
    if kind == "array":
        return f"list of {_type(described['items'])}"
    if kind == "object":
        return f"{_type(described['additionalProperties'])} by name"
    if kind == "string" and "pattern" in described:
        return "decimal text"
    return str(described.get("format", kind)) if kind == "string" else str(kind)
