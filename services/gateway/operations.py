"""The gateway's own operations are declared on this."""

from shared.events.permissions import PERMISSIONS
from shared.operations import Operations

operations = Operations("gateway", permissions=PERMISSIONS, for_tools={"issue_token"})
