"""Several people log days at the same moment, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.event import listen, remove

from services.consultancy.domain.contract_budget import ContractBudget
from shared.errors import Refusal
from shared.events.consultancy import DeliverableAccepted
from shared.identifiers import new_id
from shared.work import Call
from tests.unit.consultancy.office import COLLEAGUE, OFFICER, ConsultancyOffice, with_educator_days
from tests.unit.consultancy.story import CONTRACT, MILESTONE

PEOPLE = 5


def at_once(acts: list[Callable[[], object]]) -> list[str]:
    """What came of each: "done", or the rule that refused it."""
    together = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        together.wait()
        try:
            act()
        except Refusal as refusal:
            return refusal.rule
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


@pytest.mark.row("E4")
def test_two_cannot_take_the_last_day(busy_office: ConsultancyOffice) -> None:
    office = busy_office
    office.activates(with_educator_days(PEOPLE))
    people = [office.registers(f"person{number}") for number in range(PEOPLE)]
    engagement = office.confirms(*people)
    office.activates(with_educator_days(1))

    outcomes = at_once([partial(office.logs, engagement, who, actor=OFFICER) for who in people])

    assert outcomes == ["day-budget"] * (PEOPLE - 1) + ["done"]
    with office.unit_of_work.reading(Call()) as work:
        assert work.get(ContractBudget, CONTRACT).consumed_days("educator") == 1


@pytest.mark.row("E4")
@pytest.mark.parametrize("started", [False, True])
def test_ten_consultants_log_at_once_and_nobody_is_asked_to_try_again(
    busy_office: ConsultancyOffice, started: bool
) -> None:
    office = busy_office
    office.activates(with_educator_days(30))
    people = [office.registers(f"person{number}") for number in range(10)]
    engagement = office.confirms(*people)
    if started:
        office.do("start_engagement", id=engagement)

    dates = ["2026-03-08", "2026-03-09", "2026-03-10"]
    outcomes = at_once(
        [
            partial(office.logs, engagement, who, actor=OFFICER, worked_on=on)
            for on in dates
            for who in people
        ]
    )

    assert outcomes == ["done"] * 30
    with office.unit_of_work.reading(Call()) as work:
        assert work.get(ContractBudget, CONTRACT).consumed_days("educator") == 30


@pytest.mark.row("E6")
def test_of_two_last_acceptances_at_once_one_meets_the_milestone(
    busy_office: ConsultancyOffice,
) -> None:
    office = busy_office
    office.activates()
    engagement = office.confirms(office.registers())
    promised = [
        office.do(
            "plan_deliverable",
            engagement_id=engagement,
            title=f"Report {number}",
            due_on="2026-05-01",
            milestone_id=MILESTONE,
        )["id"]
        for number in range(PEOPLE)
    ]
    for number, each in enumerate(promised):
        office.do("submit_deliverable", id=each, sha256=f"{number}" * 64, note="On the share")

    outcomes = at_once(
        [
            partial(office.do, "accept_deliverable", actor=COLLEAGUE, id=each, said_by="Dean")
            for each in promised
        ]
    )

    assert outcomes == ["done"] * PEOPLE
    told = (each.milestone for each in office.told(DeliverableAccepted))
    left = [each.open_deliverables for each in told if each]
    assert sorted(left) == list(range(PEOPLE))


@pytest.mark.row("E2")
@pytest.mark.parametrize("already", ["0", "0.25"])
def test_a_person_cannot_fill_a_date_twice(busy_office: ConsultancyOffice, already: str) -> None:
    """Days that use no budget, so that nothing but the diary holds them back."""
    office = busy_office
    office.activates()
    amina = office.registers()
    engagements = [office.confirms(amina) for _ in range(PEOPLE)]
    if already != "0":
        office.logs(engagements[0], amina, days=already)

    outcomes = at_once(
        [
            partial(office.logs, each, amina, actor=OFFICER, days="0.75", chargeable=False)
            for each in engagements
        ]
    )

    assert outcomes == ["done"] + ["most-days-a-date"] * (PEOPLE - 1)


@pytest.mark.row("E2")
def test_an_entry_sent_several_times_is_logged_once(busy_office: ConsultancyOffice) -> None:
    office = busy_office
    office.activates()
    amina = office.registers()
    engagement = office.confirms(amina)
    entry_id = "0192f7a0-0000-7000-8000-000000000001"

    outcomes = at_once([lambda: office.logs(engagement, amina, id=entry_id)] * PEOPLE)

    assert outcomes == ["done"] * PEOPLE
    assert office.tells().count("days_logged") == 1


@pytest.mark.row("E2")
def test_a_date_is_filled_once_over_two_contracts_and_corrections_cross_without_a_tie(
    busy_office: ConsultancyOffice,
) -> None:
    office, other = busy_office, new_id()
    office.activates()
    office.activates(contract_id=other)
    amina = office.registers()
    engagements = [office.confirms(amina), office.confirms(amina, contract_id=other)]
    log = partial(office.logs, actor=OFFICER, days="0.5", worked_on="2026-03-09")
    assert at_once([partial(log, each, amina) for each in engagements * 2]) == [
        *["done"] * 2,
        *["most-days-a-date"] * 2,
    ]
    for each in office.ask("list_days")["items"]:
        office.do("correct_days", id=each["id"], days="0.25")
    for each in engagements:
        office.logs(each, amina, actor=OFFICER, days="0.25", worked_on="2026-03-10")

    correct = partial(office.do, "correct_days", actor=OFFICER)
    outcomes = at_once(
        [
            partial(correct, id=each["id"], worked_on=on)
            for each in office.ask("list_days")["items"]
            for on in {"2026-03-09", "2026-03-10"} - {each["worked_on"]}
        ]
    )

    assert outcomes == ["done"] * 4


@pytest.mark.row("E6")
def test_cancelling_while_its_deliverables_are_accepted_waits_for_no_deadlock(
    busy_office: ConsultancyOffice,
) -> None:
    """Each acceptance holds its deliverable, then the contract's budget; so does cancelling."""
    office = busy_office
    office.activates()
    amina = office.registers()
    for _ in range(5):
        engagement = office.confirms(amina)
        promised = [
            office.do(
                "plan_deliverable",
                engagement_id=engagement,
                title=f"Report {n}",
                due_on="2026-05-01",
            )
            for n in range(3)
        ]
        for n, each in enumerate(promised):
            office.do("submit_deliverable", id=each["id"], sha256=f"{n}" * 64, note="On the share")
        accepts = [
            partial(office.do, "accept_deliverable", actor=COLLEAGUE, id=each["id"], said_by="Dean")
            for each in promised
        ]
        cancels = partial(office.do, "cancel_engagement", id=engagement, reason="Postponed")

        with deadlocks(office) as met:
            outcomes = at_once([*accepts, cancels])

        assert set(outcomes) <= {"done", "engagement-lifecycle", "deliverable-lifecycle"}
        assert met == []
        states = {office.ask("get_deliverable", id=each["id"])["state"] for each in promised}
        assert states <= {"accepted", "dropped"}


@contextmanager
def deadlocks(office: ConsultancyOffice) -> Iterator[list[str]]:
    """Those that the database found meanwhile. Each costs people a second, and can cost a try."""
    found: list[str] = []

    def note(context: ExceptionContext) -> None:
        if getattr(context.original_exception, "pgcode", None) == "40P01":
            found.append(str(context.original_exception))

    engine = office.database.engine
    listen(engine, "handle_error", note)
    try:
        yield found
    finally:
        remove(engine, "handle_error", note)
