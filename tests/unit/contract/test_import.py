"""Contracts that were signed elsewhere: how they come in, and what a later word changes (C15)."""

from datetime import date
from typing import Any

import pytest

from shared.errors import Conflict, Forbidden, Invalid
from shared.events.partner import PartnerDeclined, PartnerExited
from shared.identifiers import new_id
from shared.work import Actor
from tests.unit.contract.office import MANAGER, OFFICER

pytestmark = pytest.mark.row("C15")

ADMINISTRATOR = Actor("admin-1", frozenset({"administrator"}))

RELEASE: dict[str, Any] = {
    "origin": "ocds-213czf-000-00001/1",
    "source": "notices.json",
    "partner_name": "Partner university",
    "title": "Training of examiners",
    "type": "statement_of_work",
    "value": {"amount": "120000.00", "currency": "COP"},
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
    "signed_on": "2025-12-20",
    "released_at": "2026-01-05T10:00:00Z",
}


@pytest.fixture
def take(office):
    """Takes a release of the partner's contract; gives outcome and contract."""
    partner_id = str(office.knows_partner())

    def taken(**changes: Any) -> tuple[str, Any]:
        body = RELEASE | {"partner_id": partner_id} | changes
        body = {name: value for name, value in body.items() if value != "unsaid"}
        answer = office.do("import_contract", by=ADMINISTRATOR, **body)
        return answer["outcome"], answer["contract"]

    return taken


def confirmed(office, contract: Any, by: Actor = MANAGER) -> Any:
    return office.do("confirm_import", contract["id"], by=by)


def test_an_imported_contract_is_inert_and_marked_until_it_is_confirmed(office, take):
    outcome, contract = take()

    assert (outcome, contract["state"]) == ("created", "imported")
    assert (contract["awaits_confirmation"], contract["approvals"]) == (True, [])
    assert contract["origin"] == RELEASE["origin"]
    assert contract["imported"]["by"] == ["admin-1"]
    assert office.tells() == ["imported"]
    for refused in ("activate_contract", "complete_contract"):
        with pytest.raises(Conflict):
            office.do(refused, contract["id"])


def test_what_a_source_does_not_say_stays_unknown(take):
    _, contract = take(type="unsaid")

    assert (contract["type"], contract["renewal"]) == ("unknown", "unknown")
    unknown = ("notice_days", "payment_days", "governing_law", "owner_id", "expense_cap")
    assert {name: contract[name] for name in unknown} == dict.fromkeys(unknown)
    assert contract["parties"] == []
    assert {"renewal", "notice_days", "day_budget", "expense_cap"} <= set(contract["not_stated"])


def test_what_a_source_says_is_kept(take):
    said = {
        "renewal": "auto",
        "notice_days": 60,
        "payment_days": 45,
        "governing_law": "England and Wales",
        "owner_id": "officer-1",
        "parties": [{"name": "The Council", "side": "theirs"}, {"name": "A bank", "side": None}],
    }
    _, contract = take(**said)

    assert {name: contract[name] for name in said} == said
    assert not {"renewal", "notice_days", "payment_days"} & set(contract["not_stated"])


def test_an_mou_without_money_and_an_agreement_without_a_stated_end_go_in(take):
    _, mou = take(type="mou", value=None)
    _, framework = take(origin="2", type="framework", ends_on=None)
    _, evergreen = take(origin="3", type="moa", ends_on=None, renewal="evergreen")

    assert (mou["value"], "value" in mou["not_stated"]) == (None, False)
    assert (framework["ends_on"], "ends_on" in framework["not_stated"]) == (None, True)
    assert (evergreen["ends_on"], "ends_on" in evergreen["not_stated"]) == (None, False)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "mou"}, "value"),
        ({"value": None}, "value"),
        ({"type": "amendment"}, "parent_id"),
        ({"type": "moa", "renewal": "evergreen"}, "ends_on"),
        ({"ends_on": "2025-12-31"}, "ends_on"),
        ({"starts_on": "0026-01-01"}, "starts_on"),
        ({"parent_origin": "nowhere"}, "parent_origin"),
        ({"partner_id": None}, "partner_id"),
    ],
)
def test_what_contradicts_itself_is_refused_by_its_field(take, changes, field):
    with pytest.raises(Invalid) as refused:
        take(**changes)

    assert refused.value.field == field


@pytest.mark.row("C1")
def test_a_child_lies_within_its_imported_parent(take):
    _, parent = take(type="framework")
    _, child = take(origin="child", parent_origin=RELEASE["origin"], ends_on="2026-06-30")

    assert child["parent_id"] == parent["id"]
    with pytest.raises(Invalid) as refused:
        take(origin="longer", parent_origin=RELEASE["origin"], ends_on="2027-06-30")
    assert refused.value.rule == "period-within-parent"


def test_milestones_come_along_and_those_that_do_not_fit_are_named(office):
    due = {"title": "Report", "type": "reporting", "due_on": "2026-06-30", "key": "m1"}
    answer = office.do(
        "import_contract",
        by=ADMINISTRATOR,
        **RELEASE,
        partner_id=str(office.knows_partner()),
        milestones=[due, due | {"title": "Late", "due_on": "2031-01-01", "key": "m2"}],
    )

    assert [each["title"] for each in answer["contract"]["milestones"]] == ["Report"]
    assert "Late" in answer["reason"]


def test_the_same_release_again_changes_nothing(office, take):
    _, first = take()
    told = office.tells()

    outcome, second = take()

    assert (outcome, second) == ("unchanged", first)
    assert office.tells() == told


def test_a_second_release_of_the_same_moment_changes_nothing(take):
    take()

    outcome, contract = take(value={"amount": "1.00", "currency": "COP"})

    assert (outcome, contract["value"]["amount"]) == ("unchanged", "120000.00")


def test_a_later_release_before_the_confirmation_changes_the_terms(office, take):
    _, first = take()

    outcome, second = take(ends_on="2027-06-30", released_at="2026-03-01T10:00:00Z")

    assert outcome == "changed"
    assert (second["id"], second["ends_on"]) == (first["id"], "2027-06-30")
    assert second["terms_version"] == 2
    assert office.tells()[-1] == "import_changed"


def test_an_older_release_does_not_undo_a_later_one(take):
    take(title="New title", released_at="2026-03-01T10:00:00Z")

    outcome, contract = take(title="Old title", released_at="2026-02-01T10:00:00Z")

    assert (outcome, contract["title"]) == ("unchanged", "New title")


def test_a_later_release_does_not_revert_what_the_office_corrected(office, take):
    _, contract = take()
    office.do(
        "correct_import",
        contract["id"],
        title="Examiner training",
        renewal="fixed",
        reason="As signed",
    )

    outcome, again = take(released_at="2026-02-01T10:00:00Z")
    changed, renamed = take(
        title="Examiners' training", ends_on="2027-01-31", released_at="2026-02-02T10:00:00Z"
    )

    assert (outcome, again["title"], again["renewal"]) == (
        "unchanged",
        "Examiner training",
        "fixed",
    )
    assert (changed, renamed["title"], renamed["ends_on"]) == (
        "changed",
        "Examiner training",
        "2027-01-31",
    )


def test_a_table_without_dates_of_its_own_never_reverts_either(office, take):
    _, contract = take(released_at=None)
    amount = {"amount": "100.00", "currency": "COP"}
    office.do("correct_import", contract["id"], value=amount, reason="A nought too many")

    outcome, again = take(released_at=None)

    assert (outcome, again["value"]) == ("unchanged", amount)


def test_a_known_origin_keeps_its_partner(office, take):
    _, first = take()

    outcome, again = take(
        partner_id=str(office.knows_partner("Another")), released_at="2026-02-01T10:00:00Z"
    )

    assert (outcome, again["partner_id"]) == ("unchanged", first["partner_id"])


def test_two_sources_with_the_same_id_are_not_taken_for_one_contract(take):
    own = {"origin": "1", "origin_is_unique": False, "released_at": None}
    take(**own)

    with pytest.raises(Conflict) as refused:
        take(**own, title="Another thing", starts_on="2026-03-01", partner_name="Somebody else")

    assert refused.value.rule == "which-contract"
    assert "--origin" in refused.value.message


def test_the_same_row_in_a_file_of_another_name_is_the_same_contract(take):
    own = {"origin": "1", "origin_is_unique": False, "released_at": None}
    take(**own, source="a.csv")

    assert take(**own, source="b.csv")[0] == "unchanged"
    assert take(**own, source="b.csv", title="Training of examiners, 2026")[0] == "changed"


def test_two_contracts_of_one_origin_process_are_two_contracts(take):
    _, first = take()
    _, second = take(origin="ocds-213czf-000-00001/2")

    assert first["id"] != second["id"]


def test_a_partner_not_heard_of_is_refused_for_now(take):
    with pytest.raises(Conflict) as refused:
        take(partner_id=str(new_id()))

    assert refused.value.rule == "partner-known"


@pytest.mark.parametrize("gone", [PartnerDeclined, PartnerExited])
def test_nothing_is_imported_for_a_partner_that_was_declined_or_left(office, take, gone):
    partner_id = office.knows_partner("Gone")
    office.hears(gone(partner_id=partner_id, reason="It is over"))

    with pytest.raises(Conflict) as refused:
        take(partner_id=str(partner_id))

    assert refused.value.rule == "partner-open"


@pytest.mark.parametrize("who", [MANAGER, OFFICER])
def test_only_administrators_import(office, who):
    with pytest.raises(Forbidden):
        office.do("import_contract", by=who, **RELEASE, partner_id=str(office.knows_partner()))


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "2026-01-05T10:00:00"])
def test_a_release_date_that_cannot_be_is_refused(take, moment):
    with pytest.raises(Invalid) as refused:
        take(released_at=moment)

    assert refused.value.field == "released_at"


@pytest.mark.parametrize("signed_on", ["0026-03-01", "1066-10-14", "2026-03-04", "9999-12-31"])
def test_a_signature_that_nobody_can_have_given_is_refused_by_its_date(take, signed_on):
    with pytest.raises(Invalid) as refused:
        take(signed_on=signed_on)

    assert (refused.value.rule, refused.value.field) == ("date-possible", "signed_on")


def test_a_contract_worth_nothing_is_still_a_contract(take):
    _, contract = take(value={"amount": "0.00", "currency": "COP"})

    assert contract["value"] == {"amount": "0.00", "currency": "COP"}


def test_an_imported_contract_needs_no_milestones_to_be_completed(office, take):
    contract = confirmed(office, take()[1])

    assert office.do("complete_contract", contract["id"])["state"] == "completed"


def batch(office, *rows: Any, **more: Any) -> list[Any]:
    answer = office.do("import_contracts", by=ADMINISTRATOR, rows=list(rows), **more)
    rows_of: list[Any] = answer["rows"]
    return rows_of


def rows_of_every_kind(office) -> list[Any]:
    own = RELEASE | {"partner_id": str(office.knows_partner())}
    return [
        own | {"origin": "framework", "type": "framework"},
        own | {"origin": "child", "parent_origin": "framework"},
        own | {"origin": "longer", "parent_origin": "framework", "ends_on": "2030-01-01"},
        own | {"origin": "framework", "type": "framework", "title": "Renamed"},
        own | {"origin": "framework", "title": "B", "released_at": "2026-02-05T10:00:00Z"},
        own | {"origin": "bad", "value": None},
        own | {"origin": "\x00"},
        7,
        None,
        own | {"origin": "last"},
    ]


def test_each_row_of_a_batch_has_its_own_outcome(office):
    outcomes = [each["outcome"] for each in batch(office, *rows_of_every_kind(office))]

    assert outcomes == [
        "created",
        "created",
        "refused",
        "unchanged",
        "changed",
        "refused",
        "refused",
        "refused",
        "refused",
        "created",
    ]


def test_no_row_overtakes_one_of_its_contract_whose_partner_is_not_known_yet(office):
    """A partner may become known while a batch is decided."""
    coming, known = new_id(), office.knows_partner()
    first = RELEASE | {"partner_id": str(coming)}
    later = RELEASE | {
        "partner_id": str(known),
        "released_at": "2026-02-05T10:00:00Z",
        "title": "B",
    }
    other = later | {"origin": "another"}

    refused = batch(office, first, later, other)
    assert [each["outcome"] for each in refused] == ["refused", "refused", "created"]
    assert [each["rule"] for each in refused[:2]] == ["partner-known"] * 2
    assert "Import the earlier row first" in refused[1]["reason"]

    office.knows_partner(partner_id=coming)
    taken = batch(office, first, later, other)
    assert [each["outcome"] for each in taken] == ["created", "changed", "unchanged"]


def test_a_dry_run_is_the_run_rolled_back(office):
    rows = rows_of_every_kind(office)
    foreseen = batch(office, *rows, dry_run=True)
    assert (office.ask("list_contracts")["items"], office.tells()) == ([], [])

    done = batch(office, *rows)

    said = ("outcome", "field", "rule")
    assert [[each[name] for name in said] for each in foreseen] == [
        [each[name] for name in said] for each in done
    ]
    assert [each["reference"] for each in office.ask("list_contracts")["items"]] == [
        "CTR-2026-0001",
        "CTR-2026-0002",
        "CTR-2026-0003",
    ]


def test_a_dry_run_knows_what_earlier_rows_and_new_partners_would_be(office):
    partner = {"id": str(new_id()), "name": "New here"}
    row = RELEASE | {"partner_id": partner["id"]}
    later = row | {"title": "Later", "released_at": "2026-03-01T00:00:00Z"}

    (foreseen,) = batch(office, later, dry_run=True, earlier=[row], partners=[partner])

    assert foreseen["outcome"] == "changed"
    assert office.ask("list_contracts")["items"] == []
    with pytest.raises(Conflict):
        office.do("import_contract", by=ADMINISTRATOR, **row)


def test_an_expired_contract_that_is_prolonged_is_in_force_again_once_confirmed(office, take):
    contract = confirmed(office, take()[1])
    office.tick(date(2027, 1, 1))

    outcome, waiting = take(ends_on="2027-12-31", released_at="2027-01-02T10:00:00Z")
    assert (outcome, waiting["state"], waiting["ends_on"]) == ("changed", "expired", "2026-12-31")
    office.day = date(2027, 1, 3)

    assert confirmed(office, contract)["state"] == "active"


@pytest.mark.parametrize("word", [{"type": "unknown"}, {"parties": []}, {"parent_origin": None}])
def test_a_source_that_has_become_silent_on_something_takes_nothing_away(take, word):
    parties = [{"name": "UCL", "side": "ours"}]
    _, framework = take(origin="ocds-1/f1", type="framework", value="unsaid")
    said = {"origin": "ocds-1/c9", "type": "moa", "parties": parties, "released_at": None}
    _, before = take(**said, parent_origin="ocds-1/f1")
    outcome, after = take(**{**said, "parent_origin": "ocds-1/f1", **word})
    assert outcome == "unchanged"
    assert (after["type"], after["parties"]) == (before["type"], before["parties"])
    assert after["parent_id"] == framework["id"]


def euros(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


@pytest.mark.parametrize(
    ("written", "mark", "amount"),
    [
        (euros("125000,00"), None, "125000.00"),
        (euros("125.000,00"), None, "125000.00"),
        (euros("125000.00"), None, "125000.00"),
        (euros("1,25,000.50", "INR"), None, "125000.50"),
        (euros("125.000"), "comma", "125000.00"),
        (euros("125.000"), "point", "125.00"),
        (euros("125,500", "KWD"), "comma", "125.500"),
        (euros("125,500", "KWD"), "point", "125500.000"),
    ],
)
def test_amounts_over_the_api_are_read_as_their_source_writes_them(take, written, mark, amount):
    outcome, contract = take(value=written, decimal_mark=mark)
    assert (outcome, contract["value"]["amount"]) == ("created", amount)


@pytest.mark.parametrize("field", ["value", "expense_cap"])
@pytest.mark.parametrize("written", [euros("125.000"), euros("125,500", "KWD")])
def test_an_amount_that_can_be_read_in_two_ways_is_refused_with_both(take, field, written):
    with pytest.raises(Invalid, match=r"can be read as 125,[05]00.* or as 125") as refused:
        take(**{field: written})
    assert refused.value.field == f"{field}.amount"
    assert "decimal_mark" in refused.value.message


def test_the_decimal_mark_holds_for_milestones_and_for_a_whole_batch(office):
    own = RELEASE | {"partner_id": str(office.knows_partner()), "value": euros("125.000")}
    paid = {"title": "All", "type": "payment", "due_on": "2026-06-01", "amount": euros("125.000")}
    with_milestone = own | {"origin": "b", "milestones": [paid]}
    refused = batch(office, own, with_milestone)
    taken = batch(office, own, with_milestone, decimal_mark="comma")
    own_mark = own | {"origin": "c", "decimal_mark": "point"}

    assert [each["field"] for each in refused] == ["value.amount", "value.amount"]
    assert [each["outcome"] for each in taken] == ["created", "created"]
    assert taken[1]["reason"] == ""
    assert batch(office, own_mark, decimal_mark="comma")[0]["outcome"] == "created"
    values = [each["value"]["amount"] for each in office.ask("list_contracts")["items"]]
    assert sorted(values) == ["125.00", "125000.00", "125000.00"]


@pytest.mark.parametrize("mark", ["dot", ",", 5])
def test_another_decimal_mark_is_refused_by_name(take, mark):
    with pytest.raises(Invalid) as refused:
        take(decimal_mark=mark)
    assert refused.value.field == "decimal_mark"


@pytest.mark.parametrize("released_at", ["2150-01-01T00:00:00Z", "2199-12-31T23:59:59+14:00"])
def test_a_release_that_nobody_can_have_published_yet_is_refused(take, released_at):
    with pytest.raises(Invalid) as refused:
        take(released_at=released_at)
    assert refused.value.field == "released_at"
