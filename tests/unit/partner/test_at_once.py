"""Several people record facts about one partner at the same moment, on both stores."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from shared.database import Database
from shared.errors import Refusal
from tests.unit.partner.office import REVIEWER, PartnerOffice, row
from tests.unit.partner.story import ROR, TODAY

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


@pytest.mark.row("P4", "X4")
@pytest.mark.parametrize("told", [{}, {"ror": ROR}], ids=["the same name", "the same ROR id"])
@pytest.mark.parametrize("before", [0, 1], ids=["in an empty register", "after another"])
def test_an_institution_proposed_by_ten_at_once_is_there_once(database, told, before):
    office = PartnerOffice(database, TODAY)
    for number in range(before):
        office.do("propose_partner", **row(f"Earlier University {number}", sector="university"))
    together = Barrier(PEOPLE)

    def propose(number: int) -> str:
        # With a register id the names differ.
        name = f"University of Jordan {number}" if told else "University of Jordan"
        together.wait()
        try:
            office.do("propose_partner", **row(name, sector="university", **told))
        except Refusal as refused:
            return refused.rule
        return "done"

    with ThreadPoolExecutor(PEOPLE) as pool:
        outcomes = list(pool.map(propose, range(PEOPLE)))

    refusal = "ror-unique" if told else "partner-named-once"
    assert sorted(outcomes) == sorted(["done", *[refusal] * (PEOPLE - 1)])
    assert len(office.listed()) == 1 + before
