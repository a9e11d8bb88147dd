"""The insight service as nameko runs it: entrypoints only."""

from services.insight import commands, queries
from services.insight.domain.policy import Policy
from services.insight.operations import operations
from services.insight.reactions import reactions
from shared.messaging.service import Parts, Runtime, Service

__all__ = ["InsightService", "commands", "queries"]


class InsightService(Service):
    name = "insight"
    runtime = Runtime(Parts(operations, reactions, Policy))
