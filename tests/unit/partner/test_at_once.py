"""Several people record facts about one partner at the same moment, on both stores."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import text

from services.partner import commands
from shared.database import Database
from shared.errors import Conflict, Refusal
from tests.office import until
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


def somebody_waits(database: Database) -> bool:
    """Whether a transaction in this database waits for its turn."""
    waiting = text(
        "select count(*) from pg_locks join pg_database on pg_database.oid = pg_locks.database "
        "where datname = current_database() and locktype = 'advisory' and not granted"
    )
    with database.engine.connect() as connection:
        return bool(connection.execute(waiting).scalar())


@pytest.fixture
def while_proposing(database: Database, monkeypatch: pytest.MonkeyPatch):
    """Runs something else once a proposal has been checked, and before it is committed.

    The proposal goes on when the other has been checked too, is done, or waits for its turn.
    """
    checked, others_checked = Event(), Event()
    others: list[Future[Any]] = []
    check = commands.similar_partners

    def checking(*args: Any, **told: Any) -> Any:
        found = check(*args, **told)
        if checked.is_set():
            others_checked.set()
        checked.set()
        until(
            lambda: (
                others_checked.is_set()
                or any(each.done() for each in others)
                or somebody_waits(database)
            )
        )
        return found

    def run(first: Any, second: Any) -> Future[Any]:
        monkeypatch.setattr(commands, "similar_partners", checking)
        with ThreadPoolExecutor(2) as pool:
            proposing = pool.submit(first)
            until(checked.is_set)
            others.append(pool.submit(second))
            proposing.result()
        return others[0]

    return run


@pytest.mark.row("P4", "X4")
@pytest.mark.parametrize("store", ["postgresql"])
@pytest.mark.parametrize("way", ["proposed", "renamed", "imported"])
def test_a_name_is_not_taken_while_another_proposal_of_it_is_checked(
    database: Database, while_proposing, way: str
):
    office = PartnerOffice(database, TODAY)
    told = row("University of Jordan", sector="university")
    there = office.do("propose_partner", **row("Earlier University", sector="university"))
    ways = {
        "proposed": lambda: office.do("propose_partner", **told),
        "renamed": lambda: office.do(
            "change_partner_details", id=there["id"], legal_name=told["legal_name"]
        ),
        "imported": lambda: office.imports(told),
    }

    second = while_proposing(lambda: office.do("propose_partner", **told), ways[way])

    assert len(office.listed(text="Jordan")) == 1
    if way == "imported":
        assert [each["outcome"] for each in second.result()] == ["duplicate"]
        return
    (first,) = office.listed(text="Jordan")
    with pytest.raises(Conflict) as refused:
        second.result()
    assert refused.value.rule == "partner-named-once"
    assert first["reference"] in refused.value.message
    assert first["id"] in refused.value.accepted
