"""Contracts that were signed elsewhere (the import side of C15)."""

from datetime import date
from typing import Any

import pytest

from shared.errors import Conflict, Invalid
from shared.identifiers import new_id
from tests.unit.contract.office import MANAGER

pytestmark = pytest.mark.row("C15")

RELEASE: dict[str, Any] = {
    "origin": "ocds-213czf-000-00001/1",
    "title": "Training of examiners",
    "value": {"amount": "120000.00", "currency": "COP"},
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
    "signed_on": "2025-12-20",
    "state": "active",
    "released_at": "2026-01-05T10:00:00Z",
}


@pytest.fixture
def take(office):
    """Takes a release of the partner's contract; gives outcome and contract."""
    partner_id = str(office.knows_partner())

    def taken(**changes: Any) -> tuple[str, Any]:
        body = RELEASE | {"partner_id": partner_id} | changes
        answer = office.do("import_contract", by=MANAGER, **body)
        return answer["outcome"], answer["contract"]

    return taken


def test_an_active_contract_enters_as_active_without_passing_for_approved_here(office, take):
    outcome, contract = take()

    assert (outcome, contract["state"]) == ("created", "active")
    assert contract["approvals"] == []
    assert contract["origin"] == RELEASE["origin"]
    assert office.tells() == ["imported", "activated"]


def test_a_signed_contract_enters_as_signed(office, take):
    _, contract = take(state="signed")

    assert (contract["state"], contract["signed_on"]) == ("signed", "2025-12-20")
    assert office.tells() == ["imported"]


def test_the_same_release_again_changes_nothing(office, take):
    _, first = take()
    told = office.tells()

    outcome, second = take()

    assert (outcome, second) == ("unchanged", first)
    assert office.tells() == told


def test_a_later_release_amends_the_terms_and_makes_no_second_contract(office, take):
    _, first = take()

    outcome, second = take(ends_on="2027-06-30", released_at="2026-05-01T10:00:00Z")

    assert outcome == "changed"
    assert (second["id"], second["ends_on"]) == (first["id"], "2027-06-30")
    assert second["terms_version"] == 2
    assert office.tells()[-1] == "terms_changed"


def test_an_older_release_does_not_undo_a_later_one(take):
    take(title="New title", released_at="2026-05-01T10:00:00Z")

    outcome, contract = take(title="Old title", released_at="2026-04-01T10:00:00Z")

    assert (outcome, contract["title"]) == ("unchanged", "New title")


def test_a_signed_contract_becomes_active_when_a_later_release_says_so(office, take):
    take(state="signed")

    outcome, contract = take(released_at="2026-02-01T10:00:00Z")

    assert (outcome, contract["state"]) == ("changed", "active")


def test_an_active_contract_stays_active_when_a_later_release_only_says_signed(take):
    take()

    outcome, contract = take(state="signed", released_at="2026-02-01T10:00:00Z")

    assert (outcome, contract["state"]) == ("unchanged", "active")


def test_an_expired_contract_that_is_prolonged_is_in_force_again(office, take):
    take()
    office.tick(date(2027, 1, 1))

    _, contract = take(ends_on="2027-12-31", released_at="2027-01-02T10:00:00Z")

    assert contract["state"] == "active"


def test_an_expired_contract_stays_expired_when_its_end_stays_past(office, take):
    take()
    office.tick(date(2027, 1, 1))

    outcome, contract = take(released_at="2027-01-02T10:00:00Z")

    assert (outcome, contract["state"]) == ("unchanged", "expired")


def test_two_contracts_of_one_origin_process_are_two_contracts(take):
    _, first = take()
    _, second = take(origin="ocds-213czf-000-00001/2")

    assert first["id"] != second["id"]


def test_an_origin_belongs_to_one_partner(office, take):
    take()

    with pytest.raises(Conflict) as refused:
        take(partner_id=str(office.knows_partner("Another")))

    assert refused.value.rule == "origin-of-one-partner"


def test_a_partner_not_heard_of_is_refused_for_now(take):
    with pytest.raises(Conflict) as refused:
        take(partner_id=str(new_id()))

    assert refused.value.rule == "partner-known"


@pytest.mark.parametrize("state", ["draft", "approved", "completed"])
def test_only_signed_and_active_contracts_are_taken(take, state):
    with pytest.raises(Invalid) as refused:
        take(state=state)

    assert (refused.value.rule, refused.value.field) == ("imported-is-signed", "state")


@pytest.mark.parametrize("field", ["value", "starts_on", "ends_on", "partner_id", "origin"])
def test_what_is_missing_is_named(office, field):
    body = RELEASE | {"partner_id": str(office.knows_partner())}
    del body[field]

    with pytest.raises(Invalid) as refused:
        office.do("import_contract", by=MANAGER, **body)

    assert refused.value.field == field


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "2026-01-05T10:00:00"])
def test_a_release_date_that_cannot_be_is_refused(take, moment):
    with pytest.raises(Invalid) as refused:
        take(released_at=moment)

    assert refused.value.field == "released_at"


def test_an_imported_contract_that_ends_before_it_starts_is_refused(take):
    with pytest.raises(Invalid) as refused:
        take(ends_on="2025-12-31")

    assert refused.value.rule == "end-after-start"


def test_an_imported_contract_needs_no_milestones_to_be_completed(office, take):
    _, contract = take()

    assert office.do("complete_contract", contract["id"])["state"] == "completed"


def test_a_contract_worth_nothing_is_still_a_contract(take):
    _, contract = take(value={"amount": "0.00", "currency": "COP"})

    assert contract["value"] == {"amount": "0.00", "currency": "COP"}


@pytest.mark.row("C15")
@pytest.mark.parametrize("signed_on", ["0026-03-01", "1066-10-14", "2026-03-04", "9999-12-31"])
def test_a_signature_that_nobody_can_have_given_is_refused_by_its_date(office, signed_on):
    body = RELEASE | {"partner_id": str(office.knows_partner()), "signed_on": signed_on}

    with pytest.raises(Invalid) as refused:
        office.do("import_contract", by=MANAGER, **body)

    assert (refused.value.rule, refused.value.field) == ("date-possible", "signed_on")
