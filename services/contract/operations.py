"""The contract service's operations are declared on this."""

from shared.events.vocabulary import Role
from shared.operations import Operations

MANAGERS = frozenset({Role.PARTNERSHIP_MANAGER, Role.ADMINISTRATOR})
PARTNERSHIPS = MANAGERS | {Role.PARTNERSHIP_OFFICER}
APPROVERS = frozenset(
    {Role.PARTNERSHIP_OFFICER, Role.PARTNERSHIP_MANAGER, Role.FINANCE, Role.BOARD}
)
READERS = frozenset(Role)

operations = Operations("contract", readers=READERS)
