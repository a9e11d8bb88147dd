"""Five checks that must all be passed; for how long they hold; what that means for approval."""

from datetime import date, timedelta

import pytest

from services.partner.domain.due_diligence import (
    Check,
    Outcome,
    add_months,
    missing_checks,
    valid_until,
)
from services.partner.domain.partner import PartnerState
from shared.errors import Conflict, Forbidden
from shared.events.partner import DueDiligenceRenewed, PartnerApproved
from shared.events.vocabulary import RiskBand, Role
from tests.unit.partner.story import (
    MONTHS,
    SPONSOR,
    TODAY,
    approve,
    approved,
    check_all,
    proposed,
    result,
    reviewed,
    types,
)

LATER = TODAY + timedelta(days=100)


@pytest.mark.row("P3")
def test_a_check_that_failed_is_missing():
    results = [result(check) for check in Check if check is not Check.ETHICS]
    assert missing_checks([*results, result(Check.ETHICS, outcome=Outcome.FAILED)]) == ("ethics",)


@pytest.mark.row("P3")
def test_due_diligence_holds_24_months_from_the_oldest_check():
    results = [result(check, on=LATER) for check in Check if check is not Check.LEGAL]
    assert valid_until([*results, result(Check.LEGAL)], 24) == date(2028, 3, 2)


@pytest.mark.row("P3")
def test_nothing_holds_while_a_check_is_missing():
    assert valid_until([result(Check.LEGAL)], 24) is None


@pytest.mark.row("P3")
@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 2, 29), 24, date(2026, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
    ],
)
def test_months_end_on_the_last_day_where_a_month_is_shorter(day, months, expected):
    assert add_months(day, months) == expected


@pytest.mark.row("P3")
def test_a_check_done_again_replaces_its_earlier_result():
    partner = check_all(proposed())
    partner.record_check(result(Check.LEGAL, on=LATER), valid_months=MONTHS)
    assert [each.reviewed_on for each in partner.checks if each.check is Check.LEGAL] == [LATER]


@pytest.mark.row("P3")
def test_a_declined_partner_takes_no_results():
    partner = proposed()
    partner.start_review()
    partner.decline("no capacity")
    with pytest.raises(Conflict):
        partner.record_check(result(Check.LEGAL), valid_months=MONTHS)


@pytest.mark.row("P2")
def test_approval_makes_a_reviewed_partner_usable_and_tells_until_when():
    partner = reviewed()
    partner.collect()
    approve(partner)
    (event,) = partner.collect()
    assert partner.state is PartnerState.APPROVED
    assert isinstance(event, PartnerApproved)
    assert event.due_diligence_until == date(2028, 3, 2)


@pytest.mark.row("P2")
def test_a_prospect_is_reviewed_before_it_is_approved():
    with pytest.raises(Conflict) as refused:
        approve(check_all(proposed()))
    assert refused.value.rule == "partner-lifecycle"


@pytest.mark.row("P2")
def test_the_sponsor_cannot_approve():
    with pytest.raises(Forbidden) as refused:
        approve(reviewed(), by=SPONSOR)
    assert refused.value.rule == "sponsor-does-not-approve"


@pytest.mark.row("P3")
def test_approval_names_the_checks_that_are_missing():
    partner = proposed()
    partner.start_review()
    partner.record_check(result(Check.LEGAL), valid_months=MONTHS)
    with pytest.raises(Conflict) as refused:
        approve(partner)
    assert "finance, sanctions, ethics, site_visit" in refused.value.message


@pytest.mark.row("P3")
def test_due_diligence_that_has_run_out_approves_nobody():
    with pytest.raises(Conflict) as refused:
        approve(reviewed(), on=date(2028, 3, 3))
    assert refused.value.rule == "due-diligence-valid"


@pytest.mark.row("P3")
def test_due_diligence_holds_on_its_last_day():
    partner = reviewed()
    approve(partner, on=date(2028, 3, 2))
    assert partner.state is PartnerState.APPROVED


@pytest.mark.row("P3")
def test_a_partner_is_rated_before_it_is_approved():
    partner = proposed()
    partner.start_review()
    check_all(partner)
    with pytest.raises(Conflict) as refused:
        approve(partner)
    assert refused.value.rule == "risk-rated"


@pytest.mark.row("P3")
def test_high_risk_needs_the_board():
    with pytest.raises(Forbidden) as refused:
        approve(reviewed(RiskBand.HIGH))
    assert refused.value.rule == "high-risk-needs-board"


@pytest.mark.row("P3")
def test_the_board_may_approve_high_risk():
    partner = reviewed(RiskBand.HIGH)
    approve(partner, roles={Role.BOARD})
    assert partner.state is PartnerState.APPROVED


@pytest.mark.row("P3")
def test_due_diligence_expires_by_itself_on_the_day_after_and_once():
    partner = approved()
    for day in (date(2028, 3, 2), date(2028, 3, 3), date(2028, 3, 4)):
        partner.expire_due_diligence(day)
    assert types(partner) == ["partner.due_diligence_expired"]


@pytest.mark.row("P3")
def test_checks_passed_anew_renew_the_due_diligence_of_a_usable_partner():
    partner = approved()
    partner.expire_due_diligence(date(2028, 3, 3))
    check_all(partner, on=date(2028, 3, 10))
    assert types(partner)[-1] == "partner.due_diligence_renewed"
    assert (partner.due_diligence_until, partner.due_diligence_expired) == (
        date(2030, 3, 10),
        False,
    )


@pytest.mark.row("P3")
def test_a_failed_check_ends_the_due_diligence_of_a_usable_partner():
    partner = approved()
    failed = result(Check.SANCTIONS, outcome=Outcome.FAILED, on=LATER)
    partner.record_check(failed, valid_months=MONTHS)
    assert types(partner) == ["partner.due_diligence_recorded", "partner.due_diligence_expired"]


@pytest.mark.row("P3")
def test_a_check_corrected_to_an_earlier_date_shortens_it_for_everybody():
    partner = approved()
    partner.record_check(result(Check.LEGAL, on=date(2025, 3, 2)), valid_months=MONTHS)
    _, event = partner.collect()
    assert isinstance(event, DueDiligenceRenewed)
    assert event.until == date(2027, 3, 2)


@pytest.mark.row("P3")
def test_a_check_of_a_partner_under_review_renews_nothing_yet():
    partner = reviewed()
    partner.collect()
    partner.record_check(result(Check.LEGAL, on=LATER), valid_months=MONTHS)
    assert types(partner) == ["partner.due_diligence_recorded"]
