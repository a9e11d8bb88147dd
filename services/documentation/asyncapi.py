"""The AsyncAPI 3 document of the published language."""

from collections.abc import Iterable, Mapping

from services.documentation import remarks
from services.documentation.json_schema import Described, Plain
from shared.events import Event, schema_of
from shared.messaging.broker import exchange_of
from shared.messaging.envelope import CONTENT_TYPE

#: Version of the language as a whole: one more when an event is withdrawn.
LANGUAGE = "1"

DESCRIPTION = """\
What the services of Entente tell each other, and whoever else listens.

* Each service publishes its facts to a topic exchange of its own, `<service>.events`; the routing \
key is the event's type with its version, and the slot of its subject, one of 16, by which readers \
may divide the work (`contract.activated.v1.07`).
* The message is a CloudEvents 1.0 envelope in structured JSON.
* Transport is at least once; `subjectsequence` counts the events of a subject 1, 2, 3 … without \
gaps and over all their types, so that a reader of all of them can tell a duplicate from a gap and \
apply each event once and in order.
* Within a version a schema only gains fields; readers ignore what they do not know. A breaking \
change is a new version, published beside the old one for a release.
"""

_TEXT: Plain = {"type": "string"}

#: The envelope, but for what differs from event to event.
CLOUD_EVENT: Plain = {
    "type": "object",
    "description": "CloudEvents 1.0 in structured JSON, with five extensions.",
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {**_TEXT, "format": "uuid", "description": "UUIDv7; the same whenever it is sent"},
        "source": {**_TEXT, "description": "`/` and the service that owns the fact"},
        "type": {**_TEXT, "description": "`<service>.<what happened>.v<version>`"},
        "subject": {**_TEXT, "description": "Whose fact it is, as `contract/<id>`"},
        "time": {**_TEXT, "format": "date-time", "description": "When it became true"},
        "datacontenttype": {"const": "application/json"},
        "subjectsequence": {
            "type": "integer",
            "minimum": 1,
            "description": "Extension: its number among all events of its subject, of whatever "
            "type: 1, 2, 3 … without gaps",
        },
        "correlationid": {
            "type": ["string", "null"],
            "description": "Extension: the same in all that follows from one request",
        },
        "causationid": {
            **_TEXT,
            "description": "Extension: id of the event that this one follows from",
        },
        "actorid": {
            "type": ["string", "null"],
            "description": "Extension: account in whose name it was done",
        },
        "traceparent": {**_TEXT, "description": "Extension: W3C trace context"},
        "data": {"type": "object"},
    },
    "required": [
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "time",
        "datacontenttype",
        "subjectsequence",
        "data",
    ],
}


def document(events: Iterable[type[Event]], readers: Mapping[str, Iterable[str]]) -> Plain:
    """The whole document as plain JSON-able values.

    readers: the services that react to the events of each service.
    """
    described = Described()
    described.schemas["CloudEvent"] = CLOUD_EVENT
    by_service: dict[str, list[type[Event]]] = {}
    for event in events:
        by_service.setdefault(event.source(), []).append(event)
    messages = {
        key(event): _message(event, described) for of_one in by_service.values() for event in of_one
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Events of Entente",
            "version": LANGUAGE,
            "description": DESCRIPTION,
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {service: _channel(service, found) for service, found in by_service.items()},
        "operations": _operations(by_service, readers),
        "components": {"messages": messages, "schemas": dict(sorted(described.schemas.items()))},
    }


def key(event: type[Event]) -> str:
    """The name of an event with its version: ``contract.activated.v1``."""
    return f"{event.type}.v{event.version}"


def _channel(service: str, events: list[type[Event]]) -> Plain:
    exchange = exchange_of(service)
    return {
        "address": exchange.name,
        "title": f"Events of the {service} service",
        "messages": {key(each): {"$ref": f"#/components/messages/{key(each)}"} for each in events},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {
                    "name": exchange.name,
                    "type": exchange.type,
                    "durable": exchange.durable,
                },
                "bindingVersion": "0.3.0",
            }
        },
    }


def _operations(services: Iterable[str], readers: Mapping[str, Iterable[str]]) -> Plain:
    found: Plain = {}
    for service in services:
        channel = {"$ref": f"#/channels/{service}"}
        found[f"{service}.publish"] = {
            "action": "send",
            "channel": channel,
            "summary": f"The {service} service tells what happened.",
        }
        for reader in readers.get(service, ()):
            found[f"{reader}.from.{service}"] = {
                "action": "receive",
                "channel": channel,
                "summary": f"The {reader} service learns what happened in {service}.",
            }
    return found


def _message(event: type[Event], described: Described) -> Plain:
    data = described.add(schema_of(event.type, event.version), key(event))
    made: Plain = {
        "name": key(event),
        "title": event.type.partition(".")[2].replace("_", " ").capitalize(),
        "contentType": CONTENT_TYPE,
        "correlationId": {"location": "$message.payload#/correlationid"},
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/CloudEvent"},
                {
                    "type": "object",
                    "properties": {
                        "source": {"const": f"/{event.source()}"},
                        "type": {"const": key(event)},
                        "data": data,
                    },
                },
            ]
        },
    }
    if about := remarks.of_class(event):
        made["summary"] = about
    return made
