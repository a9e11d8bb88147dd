"""People, a partner and a contract to tell the tests' stories with."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from services.contract.domain.contract import Contract
from services.contract.domain.lifecycle import ContractState
from services.contract.domain.milestones import Decision, MilestoneState
from services.contract.domain.partners import KnownPartner, PartnerState
from services.contract.domain.policy import Policy
from services.contract.domain.signing import Signatory
from shared.events.contract import BudgetLine, ContractTerms, MilestoneTerms, Party
from shared.events.vocabulary import ContractType, MilestoneType, RiskBand, Role, Side
from shared.identifiers import UUID, new_id
from shared.money import Money

POLICY = Policy()
TODAY = date(2026, 3, 2)
STARTS, ENDS = date(2026, 4, 1), date(2027, 3, 31)
AUTHOR, COLLEAGUE, MANAGER = "officer-1", "officer-2", "manager-1"
DOCUMENT = "d" * 64

DEAN = Signatory(id=new_id(), name="ميسون", email="dean@example.org", side=Side.THEIRS, order=1)
PROVOST = Signatory(id=new_id(), name="A. Provost", email="p@example.org", side=Side.OURS, order=2)


def gbp(amount: int | str) -> Money:
    return Money.of(amount, "GBP")


def noon(day: date = TODAY) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def payment(amount: int | str = 60_000, due_on: date = ENDS, **changes: Any) -> MilestoneTerms:
    milestone = MilestoneTerms(
        milestone_id=new_id(),
        title="Final payment",
        type=MilestoneType.PAYMENT,
        due_on=due_on,
        amount=gbp(amount),
    )
    return replace(milestone, **changes)


def report(due_on: date = ENDS) -> MilestoneTerms:
    return MilestoneTerms(
        milestone_id=new_id(), title="Annual report", type=MilestoneType.REPORTING, due_on=due_on
    )


def terms(**changes: Any) -> ContractTerms:
    agreed = ContractTerms(
        version=1,
        type=ContractType.STATEMENT_OF_WORK,
        title="Assessment reform",
        starts_on=STARTS,
        ends_on=ENDS,
        value=gbp(60_000),
        milestones=(payment(60_000),),
        day_budget=(
            BudgetLine("clinician", Decimal(20), gbp(1200)),
            BudgetLine("educator", Decimal(40), gbp(900)),
        ),
        expense_cap=gbp(5_000),
        parties=(Party("Our university", Side.OURS), Party("Partner university", Side.THEIRS)),
    )
    return replace(agreed, **changes)


def mou(**changes: Any) -> ContractTerms:
    return terms(
        **{
            "type": ContractType.MOU,
            "value": None,
            "milestones": (),
            "day_budget": (),
            "expense_cap": None,
        }
        | changes
    )


def partner(**changes: Any) -> KnownPartner:
    known: dict[str, Any] = {
        "id": new_id(),
        "reference": "PTR-2026-0001",
        "name": "Partner university",
        "state": PartnerState.APPROVED,
        "risk_band": RiskBand.LOW,
        "due_diligence_until": date(2028, 1, 31),
    }
    return KnownPartner(**known | changes)


def draft(agreed: ContractTerms | None = None, **changes: Any) -> Contract:
    arguments: dict[str, Any] = {
        "id": new_id(),
        "reference": "CTR-2026-0042",
        "partner": partner(),
        "terms": agreed or terms(),
        "signatories": (DEAN, PROVOST),
        "by": AUTHOR,
        "at": noon(),
        "policy": POLICY,
    }
    return Contract.draft(**arguments | changes)


def in_review(agreed: ContractTerms | None = None, known: KnownPartner | None = None) -> Contract:
    known = known or partner()
    contract = draft(agreed, partner=known)
    contract.submit(partner=known, on=TODAY, policy=POLICY)
    return contract


def approve(
    contract: Contract,
    by: str = MANAGER,
    roles: tuple[str, ...] = (Role.PARTNERSHIP_MANAGER,),
    known: KnownPartner | None = None,
) -> None:
    contract.approve(by=by, roles=roles, partner=known or partner(), policy=POLICY, at=noon())


def approved(agreed: ContractTerms | None = None) -> Contract:
    contract = in_review(agreed)
    approve(contract)
    assert contract.state is ContractState.APPROVED
    return contract


def out_for_signature(
    *, in_sequence: bool = False, on: date = TODAY, signable_from: date | None = None
) -> Contract:
    contract = approved()
    contract.send_for_signature(
        terms_sha256=str(contract.approved_sha256),
        document_sha256=DOCUMENT,
        in_sequence=in_sequence,
        partner=partner(),
        policy=POLICY,
        on=on,
        signable_from=signable_from or on,
    )
    return contract


def sign(contract: Contract, signatory: Signatory, on: date = TODAY, **changes: Any) -> None:
    arguments: dict[str, Any] = {
        "document_sha256": DOCUMENT,
        "signed_on": on,
        "by": AUTHOR,
        "partner": partner(),
        "policy": POLICY,
        "on": on,
        "latest": on,
    }
    contract.record_signature(signatory.id, **arguments | changes)


def signed() -> Contract:
    contract = out_for_signature()
    sign(contract, DEAN)
    sign(contract, PROVOST)
    return contract


def active(agreed: ContractTerms | None = None) -> Contract:
    contract = signed()
    if agreed is not None:
        contract.terms = agreed
    contract.activate(STARTS, partner=partner())
    contract.collect()
    return contract


def met(on: date = ENDS, evidence: str = "report.pdf") -> Decision:
    return Decision(state=MilestoneState.MET, decided_on=on, evidence=evidence)


def part(fraction: str | None = "0.5", on: date = ENDS, **changes: Any) -> Decision:
    decision = Decision(
        state=MilestoneState.PARTIALLY_MET,
        decided_on=on,
        reason="Half of it",
        fraction=Decimal(fraction) if fraction else None,
    )
    return replace(decision, **changes)


def missed(on: date = ENDS) -> Decision:
    return Decision(state=MilestoneState.NOT_MET, decided_on=on, reason="Nothing came")


def decide(
    contract: Contract, decision: Decision, milestone_id: UUID | None = None, latest: date = ENDS
) -> None:
    """On the contract's first milestone, unless another is named."""
    contract.decide_milestone(
        milestone_id or contract.terms.milestones[0].milestone_id,
        decision,
        by=AUTHOR,
        latest=latest,
    )


def meet(contract: Contract, milestone_id: UUID, evidence: str = "report.pdf") -> None:
    decide(contract, met(evidence=evidence), milestone_id)


def told(contract: Contract) -> list[str]:
    """What has happened since somebody last listened, in short: drafted, submitted …"""
    return [type(event).type.removeprefix("contract.") for event in contract.collect()]
