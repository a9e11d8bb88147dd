"""What people ask of consultancy: who may do what, and what they get to see."""

from datetime import date
from typing import Any

import pytest

from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.events.vocabulary import OverBudgetPolicy
from shared.identifiers import new_id
from shared.work import Actor
from tests.unit.consultancy.office import (
    COLLEAGUE,
    CONSULTANT,
    GUEST,
    OFFICER,
    ConsultancyOffice,
    with_educator_days,
)
from tests.unit.consultancy.story import CONTRACT, MILESTONE, PARTNER

AUDITOR = Actor(id="eve", roles=frozenset({"auditor"}))
STRANGER = Actor(id="zoe", roles=frozenset({"partner_guest"}), scope=new_id())
NAMELESS = Actor(id="who", roles=frozenset({"partner_guest"}))
SHA = "a" * 64


class Engaged:
    """A confirmed engagement of Amina, who signs in as `amina`."""

    def __init__(self, office: ConsultancyOffice, **terms: Any) -> None:
        self.office = office
        office.activates(with_educator_days(2, **terms))
        self.amina = office.registers(account_id="amina")
        self.id = office.confirms(self.amina)

    def logs(self, **changes: Any) -> dict[str, Any]:
        return self.office.logs(self.id, self.amina, **changes)

    def submits(self) -> str:
        entry = self.logs()["id"]
        self.office.do("submit_days", actor=CONSULTANT, id=entry)
        return str(entry)

    def promises(self, **changes: Any) -> str:
        body = {"title": "Blueprint", "due_on": "2026-05-01", **changes}
        return str(
            self.office.do("plan_deliverable", actor=CONSULTANT, engagement_id=self.id, **body)[
                "id"
            ]
        )

    def delivers(self) -> str:
        deliverable = self.promises(milestone_id=MILESTONE)
        link = "https://files.example/blueprint.pdf"
        body = {"sha256": SHA, "link": link}
        self.office.do("submit_deliverable", actor=CONSULTANT, id=deliverable, **body)
        return deliverable


@pytest.fixture
def engaged(office: ConsultancyOffice) -> Engaged:
    return Engaged(office)


@pytest.mark.row("E14")
@pytest.mark.parametrize(
    ("field", "first", "second"),
    [
        ("email", {}, {"email": "AMINA@example.org"}),
        ("email", {"email": "amina@münchen.example"}, {"email": "amina@xn--mnchen-3ya.example"}),
        ("orcid", {"orcid": "0000-0002-1825-0097"}, {"orcid": "0000-0002-1825-0097"}),
        ("account_id", {"account_id": "amina"}, {"account_id": "amina"}),
    ],
)
def test_a_consultant_is_registered_once(office, field, first, second):
    office.registers("amina", **first)

    with pytest.raises(Conflict, match="CON-2026-0001") as refused:
        office.registers("boris", **second)

    assert (refused.value.rule, refused.value.field) == ("consultant-registered-once", field)


@pytest.mark.row("E14")
@pytest.mark.parametrize("name", ["42", "—", "2026-03-01"])
def test_a_consultant_has_a_name_with_a_letter(office, name):
    with pytest.raises(Invalid) as refused:
        office.registers(name, email="x@example.org")
    assert (refused.value.rule, refused.value.field) == ("name-has-letter", "name")

    amina = office.registers()
    with pytest.raises(Invalid):
        office.do("change_consultant", id=amina, name=name)
    assert office.do("change_consultant", id=amina, name=" Amina\u200b  H. ")["name"] == "Amina H."


@pytest.mark.row("E14")
def test_an_unknown_language_is_refused(office):
    with pytest.raises(Invalid) as refused:
        office.registers(languages=["xx"])

    assert refused.value.field == "languages.0"


@pytest.mark.row("E14")
def test_a_change_leaves_what_is_not_sent(office):
    amina = office.registers()

    changed = office.do("change_consultant", id=amina, languages=["fr"])

    assert (changed["languages"], changed["name"]) == (["fr"], "Amina")
    assert changed["day_rates"][0]["rate"] == {"amount": "900.00", "currency": "GBP"}


@pytest.mark.row("E14")
def test_consultants_are_ranked_for_a_need(office):
    office.activates()
    busy = office.registers("busy", expertise=[{"area": "assessment_design", "level": 5}])
    strong = office.registers("strong", expertise=[{"area": "assessment_design", "level": 5}])
    office.registers("good")
    office.registers("foreign", languages=["fr"])
    away = {"starts_on": "2026-04-01", "ends_on": "2026-04-30", "presence": "away"}
    office.registers("away", availability=[away])
    office.plans(busy, days="4", starts_on="2026-04-01", ends_on="2026-04-04")

    found = office.ask(
        "find_available_consultants",
        **{
            "from": "2026-04-01",
            "to": "2026-04-04",
            "area": "assessment_design",
            "language": "ar",
            "role": "educator",
        },
    )

    assert [each["name"] for each in found["items"]] == ["Strong", "Good"]
    assert found["items"][0]["consultant_id"] == strong


@pytest.mark.row("E14")
def test_partners_do_not_see_consultants_and_their_rates(office):
    amina = office.registers()

    with pytest.raises(Forbidden):
        office.ask("get_consultant", actor=GUEST, id=amina)


@pytest.mark.row("E1")
def test_a_team_of_strangers_is_refused(office):
    office.activates()

    with pytest.raises(Invalid) as refused:
        office.plans(str(new_id()))

    assert refused.value.field == "team.0.consultant_id"


@pytest.mark.row("E1")
def test_an_engagement_is_made_once_under_an_id(engaged):
    with pytest.raises(Conflict) as refused:
        engaged.office.plans(engaged.amina, id=engaged.id)

    assert refused.value.rule == "id-taken"


@pytest.mark.row("E1")
@pytest.mark.parametrize("actor", [CONSULTANT, AUDITOR], ids=["consultant", "auditor"])
def test_only_the_partnerships_team_confirms_an_engagement(engaged, actor):
    planned = engaged.office.plans(engaged.amina)

    with pytest.raises(Forbidden):
        engaged.office.do("confirm_engagement", actor=actor, id=planned["id"])


@pytest.mark.row("E1")
def test_who_has_logged_days_cannot_be_replanned_away(engaged):
    boris = engaged.office.registers("boris")
    engaged.logs()

    team = [{"consultant_id": boris, "role": "educator", "planned_days": "1"}]
    with pytest.raises(Conflict) as refused:
        engaged.office.do("replan_engagement", id=engaged.id, team=team)

    assert refused.value.rule == "logged-stays-on-team"


@pytest.mark.row("E1")
def test_an_engagement_goes_through_its_whole_life(engaged):
    office, entry = engaged.office, engaged.submits()
    deliverable = engaged.delivers()
    office.do("approve_days", id=entry)

    office.do("deliver_engagement", actor=CONSULTANT, id=engaged.id)
    office.do("accept_deliverable", actor=GUEST, id=deliverable)
    closed = office.do("close_engagement", id=engaged.id)

    assert closed["state"] == "closed"
    assert office.tells() == [
        "consultant_registered",
        "engagement_planned",
        "engagement_confirmed",
        "engagement_started",
        "days_logged",
        "days_submitted",
        "deliverable_planned",
        "deliverable_submitted",
        "days_approved",
        "engagement_delivered",
        "deliverable_accepted",
        "engagement_closed",
    ]


@pytest.mark.row("E1")
def test_an_engagement_with_undecided_days_is_not_closed(engaged):
    engaged.submits()
    engaged.office.do("deliver_engagement", id=engaged.id)

    with pytest.raises(Conflict) as refused:
        engaged.office.do("close_engagement", id=engaged.id)

    assert refused.value.rule == "entries-decided"


@pytest.mark.row("E6")
def test_an_engagement_that_owes_a_deliverable_is_not_delivered(engaged):
    engaged.promises()
    engaged.office.do("start_engagement", id=engaged.id)

    with pytest.raises(Conflict, match="Blueprint"):
        engaged.office.do("deliver_engagement", id=engaged.id)


@pytest.mark.row("E4")
def test_a_cancelled_engagement_frees_its_planned_days(engaged):
    engaged.office.do("cancel_engagement", id=engaged.id, reason="Postponed")

    assert engaged.office.plans(engaged.amina, days="2")["state"] == "planned"


@pytest.mark.row("E2")
def test_a_consultant_logs_own_days_only(engaged):
    other = Actor(id="boris", roles=frozenset({"consultant"}))

    with pytest.raises(Forbidden) as refused:
        engaged.logs(actor=other)

    assert refused.value.rule == "own-days"


@pytest.mark.row("E2")
def test_the_office_logs_for_a_consultant(engaged):
    assert engaged.logs(actor=OFFICER)["logged_by"] == "carla"


@pytest.mark.row("E2")
def test_an_entry_sent_again_under_its_id_is_logged_once(engaged):
    chosen = new_id()
    first, again = engaged.logs(id=chosen), engaged.logs(id=chosen)

    assert again == first
    assert engaged.office.tells().count("days_logged") == 1


@pytest.mark.row("E2")
def test_another_entry_under_a_taken_id_is_refused(engaged):
    chosen = new_id()
    engaged.logs(id=chosen)

    with pytest.raises(Conflict) as refused:
        engaged.logs(id=chosen, days="0.5")

    assert refused.value.rule == "entry-id-taken"


@pytest.mark.row("E2")
def test_a_refused_day_leaves_nothing_behind(engaged):
    with pytest.raises(Invalid):
        engaged.logs(worked_on="2026-03-12")

    assert engaged.office.ask("list_days")["items"] == []
    assert engaged.office.ask("get_engagement", id=engaged.id)["state"] == "confirmed"


@pytest.mark.row("E4")
def test_the_answer_warns_where_the_contract_warns(office):
    engaged = Engaged(office, over_budget=OverBudgetPolicy.WARN)
    for on in ("2026-03-06", "2026-03-09"):
        engaged.logs(worked_on=on)

    (warning,) = engaged.logs(days="0.5")["warnings"]

    assert warning.startswith("With this, 2.5 days of educator are logged")


@pytest.mark.row("E3")
def test_a_draft_is_corrected_in_part(engaged):
    entry = engaged.logs(note="Workshop")

    corrected = engaged.office.do("correct_days", actor=CONSULTANT, id=entry["id"], days="0.5")

    assert (corrected["days"], corrected["note"]) == ("0.5", "Workshop")


@pytest.mark.row("E3")
def test_a_correction_stays_with_a_role_of_the_team(engaged):
    entry = engaged.logs()

    with pytest.raises(Invalid) as refused:
        engaged.office.do("correct_days", actor=CONSULTANT, id=entry["id"], role="clinician")

    assert refused.value.rule == "role-on-team"


@pytest.mark.row("E3")
@pytest.mark.parametrize("act", ["submit_days", "withdraw_days", "correct_days"])
def test_a_consultant_changes_own_entries_only(engaged, act):
    entry = engaged.logs()
    other = Actor(id="boris", roles=frozenset({"consultant"}))

    with pytest.raises(Forbidden) as refused:
        engaged.office.do(act, actor=other, id=entry["id"])

    assert refused.value.rule == "own-days"


@pytest.mark.row("E3")
def test_consultants_approve_nothing(engaged):
    with pytest.raises(Forbidden):
        engaged.office.do("approve_days", actor=CONSULTANT, id=engaged.submits())


@pytest.mark.row("E3")
def test_a_consultant_who_is_also_an_officer_does_not_approve_own_days(engaged):
    entry = engaged.logs(actor=COLLEAGUE)["id"]
    engaged.office.do("submit_days", actor=COLLEAGUE, id=entry)
    both = Actor(id="amina", roles=frozenset({"consultant", "partnership_officer"}))

    with pytest.raises(Forbidden) as refused:
        engaged.office.do("approve_days", actor=both, id=entry)

    assert refused.value.rule == "logger-is-not-approver"


@pytest.mark.row("E3")
def test_a_reversed_day_can_be_logged_again(engaged):
    entry = engaged.submits()
    engaged.office.do("approve_days", id=entry)

    engaged.office.do("request_reversal", id=entry, reason="Wrong kind")
    engaged.office.do("confirm_reversal", id=entry, actor=COLLEAGUE)

    assert engaged.logs(kind="remote")["kind"] == "remote"


@pytest.mark.row("E3")
def test_a_rejected_day_is_shown_with_its_reason(engaged):
    rejected = engaged.office.do("reject_days", id=engaged.submits(), reason="Half a day only")

    assert (rejected["state"], rejected["reason"]) == ("rejected", "Half a day only")


@pytest.mark.row("E2")
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["2026-03-10", "2026-03-09"]),
        ({"from": "2026-03-10"}, ["2026-03-10"]),
        ({"to": "2026-03-09"}, ["2026-03-09"]),
        ({"state": "submitted"}, []),
        ({"contract_id": CONTRACT, "sort": "worked_on"}, ["2026-03-09", "2026-03-10"]),
        ({"contract_id": new_id()}, []),
    ],
)
def test_days_are_found_by_contract_state_and_dates(engaged, wanted, found):
    engaged.logs(worked_on="2026-03-09")
    engaged.logs(worked_on="2026-03-10")

    wanted = {key: str(value) for key, value in wanted.items()}
    shown = engaged.office.ask("list_days", **wanted)

    assert [each["worked_on"] for each in shown["items"]] == found


@pytest.mark.row("E2")
def test_days_are_read_page_by_page(engaged):
    logged = {engaged.logs(days="0.25", kind=kind)["id"] for kind in ("on_site", "remote")}

    first = engaged.office.ask("list_days", limit=1)
    second = engaged.office.ask("list_days", limit=1, cursor=first["next"])

    assert {each["id"] for page in (first, second) for each in page["items"]} == logged
    assert second["next"] is None


@pytest.mark.row("E2")
def test_partners_do_not_see_who_worked_when(engaged):
    with pytest.raises(Forbidden):
        engaged.office.ask("list_days", actor=GUEST)


@pytest.mark.row("E6")
def test_the_partner_accepts_its_own_deliverable(engaged):
    accepted = engaged.office.do("accept_deliverable", actor=GUEST, id=engaged.delivers())

    assert accepted["state"] == "accepted"
    seen = engaged.office.ask("get_deliverable", id=accepted["id"])
    assert seen["answers"][0]["recorded_by"] == "guest"


@pytest.mark.row("E6")
def test_another_partner_does_not_even_see_it(engaged):
    with pytest.raises(NotFound):
        engaged.office.do("accept_deliverable", actor=STRANGER, id=engaged.delivers())


@pytest.mark.row("E6")
def test_a_guest_of_no_partner_answers_nothing(engaged):
    with pytest.raises(Forbidden) as refused:
        engaged.office.do("accept_deliverable", actor=NAMELESS, id=engaged.delivers())

    assert refused.value.rule == "permission"


@pytest.mark.row("E6")
@pytest.mark.parametrize("act", ["accept_deliverable", "return_deliverable"])
def test_the_office_writes_down_who_at_the_partner_answered(engaged, act):
    with pytest.raises(Invalid) as refused:
        engaged.office.do(act, id=engaged.delivers(), comments="Well done")

    assert refused.value.rule == "said-by-given"


@pytest.mark.row("E6")
def test_a_return_is_shown_with_comments_and_who_said_so(engaged):
    body = {"comments": "Add OSCEs", "said_by": "Dean of Medicine"}

    returned = engaged.office.do("return_deliverable", id=engaged.delivers(), **body)

    (answer,) = returned["answers"]
    assert (answer["outcome"], answer["comments"], answer["said_by"]) == (
        "returned",
        "Add OSCEs",
        "Dean of Medicine",
    )


@pytest.mark.row("E6")
def test_cancelling_drops_what_was_not_accepted(engaged):
    deliverable = engaged.promises(milestone_id=MILESTONE)

    engaged.office.do("cancel_engagement", id=engaged.id, reason="The partner postponed")

    shown = engaged.office.ask("get_deliverable", id=deliverable)
    assert shown["state"] == "dropped"
    assert "The partner postponed" in shown["drop_reason"]


@pytest.mark.row("E6")
def test_a_dropped_deliverable_does_not_stand_in_the_way_of_closing(engaged):
    wanted, unwanted = engaged.delivers(), engaged.promises(title="Annex")
    engaged.office.do("drop_deliverable", id=unwanted, reason="Part of the report")
    engaged.office.do("accept_deliverable", id=wanted, said_by="Dean")
    engaged.office.do("start_engagement", id=engaged.id)

    engaged.office.do("deliver_engagement", id=engaged.id)

    assert engaged.office.do("close_engagement", id=engaged.id)["state"] == "closed"


@pytest.mark.row("E6")
@pytest.mark.parametrize("actor", [CONSULTANT, GUEST])
def test_only_the_partnerships_team_drops_a_deliverable(engaged, actor):
    with pytest.raises(Forbidden):
        engaged.office.do("drop_deliverable", actor=actor, id=engaged.promises(), reason="No")


@pytest.mark.row("E6")
def test_a_promise_is_corrected(engaged):
    deliverable = engaged.promises()

    changed = engaged.office.do(
        "change_deliverable", id=deliverable, title="Blueprint of OSCEs", milestone_id=MILESTONE
    )

    assert (changed["title"], changed["milestone_id"]) == ("Blueprint of OSCEs", str(MILESTONE))


@pytest.mark.row("E6")
def test_consultants_do_not_accept_their_own_work(engaged):
    with pytest.raises(Forbidden):
        engaged.office.do("accept_deliverable", actor=CONSULTANT, id=engaged.delivers())


@pytest.mark.row("E6")
def test_nothing_is_submitted_under_an_engagement_that_is_not_confirmed(engaged):
    planned = engaged.office.plans(engaged.amina)
    body = {"title": "Blueprint", "due_on": "2026-05-01"}
    deliverable = engaged.office.do("plan_deliverable", engagement_id=planned["id"], **body)

    with pytest.raises(Conflict) as refused:
        engaged.office.do("submit_deliverable", id=deliverable["id"], sha256=SHA, note="Shelf 3")

    assert refused.value.rule == "engagement-lifecycle"


@pytest.mark.row("E6")
def test_a_partner_sees_its_own_deliverables_only(engaged):
    engaged.delivers()

    own = engaged.office.ask("list_deliverables", actor=GUEST)["items"]
    others = engaged.office.ask("list_deliverables", actor=STRANGER)["items"]

    assert ([each["partner_id"] for each in own], others) == ([str(PARTNER)], [])


@pytest.mark.row("E1")
@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ({}, 1),
        ({"state": "confirmed"}, 1),
        ({"state": "closed"}, 0),
        ({"contract_id": str(CONTRACT)}, 1),
        ({"area": "quality_assurance"}, 0),
        ({"text": "assess"}, 1),
        ({"text": "ENG-2026"}, 1),
        ({"text": "%"}, 0),
    ],
)
def test_engagements_are_found_by_state_contract_area_and_text(engaged, wanted, number):
    assert len(engaged.office.ask("list_engagements", **wanted)["items"]) == number


@pytest.mark.row("E1")
def test_engagements_in_progress_come_first_in_a_list_then_what_becomes_one(engaged: Engaged):
    engaged.office.do("cancel_engagement", id=engaged.id, reason="Not needed")
    engaged.office.plans(engaged.amina)
    engaged.office.do("start_engagement", id=engaged.office.confirms(engaged.amina))
    listed = engaged.office.ask("list_engagements")["items"]
    assert [each["state"] for each in listed] == ["in_progress", "planned", "cancelled"]


@pytest.mark.row("E14")
@pytest.mark.parametrize(("text", "number"), [("ami", 1), ("CON-2026", 1), ("zoe", 0)])
def test_consultants_are_found_by_text(office, text, number):
    office.registers()

    assert len(office.ask("list_consultants", text=text)["items"]) == number


@pytest.mark.row("E14")
@pytest.mark.parametrize(
    ("starts_on", "ends_on", "field"),
    [
        ("0026-03-01", "2026-03-31", "starts_on"),
        ("2025-03-08", "2025-03-08", "starts_on"),
        ("2026-03-01", "9999-12-31", "ends_on"),
        ("2036-03-01", "2036-03-31", "ends_on"),
    ],
)
def test_availability_lies_within_some_years(office, starts_on, ends_on, field):
    period = {"starts_on": starts_on, "ends_on": ends_on, "presence": "away"}

    with pytest.raises(Invalid) as refused:
        office.registers(availability=[period])

    assert (refused.value.rule, refused.value.field) == (
        "availability-dates",
        f"availability.0.{field}",
    )


@pytest.mark.row("E14")
def test_availability_that_is_long_past_can_be_kept(office):
    period = {"starts_on": "2026-03-01", "ends_on": "2026-03-31", "presence": "away"}
    amina = office.registers(availability=[period])
    office.day = date(2030, 1, 1)

    kept = office.do("change_consultant", id=amina, name="Amina B", availability=[period])

    assert len(kept["availability"]) == 1


@pytest.mark.row("E3")
def test_rejected_days_are_held_and_shown_apart(engaged):
    """Approved, rejected, submitted and draft days, and one that uses no budget."""
    office = engaged.office
    entries = [
        engaged.logs(days="0.25", worked_on=f"2026-03-0{day}", chargeable=day < 5)["id"]
        for day in range(1, 6)
    ]
    withdrawn = engaged.logs(days="0.25")["id"]
    office.do("withdraw_days", actor=CONSULTANT, id=withdrawn)
    for each in entries[:3]:
        office.do("submit_days", actor=CONSULTANT, id=each)
    office.do("approve_days", id=entries[0])
    office.do("reject_days", id=entries[1], reason="Which meeting was that?")

    (line,) = office.ask("get_day_figures", id=engaged.id)["items"]

    assert (line["planned"], line["logged"], line["rejected"]) == ("1", "1", "0.25")
    assert (line["approved"], line["submitted"], line["draft"]) == ("0.25", "0.25", "0.5")
    assert line["not_chargeable"] == "0.25"
    office.do("correct_days", actor=CONSULTANT, id=entries[1], note="With the dean")
    (line,) = office.ask("get_day_figures", id=engaged.id)["items"]
    assert (line["logged"], line["rejected"]) == ("1.25", "0")
