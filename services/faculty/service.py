"""The faculty-development service as nameko runs it: entrypoints only."""

from services.faculty import commands, queries
from services.faculty.domain.policy import Policy
from services.faculty.operations import operations
from services.faculty.reactions import reactions
from shared.messaging.service import Parts, Runtime, Service

__all__ = ["FacultyService", "commands", "queries"]


class FacultyService(Service):
    name = "faculty"
    runtime = Runtime(Parts(operations, reactions, Policy))
