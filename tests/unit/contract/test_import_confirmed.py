"""Imported contracts count once somebody other than the importer has confirmed them (C15)."""

from datetime import date
from typing import Any

import pytest

from shared.errors import Conflict, Forbidden, Invalid
from shared.events.consultancy import DaysApproved
from shared.events.partner import Institution, PartnerExited, PartnerProposed
from shared.events.vocabulary import Sector
from shared.identifiers import new_id
from shared.work import Actor
from tests.alone import guest_of
from tests.unit.contract.office import MANAGER
from tests.unit.contract.test_import import ADMINISTRATOR, RELEASE, confirmed
from tests.unit.contract.test_reactions import worked

pytestmark = pytest.mark.row("C15")

OWNER = Actor("admin-1", frozenset({"administrator", "partnership_manager"}))
OTHER = Actor("admin-2", frozenset({"administrator", "partnership_manager"}))


@pytest.fixture
def take(office):
    partner_id = str(office.knows_partner())

    def taken(by: Actor = ADMINISTRATOR, **changes: Any) -> Any:
        body = RELEASE | {"partner_id": partner_id} | changes
        return office.do("import_contract", by=by, **body)["contract"]

    return taken


def prospect(office) -> str:
    partner_id = new_id()
    institution = Institution("A prospect", "JO", Sector.UNIVERSITY)
    office.hears(
        PartnerProposed(
            partner_id=partner_id,
            reference="PTR-2026-0009",
            institution=institution,
            sponsor_id="officer-1",
        )
    )
    return str(partner_id)


def test_confirmed_by_another_person_it_comes_into_force(office, take):
    contract = confirmed(office, take())

    assert (contract["state"], contract["awaits_confirmation"]) == ("active", False)
    assert contract["imported"]["confirmed_by"] == "manager-1"
    assert office.tells() == ["imported", "import_confirmed", "activated"]


def test_one_that_starts_later_is_signed_and_starts_by_itself(office, take):
    contract = confirmed(office, take(starts_on="2026-06-01"))
    assert contract["state"] == "signed"

    office.tick(date(2026, 6, 1))

    assert office.ask("get_contract", id=contract["id"])["state"] == "active"


@pytest.mark.parametrize(
    ("importer", "confirmer"),
    [
        (OWNER, OWNER),
        (ADMINISTRATOR, Actor("admin-1", frozenset({"partnership_manager"}))),
        (Actor("operator:admin-2", frozenset({"administrator"})), OTHER),
        (Actor("operator:Admin-2 ", frozenset({"administrator"})), OTHER),
    ],
    ids=["same", "another role", "at the command line", "spelt otherwise"],
)
def test_whoever_imported_it_does_not_confirm_it_under_any_hat(office, take, importer, confirmer):
    contract = take(by=importer)

    with pytest.raises(Forbidden) as refused:
        confirmed(office, contract, by=confirmer)

    assert refused.value.rule == "importer-cannot-confirm"
    assert confirmed(office, contract)["state"] == "active"


def test_whoever_corrected_it_does_not_confirm_it(office, take):
    contract = take()
    office.do("correct_import", contract["id"], by=MANAGER, notice_days=30, reason="As signed")

    with pytest.raises(Forbidden):
        confirmed(office, contract)
    assert confirmed(office, contract, by=OTHER)["notice_days"] == 30


@pytest.mark.parametrize("role", ["partnership_officer", "finance", "administrator", "board"])
def test_managers_alone_confirm(office, take, role):
    with pytest.raises(Forbidden):
        confirmed(office, take(), by=Actor("somebody", frozenset({role})))


def test_a_contract_with_a_prospect_waits_until_the_partner_is_approved(office, take):
    contract = take(partner_id=prospect(office))

    with pytest.raises(Conflict) as refused:
        confirmed(office, contract)

    assert refused.value.rule == "partner-approved"
    assert office.tells() == ["imported"]


def test_a_partner_that_left_since_keeps_it_inert(office, take):
    contract = take()
    office.hears(PartnerExited(partner_id=contract["partner_id"], reason="Closed"))

    with pytest.raises(Conflict):
        confirmed(office, contract)


def test_it_is_confirmed_once(office, take):
    contract = take()
    confirmed(office, contract)

    with pytest.raises(Conflict) as refused:
        confirmed(office, contract, by=OTHER)

    assert refused.value.rule == "awaits-confirmation"


def test_a_drafted_contract_is_not_confirmed(office):
    with pytest.raises(Conflict) as refused:
        confirmed(office, office.drafts())

    assert refused.value.rule == "imported"


def test_what_awaits_confirmation_is_listed_and_confirmed_in_bulk_row_by_row(office, take):
    waiting = take()
    with_prospect = take(origin="2", partner_id=prospect(office))
    mine = take(origin="3", by=OTHER)
    office.drafts()
    listed = office.ask("list_contracts", awaiting_confirmation=True)["items"]
    assert {each["id"] for each in listed} == {
        each["id"] for each in (waiting, with_prospect, mine)
    }

    rows = [{"id": each["id"]} for each in (waiting, with_prospect, mine)]
    rows += [{"id": str(new_id())}, {"id": waiting["id"]}]
    answer = office.do("confirm_imports", by=OTHER, rows=rows)["rows"]

    assert [each["outcome"] for each in answer] == [
        "confirmed",
        "refused",
        "refused",
        "refused",
        "refused",
    ]
    assert answer[1]["field"] == "partner_id"
    assert office.ask("get_contract", id=waiting["id"])["state"] == "active"
    assert office.ask("get_contract", id=mine["id"])["state"] == "imported"


def test_in_bulk_a_contract_that_changed_since_it_was_seen_is_not_confirmed(office, take):
    seen = take()
    office.do("correct_import", seen["id"], title="Another", reason="As signed")

    (row,) = office.do(
        "confirm_imports", by=MANAGER, rows=[{"id": seen["id"], "version": seen["version"]}]
    )["rows"]

    assert (row["outcome"], row["field"]) == ("refused", "version")


def test_a_child_waits_for_the_confirmation_of_its_parent(office, take):
    parent = take(type="framework")
    child = take(origin="child", parent_origin=RELEASE["origin"])

    with pytest.raises(Conflict) as refused:
        confirmed(office, child)
    assert refused.value.rule == "parent-confirmed"

    rows = [{"id": parent["id"]}, {"id": child["id"]}]
    answer = office.do("confirm_imports", by=MANAGER, rows=rows)["rows"]
    assert [each["state"] for each in answer] == ["active", "active"]


def test_whoever_confirms_may_name_its_owner(office, take):
    contract = take()

    named = office.do("confirm_import", contract["id"], by=MANAGER, owner_id="officer-7")

    assert named["owner_id"] == "officer-7"


def test_a_later_word_after_the_confirmation_waits_for_one_of_its_own(office, take):
    contract = confirmed(office, take())

    dearer = {"amount": "9000000.00", "currency": "COP"}
    waiting = take(value=dearer, released_at="2026-02-01T00:00:00Z")
    assert (waiting["value"]["amount"], waiting["awaits_confirmation"]) == ("120000.00", True)
    assert waiting["imported"]["proposed"]["value"] == dearer
    with pytest.raises(Forbidden):
        confirmed(office, contract, by=ADMINISTRATOR)

    settled = confirmed(office, contract)

    assert (settled["value"], settled["terms_version"]) == (dearer, 2)
    assert (settled["awaits_confirmation"], settled["imported"]["proposed"]) == (False, None)
    assert office.tells()[-2:] == ["import_changed", "terms_changed"]


def test_a_correction_after_the_confirmation_waits_for_one_too(office, take):
    contract = confirmed(office, take())

    waiting = office.do("correct_import", contract["id"], ends_on="2027-03-31", reason="Extended")

    assert (waiting["ends_on"], waiting["awaits_confirmation"]) == ("2026-12-31", True)
    assert confirmed(office, contract)["ends_on"] == "2027-03-31"


def test_a_change_that_is_rejected_leaves_what_was_confirmed_and_does_not_come_again(office, take):
    contract = confirmed(office, take())
    later = {"title": "Wrong", "released_at": "2026-02-01T00:00:00Z"}
    take(**later)

    rejected = office.do("reject_import", contract["id"], by=MANAGER, reason="Not agreed")
    again = take(**later)

    assert (rejected["title"], rejected["state"]) == (RELEASE["title"], "active")
    assert (again["title"], again["awaits_confirmation"]) == (RELEASE["title"], False)


def test_what_was_wrongly_imported_is_rejected_and_is_not_brought_again(office, take):
    contract = take()
    office.do("reject_import", contract["id"], by=MANAGER, reason="Ended years ago")

    answer = office.do(
        "import_contract",
        by=ADMINISTRATOR,
        **RELEASE | {"partner_id": contract["partner_id"], "released_at": "2026-03-01T00:00:00Z"},
    )

    assert (answer["outcome"], answer["contract"]["state"]) == ("skipped", "cancelled")
    assert "Ended years ago" in answer["reason"]
    assert office.ask("list_contracts", awaiting_confirmation=True)["items"] == []


def test_a_rejection_can_be_taken_back(office, take):
    contract = take()
    office.do("reject_import", contract["id"], by=MANAGER, reason="A slip")

    office.do("reopen_import", contract["id"], by=OTHER, reason="The wrong one was rejected")

    assert confirmed(office, contract)["state"] == "active"


def test_also_a_rejection_after_the_confirmation_can_be_taken_back(office, take):
    contract = confirmed(office, take())
    office.do("reject_import", contract["id"], by=MANAGER, reason="A slip")

    office.do("reopen_import", contract["id"], by=OTHER, reason="The wrong one was rejected")

    assert confirmed(office, contract)["state"] == "active"
    assert office.tells()[-3:] == ["import_reopened", "import_confirmed", "activated"]


def test_a_confirmed_contract_is_rejected_only_while_nothing_was_done_under_it(office, take):
    unused, used = confirmed(office, take()), confirmed(office, take(origin="2"))
    office.hears(DaysApproved(entry=worked(used), approver_id="lead"))

    dropped = office.do("reject_import", unused["id"], by=MANAGER, reason="Another's")
    assert dropped["state"] == "cancelled"
    with pytest.raises(Conflict) as refused:
        office.do("reject_import", used["id"], by=MANAGER, reason="Another's")
    assert refused.value.rule == "nothing-done-under-it"


@pytest.mark.row("C2")
def test_filling_in_what_was_unknown_makes_it_known(office, take):
    contract = take()
    assert {"renewal", "governing_law"} <= set(contract["not_stated"])

    filled = office.do(
        "correct_import", contract["id"], renewal="auto", governing_law="Jordan", reason="Seen"
    )

    assert (filled["renewal"], filled["governing_law"]) == ("auto", "Jordan")
    assert not {"renewal", "governing_law"} & set(filled["not_stated"])


@pytest.mark.row("C2")
@pytest.mark.parametrize("unknown", [{"type": "unknown"}, {"renewal": "unknown"}])
def test_nobody_drafts_what_nobody_knows(office, unknown):
    with pytest.raises(Invalid) as refused:
        office.drafts(**unknown)

    assert refused.value.field in unknown


def test_partners_do_not_see_what_was_not_confirmed(office, take):
    contract = take()
    guest = guest_of(contract["partner_id"])

    assert office.ask("list_contracts", by=guest)["items"] == []
