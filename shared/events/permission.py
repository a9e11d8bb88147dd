"""What somebody may do or see, in business words; who may is in `shared.events.permissions`."""

from enum import StrEnum


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
    PERSONAL_CHANGES_READ = (
        "personal_changes.read",
        "see what personal details said before they were changed",
    )
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
