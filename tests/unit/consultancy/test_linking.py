"""Which account a consultant is: nobody makes, changes or removes the link to their own account.

| The link | by | answer |
|---|---|---|
| made when registering, or later | a colleague | done |
| made when registering, or later | the person of that account | refused |
| removed, or moved to somebody else | a colleague | done |
| removed, or moved to somebody else | the person linked | refused |
| made again after a removal | the person once linked, to any account | refused |
| left as it is, while another field changes | the person linked | done |
"""

from typing import Any

import pytest

from shared.errors import Forbidden
from shared.work import Actor
from tests.unit.consultancy.office import COLLEAGUE, OFFICER, ConsultancyOffice

pytestmark = pytest.mark.row("E3")

#: An officer who advises partners herself.
WORKS_TOO = Actor("amina", frozenset({"partnership_officer", "consultant"}))


@pytest.fixture
def amina(office: ConsultancyOffice) -> str:
    return office.registers(account_id="amina")


def change(office: ConsultancyOffice, consultant: str, by: Actor, **body: Any) -> dict[str, Any]:
    return office.do("change_consultant", actor=by, id=consultant, **body)


def refused(office: ConsultancyOffice, consultant: str, by: Actor, account_id: str | None) -> str:
    with pytest.raises(Forbidden) as refusal:
        change(office, consultant, by, account_id=account_id)
    return refusal.value.rule


def test_nobody_registers_a_consultant_as_their_own_account(office: ConsultancyOffice) -> None:
    with pytest.raises(Forbidden) as refusal:
        office.registers(account_id="carla")
    assert (refusal.value.rule, refusal.value.field) == ("link-by-another", "account_id")


@pytest.mark.parametrize("account_id", [None, "boris"])
def test_the_person_linked_does_not_change_the_link(
    office: ConsultancyOffice, amina: str, account_id: str | None
) -> None:
    assert refused(office, amina, WORKS_TOO, account_id) == "link-by-another"


def test_nobody_links_a_record_to_their_own_account(office: ConsultancyOffice) -> None:
    assert refused(office, office.registers(account_id=None), OFFICER, "carla") == "link-by-another"


@pytest.mark.parametrize("account_id", ["amina", "boris"])
def test_the_person_once_linked_does_not_link_the_record_again(
    office: ConsultancyOffice, amina: str, account_id: str
) -> None:
    change(office, amina, COLLEAGUE, account_id=None)
    assert refused(office, amina, WORKS_TOO, account_id) == "link-by-another"


def test_a_colleague_changes_the_link(office: ConsultancyOffice, amina: str) -> None:
    assert change(office, amina, COLLEAGUE, account_id="boris")["account_id"] == "boris"


def test_the_person_linked_may_change_the_rest(office: ConsultancyOffice, amina: str) -> None:
    changed = change(office, amina, WORKS_TOO, languages=["fr"], account_id="amina")
    assert changed["languages"] == ["fr"]


def submitted(office: ConsultancyOffice, consultant: str, by: Actor) -> str:
    office.activates()
    entry = office.logs(office.confirms(consultant), consultant, actor=by)
    office.do("submit_days", actor=by, id=entry["id"])
    return str(entry["id"])


@pytest.mark.parametrize("decision", ["approve_days", "reject_days"])
def test_the_link_at_the_time_of_logging_says_who_worked(
    office: ConsultancyOffice, amina: str, decision: str
) -> None:
    entry = submitted(office, amina, by=OFFICER)
    change(office, amina, COLLEAGUE, account_id=None)
    body = {"reason": "Not on that day"} if decision == "reject_days" else {}
    with pytest.raises(Forbidden) as refusal:
        office.do(decision, actor=WORKS_TOO, id=entry, **body)
    assert refusal.value.rule == "logger-is-not-approver"


def test_where_nobody_was_linked_then_the_link_of_today_says_who_worked(
    office: ConsultancyOffice,
) -> None:
    consultant = office.registers(account_id=None)
    entry = submitted(office, consultant, by=OFFICER)
    change(office, consultant, COLLEAGUE, account_id="amina")
    with pytest.raises(Forbidden):
        office.do("approve_days", actor=WORKS_TOO, id=entry)


@pytest.mark.row("X2")
def test_each_change_is_told_by_its_field_and_the_link_with_what_was_before(
    office: ConsultancyOffice, amina: str
) -> None:
    change(
        office,
        amina,
        COLLEAGUE,
        name="Amina Haddad",
        email="haddad@example.org",
        account_id="boris",
        day_rates=[{"role": "educator", "rate": {"amount": "950.00", "currency": "GBP"}}],
        availability=[{"starts_on": "2026-04-01", "ends_on": "2026-04-09", "presence": "away"}],
    )
    changed = office.logged("consultancy.consultant_changed")[-1]
    told = {each["field"]: (each["before"], each["after"]) for each in changed["changes"]}
    personal = dict.fromkeys(("name", "email", "day_rates", "availability"), (None, None))
    assert told == {"account_id": ("amina", "boris"), **personal}
    assert changed["account_id"] == "boris"


def test_no_event_carries_the_name(office: ConsultancyOffice, amina: str) -> None:
    change(office, amina, COLLEAGUE, name="Amina Haddad")
    assert "Haddad" not in str(office.logged("consultancy.consultant_changed"))
