"""The envelope of an event on the wire: CloudEvents 1.0 in structured JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from marshmallow import ValidationError

from shared.events import Event, event_from
from shared.identifiers import uuid_of
from shared.values import from_json, to_json, unstorable

CONTENT_TYPE = "application/cloudevents+json"

#: The extension that counts a subject's events 1, 2, 3 … over all their types, as a whole number.
#: Not ``sequence``: CloudEvents has an extension of that name, whose value is text.
SEQUENCE = "subjectsequence"

#: What the tables have room for.
LONGEST_NAME = 80
LARGEST_SEQUENCE = 2**31 - 1


class Unreadable(Exception):
    """Not an event of the published language; trying again will not help."""


@dataclass(frozen=True)
class Envelope:
    """One event with what is known about it. `attributes` is the JSON object on the wire."""

    attributes: Mapping[str, Any]

    @classmethod
    def of_row(cls, source: str, row: Mapping[Any, Any]) -> "Envelope":
        """From a row of the event log."""
        metadata = row["metadata"]
        optional = {
            "causationid": metadata.get("causation"),
            "traceparent": metadata.get("traceparent"),
        }
        return cls(
            {
                "specversion": "1.0",
                "id": str(row["id"]),
                "source": f"/{source}",
                "type": f"{row['type']}.v{row['version']}",
                "subject": row["subject"],
                "time": row["recorded_at"].isoformat(),
                "datacontenttype": "application/json",
                SEQUENCE: row["sequence"],
                "correlationid": metadata.get("correlation"),
                "actorid": metadata.get("actor"),
                **{name: value for name, value in optional.items() if value is not None},
                "data": row["data"],
            }
        )

    @classmethod
    def parse(cls, body: bytes | str) -> "Envelope":
        """From the wire. Raises Unreadable where anything that we rely on is missing.

        What passes here can be stored, whatever becomes of it: nothing may come back for ever.
        """
        try:
            text = body.encode() if isinstance(body, str) else body
            envelope = cls(from_json(text))
            well_formed = envelope._is_well_formed() and (
                b"\\u" not in text or unstorable(envelope.attributes) is None
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unreadable(f"not a CloudEvents envelope: {error!r}") from error
        if not well_formed:
            raise Unreadable("not a CloudEvents envelope with subject, subjectsequence and data")
        return envelope

    def _is_well_formed(self) -> bool:
        """Raises what the standard library raises on values that are not what they should be."""
        attributes = self.attributes
        uuid_of(self.id)
        datetime.fromisoformat(self.time)
        return (
            attributes["specversion"] == "1.0"
            and type(self.sequence) is int
            and 0 < self.sequence <= LARGEST_SEQUENCE
            and 0 < self.version <= LARGEST_SEQUENCE
            and 0 < len(self.type) <= LONGEST_NAME
            and isinstance(self.subject, str)
            and 0 < len(self.subject) <= LONGEST_NAME
            and attributes["source"] == f"/{self.source}"
            and isinstance(attributes["data"], dict)
            and isinstance(attributes.get("actorid"), str | None)
            and isinstance(attributes.get("correlationid"), str | None)
            and isinstance(attributes.get("traceparent"), str | None)
        )

    def to_json(self) -> str:
        return to_json(self.attributes)

    @property
    def id(self) -> str:
        return self.attributes["id"]

    @property
    def source(self) -> str:
        return self.attributes["source"].removeprefix("/")

    @property
    def subject(self) -> str:
        return self.attributes["subject"]

    @property
    def sequence(self) -> int:
        return self.attributes[SEQUENCE]

    @property
    def type(self) -> str:
        """Without the version: ``contract.activated``."""
        return self.attributes["type"].rpartition(".v")[0]

    @property
    def version(self) -> int:
        return int(self.attributes["type"].rpartition(".v")[2])

    @property
    def data(self) -> dict[str, Any]:
        return self.attributes["data"]

    @property
    def time(self) -> str:
        return self.attributes["time"]

    @property
    def actor(self) -> str:
        return self.attributes.get("actorid") or "unknown"

    @property
    def correlation(self) -> str | None:
        return self.attributes.get("correlationid")

    @property
    def traceparent(self) -> str | None:
        """The trace in which it was recorded (W3C Trace Context)."""
        return self.attributes.get("traceparent")

    @cached_property
    def event(self) -> Event:
        """The event itself, validated. Raises Unreadable."""
        try:
            return event_from(self.type, self.version, self.data)
        except KeyError as error:
            raise Unreadable(f"unknown event {self.type} version {self.version}") from error
        except ValidationError as error:
            raise Unreadable(f"{self.type} does not fit its schema: {error.messages}") from error
