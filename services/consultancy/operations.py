"""The consultancy service's operations are declared on this."""

from shared.events.vocabulary import Role
from shared.operations import Operations

MANAGERS = frozenset({Role.PARTNERSHIP_MANAGER, Role.ADMINISTRATOR})
PARTNERSHIPS = MANAGERS | {Role.PARTNERSHIP_OFFICER}
#: Who does the work, and who may write it down for them.
CONSULTING = PARTNERSHIPS | {Role.CONSULTANT}
#: Who may say what the partner thinks of a deliverable.
ANSWERING = PARTNERSHIPS | {Role.PARTNER_GUEST}
READERS = frozenset(Role)
STAFF = READERS - {Role.PARTNER_GUEST}

operations = Operations("consultancy", readers=READERS)
