"""Plain beginnings for the tests of this service: one contract, one consultant, one engagement."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from services.consultancy.domain.contract_budget import ContractBudget
from services.consultancy.domain.day_entry import DayEntry, Worked
from services.consultancy.domain.day_log import DayLog
from services.consultancy.domain.diary import DiaryDate
from services.consultancy.domain.engagement import Engagement
from services.consultancy.domain.plan import Plan
from services.consultancy.domain.policy import Policy
from shared.events.consultancy import TeamMember
from shared.events.contract import BudgetLine, ContractTerms, MilestoneTerms
from shared.events.vocabulary import (
    Area,
    ContractType,
    DayKind,
    MilestoneType,
    OverBudgetPolicy,
    WorkMode,
)
from shared.identifiers import new_id
from shared.money import Money

TODAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
POLICY = Policy()
CONTRACT, PARTNER, MILESTONE = new_id(), new_id(), new_id()
AMINA, BORIS = new_id(), new_id()

TERMS = ContractTerms(
    version=1,
    type=ContractType.STATEMENT_OF_WORK,
    title="Curriculum review",
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 12, 31),
    milestones=(
        MilestoneTerms(
            milestone_id=MILESTONE,
            title="Report accepted",
            type=MilestoneType.DELIVERY,
            due_on=date(2026, 6, 30),
        ),
    ),
    day_budget=(
        BudgetLine("educator", Decimal(10), Money.of(900, "GBP")),
        BudgetLine("clinician", Decimal(4), Money.of(1100, "GBP")),
    ),
)


def days(amount: str | int) -> Decimal:
    return Decimal(amount)


def budget(
    over_budget: OverBudgetPolicy = OverBudgetPolicy.BLOCK, educator_days: str | int = 10
) -> ContractBudget:
    lines = (replace(TERMS.day_budget[0], days=days(educator_days)), TERMS.day_budget[1])
    terms = replace(TERMS, over_budget=over_budget, day_budget=lines)
    return ContractBudget.of(CONTRACT, "CTR-2026-0001", PARTNER, terms)


def plan(*team: TeamMember) -> Plan:
    return Plan(
        title="Assessment design",
        mode=WorkMode.HYBRID,
        starts_on=date(2026, 2, 1),
        ends_on=date(2026, 5, 31),
        team=team or (TeamMember(AMINA, "educator", days(5)),),
    )


def planned(of: ContractBudget, *team: TeamMember) -> Engagement:
    return Engagement.plan(new_id(), "ENG-2026-0001", Area.ASSESSMENT, plan(*team), of, POLICY)


def confirmed(of: ContractBudget, *team: TeamMember) -> Engagement:
    engagement = planned(of, *team)
    engagement.confirm(of, TODAY, POLICY)
    return engagement


def delivered(of: ContractBudget) -> Engagement:
    engagement = confirmed(of)
    engagement.start(of, TODAY, POLICY)
    engagement.deliver((), TODAY)
    return engagement


def worked(amount: str | int = 1, on: date = TODAY, **other: object) -> Worked:
    values: dict[str, object] = {"role": "educator", "kind": DayKind.ON_SITE, **other}
    return Worked(worked_on=on, days=days(amount), **values)  # type: ignore[arg-type]


@dataclass
class Office:
    """A contract with one confirmed engagement, and everybody's diary."""

    budget: ContractBudget = field(default_factory=budget)
    today: date = TODAY
    diary: dict[tuple[UUID, date], DiaryDate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engagement = confirmed(self.budget, TeamMember(AMINA, "educator", days(1)))
        self.log = DayLog(self.budget, self.diary_date, POLICY, *[self.today] * 3)

    def becomes(
        self, today: date, latest: date | None = None, earliest: date | None = None
    ) -> None:
        """It is another day at the office, and perhaps a later or an earlier one elsewhere."""
        self.today = today
        self.log = DayLog(
            self.budget, self.diary_date, POLICY, today, earliest or today, latest or today
        )

    def plans(self) -> Engagement:
        return planned(self.budget, TeamMember(AMINA, "educator", days(1)))

    def diary_date(self, consultant_id: UUID, on: date) -> DiaryDate:
        opened = DiaryDate(consultant_id=consultant_id, on=on)
        return self.diary.setdefault((consultant_id, on), opened)

    def logs(
        self,
        amount: str | int = 1,
        on: date = TODAY,
        *,
        engagement: Engagement | None = None,
        who: UUID = AMINA,
        by: str = "amina",
        reversed_on: date | None = None,
        **other: object,
    ) -> DayEntry:
        return self.log.log_days(
            new_id(),
            engagement or self.engagement,
            who,
            worked(amount, on, **other),
            worker_account=None,
            by=by,
            at=NOW,
            reversed_on=reversed_on,
        )

    def approves(self, amount: str | int = 1, on: date = TODAY) -> DayEntry:
        entry = self.logs(amount, on)
        entry.submit()
        entry.approve("carla", None, on=self.today)
        return entry

    def corrects(self, entry: DayEntry, to: Worked, by: str = "amina") -> None:
        self.log.correct_days(entry, self.engagement, to, by)

    def reverses(self, entry: DayEntry, reason: str = "Wrong contract") -> None:
        """Requested by the person who worked, confirmed by an officer."""
        entry.request_reversal(reason, "amina")
        self.log.confirm_reversal(entry, "carla", None)
