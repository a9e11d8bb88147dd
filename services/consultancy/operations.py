"""The consultancy service's operations are declared on this."""

from shared.events.vocabulary import EVERYBODY, PARTNERSHIPS, Role
from shared.operations import Operations

#: Who does the work, and who may write it down for them.
CONSULTING = PARTNERSHIPS | {Role.CONSULTANT}
#: Who may say what the partner thinks of a deliverable.
ANSWERING = PARTNERSHIPS | {Role.PARTNER_GUEST}

operations = Operations("consultancy", readers=EVERYBODY)
