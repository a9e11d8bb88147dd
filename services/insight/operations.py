"""The insight service's operations are declared on this."""

from shared.events.permissions import PERMISSIONS
from shared.operations import Operations

operations = Operations("insight", permissions=PERMISSIONS, for_tools={"rebuild"})
