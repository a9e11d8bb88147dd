"""The partner service's operations are declared on this."""

from shared.events.vocabulary import EVERYBODY, MANAGERS, Role
from shared.operations import Operations

BOARD_AND_MANAGERS = MANAGERS | {Role.BOARD}
#: Whoever else reads a partner does not see its due diligence and risk, as on the timeline.
VETTING_READERS = BOARD_AND_MANAGERS | {Role.PARTNERSHIP_OFFICER, Role.FINANCE, Role.AUDITOR}

operations = Operations("partner", readers=EVERYBODY)
