"""The contract service as nameko runs it: entrypoints only."""

from services.contract import commands, queries
from services.contract.domain.policy import Policy
from services.contract.operations import operations
from services.contract.reactions import reactions
from shared.messaging.service import Parts, Runtime, Service

__all__ = ["ContractService", "commands", "queries"]


class ContractService(Service):
    name = "contract"
    runtime = Runtime(Parts(operations, reactions, Policy))
