"""The closed word lists of the published language: what the services say to each other in."""

from enum import StrEnum


class Role(StrEnum):
    """Who somebody is to the office; decides what they may do and see."""

    OBSERVER = "observer"
    PARTNERSHIP_OFFICER = "partnership_officer"
    PARTNERSHIP_MANAGER = "partnership_manager"
    BOARD = "board"
    CONSULTANT = "consultant"
    PROGRAMME_LEAD = "programme_lead"
    FINANCE = "finance"
    PARTNER_GUEST = "partner_guest"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Area(StrEnum):
    """The five areas in which a partner's needs are assessed and consultants advise."""

    CURRICULUM_AND_FACULTY = "curriculum_and_faculty_development"
    STUDENTS = "enabling_students_through_partnership"
    ASSESSMENT = "assessment_design"
    QUALITY = "quality_assurance"
    POLICY = "policy_and_strategy"


class Sector(StrEnum):
    UNIVERSITY = "university"
    HOSPITAL = "hospital"
    NHS = "nhs"
    GOVERNMENT = "government"
    CHARITY = "charity"
    COMMERCIAL = "commercial"
    REGULATOR = "regulator"
    #: Of an imported partner whose source does not say; nobody proposes one.
    UNKNOWN = "unknown"


class RiskBand(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ContractType(StrEnum):
    MOU = "mou"
    MOA = "moa"
    FRAMEWORK = "framework"
    STATEMENT_OF_WORK = "statement_of_work"
    PLACEMENT_AGREEMENT = "placement_agreement"
    AMENDMENT = "amendment"
    #: Of an imported contract whose source does not say; nobody drafts one.
    UNKNOWN = "unknown"


class RenewalType(StrEnum):
    FIXED = "fixed"
    AUTO = "auto"
    EVERGREEN = "evergreen"
    MANUAL = "manual"
    #: As for the type of contract.
    UNKNOWN = "unknown"


class OverBudgetPolicy(StrEnum):
    """What happens when a day would go over the contract's day budget."""

    BLOCK = "block"
    WARN = "warn"
    ALLOW = "allow"


class Side(StrEnum):
    """On which side of a contract somebody stands, seen from the office."""

    OURS = "ours"
    THEIRS = "theirs"


class MilestoneType(StrEnum):
    DELIVERY = "delivery"
    PAYMENT = "payment"
    REPORTING = "reporting"


class WorkMode(StrEnum):
    SITE = "site"
    REMOTE = "remote"
    HYBRID = "hybrid"


class DayKind(StrEnum):
    ON_SITE = "on_site"
    REMOTE = "remote"
    PREPARATION = "preparation"
    TRAVEL = "travel"


class ProgrammeKind(StrEnum):
    WORKSHOP = "workshop"
    SERIES = "series"
    SIMULATION_COURSE = "simulation_course"
    FELLOWSHIP = "fellowship"
    PLACEMENT_SCHEME = "placement_scheme"
    CPD_PROGRAMME = "cpd_programme"


class KirkpatrickLevel(StrEnum):
    """Levels of evaluation (Kirkpatrick, as modified by Barr et al. 2000)."""

    REACTION = "1"
    ATTITUDES = "2A"
    KNOWLEDGE = "2B"
    BEHAVIOUR = "3"
    ORGANISATION = "4A"
    BENEFIT = "4B"


class LineKind(StrEnum):
    DAY = "day"
    FEE = "fee"
    EXPENSE = "expense"
    CREDIT = "credit"  # an amount credited with a reason; what was billed stays billed
    ROUNDING = "rounding"  # what rounding left over when an invoice between others was voided
