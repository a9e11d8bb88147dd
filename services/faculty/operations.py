"""The faculty-development service's operations are declared on this."""

from shared.events.vocabulary import EVERYBODY, Role
from shared.operations import Operations

LEADS = frozenset({Role.PROGRAMME_LEAD, Role.ADMINISTRATOR})
#: May register people of their own, and see them.
REGISTRARS = LEADS | {Role.PARTNER_GUEST}
#: May see who the participants are.
RECORD_READERS = REGISTRARS | {Role.AUDITOR}
#: Anybody may be a participant and act for themselves; auditors change nothing.
ANYBODY = EVERYBODY - {Role.AUDITOR}

operations = Operations("faculty", readers=EVERYBODY)
