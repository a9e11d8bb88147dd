"""Who may do what: the one table of permissions, in business words.

A role is a set of permissions. ``own`` is part of the table: a consultant's own days and
engagements, a lead's own programmes, what concerns a guest's own partner. The service that owns the
data knows what is whose, and checks; a role has nothing that is not written here.
"""

from collections.abc import Iterable
from enum import StrEnum

from shared.events.vocabulary import Role
from shared.permissions import Extent, Permissions


class Permission(StrEnum):
    """Something that somebody may do or see; `words` says it as a verb phrase."""

    words: str

    def __new__(cls, value: str, words: str) -> "Permission":
        permission = str.__new__(cls, value)
        permission._value_ = value
        permission.words = words
        return permission

    # What may be seen of any record
    MONEY_READ = "money.read", "see amounts of money"
    RATE_READ = "rate.read", "see the day rates of consultants"
    PERSONAL_DATA_READ = "personal_data.read", "see addresses and telephone numbers of people"
    SIGNATORY_READ = "signatory.read", "see the addresses of those who sign contracts"
    COLLEAGUES_READ = "colleagues.read", "see which people of the office act and own"
    DRAFT_READ = "draft.read", "see what is still being drafted, and who must approve it"

    # Partners
    PARTNER_READ = "partner.read", "read partners"
    PARTNER_PROPOSE = "partner.propose", "propose partners"
    PARTNER_CHANGE = "partner.change", "change the details and contacts of partners"
    PARTNER_IMPORT = "partner.import", "import partners"
    PARTNER_APPROVE = "partner.approve", "approve and decline partners"
    PARTNER_ACTIVATE = "partner.activate", "mark partners active or dormant"
    PARTNER_EXIT = "partner.exit", "end partnerships"
    DUE_DILIGENCE_READ = "due_diligence.read", "see due diligence and risk"
    DUE_DILIGENCE_RECORD = "due_diligence.record", "review partners"
    RISK_RATE = "risk.rate", "rate the risk of partners"
    NEEDS_ASSESS = "needs.assess", "assess the needs of partners"

    # Contracts
    CONTRACT_READ = "contract.read", "read contracts"
    CONTRACT_DRAFT = "contract.draft", "draft, submit and cancel contracts"
    CONTRACT_APPROVE = "contract.approve", "approve contracts"
    CONTRACT_RETURN = "contract.return", "return contracts to draft"
    CONTRACT_SIGN = "contract.sign", "send contracts for signature and record signatures"
    CONTRACT_ACTIVATE = "contract.activate", "activate contracts"
    CONTRACT_COMPLETE = "contract.complete", "complete contracts"
    CONTRACT_IMPORT = "contract.import", "import contracts"
    CONTRACT_CONFIRM = "contract.confirm", "confirm and reject imported contracts"
    MILESTONE_DECIDE = "milestone.decide", "decide milestones"
    OPEN_WORK_READ = "open_work.read", "see what is still open under contracts"
    BUDGET_READ = "budget.read", "see the day budget of contracts"

    # Curriculum consultancy
    CONSULTANT_READ = "consultant.read", "read the records of consultants"
    CONSULTANT_FIND = "consultant.find", "find consultants who are free and fit"
    CONSULTANT_KEEP = "consultant.keep", "keep the records of consultants"
    ENGAGEMENT_READ = "engagement.read", "read engagements"
    ENGAGEMENT_PLAN = "engagement.plan", "plan, confirm, close and cancel engagements"
    ENGAGEMENT_RUN = "engagement.run", "start and deliver engagements"
    DAY_READ = "day.read", "read logged days"
    DAY_LOG = "day.log", "log days"
    DAY_APPROVE = "day.approve", "approve and reject days"
    DAY_REVERSE = "day.reverse", "confirm and refuse reversals of approved days"
    DELIVERABLE_READ = "deliverable.read", "read deliverables"
    DELIVERABLE_SUBMIT = "deliverable.submit", "plan and submit deliverables"
    DELIVERABLE_ANSWER = "deliverable.answer", "accept and return deliverables"
    DELIVERABLE_KEEP = "deliverable.keep", "drop and restore deliverables, and correct answers"

    # Faculty development
    PROGRAMME_READ = "programme.read", "read programmes"
    PROGRAMME_DESIGN = "programme.design", "design programmes"
    PROGRAMME_ASSIGN = "programme.assign", "name the leads of programmes"
    PROGRAMME_RUN = "programme.run", "run programmes"
    PROGRAMME_ENROL = "programme.enrol", "enrol and withdraw participants"
    EVALUATION_READ = "evaluation.read", "see the results of evaluations"
    EVALUATION_ANSWER = "evaluation.answer", "answer evaluations"
    ENROLMENT_READ = "enrolment.read", "see who is enrolled, and certificates"
    PARTICIPANT_READ = "participant.read", "see participants"
    PARTICIPANT_REGISTER = "participant.register", "register participants"
    PARTICIPANT_CORRECT = "participant.correct", "correct what is known of participants"

    # Finance
    ACCOUNT_READ = "account.read", "read accounts and invoice-ready packs"
    INVOICE_READ = "invoice.read", "read invoices"
    INVOICE_PREPARE = "invoice.prepare", "prepare, send and void invoices"
    PAYMENT_RECORD = "payment.record", "record payments"

    # Over all services
    TIMELINE_READ = "timeline.read", "read timelines"
    OVERVIEW_READ = "overview.read", "see the overview"
    AUDIT_READ = "audit.read", "read the audit trail"
    READ_MODELS_REBUILD = "read_models.rebuild", "rebuild read models"
    ACCESS_READ = "access.read", "see who has access"
    ACCESS_MANAGE = "access.manage", "give and take access"

    @property
    def reads(self) -> bool:
        """Whether it lets somebody see and change nothing."""
        return self.value.endswith((".read", ".find"))


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
        *_OFFICER, P.PARTNER_APPROVE, P.PARTNER_EXIT, P.CONTRACT_CONFIRM
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
    Role.ADMINISTRATOR: _grants(*(each for each in Permission if each is not P.CONTRACT_APPROVE)),
}

PERMISSIONS = Permissions(
    {each: each.words for each in Permission}, _GRANTED, money=Permission.MONEY_READ
)
