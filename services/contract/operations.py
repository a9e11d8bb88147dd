"""The contract service's operations are declared on this."""

from shared.events.permissions import PERMISSIONS
from shared.operations import Operations

operations = Operations(
    "contract",
    permissions=PERMISSIONS,
    for_tools={"import_contract", "import_contracts", "list_contracts", "get_contract"},
)
