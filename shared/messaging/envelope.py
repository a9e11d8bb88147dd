"""The envelope of an event on the wire: CloudEvents 1.0 in structured JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from marshmallow import ValidationError

from shared.events import Event, schema_of

CONTENT_TYPE = "application/cloudevents+json"


class Unreadable(Exception):
    """Not an event of the published language; trying again will not help."""


@dataclass(frozen=True)
class Envelope:
    """One event with what is known about it. `attributes` is the JSON object on the wire."""

    attributes: Mapping[str, Any]

    @classmethod
    def of_row(cls, source: str, row: Mapping[str, Any]) -> "Envelope":
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
                "sequence": row["sequence"],
                "correlationid": metadata.get("correlation"),
                "actorid": metadata.get("actor"),
                **{
                    name: value for name, value in optional.items() if value is not None
                },
                "data": row["data"],
            }
        )

    @classmethod
    def parse(cls, body: bytes | str) -> "Envelope":
        """From the wire. Raises Unreadable where an attribute that we rely on is missing."""
        try:
            attributes = json.loads(body)
            envelope = cls(attributes)
            UUID(envelope.id)
            well_formed = (
                attributes["specversion"] == "1.0"
                and isinstance(envelope.sequence, int)
                and envelope.sequence > 0
                and isinstance(envelope.subject, str)
                and isinstance(attributes["data"], dict)
                and envelope.version > 0
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unreadable(f"not a CloudEvents envelope: {error!r}") from error
        if not well_formed:
            raise Unreadable(
                "not a CloudEvents envelope with sequence, subject and data"
            )
        return envelope

    def to_json(self) -> str:
        return json.dumps(self.attributes, separators=(",", ":"), ensure_ascii=False)

    @property
    def id(self) -> str:
        return self.attributes["id"]  # type: ignore[no-any-return]

    @property
    def source(self) -> str:
        return self.attributes["source"].removeprefix("/")  # type: ignore[no-any-return]

    @property
    def subject(self) -> str:
        return self.attributes["subject"]  # type: ignore[no-any-return]

    @property
    def sequence(self) -> int:
        return self.attributes["sequence"]  # type: ignore[no-any-return]

    @property
    def type(self) -> str:
        """Without the version: ``contract.activated``."""
        return self.attributes["type"].rpartition(".v")[0]  # type: ignore[no-any-return]

    @property
    def version(self) -> int:
        return int(self.attributes["type"].rpartition(".v")[2])

    @property
    def data(self) -> dict[str, Any]:
        return self.attributes["data"]  # type: ignore[no-any-return]

    @property
    def time(self) -> str:
        return self.attributes["time"]  # type: ignore[no-any-return]

    @property
    def actor(self) -> str:
        return self.attributes.get("actorid") or "unknown"

    @property
    def correlation(self) -> str | None:
        return self.attributes.get("correlationid")

    @cached_property
    def event(self) -> Event:
        """The event itself, validated. Raises Unreadable."""
        try:
            schema = schema_of(self.type, self.version)
        except KeyError as error:
            raise Unreadable(
                f"unknown event {self.type} version {self.version}"
            ) from error
        try:
            return schema.load(self.data)  # type: ignore[no-any-return]
        except ValidationError as error:
            raise Unreadable(
                f"{self.type} does not fit its schema: {error.messages}"
            ) from error
