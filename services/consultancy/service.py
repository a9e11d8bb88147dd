"""The consultancy service as nameko runs it: entrypoints only."""

from services.consultancy import commands, queries
from services.consultancy.domain.policy import Policy
from services.consultancy.operations import operations
from services.consultancy.reactions import reactions
from shared.messaging.service import Parts, Runtime, Service

__all__ = ["ConsultancyService", "commands", "queries"]


class ConsultancyService(Service):
    name = "consultancy"
    runtime = Runtime(Parts(operations, reactions, Policy))
