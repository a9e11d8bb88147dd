"""What consultancy learns of contracts from their events."""

from dataclasses import replace
from datetime import date

import pytest

from shared.errors import Conflict, Invalid
from shared.events import Event
from shared.events.contract import (
    ContractCancelled,
    ContractCompleted,
    ContractExpired,
    ContractTermsChanged,
)
from tests.unit.consultancy.office import ConsultancyOffice, with_educator_days
from tests.unit.consultancy.story import CONTRACT, TERMS


@pytest.mark.row("E1")
def test_nothing_is_planned_under_a_contract_that_nobody_has_heard_of(office: ConsultancyOffice):
    amina = office.registers()

    with pytest.raises(Conflict, match="Activate the contract first") as refused:
        office.plans(amina)

    assert refused.value.rule == "contract-active"


@pytest.mark.row("E4")
def test_an_amendment_recomputes_what_is_left(office: ConsultancyOffice):
    office.activates(with_educator_days(1))
    amina = office.registers()
    engagement = office.confirms(amina)
    office.logs(engagement, amina)

    office.hears(
        ContractTermsChanged(
            contract_id=CONTRACT, terms=with_educator_days(2, version=2), reason="More days"
        )
    )

    assert office.logs(engagement, amina, worked_on="2026-03-09")["state"] == "draft"


@pytest.mark.row("E2")
def test_an_amendment_moves_the_period_in_which_days_are_logged(office: ConsultancyOffice):
    office.activates(replace(TERMS, starts_on=date(2026, 3, 1)))
    amina = office.registers()
    engagement = office.confirms(amina, starts_on="2026-03-01")

    office.hears(ContractTermsChanged(contract_id=CONTRACT, terms=TERMS, reason="Began earlier"))

    office.do("replan_engagement", id=engagement, starts_on="2026-02-01")
    assert office.logs(engagement, amina, worked_on="2026-02-20")["state"] == "draft"


def test_terms_of_a_contract_that_is_not_active_yet_are_left_to_its_activation(
    office: ConsultancyOffice,
):
    office.hears(ContractTermsChanged(contract_id=CONTRACT, terms=TERMS, reason="In draft"))
    amina = office.registers()

    with pytest.raises(Conflict) as refused:
        office.plans(amina)

    assert refused.value.rule == "contract-active"


@pytest.mark.row("E2")
@pytest.mark.parametrize(
    ("ended", "after"),
    [
        (ContractCompleted(contract_id=CONTRACT, completed_on=date(2026, 3, 10)), "2026-03-11"),
        (
            ContractCompleted(
                contract_id=CONTRACT,
                completed_on=date(2026, 3, 10),
                worked_until=date(2026, 3, 11),
            ),
            "2026-03-12",
        ),
        (ContractExpired(contract_id=CONTRACT, expired_on=date(2026, 3, 10)), "2026-03-11"),
        (ContractCancelled(contract_id=CONTRACT, reason="Not wanted"), "2026-03-12"),
    ],
    ids=["completed", "completed as the next date had begun", "expired", "cancelled"],
)
def test_the_last_days_of_a_contract_can_be_logged_for_two_weeks(
    office: ConsultancyOffice, ended: Event, after: str
):
    office.activates()
    amina = office.registers()
    engagement = office.confirms(amina)

    office.hears(ended)

    office.day = date(2026, 3, 24)
    assert office.logs(engagement, amina, worked_on="2026-03-10")["state"] == "draft"
    with pytest.raises(Invalid) as outside:
        office.logs(engagement, amina, worked_on=after)
    assert (outside.value.rule, outside.value.field) == ("inside-contract-period", "worked_on")
    office.day = date(2026, 3, 25)
    with pytest.raises(Conflict, match="until 2026-03-24") as late:
        office.logs(engagement, amina, worked_on="2026-03-09")
    assert late.value.rule == "logged-in-time"


@pytest.mark.row("E1")
def test_nothing_is_planned_once_the_contract_has_ended(office: ConsultancyOffice):
    office.activates()
    amina = office.registers()
    office.hears(ContractExpired(contract_id=CONTRACT, expired_on=date(2026, 3, 10)))

    with pytest.raises(Conflict) as refused:
        office.plans(amina)

    assert refused.value.rule == "contract-active"


def test_the_end_of_a_contract_that_was_never_active_concerns_nobody_here(
    office: ConsultancyOffice,
):
    office.hears(ContractCancelled(contract_id=CONTRACT, reason="Not wanted"))

    assert office.tells() == []


@pytest.mark.row("E2")
def test_a_contract_activated_again_can_be_logged_on(office: ConsultancyOffice):
    office.activates()
    amina = office.registers()
    engagement = office.confirms(amina)
    office.hears(ContractExpired(contract_id=CONTRACT, expired_on=date(2026, 3, 9)))

    office.activates()

    assert office.logs(engagement, amina)["state"] == "draft"
