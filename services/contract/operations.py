"""The contract service's operations are declared on this."""

from shared.events.vocabulary import EVERYBODY, PARTNERSHIPS, Role
from shared.operations import Operations

APPROVERS = frozenset(
    {Role.PARTNERSHIP_OFFICER, Role.PARTNERSHIP_MANAGER, Role.FINANCE, Role.BOARD}
)
#: Whoever else reads a contract does not see how it is billed.
INVOICE_READERS = PARTNERSHIPS | {Role.BOARD, Role.FINANCE, Role.AUDITOR, Role.PARTNER_GUEST}

operations = Operations("contract", readers=EVERYBODY)
