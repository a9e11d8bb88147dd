"""The faculty-development service's operations are declared on this."""

from shared.events.permissions import PERMISSIONS
from shared.operations import Operations

operations = Operations(
    "faculty",
    permissions=PERMISSIONS,
    for_tools={"import_participants", "list_programmes"},
)
