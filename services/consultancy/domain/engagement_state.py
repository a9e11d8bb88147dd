"""How far an engagement has come."""

from enum import StrEnum


class EngagementState(StrEnum):
    PLANNED = "planned"
    CONFIRMED = "confirmed"
    IN_PROGRESS = "in_progress"
    DELIVERED = "delivered"
    CLOSED = "closed"
    CANCELLED = "cancelled"


BEFORE_DELIVERY = (
    EngagementState.PLANNED,
    EngagementState.CONFIRMED,
    EngagementState.IN_PROGRESS,
)
LOGGING_OPEN = (EngagementState.CONFIRMED, EngagementState.IN_PROGRESS)
