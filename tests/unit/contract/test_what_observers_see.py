"""Observers, consultants and leads see what was agreed: no money, no address, no draft."""

from typing import Any

import pytest

from shared.errors import NotFound
from shared.events.vocabulary import Role
from shared.work import Actor
from tests.unit.contract.office import MANAGER, ContractOffice

pytestmark = pytest.mark.row("U1")

READERS = [Actor(role, frozenset({role})) for role in (Role.OBSERVER, Role.PROGRAMME_LEAD)]


@pytest.fixture
def sent(office: ContractOffice) -> dict[str, Any]:
    id = office.drafts()["id"]
    office.do("submit_contract", id)
    approved = office.do("approve_contract", id, by=MANAGER)
    return office.do(
        "send_for_signature",
        id,
        terms_sha256=approved["approved_sha256"],
        document_sha256="d" * 64,
    )


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.id)
def test_no_draft_is_shown(office: ContractOffice, reader: Actor) -> None:
    drafted = office.drafts()
    assert office.ask("list_contracts", by=reader)["items"] == []
    with pytest.raises(NotFound):
        office.ask("get_contract", by=reader, id=drafted["id"])


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.id)
def test_amounts_and_who_approved_are_withheld(
    office: ContractOffice, sent: dict[str, Any], reader: Actor
) -> None:
    shown = office.ask("get_contract", by=reader, id=sent["id"])
    assert (sent["value"] is None, shown["value"]) == (False, None)
    assert {each["amount"] for each in shown["milestones"]} <= {None}
    assert {each["rate"] for each in shown["day_budget"]} <= {None}
    assert (shown["needed_roles"], shown["approvals"], shown["authors"]) == (None, None, None)
    listed = office.ask("list_contracts", by=reader)["items"]
    assert [(each["id"], each["value"]) for each in listed] == [(sent["id"], None)]


def test_addresses_of_signatories_are_withheld_from_observers(
    office: ContractOffice, sent: dict[str, Any]
) -> None:
    shown = office.ask("get_contract", by=READERS[0], id=sent["id"])
    assert {each["email"] for each in shown["signatories"]} <= {None}
    assert any(each["email"] for each in sent["signatories"])
