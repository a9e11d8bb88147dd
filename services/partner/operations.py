"""The partner service's operations are declared on this."""

from shared.events.vocabulary import Role
from shared.operations import Operations

MANAGERS = frozenset({Role.PARTNERSHIP_MANAGER, Role.ADMINISTRATOR})
PARTNERSHIPS = MANAGERS | {Role.PARTNERSHIP_OFFICER}
BOARD_AND_MANAGERS = MANAGERS | {Role.BOARD}
READERS = frozenset(Role)
#: Whoever else reads a partner does not see its due diligence and risk, as on the timeline.
VETTING_READERS = BOARD_AND_MANAGERS | {Role.PARTNERSHIP_OFFICER, Role.FINANCE, Role.AUDITOR}

operations = Operations("partner", readers=READERS)
