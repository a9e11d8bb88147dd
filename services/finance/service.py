"""The finance service as nameko runs it: entrypoints only."""

from services.finance import commands, queries
from services.finance.domain.policy import Policy
from services.finance.operations import operations
from services.finance.reactions import reactions
from shared.messaging.service import Parts, Runtime, Service

__all__ = ["FinanceService", "commands", "queries"]


class FinanceService(Service):
    name = "finance"
    runtime = Runtime(Parts(operations, reactions, Policy))
