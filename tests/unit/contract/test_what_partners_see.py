"""A partner sees a contract from the moment it is sent to it, not while we write it."""

from typing import Any

import pytest

from shared.errors import NotFound
from tests.alone import guest_of
from tests.unit.contract.office import MANAGER, ContractOffice

pytestmark = [pytest.mark.row("C6"), pytest.mark.row("U1")]


def assert_unseen(office: ContractOffice, contract: Any) -> None:
    guest = guest_of(contract["partner_id"])
    assert office.ask("list_contracts", by=guest)["items"] == []
    assert office.ask("list_contracts", by=guest, state=contract["state"])["items"] == []
    for name in ("get_contract", "get_burn_down"):
        with pytest.raises(NotFound):
            office.ask(name, by=guest, id=contract["id"])


def test_a_draft_is_ours_alone(office: ContractOffice) -> None:
    assert_unseen(office, office.drafts())


def test_a_contract_under_review_or_approved_is_ours_alone(office: ContractOffice) -> None:
    id = office.drafts()["id"]
    assert_unseen(office, office.do("submit_contract", id))
    assert_unseen(office, office.do("approve_contract", id, by=MANAGER))


def test_a_contract_given_up_is_ours_alone(office: ContractOffice) -> None:
    assert_unseen(
        office, office.do("cancel_contract", office.drafts()["id"], reason="Not wanted any more")
    )


def test_a_contract_sent_for_signature_is_seen(office: ContractOffice) -> None:
    id = office.drafts()["id"]
    office.do("submit_contract", id)
    approved = office.do("approve_contract", id, by=MANAGER)
    sent = office.do(
        "send_for_signature",
        id,
        terms_sha256=approved["approved_sha256"],
        document_sha256="d" * 64,
    )
    guest = guest_of(sent["partner_id"])
    assert office.ask("get_contract", by=guest, id=id)["state"] == "out_for_signature"
    assert [each["id"] for each in office.ask("list_contracts", by=guest)["items"]] == [id]
