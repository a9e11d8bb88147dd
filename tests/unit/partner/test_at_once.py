"""Several people record facts about one partner at the same moment, on both stores."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from shared.database import Database
from shared.errors import Refusal
from tests.unit.partner.office import REVIEWER, PartnerOffice, row
from tests.unit.partner.story import TODAY

PEOPLE = 10


@pytest.mark.row("P1", "X4")
def test_ten_contacts_added_at_once_are_all_there(database: Database) -> None:
    office = PartnerOffice(database, TODAY)
    partner = office.do("propose_partner", **row("University of Jordan", sector="university"))
    together = Barrier(PEOPLE)

    def add(number: int) -> str:
        told: dict[str, Any] = {"name": f"Contact {number}", "email": f"c{number}@example.org"}
        together.wait()
        try:
            office.do("add_contact", by=REVIEWER, id=partner["id"], roles=["coordinator"], **told)
        except Refusal as refused:
            return refused.rule
        return "done"

    with ThreadPoolExecutor(PEOPLE) as pool:
        outcomes = list(pool.map(add, range(PEOPLE)))

    assert outcomes == ["done"] * PEOPLE
    assert len(office.shows(partner["id"])["contacts"]) == PEOPLE
