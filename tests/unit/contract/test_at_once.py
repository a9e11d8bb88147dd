"""Several people decide under one contract at the same moment, on both stores."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from shared.database import Database
from shared.errors import Refusal
from tests.unit.contract.office import ContractOffice

MILESTONES = 8


def report(number: int) -> dict[str, str]:
    return {"title": f"Report {number}", "type": "reporting", "due_on": "2026-12-31"}


@pytest.mark.row("C8", "X4")
def test_milestones_decided_at_once_are_all_decided(database: Database) -> None:
    office = ContractOffice(database)
    contract = office.has_active(milestones=[report(number) for number in range(MILESTONES)])
    together = Barrier(MILESTONES)

    def decide(milestone: dict[str, str]) -> str:
        met: dict[str, Any] = {"milestone_id": milestone["milestone_id"], "evidence": "report.pdf"}
        together.wait()
        try:
            office.do("meet_milestone", contract["id"], **met)
        except Refusal as refused:
            return refused.rule
        return "done"

    with ThreadPoolExecutor(MILESTONES) as pool:
        outcomes = list(pool.map(decide, contract["milestones"]))

    assert outcomes == ["done"] * MILESTONES
    assert office.tells().count("milestone_met") == MILESTONES
