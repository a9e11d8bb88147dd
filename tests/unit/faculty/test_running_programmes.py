"""Programmes run through the service's own desk: who may do what, and what is stored and told."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from shared.database import Database
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from shared.events.contract import (
    ContractCancelled,
    ContractCompleted,
    ContractDrafted,
    ContractExpired,
    ContractTermsChanged,
)
from shared.events.vocabulary import Role
from shared.work import Actor, Call
from tests.alone import guest_of
from tests.unit.faculty.examples import CONTRACT, PARTNER
from tests.unit.faculty.office import (
    ACTIVATED,
    DESIGN,
    LEAD,
    TERMS,
    FacultyOffice,
)

AUDITOR = Actor(id="auditor", roles=frozenset({"auditor"}))


@pytest.fixture
def office(sqlite: Database) -> FacultyOffice:
    return FacultyOffice(sqlite)


@pytest.mark.row("F1")
def test_a_programme_needs_a_known_contract(office: FacultyOffice) -> None:
    with pytest.raises(Conflict) as refused:
        office.do("design_programme", **DESIGN)
    assert refused.value.rule == "contract-known"


@pytest.mark.row("F1")
def test_a_programme_is_designed_before_its_contract_is_active(
    office: FacultyOffice,
) -> None:
    office.hears(_drafted())
    programme = office.do("design_programme", **DESIGN)
    with pytest.raises(Conflict) as refused:
        office.do("publish_programme", id=programme["id"])
    assert refused.value.rule == "contract-active"


@pytest.mark.row("F1")
def test_a_contract_that_becomes_active_lets_its_programmes_be_published(
    office: FacultyOffice,
) -> None:
    office.hears(_drafted())
    programme = office.do("design_programme", **DESIGN)
    office.hears(ACTIVATED)
    assert office.do("publish_programme", id=programme["id"])["state"] == "published"


@pytest.mark.row("F1")
@pytest.mark.parametrize(
    "end",
    [
        ContractCompleted(contract_id=CONTRACT, completed_on=date(2026, 2, 1)),
        ContractExpired(contract_id=CONTRACT, expired_on=date(2026, 2, 1)),
        ContractCancelled(contract_id=CONTRACT, reason="No funds"),
    ],
    ids=lambda event: event.type,
)
def test_nothing_is_published_under_a_contract_that_ended(office: FacultyOffice, end: Any) -> None:
    office.hears(ACTIVATED, end)
    programme = office.do("design_programme", **DESIGN)
    with pytest.raises(Conflict) as refused:
        office.do("publish_programme", id=programme["id"])
    assert refused.value.rule == "contract-active"


@pytest.mark.row("F1")
def test_sessions_are_held_against_the_contracts_newest_period(
    office: FacultyOffice,
) -> None:
    shorter = replace(TERMS, version=2, ends_on=date(2026, 3, 2))
    office.hears(
        ACTIVATED,
        ContractTermsChanged(contract_id=CONTRACT, terms=shorter, reason="Shortened"),
    )
    programme = office.do("design_programme", **DESIGN)
    with pytest.raises(Conflict) as refused:
        office.do("publish_programme", id=programme["id"])
    assert refused.value.field == "sessions.1.starts_at"


@pytest.mark.row("F1")
def test_sessions_keep_the_offset_of_their_place(office: FacultyOffice) -> None:
    office.hears(ACTIVATED)
    programme = office.do("design_programme", **DESIGN)
    shown = office.ask("get_programme", id=programme["id"])
    assert shown["sessions"][0]["starts_at"] == "2026-03-02T09:00:00+02:00"


@pytest.mark.row("F1")
def test_a_time_without_its_zone_is_refused(office: FacultyOffice) -> None:
    office.hears(ACTIVATED)
    sessions = [{**DESIGN["sessions"][0], "starts_at": "2026-03-02T09:00:00"}]
    with pytest.raises(Invalid) as refused:
        office.do("design_programme", **{**DESIGN, "sessions": sessions})
    assert refused.value.field == "sessions.0.starts_at"


@pytest.mark.row("F1")
def test_a_changed_session_keeps_its_id(office: FacultyOffice) -> None:
    office.hears(ACTIVATED)
    programme = office.do("design_programme", **DESIGN)
    kept = programme["sessions"][0]["id"]
    sessions = [{**DESIGN["sessions"][0], "id": kept, "title": "Opening day"}]
    changed = office.do("redesign_programme", id=programme["id"], sessions=sessions)
    assert [(each["id"], each["title"]) for each in changed["sessions"]] == [(kept, "Opening day")]


@pytest.mark.row("F1")
def test_sessions_can_be_sent_back_as_they_were_read(office: FacultyOffice) -> None:
    programme = office.enrolling()
    first = office.ask("get_programme", id=programme)["sessions"][0]
    office.do("cancel_session", id=programme, session_id=first["id"], reason="Snow")
    read = office.ask("get_programme", id=programme)
    sent = office.do("redesign_programme", id=programme, sessions=read["sessions"])
    assert sent["sessions"] == read["sessions"]


@pytest.mark.row("F3")
@pytest.mark.parametrize("number", [0, 1])
def test_a_change_of_the_design_cancels_and_reinstates_no_session(
    office: FacultyOffice, number: int
) -> None:
    programme = office.enrolling()
    first = office.ask("get_programme", id=programme)["sessions"][0]
    office.do("cancel_session", id=programme, session_id=first["id"], reason="Snow")
    sessions = office.ask("get_programme", id=programme)["sessions"]
    sessions[number]["cancelled_because"] = None if number == 0 else "Rain"
    with pytest.raises(Invalid) as refused:
        office.do("redesign_programme", id=programme, sessions=sessions)
    assert refused.value.field == f"sessions.{number}.cancelled_because"


@pytest.mark.row("F1")
def test_a_change_names_no_session_that_is_not_there(office: FacultyOffice) -> None:
    office.hears(ACTIVATED)
    programme = office.do("design_programme", **DESIGN)
    sessions = [{**DESIGN["sessions"][0], "id": str(uuid4())}]
    with pytest.raises(Invalid) as refused:
        office.do("redesign_programme", id=programme["id"], sessions=sessions)
    assert refused.value.rule == "session-known"


@pytest.mark.row("F1")
def test_what_is_not_sent_stays_as_it_was(office: FacultyOffice) -> None:
    office.hears(ACTIVATED)
    programme = office.do("design_programme", **DESIGN)
    changed = office.do("redesign_programme", id=programme["id"], capacity=9)
    assert {**changed, "version": 1, "capacity": 2} == programme


@pytest.mark.row("X4")
def test_a_change_made_on_an_older_version_is_stale(office: FacultyOffice) -> None:
    office.hears(ACTIVATED)
    programme = office.do("design_programme", **DESIGN)
    office.do("publish_programme", id=programme["id"])
    late = Call(actor=LEAD, expected_version=programme["version"])
    with pytest.raises(Stale):
        office.desk.execute("redesign_programme", {"id": programme["id"], "capacity": 9}, late)


@pytest.mark.row("X3")
def test_no_name_of_a_contributor_or_participant_is_in_any_event(
    office: FacultyOffice,
) -> None:
    programme = office.enrolling()
    office.do("enrol", id=programme, participant_id=office.person(1))
    everything = str(
        [
            office.told(type_)
            for type_ in (
                "programme_designed",
                "programme_published",
                "participant_registered",
                "participant_enrolled",
            )
        ]
    )
    assert "Haddad" not in everything
    assert "Participant 1" not in everything


@pytest.mark.row("F2")
def test_an_address_is_registered_once_however_it_is_written(
    office: FacultyOffice,
) -> None:
    office.person(1, email="Rana@Example.org")
    with pytest.raises(Conflict) as refused:
        office.person(2, email="rana@example.ORG")
    assert refused.value.rule == "registered-once"


@pytest.mark.row("F2")
def test_a_participants_partner_is_one_that_we_work_with(office: FacultyOffice) -> None:
    with pytest.raises(Conflict) as refused:
        office.person(1, partner_id=str(PARTNER))
    assert refused.value.rule == "partner-known"


@pytest.mark.row("F2")
def test_who_is_not_registered_cannot_be_enrolled(office: FacultyOffice) -> None:
    programme = office.enrolling()
    with pytest.raises(Invalid) as refused:
        office.do("enrol", id=programme, participant_id=str(uuid4()))
    assert refused.value.rule == "participant-known"


@pytest.mark.row("F2")
def test_a_person_may_leave_by_themselves(office: FacultyOffice) -> None:
    programme = office.enrolling()
    person = office.person(1, account_id="rana")
    enrolment = office.do("enrol", id=programme, participant_id=person)
    rana = Actor(id="rana", roles=frozenset({"observer"}))
    left = office.do("withdraw", actor=rana, id=programme, enrolment_id=enrolment["id"])
    assert left["state"] == "withdrawn"


@pytest.mark.row("F2")
def test_nobody_withdraws_somebody_else(office: FacultyOffice) -> None:
    programme = office.enrolling()
    person = office.person(1, account_id="rana")
    enrolment = office.do("enrol", id=programme, participant_id=person)
    other = Actor(id="omar", roles=frozenset({"observer"}))
    with pytest.raises(NotFound) as refused:
        office.do("withdraw", actor=other, id=programme, enrolment_id=enrolment["id"])
    assert refused.value.field == "enrolment_id"


@pytest.mark.row("F2")
def test_a_partner_enrols_its_own_people(office: FacultyOffice) -> None:
    programme, guest = office.enrolling(), guest_of(PARTNER)
    person = office.person(1, actor=guest)
    enrolment = office.do("enrol", actor=guest, id=programme, participant_id=person)
    assert enrolment["state"] == "enrolled"


@pytest.mark.row("F2")
def test_a_partner_does_not_enrol_people_of_others(office: FacultyOffice) -> None:
    programme = office.enrolling()
    stranger = office.person(1)
    with pytest.raises(Forbidden) as refused:
        office.do("enrol", actor=guest_of(PARTNER), id=programme, participant_id=stranger)
    assert refused.value.rule == "own-enrolment"


@pytest.mark.row("F2")
def test_a_partner_registers_nobody_for_another_partner(office: FacultyOffice) -> None:
    office.hears(ACTIVATED)
    with pytest.raises(Forbidden) as refused:
        office.person(1, actor=guest_of(uuid4()), partner_id=str(PARTNER))
    assert refused.value.rule == "own-people"


@pytest.mark.row("F2")
def test_a_partner_gives_no_account_the_right_to_act_for_somebody(office: FacultyOffice) -> None:
    office.hears(ACTIVATED)
    with pytest.raises(Forbidden) as refused:
        office.person(1, actor=guest_of(PARTNER), account_id="guest")
    assert refused.value.rule == "own-people"


@pytest.mark.row("F2")
def test_a_partner_sees_no_programme_of_another(office: FacultyOffice) -> None:
    programme = office.enrolling()
    with pytest.raises(NotFound):
        office.ask("get_programme", actor=guest_of(uuid4()), id=programme)
    assert office.ask("list_programmes", actor=guest_of(uuid4()))["items"] == []


@pytest.mark.row("F2")
def test_a_partner_sees_only_its_own_people_in_the_register(
    office: FacultyOffice,
) -> None:
    programme = office.enrolling()
    own = office.person(1, partner_id=str(PARTNER))
    for person in (own, office.person(2)):
        office.do("enrol", id=programme, participant_id=person)
    shown = office.ask("get_register", actor=guest_of(PARTNER), id=programme)["items"]
    assert [each["participant_id"] for each in shown] == [own]


@pytest.mark.row("F2")
def test_auditors_read_and_change_nothing(office: FacultyOffice) -> None:
    programme = office.enrolling()
    person = office.person(1)
    with pytest.raises(Forbidden):
        office.do("enrol", actor=AUDITOR, id=programme, participant_id=person)
    assert office.ask("get_register", actor=AUDITOR, id=programme) == {"items": []}


@pytest.mark.row("F2")
def test_who_takes_part_is_not_everybodys_business(office: FacultyOffice) -> None:
    consultant = Actor(id="c", roles=frozenset({"consultant"}))
    with pytest.raises(Forbidden):
        office.ask("list_participants", actor=consultant)


@pytest.mark.row("F2")
def test_the_daily_rule_passes_a_lapsed_offer_on_once(office: FacultyOffice) -> None:
    programme = office.enrolling(capacity=1)
    enrolments = [
        office.do("enrol", id=programme, participant_id=office.person(number))
        for number in range(3)
    ]
    office.do("withdraw", id=programme, enrolment_id=enrolments[0]["id"])
    for _ in range(2):
        office.tick(date(2026, 2, 5))
    shown = office.ask("get_register", id=programme)["items"]
    assert [each["state"] for each in shown] == ["withdrawn", "lapsed", "offered"]
    assert len(office.told("place_offered")) == 2


@pytest.mark.row("F2")
def test_an_offer_is_taken_through_the_desk(office: FacultyOffice) -> None:
    programme = office.enrolling(capacity=1)
    first, second = (
        office.do("enrol", id=programme, participant_id=office.person(number))
        for number in range(2)
    )
    assert second["place_in_queue"] == 1
    office.do("withdraw", id=programme, enrolment_id=first["id"])
    accepted = office.do("accept_offer", id=programme, enrolment_id=second["id"])
    assert (accepted["state"], accepted["place_in_queue"]) == ("enrolled", None)


@pytest.mark.row("F2")
def test_an_offer_is_declined_through_the_desk(office: FacultyOffice) -> None:
    programme = office.enrolling(capacity=1)
    first, second = (
        office.do("enrol", id=programme, participant_id=office.person(number))
        for number in range(2)
    )
    office.do("withdraw", id=programme, enrolment_id=first["id"])
    declined = office.do("decline_offer", id=programme, enrolment_id=second["id"])
    assert declined["state"] == "declined"


@pytest.mark.row("F3")
def test_delivery_issues_a_numbered_certificate_to_each_who_attended(
    office: FacultyOffice,
) -> None:
    programme, _ = office.delivered(2)
    listed = office.ask("list_certificates", programme_id=programme, sort="number")["items"]
    assert [(each["number"], each["hours"]) for each in listed] == [
        ("CERT-2026-0001", "5.00"),
        ("CERT-2026-0002", "5.00"),
    ]
    assert len(office.told("certificate_issued")) == 2


@pytest.mark.row("F3")
def test_a_certificate_says_whose_it_is(office: FacultyOffice) -> None:
    _, (person,) = office.delivered(1)
    (listed,) = office.ask("list_certificates", participant_id=person)["items"]
    assert office.ask("get_certificate", id=listed["id"])["name"] == "Participant 0"


@pytest.mark.row("F3")
def test_the_register_tells_how_far_each_is_from_a_certificate(
    office: FacultyOffice,
) -> None:
    programme = office.enrolling()
    person = office.person(1)
    office.do("enrol", id=programme, participant_id=person)
    office.do("start_programme", id=programme)
    office.day = date(2026, 3, 4)
    first, second = office.ask("get_programme", id=programme)["sessions"]
    office.do("record_attendance", id=programme, session_id=second["id"], present_ids=[person])
    (shown,) = office.ask("get_register", id=programme)["items"]
    assert (shown["attended_percent"], shown["missed_mandatory"]) == (20, [first["id"]])


@pytest.mark.row("F5")
def test_five_reactions_reach_the_completion(office: FacultyOffice) -> None:
    programme, people = office.delivered(5)
    for person in people:
        office.do("evaluate", **_reaction(programme, person))
    office.do("complete_programme", id=programme)
    (completed,) = office.told("programme_completed")
    assert (completed["responses"], completed["mean_reaction"]) == (5, "3.75")
    assert completed["certificates"] == 5
    assert [each["level"] for each in office.told("evaluation_summarised")] == ["1"]


@pytest.mark.row("F5")
def test_four_reactions_stay_hidden(office: FacultyOffice) -> None:
    programme, people = office.delivered(4)
    for person in people:
        office.do("evaluate", **_reaction(programme, person))
    result = office.ask("get_evaluation", id=programme)["results"][0]
    assert (result["responses"], result["still_needed"], result["mean"]) == (4, 1, None)
    assert result["open"]


@pytest.mark.row("F5")
def test_the_questions_can_be_read_before_enrolment_opens(
    office: FacultyOffice,
) -> None:
    office.hears(ACTIVATED)
    programme = office.do("design_programme", **DESIGN)
    results = office.ask("get_evaluation", id=programme["id"])["results"]
    assert [result["open"] for result in results] == [False] * 8
    assert all(result["questions"] for result in results)


@pytest.mark.row("F5")
def test_the_log_does_not_say_who_answered(office: FacultyOffice) -> None:
    programme = office.enrolling()
    person = office.person(1, account_id="rana")
    office.do("enrol", id=programme, participant_id=person)
    body = {
        "id": programme,
        "participant_id": person,
        "level": "2B",
        "moment": "before",
        "ratings": {"outcome_1": 2},
        "score_percent": 40,
    }
    office.do("evaluate", actor=Actor(id="rana", roles=frozenset({"observer"})), **body)
    (received,) = office.told("evaluation_received")
    assert received["actor"] == "office"
    assert person not in str(received)


@pytest.mark.row("F5")
def test_nobody_answers_for_somebody_else(office: FacultyOffice) -> None:
    programme, (person,) = office.delivered(1)
    with pytest.raises(Forbidden) as refused:
        office.do("evaluate", actor=guest_of(PARTNER), **_reaction(programme, person))
    assert refused.value.rule == "answers-for-oneself"


@pytest.mark.row("F1")
def test_a_cancelled_programme_says_why(office: FacultyOffice) -> None:
    programme = office.enrolling()
    cancelled = office.do("cancel_programme", id=programme, reason="The visit fell through")
    assert cancelled["cancelled_because"] == "The visit fell through"


@pytest.mark.row("F1")
@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ({"state": "enrolling"}, 1),
        ({"state": "designed"}, 0),
        ({"kind": "workshop"}, 1),
        ({"kind": "series"}, 0),
        ({"contract_id": str(CONTRACT)}, 1),
        ({"partner_id": str(uuid4())}, 0),
        ({"text": "WARD"}, 1),
        ({"text": "PRG-2026-0001"}, 1),
        ({"text": "surgery"}, 0),
    ],
)
def test_programmes_are_found_by_what_they_are(
    office: FacultyOffice, filter_: dict[str, Any], found: int
) -> None:
    office.enrolling()
    assert len(office.ask("list_programmes", **filter_)["items"]) == found


def test_running_programmes_come_first_in_a_list_then_what_becomes_one(
    office: FacultyOffice,
) -> None:
    office.do("cancel_programme", id=office.enrolling(), reason="Not needed")
    office.do("design_programme", **DESIGN)
    office.enrolling()
    running = office.enrolling()
    office.do("enrol", id=running, participant_id=office.person(1))
    office.do("start_programme", id=running)
    listed = office.ask("list_programmes")["items"]
    assert [each["state"] for each in listed] == ["running", "enrolling", "designed", "cancelled"]


DESIGNERS = {
    Role.PROGRAMME_LEAD,
    Role.PARTNERSHIP_OFFICER,
    Role.PARTNERSHIP_MANAGER,
}


@pytest.mark.row("F1")
@pytest.mark.parametrize("role", set(Role) - DESIGNERS)
def test_only_leads_and_the_partnerships_team_design_programmes(
    office: FacultyOffice, role: Role
) -> None:
    with pytest.raises(Forbidden):
        office.do("design_programme", actor=Actor(id="x", roles=frozenset({role})), **DESIGN)


def _drafted() -> ContractDrafted:
    return ContractDrafted(
        contract_id=CONTRACT,
        reference="CTR-2026-0001",
        partner_id=PARTNER,
        owner_id="officer",
        terms=TERMS,
    )


def _reaction(programme: str, person: str) -> dict[str, Any]:
    return {
        "id": programme,
        "participant_id": person,
        "level": "1",
        "ratings": {
            "relevance": 4,
            "teaching": 4,
            "organisation": 3,
            "recommendation": 4,
        },
    }
