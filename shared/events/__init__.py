"""The published language: every event by version, defined once, as its readers need it.

Additive within a version; unknown fields are ignored; a breaking change is a new version that is
published beside the old one for a release.
"""

from shared.events import consultancy, contract, faculty, finance, gateway, partner
from shared.events.base import Event, event, event_from, published, schema_of

__all__ = [
    "Event",
    "consultancy",
    "contract",
    "event",
    "event_from",
    "faculty",
    "finance",
    "gateway",
    "partner",
    "published",
    "schema_of",
]
