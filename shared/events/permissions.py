"""Who may do what: the one table of permissions.

A role is a set of permissions, and somebody with several roles may do what any of them permits.
``own`` is part of the table: a consultant's own days and engagements, a lead's own programmes, what
concerns a guest's own partner. The service that owns the data knows what is whose, and checks; a
role has nothing that is not written here.
"""

from collections.abc import Iterable

from shared.events.permission import Permission
from shared.events.vocabulary import Role
from shared.permissions import Extent, Permissions

__all__ = ["PERMISSIONS", "Permission"]

P = Permission


def _grants(*everywhere: Permission, own: Iterable[Permission] = ()) -> dict[str, Extent]:
    return {
        **dict.fromkeys(own, Extent.OWN),
        **dict.fromkeys(everywhere, Extent.ALL),
    }


#: What anybody may do for themselves as a participant.
_TAKES_PART = (P.PROGRAMME_ENROL, P.EVALUATION_ANSWER)
_READS_THE_OFFICE = (
    P.MONEY_READ,
    P.RATE_READ,
    P.PERSONAL_DATA_READ,
    P.SIGNATORY_READ,
    P.COLLEAGUES_READ,
    P.DRAFT_READ,
    P.PARTNER_READ,
    P.DUE_DILIGENCE_READ,
    P.CONTRACT_READ,
    P.OPEN_WORK_READ,
    P.BUDGET_READ,
    P.CONSULTANT_READ,
    P.CONSULTANT_FIND,
    P.ENGAGEMENT_READ,
    P.DAY_READ,
    P.DELIVERABLE_READ,
    P.PROGRAMME_READ,
    P.EVALUATION_READ,
    P.ACCOUNT_READ,
    P.INVOICE_READ,
    P.TIMELINE_READ,
    P.OVERVIEW_READ,
)
_OFFICER = (
    *_READS_THE_OFFICE,
    P.PARTNER_PROPOSE,
    P.PARTNER_CHANGE,
    P.PARTNER_IMPORT,
    P.PARTNER_ACTIVATE,
    P.DUE_DILIGENCE_RECORD,
    P.RISK_RATE,
    P.NEEDS_ASSESS,
    P.CONTRACT_DRAFT,
    P.CONTRACT_APPROVE,
    P.CONTRACT_RETURN,
    P.CONTRACT_SIGN,
    P.CONTRACT_ACTIVATE,
    P.CONTRACT_COMPLETE,
    P.MILESTONE_DECIDE,
    P.CONSULTANT_KEEP,
    P.ENGAGEMENT_PLAN,
    P.ENGAGEMENT_RUN,
    P.DAY_LOG,
    P.DAY_APPROVE,
    P.DAY_REVERSE,
    P.DELIVERABLE_SUBMIT,
    P.DELIVERABLE_KEEP,
    P.DELIVERABLE_ANSWER,
    # They step in where a programme's lead cannot.
    P.PROGRAMME_DESIGN,
    P.PROGRAMME_ASSIGN,
    P.PROGRAMME_RUN,
    *_TAKES_PART,
    P.ENROLMENT_READ,
    P.PARTICIPANT_READ,
    P.PARTICIPANT_REGISTER,
    P.PARTICIPANT_CORRECT,
)

#: Reads that running the system takes no part in: what people earn, where they live and learn, and
#: the ledger. The amounts of contracts are no such read: who imports them compares them.
_OF_THE_DESKS = (
    P.RATE_READ,
    P.PERSONAL_DATA_READ,
    P.PERSONAL_CHANGES_READ,
    P.SIGNATORY_READ,
    P.ENROLMENT_READ,
    P.PARTICIPANT_READ,
    P.ACCOUNT_READ,
    P.INVOICE_READ,
)

_GRANTED: dict[str, dict[str, Extent]] = {
    Role.OBSERVER: _grants(
        P.COLLEAGUES_READ,
        P.PARTNER_READ,
        P.CONTRACT_READ,
        P.BUDGET_READ,
        P.CONSULTANT_READ,
        P.CONSULTANT_FIND,
        P.ENGAGEMENT_READ,
        P.DAY_READ,
        P.DELIVERABLE_READ,
        P.PROGRAMME_READ,
        P.EVALUATION_READ,
        P.TIMELINE_READ,
        P.OVERVIEW_READ,
        own=_TAKES_PART,
    ),
    Role.PARTNERSHIP_OFFICER: _grants(*_OFFICER),
    Role.PARTNERSHIP_MANAGER: _grants(
        *_OFFICER,
        P.PERSONAL_CHANGES_READ,
        P.PARTNER_APPROVE,
        P.PARTNER_EXIT,
        P.CONTRACT_CONFIRM,
    ),
    Role.BOARD: _grants(
        *_READS_THE_OFFICE,
        P.PARTNER_APPROVE,
        P.RISK_RATE,
        P.CONTRACT_APPROVE,
        P.CONTRACT_RETURN,
        own=_TAKES_PART,
    ),
    Role.CONSULTANT: _grants(
        P.COLLEAGUES_READ,
        P.PARTNER_READ,
        P.PROGRAMME_READ,
        P.EVALUATION_READ,
        own=(
            P.CONTRACT_READ,
            P.BUDGET_READ,
            P.TIMELINE_READ,
            P.RATE_READ,
            P.PERSONAL_DATA_READ,
            P.CONSULTANT_READ,
            P.ENGAGEMENT_READ,
            P.ENGAGEMENT_RUN,
            P.DAY_READ,
            P.DAY_LOG,
            P.DELIVERABLE_READ,
            P.DELIVERABLE_SUBMIT,
            *_TAKES_PART,
        ),
    ),
    Role.PROGRAMME_LEAD: _grants(
        P.COLLEAGUES_READ,
        P.PERSONAL_DATA_READ,
        P.PARTNER_READ,
        P.CONTRACT_READ,
        P.CONSULTANT_READ,
        P.CONSULTANT_FIND,
        P.ENGAGEMENT_READ,
        P.DELIVERABLE_READ,
        P.PROGRAMME_READ,
        P.EVALUATION_READ,
        P.TIMELINE_READ,
        P.OVERVIEW_READ,
        P.PARTICIPANT_READ,
        P.PARTICIPANT_REGISTER,
        P.PARTICIPANT_CORRECT,
        own=(
            P.DRAFT_READ,
            P.PROGRAMME_DESIGN,
            P.PROGRAMME_RUN,
            P.ENROLMENT_READ,
            *_TAKES_PART,
        ),
    ),
    Role.FINANCE: _grants(
        *_READS_THE_OFFICE,
        P.DUE_DILIGENCE_RECORD,
        P.CONTRACT_APPROVE,
        P.CONTRACT_RETURN,
        P.INVOICE_PREPARE,
        P.PAYMENT_RECORD,
        own=_TAKES_PART,
    ),
    Role.PARTNER_GUEST: _grants(
        own=(
            P.MONEY_READ,
            P.PERSONAL_DATA_READ,
            P.SIGNATORY_READ,
            P.PARTNER_READ,
            P.CONTRACT_READ,
            P.BUDGET_READ,
            P.ENGAGEMENT_READ,
            P.DELIVERABLE_READ,
            P.DELIVERABLE_ANSWER,
            P.PROGRAMME_READ,
            P.EVALUATION_READ,
            P.ENROLMENT_READ,
            P.PARTICIPANT_READ,
            P.PARTICIPANT_REGISTER,
            P.INVOICE_READ,
            P.TIMELINE_READ,
            *_TAKES_PART,
        )
    ),
    Role.AUDITOR: _grants(*(each for each in Permission if each.reads)),
    # Runs the system, not the office: whoever does both has the role of a desk besides.
    Role.ADMINISTRATOR: _grants(
        *(each for each in Permission if each.reads and each not in _OF_THE_DESKS),
        P.PARTNER_IMPORT,
        P.CONTRACT_IMPORT,
        P.READ_MODELS_REBUILD,
        P.ACCESS_MANAGE,
        own=_TAKES_PART,
    ),
}

PERMISSIONS = Permissions(
    {each: each.words for each in Permission}, _GRANTED, money=Permission.MONEY_READ
)
