"""Contracts through the service's desk: bodies in, views and events out."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from shared.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from shared.events.finance import InvoiceDrafted, InvoiceOpened
from shared.identifiers import new_id
from shared.money import Money
from shared.work import Call
from tests.alone import guest_of
from tests.statements import selects
from tests.unit.contract.office import BODY, MANAGER, OFFICER

LINE = {"role": "educator", "days": "10", "rate": {"amount": "900.00", "currency": "GBP"}}


def refused(office, rule, name, id=None, by=OFFICER, error=(Invalid, Conflict), **body):
    """The offending field of a refusal, after which nothing has been stored."""
    before = office.tells()
    with pytest.raises(error) as refusal:
        office.do(name, id, by=by, **body)
    assert refusal.value.rule == rule
    assert office.tells() == before
    return refusal.value.field


def test_a_contract_goes_from_draft_into_force(office):
    contract = office.has_active()

    assert contract["state"] == "active"
    assert office.tells() == [
        "drafted",
        "submitted",
        "approval_given",
        "approved",
        "sent_for_signature",
        "signature_recorded",
        "signature_recorded",
        "signed",
        "activated",
    ]


@pytest.mark.row("C2")
def test_a_draft_has_a_reference_and_the_usual_parties(office):
    contract = office.drafts()

    assert contract["reference"] == "CTR-2026-0001"
    assert [each["side"] for each in contract["parties"]] == ["ours", "theirs"]
    assert contract["parties"][1]["name"] == contract["partner"]["name"] == "Partner university"


@pytest.mark.row("C2")
def test_a_contract_with_a_partner_not_heard_of_is_refused_for_now(office):
    body = BODY | {"partner_id": str(new_id())}

    assert refused(office, "partner-known", "draft_contract", **body) == "partner_id"


@pytest.mark.row("C2")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": {"amount": "1.0005", "currency": "JOD"}}, "value.amount"),
        ({"value": {"amount": "100.5", "currency": "JPY"}}, "value.amount"),
        ({"value": {"amount": "1", "currency": "XXY"}}, "value.currency"),
        ({"value": {"amount": 1.5, "currency": "GBP"}}, "value"),
        ({"value": {"amount": "-1", "currency": "GBP"}}, "value"),
        ({"type": "handshake"}, "type"),
        ({"starts_on": "01/04/2026"}, "starts_on"),
        ({"colour": "blue"}, "colour"),
        ({"title": " "}, "title"),
        ({"signatories": [{"name": "X", "email": "nowhere", "side": "ours"}]}, "signatories.0"),
        ({"day_budget": [LINE | {"days": "NaN"}]}, "day_budget.0.days"),
    ],
)
def test_what_is_not_a_contract_is_refused_by_field(office, changes, field):
    body = BODY | {"partner_id": str(office.knows_partner())} | changes

    assert refused(office, "schema", "draft_contract", **body).startswith(field)


@pytest.mark.row("C6")
def test_a_signatory_has_a_name_with_a_letter(office):
    unnamed = [{"name": "2026-03-01", "email": "dean@example.org", "side": "theirs"}]
    body = BODY | {"partner_id": str(office.knows_partner()), "signatories": unnamed}

    assert refused(office, "name-has-letter", "draft_contract", **body) == "signatories.0.name"


def test_a_draft_is_answered_without_asking_for_what_is_at_hand(office):
    partner_id = office.knows_partner()
    with selects(office.database) as asked:
        draft = office.drafts(partner_id=partner_id)
    assert draft["partner"]["id"] == str(partner_id)
    assert draft["invoices"] == []
    assert sum("FROM known_partners" in each for each in asked) == 1
    assert not any("FROM known_invoices" in each for each in asked)


@pytest.mark.row("C8")
def test_milestones_that_do_not_sum_are_refused_already_in_a_draft(office):
    body = BODY | {"partner_id": str(office.knows_partner())}
    body["milestones"] = body["milestones"][:1]

    assert refused(office, "milestones-sum-to-value", "draft_contract", **body) == "milestones"


@pytest.mark.row("C1")
def test_a_child_hangs_under_its_parent_within_its_period(office):
    parent = office.drafts()
    body = BODY | {"partner_id": parent["partner_id"], "parent_id": parent["id"]}

    assert office.do("draft_contract", **body)["parent_id"] == parent["id"]
    longer = body | {"ends_on": "2027-04-01"}
    assert refused(office, "period-within-parent", "draft_contract", **longer) == "ends_on"


@pytest.mark.row("C1")
def test_a_parent_that_does_not_exist_is_refused(office):
    body = BODY | {"partner_id": str(office.knows_partner()), "parent_id": str(new_id())}

    assert refused(office, "parent-exists", "draft_contract", **body) == "parent_id"


@pytest.mark.row("C1")
def test_a_contract_does_not_hang_under_its_own_child(office):
    parent = office.drafts()
    body = BODY | {"partner_id": parent["partner_id"], "parent_id": parent["id"]}
    child = office.do("draft_contract", **body)

    for above in (parent, child):
        where = refused(
            office, "parent-tree", "revise_contract", parent["id"], parent_id=above["id"]
        )
        assert where == "parent_id"


@pytest.mark.row("C2")
def test_the_caller_may_choose_the_id_once(office):
    chosen = str(new_id())
    body = BODY | {"partner_id": str(office.knows_partner()), "id": chosen}

    assert office.do("draft_contract", **body)["id"] == chosen
    assert refused(office, "id-taken", "draft_contract", **body) == "id"


@pytest.mark.row("C2")
def test_a_revision_changes_only_what_is_sent(office):
    contract = office.drafts()

    revised = office.do("revise_contract", contract["id"], purchase_order="PO-77")

    assert revised["purchase_order"] == "PO-77"
    assert revised["terms_version"] == 2
    assert revised["milestones"] == contract["milestones"]


@pytest.mark.row("C8")
def test_a_revised_milestone_keeps_its_identity(office):
    contract = office.drafts()
    kept, last = ({**each} for each in contract["milestones"])
    wanted = [
        {key: each[key] for key in ("milestone_id", "title", "type", "due_on", "amount")}
        for each in (kept, last)
    ]
    wanted[0]["title"] = "First report"

    revised = office.do("revise_contract", contract["id"], milestones=wanted)

    assert revised["milestones"][0]["milestone_id"] == kept["milestone_id"]
    assert revised["milestones"][0]["title"] == "First report"


@pytest.mark.row("C8")
def test_a_milestone_of_another_contract_is_not_taken_over(office):
    contract = office.drafts()
    stranger = BODY["milestones"][0] | {"milestone_id": str(new_id())}

    where = refused(office, "known-id", "revise_contract", contract["id"], milestones=[stranger])
    assert where == "milestones.0.milestone_id"


@pytest.mark.row("C5")
def test_the_view_says_who_may_approve_next_and_who_may_not(office):
    contract = office.drafts()

    reviewed = office.do("submit_contract", contract["id"])

    assert reviewed["open_roles"] == ["partnership_manager"]
    assert reviewed["authors"] == ["officer-1"]


@pytest.mark.row("C2")
def test_the_view_of_a_draft_says_what_is_missing(office):
    contract = office.drafts(signatories=[])

    assert [each["rule"] for each in contract["missing"]] == ["signatory-on-each-side"] * 2


@pytest.mark.row("C5")
def test_the_author_cannot_approve_even_as_a_manager(office):
    contract = office.drafts()
    office.do("submit_contract", contract["id"])
    promoted = replace(OFFICER, roles=MANAGER.roles)

    refused(
        office,
        "author-cannot-approve",
        "approve_contract",
        contract["id"],
        by=promoted,
        error=Forbidden,
    )


@pytest.mark.row("C6")
def test_a_signature_under_another_document_is_refused(office):
    contract = office.drafts()
    office.do("submit_contract", contract["id"])
    approved = office.do("approve_contract", contract["id"], by=MANAGER)
    office.do(
        "send_for_signature",
        contract["id"],
        terms_sha256=approved["approved_sha256"],
        document_sha256="d" * 64,
    )

    where = refused(
        office,
        "signed-document-matches",
        "record_signature",
        contract["id"],
        signatory_id=contract["signatories"][0]["id"],
        document_sha256="e" * 64,
    )
    assert where == "document_sha256"


@pytest.mark.row("C6")
def test_the_view_says_whose_turn_it_is_to_sign(office):
    contract = office.drafts()
    office.do("submit_contract", contract["id"])
    approved = office.do("approve_contract", contract["id"], by=MANAGER)

    sent = office.do(
        "send_for_signature",
        contract["id"],
        terms_sha256=approved["approved_sha256"],
        document_sha256="d" * 64,
    )

    assert [each["is_next"] for each in sent["signatories"]] == [True, True]


@pytest.mark.row("C8")
def test_milestones_are_decided_and_the_contract_completed(office):
    contract = office.has_active()
    first, last = (each["milestone_id"] for each in contract["milestones"])
    id = contract["id"]

    office.do("meet_milestone", id, milestone_id=first, evidence="inception.pdf")
    part = {"milestone_id": last, "reason": "Two of three parts", "fraction": "0.66"}
    office.do("partially_meet_milestone", id, **part)
    seen = office.do("complete_contract", id)

    assert seen["state"] == "completed"
    assert [each["state"] for each in seen["milestones"]] == ["met", "partially_met"]
    assert seen["milestones"][1]["met_amount"]["amount"] == "26400.00"
    assert office.tells()[-3:] == ["milestone_met", "milestone_partially_met", "completed"]


def test_an_edit_of_an_older_version_is_stale(office):
    contract = office.drafts()
    office.do("revise_contract", contract["id"], purchase_order="PO-77")

    with pytest.raises(Stale):
        office.desk.execute(
            "revise_contract",
            {"id": contract["id"], "title": "Mine"},
            Call(actor=OFFICER, expected_version=1),
        )


# What time drives


def test_a_signed_contract_comes_into_force_on_its_start_by_itself(office):
    contract = office.signs(office.drafts())

    office.tick(date(2026, 3, 31))
    assert office.ask("get_contract", id=contract["id"])["state"] == "signed"
    office.tick(date(2026, 4, 1))
    assert office.ask("get_contract", id=contract["id"])["state"] == "active"


def test_an_active_contract_expires_the_day_after_its_end(office):
    contract = office.has_active()

    office.tick(date(2027, 3, 31))
    assert office.ask("get_contract", id=contract["id"])["state"] == "active"
    office.tick(date(2027, 4, 1))
    assert office.ask("get_contract", id=contract["id"])["state"] == "expired"


def test_a_contract_that_renews_by_itself_does_not_expire(office):
    contract = office.has_active(renewal="auto")

    office.tick(date(2027, 4, 1))

    assert office.ask("get_contract", id=contract["id"])["state"] == "active"


@pytest.mark.row("C6")
def test_running_a_day_twice_changes_nothing_more(office):
    contract = office.drafts()
    office.do("submit_contract", contract["id"])
    approved = office.do("approve_contract", contract["id"], by=MANAGER)
    office.do(
        "send_for_signature",
        contract["id"],
        terms_sha256=approved["approved_sha256"],
        document_sha256="d" * 64,
    )
    office.tick(date(2026, 3, 7))
    once = office.tells()

    office.tick(date(2026, 3, 7))

    assert once.count("signature_reminded") == 2
    assert office.tells() == once


# Reading


def listed(office, **wanted):
    return [each["title"] for each in office.ask("list_contracts", **wanted)["items"]]


@pytest.fixture
def shelf(office):
    """Three contracts of one partner: one evergreen, one short, one in review."""
    partner_id = str(office.knows_partner())
    office.drafts(
        partner_id=partner_id,
        title="Evergreen",
        type="framework",
        renewal="evergreen",
        ends_on=None,
    )
    office.drafts(partner_id=partner_id, title="Short 100%", ends_on="2027-01-31")
    reviewed = office.drafts(partner_id=partner_id, title="Reviewed")
    office.do("submit_contract", reviewed["id"])
    return partner_id


@pytest.mark.parametrize(
    ("wanted", "titles"),
    [
        ({}, ["Evergreen", "Short 100%", "Reviewed"]),
        ({"state": "in_review"}, ["Reviewed"]),
        ({"type": "framework"}, ["Evergreen"]),
        ({"ends_before": "2027-02-01"}, ["Short 100%"]),
        ({"text": "100%"}, ["Short 100%"]),
        ({"text": "ctr-2026-0003"}, ["Reviewed"]),
        ({"sort": "ends_on"}, ["Short 100%", "Reviewed", "Evergreen"]),
        ({"sort": "-created", "limit": 1}, ["Reviewed"]),
    ],
)
def test_contracts_are_found_by_what_people_look_for(office, shelf, wanted, titles):
    assert listed(office, **wanted) == titles


def test_contracts_are_found_by_partner(office, shelf):
    office.drafts(title="Another partner's")

    assert listed(office, partner_id=shelf) == ["Evergreen", "Short 100%", "Reviewed"]


def test_a_list_by_end_pages_past_evergreen_contracts(office, shelf):
    first = office.ask("list_contracts", sort="-ends_on", limit=1)

    assert first["items"][0]["title"] == "Evergreen"
    assert listed(office, sort="-ends_on", cursor=first["next"]) == ["Reviewed", "Short 100%"]


def test_a_partner_guest_sees_its_own_contracts_only(office, shelf):
    other = office.has_active(title="Another partner's")
    guest = guest_of(other["partner_id"])

    assert listed(office, by=guest) == ["Another partner's"]
    with pytest.raises(NotFound):
        office.ask(
            "get_contract",
            by=replace(guest, scope=new_id()),
            id=other["id"],
        )


# Milestones, corrected


@pytest.mark.row("C8")
def test_a_decision_is_corrected_and_withdrawn_until_it_is_invoiced(office):
    contract = office.has_active()
    id, first = contract["id"], contract["milestones"][0]["milestone_id"]
    office.do("meet_milestone", id, milestone_id=first, evidence="inception.pdf")

    missed = {"milestone_id": first, "state": "not_met", "reason": "Not signed off"}
    seen = office.do("correct_milestone", id, correction="The wrong report", **missed)
    assert seen["milestones"][0]["correction"] == "The wrong report"
    assert seen["milestones"][0]["met_amount"]["amount"] == "0.00"

    seen = office.do("reopen_milestone", id, milestone_id=first, reason="Too early")
    assert (seen["milestones"][0]["state"], seen["milestones"][0]["decided_on"]) == (
        "scheduled",
        None,
    )


@pytest.mark.row("C8")
def test_an_issued_invoice_keeps_the_decision_that_it_rests_on(office):
    contract = office.has_active()
    id, first = contract["id"], contract["milestones"][0]["milestone_id"]
    office.do("meet_milestone", id, milestone_id=first, evidence="inception.pdf")
    invoiced(office, contract, first)

    reopening = {"milestone_id": first, "reason": "Too early"}
    refused(office, "milestone-billed", "reopen_milestone", id, **reopening)
    less = {"milestone_id": first, "state": "partially_met", "reason": "Half", "fraction": "0.5"}
    seen = office.do("correct_milestone", id, correction="Half of it was missing", **less)
    assert seen["milestones"][0]["met_amount"]["amount"] == "10000.00"


def invoiced(office, contract, milestone_id):
    about: dict[str, Any] = {
        "invoice_id": new_id(),
        "contract_id": UUID(contract["id"]),
        "partner_id": UUID(contract["partner_id"]),
        "milestone_id": UUID(milestone_id),
        "total": Money.of("20000", "GBP"),
    }
    dates: dict[str, Any] = {"issued_on": date(2026, 4, 2), "due_on": date(2026, 5, 2)}
    office.hears(
        InvoiceDrafted(pack_id=new_id(), **about),
        InvoiceOpened(number="INV-2026-0001", **dates, **about),
    )


@pytest.mark.row("C8")
@pytest.mark.parametrize(
    ("name", "body", "field"),
    [
        ("meet_milestone", {"evidence": "x", "met_on": "2026-04-03"}, "met_on"),
        ("meet_milestone", {"evidence": "x", "met_on": "1066-10-14"}, "met_on"),
        ("miss_milestone", {"reason": "x", "decided_on": "2026-02-01"}, "decided_on"),
        (
            "partially_meet_milestone",
            {"reason": "x", "fraction": "0.5", "decided_on": "2027-01-01"},
            "decided_on",
        ),
    ],
)
def test_the_date_of_a_decision_is_refused_by_its_field(office, name, body, field):
    contract = office.has_active()
    body = body | {"milestone_id": contract["milestones"][0]["milestone_id"]}

    assert refused(office, "date-possible", name, contract["id"], **body) == field


@pytest.mark.row("C8")
@pytest.mark.parametrize(
    "fraction", ["0", "1", "1.5", "-0.1", "NaN", "Infinity", "0.3333333", "1e-30"]
)
def test_a_fraction_lies_between_nothing_and_all(office, fraction):
    contract = office.has_active()
    part = {"milestone_id": contract["milestones"][0]["milestone_id"], "reason": "x"}

    refused(office, "schema", "partially_meet_milestone", contract["id"], fraction=fraction, **part)


@pytest.mark.row("C8")
def test_what_happened_today_where_the_day_begins_first_is_taken(office):
    contract = office.has_active()
    met = {"milestone_id": contract["milestones"][0]["milestone_id"], "evidence": "x"}

    # It is noon on 1 April in London, and 1 a.m. on the 2nd in Kiritimati.
    seen = office.do("meet_milestone", contract["id"], met_on="2026-04-02", **met)

    assert seen["milestones"][0]["decided_on"] == "2026-04-02"


# Dates of signatures, fingerprints


def sent(office, document="D" * 64):
    contract = office.drafts()
    office.do("submit_contract", contract["id"])
    approved = office.do("approve_contract", contract["id"], by=MANAGER)
    return office.do(
        "send_for_signature",
        contract["id"],
        terms_sha256=approved["approved_sha256"].upper(),
        document_sha256=document,
    )


@pytest.mark.row("C6")
@pytest.mark.parametrize("signed_on", ["2026-03-01", "0026-03-02", "2026-03-04", "9999-12-31"])
def test_a_signature_is_dated_between_the_sending_and_today(office, signed_on):
    contract = sent(office)
    body = {"signatory_id": contract["signatories"][0]["id"], "document_sha256": "d" * 64}

    field = refused(
        office, "date-possible", "record_signature", contract["id"], signed_on=signed_on, **body
    )
    assert field == "signed_on"


@pytest.mark.row("C6")
@pytest.mark.parametrize("document", ["d" * 64, "D" * 64, "dD" * 32])
def test_a_fingerprint_matches_in_either_case(office, document):
    contract = sent(office)

    for signatory in contract["signatories"]:
        seen = office.do(
            "record_signature",
            contract["id"],
            signatory_id=signatory["id"],
            document_sha256=document,
        )

    assert seen["state"] == "signed"


@pytest.mark.row("C6")
def test_a_signatorys_address_is_corrected_without_voiding_approvals(office):
    contract = office.drafts()
    office.do("submit_contract", contract["id"])
    office.do("approve_contract", contract["id"], by=MANAGER)
    signatories = [
        {name: each[name] for name in ("id", "name", "email", "side", "order")}
        for each in contract["signatories"]
    ]
    signatories[1]["email"] = "dean@university.example"

    seen = office.do("revise_contract", contract["id"], signatories=signatories)

    assert (seen["state"], seen["signatories"][1]["email"]) == (
        "approved",
        "dean@university.example",
    )


# Parents


@pytest.mark.row("C1")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": "2026-03-31"}, "starts_on"),
        ({"ends_on": "2027-04-01"}, "ends_on"),
        ({"starts_on": "2028-01-01", "ends_on": "2028-12-31"}, "starts_on"),
        ({"renewal": "evergreen", "ends_on": None}, "ends_on"),
    ],
)
def test_the_date_outside_the_parents_period_is_named(office, changes, field):
    parent = office.drafts(milestones=[])
    body = BODY | {"partner_id": parent["partner_id"], "parent_id": parent["id"]}
    body |= {"milestones": []} | changes

    assert refused(office, "period-within-parent", "draft_contract", **body) == field


@pytest.mark.row("C1")
def test_a_parent_that_is_shortened_is_told_which_contract_stands_in_the_way(office):
    parent = office.drafts(milestones=[])
    child = office.drafts(partner_id=parent["partner_id"], parent_id=parent["id"])

    with pytest.raises(Invalid, match=f"{child['reference']} under this contract runs") as refusal:
        office.do("revise_contract", parent["id"], ends_on="2027-03-30")
    assert refusal.value.field == "ends_on"


@pytest.mark.row("C1")
def test_parents_come_into_force_before_the_contracts_under_them(office):
    parent = office.drafts()
    child = office.drafts(partner_id=parent["partner_id"], parent_id=parent["id"])
    office.signs(child)
    office.tick(date(2026, 4, 1))
    assert office.ask("get_contract", id=child["id"])["state"] == "signed"

    office.signs(parent)
    office.tick(date(2026, 4, 2))
    states = [office.ask("get_contract", id=each["id"])["state"] for each in (parent, child)]
    assert states == ["active", "active"]


@pytest.mark.row("C2")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": "0026-04-01"}, "starts_on"),
        ({"starts_on": "1206-04-01"}, "starts_on"),
        ({"ends_on": "2207-03-31"}, "ends_on"),
        ({"ends_on": "9999-12-31"}, "ends_on"),
        ({"ends_on": "2026-03-31"}, "ends_on"),
        ({"renewal": "evergreen"}, "ends_on"),
    ],
)
def test_a_period_that_cannot_be_meant_is_refused_by_its_date(office, changes, field):
    body = BODY | {"partner_id": str(office.knows_partner())} | changes

    with pytest.raises(Invalid) as refusal:
        office.do("draft_contract", **body)
    assert refusal.value.field == field


@pytest.mark.row("X3")
def test_who_was_to_sign_before_is_kept_where_it_can_be_erased(office):
    contract = office.drafts()
    first, *others = contract["signatories"]
    corrected = {"id": first["id"], "name": first["name"], "email": "new@example.net"}
    wanted = [corrected | {"side": first["side"], "order": first["order"]}]
    wanted += [{k: each[k] for k in ("id", "name", "email", "side", "order")} for each in others]
    office.do("revise_contract", contract["id"], signatories=wanted)

    page = office.ask("list_signatory_changes", by=MANAGER, id=contract["id"])
    [change] = page["items"]
    assert change["field"] == f"signatories.{first['id']}.email"
    assert (change["before"], change["after"]) == (first["email"], "new@example.net")
    with pytest.raises(Forbidden):
        office.ask("list_signatory_changes", id=contract["id"])
