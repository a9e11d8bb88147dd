"""What the contract service makes of others' events (C5, C8, C10)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.contract.domain.partners import KnownPartner, PartnerState
from shared.errors import Conflict, NotFound
from shared.events.consultancy import (
    AcceptedDocument,
    DaysApproved,
    DaysLogged,
    DaysRejected,
    DaysReversed,
    DaysSubmitted,
    DaysWithdrawn,
    DeliverableAccepted,
    DeliverableAnswerWithdrawn,
    DeliverableDropped,
    DeliverablePlanned,
    DeliverableRestored,
    EngagementCancelled,
    EngagementClosed,
    EngagementPlanned,
    EngagementReopened,
    EngagementReplanned,
    LoggedDays,
    MilestoneDocuments,
    TeamMember,
)
from shared.events.faculty import ProgrammeCancelled, ProgrammeDesigned, ProgrammeReinstated
from shared.events.partner import (
    DueDiligenceExpired,
    DueDiligenceFailed,
    DueDiligenceRenewed,
    Institution,
    PartnerActivated,
    PartnerBecameDormant,
    PartnerDeclined,
    PartnerDetailsChanged,
    PartnerExited,
    PartnerReviewStarted,
    PartnerRiskRated,
)
from shared.events.vocabulary import Area, DayKind, ProgrammeKind, RiskBand, Sector, WorkMode
from shared.identifiers import new_id
from shared.work import Call
from tests.unit.contract.office import MANAGER
from tests.unit.contract.test_import import ADMINISTRATOR, RELEASE

ENGAGEMENT = new_id()
WORKED_ON = date(2026, 4, 6)


def known(office, partner_id) -> KnownPartner:
    with office.desk.unit_of_work.reading(Call()) as work:
        return work.get(KnownPartner, partner_id)


def worked(contract, days="1", **changes) -> LoggedDays:
    entry = LoggedDays(
        entry_id=new_id(),
        engagement_id=ENGAGEMENT,
        contract_id=UUID(contract["id"]),
        partner_id=UUID(contract["partner_id"]),
        consultant_id=new_id(),
        role="educator",
        worked_on=WORKED_ON,
        days=Decimal(days),
        kind=DayKind.REMOTE,
        chargeable=True,
    )
    return replace(entry, **changes)


def planned(contract, days, engagement_id=ENGAGEMENT) -> EngagementPlanned:
    return EngagementPlanned(
        engagement_id=engagement_id,
        reference="ENG-2026-0001",
        contract_id=UUID(contract["id"]),
        partner_id=UUID(contract["partner_id"]),
        title="Blueprinting",
        area=Area.ASSESSMENT,
        mode=WorkMode.HYBRID,
        starts_on=WORKED_ON,
        ends_on=WORKED_ON,
        team=team(days),
    )


def team(days) -> tuple[TeamMember, ...]:
    return (TeamMember(new_id(), "educator", Decimal(days)),)


def document(title="Inception report", on=WORKED_ON) -> AcceptedDocument:
    return AcceptedDocument(
        deliverable_id=new_id(),
        title=title,
        deliverable_version=2,
        sha256="a" * 64,
        accepted_on=on,
    )


def about(contract) -> dict[str, Any]:
    return {
        "deliverable_id": new_id(),
        "engagement_id": ENGAGEMENT,
        "contract_id": UUID(contract["id"]),
        "partner_id": UUID(contract["partner_id"]),
        "title": "Inception report",
    }


def accepted(contract, milestone_id, *documents, still_open=0) -> DeliverableAccepted:
    documents = documents or (document(),)
    identifier = milestone_id and UUID(milestone_id)
    return DeliverableAccepted(
        deliverable_version=2,
        sha256="a" * 64,
        milestone_id=identifier,
        accepted_on=documents[-1].accepted_on,
        milestone=MilestoneDocuments(identifier, still_open, documents) if identifier else None,
        **about(contract),
    )


def figures(office, contract) -> tuple[str, ...]:
    """Planned, logged, approved and remaining days of the educator."""
    burn = office.ask("get_burn_down", id=contract["id"])
    (role,) = burn["roles"]
    return tuple(
        str(Decimal(role[name]).normalize())
        for name in ("planned", "logged", "approved", "remaining")
    )


# Partners


@pytest.mark.row("C5")
@pytest.mark.parametrize(
    ("make", "state"),
    [
        (lambda id: PartnerReviewStarted(partner_id=id), PartnerState.UNDER_REVIEW),
        (lambda id: PartnerDeclined(partner_id=id, reason="No"), PartnerState.DECLINED),
        (lambda id: PartnerActivated(partner_id=id), PartnerState.ACTIVE),
        (lambda id: PartnerBecameDormant(partner_id=id, reason="Quiet"), PartnerState.DORMANT),
        (lambda id: PartnerExited(partner_id=id, reason="Over"), PartnerState.EXITED),
    ],
)
def test_a_partners_state_is_followed(office, make, state):
    partner_id = office.knows_partner()

    office.hears(make(partner_id))

    assert known(office, partner_id).state is state


@pytest.mark.row("C5")
def test_a_partner_that_becomes_a_high_risk_is_known_as_one(office):
    partner_id = office.knows_partner()

    office.hears(PartnerRiskRated(partner_id=partner_id, band=RiskBand.HIGH, reason="War"))

    assert known(office, partner_id).risk_band is RiskBand.HIGH


@pytest.mark.row("C5")
def test_expired_due_diligence_ends_and_a_renewal_brings_it_back(office):
    partner_id = office.knows_partner()

    office.hears(DueDiligenceExpired(partner_id=partner_id, expired_on=date(2026, 3, 1)))
    assert known(office, partner_id).due_diligence_until is None
    office.hears(DueDiligenceRenewed(partner_id=partner_id, until=date(2028, 3, 1)))
    assert known(office, partner_id).due_diligence_until == date(2028, 3, 1)


@pytest.mark.row("C2")
def test_a_renamed_partner_is_shown_under_its_new_name(office):
    contract = office.drafts()
    renamed = Institution("New name", "JO", Sector.UNIVERSITY)

    office.hears(
        PartnerDetailsChanged(partner_id=UUID(contract["partner_id"]), institution=renamed)
    )

    assert office.ask("get_contract", id=contract["id"])["partner"]["name"] == "New name"


# Day budget


@pytest.mark.row("C10")
def test_planned_days_follow_the_engagements(office):
    contract = office.has_active()
    id, partner_id = UUID(contract["id"]), UUID(contract["partner_id"])

    office.hears(planned(contract, 6), planned(contract, 2, engagement_id=new_id()))
    assert figures(office, contract)[0] == "8"

    office.hears(
        EngagementReplanned(
            engagement_id=ENGAGEMENT,
            contract_id=id,
            partner_id=partner_id,
            starts_on=WORKED_ON,
            ends_on=WORKED_ON,
            team=team(3),
        )
    )
    assert figures(office, contract)[0] == "5"

    office.hears(
        EngagementCancelled(
            engagement_id=ENGAGEMENT,
            contract_id=id,
            partner_id=partner_id,
            reason="Moved",
            team=team(3),
        )
    )
    assert figures(office, contract)[0] == "2"


@pytest.mark.row("C10")
def test_an_entry_burns_the_budget_from_logging_to_reversal(office):
    contract = office.has_active()
    entry = worked(contract, "0.75")

    office.hears(DaysLogged(entry=entry))
    assert figures(office, contract) == ("0", "0.75", "0", "1E+1")
    office.hears(DaysApproved(entry=entry, approver_id="lead"))
    assert figures(office, contract) == ("0", "0.75", "0.75", "9.25")
    office.hears(DaysReversed(entry=entry, reason="Wrong contract"))
    assert figures(office, contract) == ("0", "0", "0", "1E+1")


@pytest.mark.row("C10")
@pytest.mark.parametrize(
    "undo",
    [
        lambda entry: DaysWithdrawn(entry=entry),
        lambda entry: DaysRejected(entry=entry, reason="No"),
    ],
)
def test_what_was_withdrawn_or_rejected_no_longer_counts(office, undo):
    contract = office.has_active()
    entry = worked(contract)

    office.hears(DaysLogged(entry=entry), undo(entry))

    assert figures(office, contract) == ("0", "0", "0", "1E+1")


@pytest.mark.row("C10")
def test_a_rejected_entry_that_is_logged_anew_counts_again(office):
    contract = office.has_active()
    entry = worked(contract)

    office.hears(
        DaysLogged(entry=entry),
        DaysRejected(entry=entry, reason="Which day?"),
        DaysLogged(entry=replace(entry, days=Decimal("0.5"))),
    )

    assert figures(office, contract)[1] == "0.5"


@pytest.mark.row("C10")
def test_the_alerts_are_published_with_the_days_that_caused_them(office):
    contract = office.has_active()

    for _ in range(10):
        entry = worked(contract)
        office.hears(DaysLogged(entry=entry), DaysApproved(entry=entry, approver_id="lead"))

    assert office.tells().count("day_budget_alert") == 3
    burn = office.ask("get_burn_down", id=contract["id"])
    assert [each["percent"] for each in burn["alerts"]] == [70, 85, 100]
    assert burn["percent"] == 100


@pytest.mark.row("C10")
def test_logging_days_does_not_collide_with_editing_the_contract(office):
    contract = office.has_active()

    office.hears(DaysLogged(entry=worked(contract)))

    assert office.ask("get_contract", id=contract["id"])["version"] == contract["version"]


@pytest.mark.row("C10")
def test_the_burn_down_draws_weeks_and_foresees_exhaustion(office):
    contract = office.has_active()
    office.hears(
        *(
            DaysApproved(
                entry=worked(contract, worked_on=WORKED_ON + timedelta(weeks=week)),
                approver_id="lead",
            )
            for week in range(4)
        )
    )
    office.day = WORKED_ON + timedelta(weeks=3)

    burn = office.ask("get_burn_down", id=contract["id"])

    assert [week["remaining"] for week in burn["weeks"]] == ["9", "8", "7", "6"]
    assert burn["exhausted_on"] == str(office.day + timedelta(weeks=12))


@pytest.mark.row("C10")
def test_a_later_release_of_an_imported_contract_recomputes_its_day_budget(office):
    body = RELEASE | {"partner_id": str(office.knows_partner())}
    contract = office.do("import_contract", by=ADMINISTRATOR, **body)["contract"]
    office.do("confirm_import", contract["id"], by=MANAGER)
    office.hears(DaysApproved(entry=worked(contract), approver_id="lead"))

    prolonged = body | {"ends_on": "2027-06-30", "released_at": "2026-03-01T10:00:00Z"}
    office.do("import_contract", by=ADMINISTRATOR, **prolonged)
    office.do("confirm_import", contract["id"], by=MANAGER)

    assert office.ask("get_burn_down", id=contract["id"])["terms_version"] == 2
    assert office.tells().count("day_budget_alert") == 6


@pytest.mark.row("C10")
def test_days_on_a_contract_that_nobody_knows_are_held(office):
    stranger = {"id": str(new_id()), "partner_id": str(new_id())}

    with pytest.raises(NotFound):
        office.hears(DaysLogged(entry=worked(stranger)))


# Milestones


@pytest.mark.row("C8")
def test_an_accepted_deliverable_meets_its_milestone_with_its_fingerprint(office):
    contract = office.has_active()
    milestone_id = contract["milestones"][0]["milestone_id"]

    office.hears(accepted(contract, milestone_id))

    milestone = office.ask("get_contract", id=contract["id"])["milestones"][0]
    assert (milestone["state"], milestone["decided_on"]) == ("met", "2026-04-06")
    assert "a" * 64 in milestone["evidence"]


@pytest.mark.row("C8")
def test_a_milestone_met_by_hand_before_is_not_met_twice(office):
    contract = office.has_active()
    milestone_id = contract["milestones"][0]["milestone_id"]
    office.do("meet_milestone", contract["id"], milestone_id=milestone_id, evidence="x.pdf")

    office.hears(accepted(contract, milestone_id))

    assert office.tells().count("milestone_met") == 1


@pytest.mark.row("C8")
@pytest.mark.parametrize("milestone_id", [None, str(new_id())])
def test_a_deliverable_without_a_milestone_in_the_terms_changes_nothing(office, milestone_id):
    contract = office.has_active()
    told = office.tells()

    office.hears(accepted(contract, milestone_id))

    assert office.tells() == told


@pytest.mark.row("C8")
def test_an_acceptance_that_arrives_after_the_end_still_meets_the_milestone(office):
    contract = office.has_active()
    office.tick(date(2027, 4, 1))

    office.hears(accepted(contract, contract["milestones"][1]["milestone_id"]))

    assert office.tells()[-1] == "milestone_met"


@pytest.mark.row("C8")
def test_the_last_acceptance_meets_a_milestone_of_several_deliverables(office):
    contract = office.has_active()
    milestone_id = contract["milestones"][0]["milestone_id"]
    first, last = document("Report"), document("Annex", on=WORKED_ON + timedelta(days=2))
    office.day = last.accepted_on

    office.hears(accepted(contract, milestone_id, first, still_open=1))
    assert "milestone_met" not in office.tells()

    office.hears(accepted(contract, milestone_id, first, last))
    milestone = office.ask("get_contract", id=contract["id"])["milestones"][0]
    assert (milestone["state"], milestone["decided_on"]) == ("met", str(last.accepted_on))
    assert "Report" in milestone["evidence"]
    assert "Annex" in milestone["evidence"]


@pytest.mark.row("C8")
def test_dropping_the_only_one_that_was_missing_meets_the_milestone(office):
    contract = office.has_active()
    milestone_id = UUID(contract["milestones"][0]["milestone_id"])
    left = MilestoneDocuments(milestone_id, 0, (document(),))

    office.hears(DeliverableDropped(reason="No longer wanted", milestone=left, **about(contract)))

    assert office.tells()[-1] == "milestone_met"


@pytest.mark.row("C8")
def test_dropping_every_deliverable_meets_nothing(office):
    contract = office.has_active()
    left = MilestoneDocuments(UUID(contract["milestones"][0]["milestone_id"]), 0, ())

    office.hears(DeliverableDropped(reason="No longer wanted", milestone=left, **about(contract)))

    assert "milestone_met" not in office.tells()


@pytest.mark.row("C8")
def test_an_acceptance_recorded_by_mistake_reopens_the_milestone_that_it_met(office):
    contract = office.has_active()
    milestone_id = contract["milestones"][0]["milestone_id"]
    office.hears(accepted(contract, milestone_id))

    office.hears(
        DeliverableAnswerWithdrawn(
            deliverable_version=2,
            was_accepted=True,
            milestone_id=UUID(milestone_id),
            reason="The dean had not read it",
            **about(contract),
        )
    )

    assert office.tells()[-1] == "milestone_reopened"


# What happens to the partner


@pytest.mark.row("P3")
@pytest.mark.parametrize(
    "make",
    [
        lambda id: PartnerExited(partner_id=id, reason="Over"),
        lambda id: DueDiligenceExpired(partner_id=id, expired_on=date(2026, 3, 1)),
        lambda id: DueDiligenceFailed(
            partner_id=id, sponsor_id="officer-1", check="sanctions", failed_on=date(2026, 3, 2)
        ),
    ],
)
def test_a_partner_that_leaves_or_fails_stops_sending_and_activating_and_the_owner_is_told(
    office, make
):
    partner_id = office.knows_partner()
    signed = office.signs(office.drafts(partner_id=str(partner_id)))
    approved = office.drafts(partner_id=str(partner_id))
    office.do("submit_contract", approved["id"])
    approved = office.do("approve_contract", approved["id"], by=MANAGER)
    office.drafts(partner_id=str(partner_id))

    office.hears(make(partner_id))

    assert office.tells()[-2:] == ["held_back", "held_back"]  # not for what is only a draft
    office.tick(date(2026, 4, 1))
    assert office.ask("get_contract", id=signed["id"])["state"] == "signed"
    with pytest.raises(Conflict):
        office.do("activate_contract", signed["id"])
    with pytest.raises(Conflict):
        office.do(
            "send_for_signature",
            approved["id"],
            terms_sha256=approved["approved_sha256"],
            document_sha256="d" * 64,
        )


@pytest.mark.row("P3")
def test_what_was_held_back_goes_on_once_the_partner_is_cleared_again(office):
    partner_id = office.knows_partner()
    contract = office.signs(office.drafts(partner_id=str(partner_id)))
    office.hears(DueDiligenceExpired(partner_id=partner_id, expired_on=date(2026, 3, 1)))
    office.tick(date(2026, 4, 1))

    office.hears(DueDiligenceRenewed(partner_id=partner_id, until=date(2028, 4, 1)))
    office.tick(date(2026, 4, 2))

    assert office.ask("get_contract", id=contract["id"])["state"] == "active"


@pytest.mark.row("C5")
def test_a_partner_rated_high_then_low_still_needs_the_boards_approval(office):
    partner_id = office.knows_partner()
    contract = office.drafts(partner_id=str(partner_id))
    office.do("submit_contract", contract["id"])
    approved = office.do("approve_contract", contract["id"], by=MANAGER)

    for band in (RiskBand.HIGH, RiskBand.LOW):
        office.hears(PartnerRiskRated(partner_id=partner_id, band=band, reason="News"))

    seen = office.ask("get_contract", id=approved["id"])
    assert (seen["state"], seen["open_roles"]) == ("in_review", ["board"])


# Open work


def programme(contract, identifier) -> ProgrammeDesigned:
    return ProgrammeDesigned(
        programme_id=identifier,
        reference="PRG-2026-0001",
        contract_id=UUID(contract["id"]),
        partner_id=UUID(contract["partner_id"]),
        title="Becoming an examiner",
        kind=ProgrammeKind.WORKSHOP,
        capacity=6,
        sessions=(),
        lead_id="lead",
    )


def numbers(office, contract) -> dict[str, str]:
    """What is open, without what is not."""
    shown = office.ask("get_open_work", id=contract["id"])
    return {name: str(number) for name, number in shown.items() if Decimal(number)}


@pytest.mark.row("C11")
def test_a_programme_that_is_reinstated_is_open_again(office):
    contract = office.has_active(milestones=[])
    identifier = new_id()
    office.hears(programme(contract, identifier))
    office.hears(ProgrammeCancelled(programme_id=identifier, reason="Flu", participant_ids=()))
    assert numbers(office, contract) == {}
    office.hears(ProgrammeReinstated(programme_id=identifier))
    assert numbers(office, contract) == {"programmes": "1"}


@pytest.mark.row("C11")
def test_open_work_is_learned_from_the_services_that_own_it(office):
    contract = office.has_active(milestones=[])
    identifier, entry = new_id(), worked(contract)
    planned_one = DeliverablePlanned(due_on=WORKED_ON, milestone_id=None, **about(contract))
    office.hears(planned(contract, 6), DaysLogged(entry=entry), planned_one)
    office.hears(programme(contract, identifier))
    expected = {"engagements": "1", "draft_days": "1", "deliverables": "1", "programmes": "1"}
    assert numbers(office, contract) == expected

    office.hears(
        DaysSubmitted(entry=entry),
        EngagementClosed(
            engagement_id=ENGAGEMENT,
            contract_id=UUID(contract["id"]),
            partner_id=UUID(contract["partner_id"]),
            used=team(1),
        ),
    )
    office.hears(ProgrammeCancelled(programme_id=identifier, reason="Flu", participant_ids=()))
    assert numbers(office, contract) == {"submitted_days": "1", "deliverables": "1"}

    office.hears(DaysRejected(entry=entry, reason="Which day?"))
    assert numbers(office, contract) == {"rejected_days": "1", "deliverables": "1"}
    with pytest.raises(Conflict, match="1 rejected day, 1 deliverable"):
        office.do("complete_contract", contract["id"])
    done = office.do("complete_contract", contract["id"], despite_open_work=True)
    assert (done["state"], office.tells()[-1]) == ("completed", "ends_with_open_work")


@pytest.mark.row("C11")
def test_the_owner_is_told_14_days_before_the_end_and_at_it(office):
    contract = office.has_active(milestones=[])
    office.hears(planned(contract, 6))

    for day, told in [
        (date(2027, 3, 16), 0),
        (date(2027, 3, 17), 1),
        (date(2027, 3, 18), 1),
        (date(2027, 4, 1), 2),
        (date(2027, 4, 2), 2),
    ]:
        office.tick(day)
        assert office.tells().count("ends_with_open_work") == told


@pytest.mark.row("E1")
def test_a_closed_engagement_gives_back_the_days_that_nobody_used(office):
    contract = office.has_active()
    office.hears(planned(contract, 6))
    about_it = {
        "engagement_id": ENGAGEMENT,
        "contract_id": UUID(contract["id"]),
        "partner_id": UUID(contract["partner_id"]),
    }
    office.hears(EngagementClosed(used=team(2), **about_it))
    assert figures(office, contract)[0] == "2"

    office.hears(EngagementReopened(state="delivered", reason="x", team=team(6), **about_it))
    assert figures(office, contract)[0] == "6"


@pytest.mark.row("C10")
def test_rejected_days_are_shown_apart_and_resubmitted_ones_count_as_logged(office):
    contract = office.has_active()
    entry = worked(contract)
    office.hears(DaysLogged(entry=entry), DaysRejected(entry=entry, reason="Which day?"))
    burn = office.ask("get_burn_down", id=contract["id"])
    assert (burn["logged"], burn["rejected"]) == ("0", "1")

    office.hears(DaysSubmitted(entry=entry))

    burn = office.ask("get_burn_down", id=contract["id"])
    assert (burn["logged"], burn["rejected"]) == ("1", "0")


@pytest.mark.row("C10")
def test_days_that_run_ahead_of_accepted_work_are_told_in_the_daily_run_once(office):
    contract = office.has_active()
    for _ in range(2):
        office.hears(DaysApproved(entry=worked(contract), approver_id="lead"))

    office.tick(date(2026, 4, 10))
    office.tick(date(2026, 4, 11))

    assert office.tells().count("day_budget_ahead") == 1
    burn = office.ask("get_burn_down", id=contract["id"])
    assert (burn["is_ahead"], burn["percent"], burn["accepted_percent"]) == (True, 20, 0)


@pytest.mark.row("E6")
@pytest.mark.parametrize("by_hand", [False, True])
def test_a_drop_that_met_a_milestone_is_undone_with_it(office, by_hand):
    contract = office.has_active()
    milestone = contract["milestones"][0]["milestone_id"]
    if by_hand:
        office.do("meet_milestone", contract["id"], milestone_id=milestone, evidence="minutes")
    one, other = about(contract), about(contract) | {"title": "Annex"}
    documents = MilestoneDocuments(
        milestone_id=UUID(milestone), open_deliverables=0, accepted=(document(),)
    )
    office.hears(
        DeliverablePlanned(due_on=WORKED_ON, milestone_id=UUID(milestone), **one),
        DeliverableDropped(reason="Not wanted.", milestone=documents, **other),
    )
    assert office.ask("get_contract", id=contract["id"])["milestones"][0]["state"] == "met"

    office.hears(
        DeliverableRestored(due_on=WORKED_ON, milestone_id=UUID(milestone), **other),
    )

    (first, _) = office.ask("get_contract", id=contract["id"])["milestones"]
    assert first["state"] == ("met" if by_hand else "scheduled")
