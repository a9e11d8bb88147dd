"""The insight service as nameko runs it: entrypoints only."""

from typing import Any

from services.insight import commands, comparing, queries
from services.insight.domain.policy import Policy
from services.insight.operations import operations
from services.insight.reactions import reactions
from shared.messaging.entrypoint import rpc, rpc_of_operations
from shared.messaging.service import Parts, Runtime, Service
from shared.messaging.signing import PEOPLE, TOOLS

__all__ = ["InsightService", "commands", "queries"]


class InsightService(Service):
    name = "insight"
    runtime = Runtime(Parts(operations, reactions, Policy))

    @rpc
    def differences(self) -> list[dict[str, Any]]:
        """The rows of the read models that are not what the logs say: see `comparing`."""
        runtime = self.runtime
        return comparing.differences(runtime.database, runtime.calls, reactions.sources)

    @rpc_of_operations(PEOPLE, TOOLS)
    def execute(
        self, name: str, body: dict[str, Any], call: dict[str, Any], signed_by: str
    ) -> dict[str, Any]:
        """As everywhere; after a rebuild the logs are read again at once, not within a minute."""
        answer: dict[str, Any] = super().execute(name, body, call, signed_by)
        if name == commands.rebuild.__name__:
            self._look_now()
        return answer
