"""Contracts as they go in an office: the events of each from the first draft to the last milestone.

The events are the contract service's own; only ids, references and partners differ from one
contract to the next.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert

from shared.database import Database
from shared.events import contract
from shared.events.contract import BudgetLine, ContractTerms, MilestoneTerms, Party
from shared.events.vocabulary import ContractType, MilestoneType, Side
from shared.identifiers import new_id
from shared.messaging import event_log
from shared.messaging.tables import event_log as log_table
from shared.money import Money

_SPACE = UUID(int=20_000)
#: Contracts that are under way at the same time, so that their events come mixed.
AT_ONCE = 100
PARTNERS = [uuid5(_SPACE, f"partner {number}") for number in range(50)]
#: No event that is made here happened later.
HISTORIES_END = date(2026, 2, 1)
_ANY, _BEGAN, _DAY = uuid5(_SPACE, "any"), datetime(2026, 1, 5, 9, tzinfo=UTC), date(2026, 4, 1)

TERMS = ContractTerms(
    version=1,
    type=ContractType.STATEMENT_OF_WORK,
    title="Assessment reform",
    starts_on=_DAY,
    ends_on=date(2027, 3, 31),
    value=Money.of(60_000, "GBP"),
    milestones=(
        MilestoneTerms(
            milestone_id=uuid5(_SPACE, "milestone"),
            title="Final report",
            type=MilestoneType.PAYMENT,
            due_on=date(2027, 3, 31),
            amount=Money.of(60_000, "GBP"),
        ),
    ),
    day_budget=(BudgetLine("educator", Decimal(40), Money.of(900, "GBP")),),
    parties=(Party("Our university", Side.OURS), Party("Partner university", Side.THEIRS)),
)

#: One contract's facts, in their order.
_FACTS = [
    contract.ContractDrafted(
        contract_id=_ANY, reference="", partner_id=_ANY, owner_id="officer-1", terms=TERMS
    ),
    contract.ContractSubmitted(contract_id=_ANY, needed_roles=("partnership_manager",)),
    contract.ContractApprovalGiven(
        contract_id=_ANY, approver_id="manager-1", role="partnership_manager"
    ),
    contract.ContractApproved(contract_id=_ANY, terms_sha256="a" * 64),
    contract.ContractSentForSignature(
        contract_id=_ANY, signatory_ids=(uuid5(_SPACE, "dean"),), in_sequence=False
    ),
    contract.ContractSignatureRecorded(
        contract_id=_ANY, signatory_id=uuid5(_SPACE, "dean"), signed_on=_DAY
    ),
    contract.ContractSigned(contract_id=_ANY, signed_on=_DAY),
    contract.ContractActivated(contract_id=_ANY, reference="", partner_id=_ANY, terms=TERMS),
    contract.DayBudgetAlert(
        contract_id=_ANY,
        partner_id=_ANY,
        role="educator",
        percent=80,
        approved_days=Decimal(32),
        budget_days=Decimal(40),
        terms_version=1,
    ),
    contract.MilestoneMet(
        contract_id=_ANY,
        partner_id=_ANY,
        milestone_id=uuid5(_SPACE, "milestone"),
        title="Final report",
        milestone_type=MilestoneType.PAYMENT,
        amount=Money.of(60_000, "GBP"),
        met_on=date(2027, 3, 31),
        evidence="report.pdf",
        terms_version=1,
    ),
]
_PLAIN = [(type(fact).type, type(fact).version, fact.to_plain()) for fact in _FACTS]


def rows(count: int) -> Iterator[dict[str, Any]]:
    """So many rows of the contract service's event log, oldest first, not published yet."""
    return islice(_rows(_PLAIN), count)


def drafts() -> Iterator[dict[str, Any]]:
    """As `rows`, only the first of each contract, without end."""
    return _rows(_PLAIN[:1])


def _rows(facts: list[tuple[str, int, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    number = 0
    while True:
        group = [(new_id(), number + each) for each in range(AT_ONCE)]
        number += AT_ONCE
        for sequence, (type_, version, plain) in enumerate(facts, start=1):
            for contract_id, place in group:
                own = {
                    "contract_id": str(contract_id),
                    "partner_id": str(PARTNERS[place % len(PARTNERS)]),
                    "reference": f"CTR-2026-{place:06}",
                }
                yield {
                    "id": new_id(),
                    "subject": f"contract/{contract_id}",
                    "sequence": sequence,
                    "type": type_,
                    "version": version,
                    "data": plain | {name: own[name] for name in own if name in plain},
                    "metadata": {"actor": "officer-1", "correlation": str(contract_id)},
                    "recorded_at": _BEGAN + timedelta(milliseconds=10 * place + sequence),
                }


def write(database: Database, count: int, *, published: bool) -> None:
    """Log so many events; `published` ones are chained, as the relay leaves them."""
    log = rows(count)
    link, digest = 0, event_log.GENESIS
    while batch := list(islice(log, 5000)):
        for row in batch if published else ():
            link, digest = link + 1, event_log.chain(digest, row)
            row |= {"published_at": row["recorded_at"], "link": link, "hash": digest}
        with database.transaction() as session:
            session.execute(insert(log_table), batch)
