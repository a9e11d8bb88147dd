"""The partner service's operations are declared on this."""

from shared.events.permissions import PERMISSIONS
from shared.operations import Operations

operations = Operations("partner", permissions=PERMISSIONS, for_tools={"import_partners"})
