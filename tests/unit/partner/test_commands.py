"""What the partner service's desk adds to the rules: what concerns more than one partner."""

from datetime import date
from typing import Any

import pytest

from shared.clock import FixedClock
from shared.errors import Conflict, Forbidden, Invalid
from shared.identifiers import new_id
from shared.work import Actor, Call
from tests.unit.partner.office import REVIEWER, PartnerOffice, row
from tests.unit.partner.story import ROR


def proposal(name: str = "University of Jordan", **told: Any) -> dict[str, Any]:
    return row(name, sector="university", **told)


@pytest.mark.row("P2")
def test_who_proposes_is_the_sponsor(office: PartnerOffice):
    assert office.do("propose_partner", **proposal())["sponsor_id"] == "officer-1"


@pytest.mark.row("P2")
def test_an_observer_proposes_nothing(office: PartnerOffice):
    observer = Actor(id="o", roles=frozenset({"observer"}))
    with pytest.raises(Forbidden):
        office.desk.execute("propose_partner", proposal(), Call(actor=observer))


@pytest.mark.row("P1")
def test_an_id_chosen_by_the_caller_is_used_once(office: PartnerOffice):
    id = str(new_id())
    office.do("propose_partner", **proposal(id=id))
    with pytest.raises(Conflict) as refused:
        office.do("propose_partner", **proposal("Another", id=id))
    assert refused.value.rule == "id-taken"


@pytest.mark.row("P1")
@pytest.mark.parametrize("again", [ROR, "02jx3x895"])
def test_a_ror_id_belongs_to_one_partner_however_it_is_written(office: PartnerOffice, again):
    office.do("propose_partner", **proposal(ror=ROR))
    with pytest.raises(Conflict) as refused:
        office.do("propose_partner", **proposal("Another", ror=again))
    assert refused.value.rule == "ror-unique"


@pytest.mark.row("P1")
def test_a_parent_institution_is_a_partner(office: PartnerOffice):
    with pytest.raises(Invalid) as refused:
        office.do("propose_partner", **proposal(parent_id=str(new_id())))
    assert refused.value.rule == "parent-known"


@pytest.mark.row("P1")
def test_an_institution_is_not_its_own_ancestor(office: PartnerOffice):
    above = office.do("propose_partner", **proposal("University"))
    below = office.do("propose_partner", **proposal("School", parent_id=above["id"]))
    with pytest.raises(Invalid) as refused:
        office.do("change_partner_details", id=above["id"], parent_id=below["id"])
    assert refused.value.rule == "parent-tree"


@pytest.mark.row("P1")
def test_changing_one_detail_leaves_the_others(office: PartnerOffice):
    made = office.do("propose_partner", **proposal(aliases=["UJ"], ror=ROR))
    changed = office.do("change_partner_details", id=made["id"], local_name="الجامعة الأردنية")
    kept = changed["institution"]
    assert (kept["aliases"], kept["ror"], kept["local_name"]) == (["UJ"], ROR, "الجامعة الأردنية")


@pytest.mark.row("P3")
def test_no_check_was_done_in_the_future(office: PartnerOffice):
    made = office.do("propose_partner", **proposal())
    with pytest.raises(Invalid) as refused:
        office.do(
            "record_check",
            by=REVIEWER,
            id=made["id"],
            check="legal",
            outcome="passed",
            evidence="minutes",
            reviewed_on="2026-03-04",
        )
    assert refused.value.rule == "date-possible"


@pytest.mark.row("P3")
def test_run_out_due_diligence_expires_in_the_daily_run_and_only_once(office: PartnerOffice):
    made = office.do("propose_partner", **proposal())
    for check in ("legal", "finance", "sanctions", "ethics", "site_visit"):
        passed = {"check": check, "outcome": "passed", "evidence": "x"}
        office.do("record_check", by=REVIEWER, id=made["id"], **passed)
    for _ in range(2):
        office.desk.tick(FixedClock.at(date(2028, 3, 3)))
    assert office.tells().count("due_diligence_expired") == 1


@pytest.mark.row("P3")
def test_a_partner_shows_what_counts_and_every_review_there_was(office: PartnerOffice):
    made = office.do("propose_partner", **proposal())
    for outcome in ("failed", "passed"):
        reviewed = {"check": "legal", "outcome": outcome, "evidence": "x"}
        seen = office.do("record_check", by=REVIEWER, id=made["id"], **reviewed)
    assert [each["outcome"] for each in seen["checks"]] == ["passed"]
    assert [each["outcome"] for each in seen["check_history"]] == ["failed", "passed"]

    wrong = seen["checks"][0]["review_id"]
    withdrawal = {"review_id": wrong, "reason": "The wrong partner"}
    seen = office.do("withdraw_check", by=REVIEWER, id=made["id"], **withdrawal)
    assert [each["outcome"] for each in seen["checks"]] == ["failed"]
    assert seen["check_history"][1]["withdrawn"] == "The wrong partner"
