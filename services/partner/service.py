"""The partner service as nameko runs it: entrypoints only."""

from services.partner import commands, queries
from services.partner.domain.policy import Policy
from services.partner.operations import operations
from services.partner.reactions import reactions
from shared.messaging.service import Parts, Runtime, Service

__all__ = ["PartnerService", "commands", "queries"]


class PartnerService(Service):
    name = "partner"
    runtime = Runtime(Parts(operations, reactions, Policy))
