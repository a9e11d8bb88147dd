"""Five checks that must all be passed; for how long they hold; what that means for approval."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.partner.domain.due_diligence import (
    Check,
    Outcome,
    add_months,
    missing_checks,
    valid_until,
)
from services.partner.domain.partner import PartnerState
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.events.partner import PartnerApproved
from shared.events.vocabulary import RiskBand, Role
from tests.unit.partner.story import (
    COLLEAGUE,
    MONTHS,
    REVIEWERS,
    SPONSOR,
    TODAY,
    approve,
    approved,
    check_all,
    proposed,
    rate,
    record,
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
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_newest_review_by_date_counts_whenever_it_was_recorded(order):
    reviews = (result(Check.LEGAL), result(Check.LEGAL, on=LATER, outcome=Outcome.FAILED))
    partner = proposed()

    record(partner, *(reviews[place] for place in order))

    assert partner.current_checks == (reviews[1],)
    assert len(partner.checks) == 2  # the history stays


@pytest.mark.row("P3")
def test_of_two_reviews_of_a_day_the_last_recorded_counts():
    partner = proposed()
    record(partner, result(Check.LEGAL, outcome=Outcome.FAILED), result(Check.LEGAL))

    assert [each.outcome for each in partner.current_checks] == [Outcome.PASSED]


@pytest.mark.row("P3")
def test_a_declined_partner_takes_no_results():
    partner = proposed()
    partner.start_review()
    partner.decline("no capacity")
    with pytest.raises(Conflict):
        record(partner, result(Check.LEGAL))


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
    record(partner, result(Check.LEGAL))
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
    record(partner, failed)
    assert types(partner) == ["partner.due_diligence_recorded", "partner.due_diligence_failed"]


def withdraw(partner, review, by=COLLEAGUE, roles=REVIEWERS):
    partner.withdraw_check(
        review.review_id,
        "The wrong partner",
        by=by,
        roles=frozenset(roles),
        valid_months=MONTHS,
        on=LATER,
    )


@pytest.mark.row("P3")
def test_a_review_with_the_wrong_date_is_withdrawn_and_recorded_anew():
    partner = approved()
    withdraw(partner, partner.current_checks[0])
    record(partner, result(Check.LEGAL, on=date(2025, 3, 2)))

    assert types(partner) == [
        "partner.due_diligence_withdrawn",
        "partner.due_diligence_expired",
        "partner.due_diligence_recorded",
        "partner.due_diligence_renewed",
    ]
    assert partner.due_diligence_until == date(2027, 3, 2)
    assert [each.withdrawn for each in partner.checks].count("The wrong partner") == 1


@pytest.mark.row("P3")
def test_withdrawing_a_pass_brings_back_the_failure_before_it():
    partner = approved()
    failed = result(Check.SANCTIONS, outcome=Outcome.FAILED, on=LATER)
    passed = result(Check.SANCTIONS, on=LATER + timedelta(days=1))
    record(partner, failed, passed)
    partner.collect()

    withdraw(partner, passed)

    assert types(partner) == ["partner.due_diligence_withdrawn", "partner.due_diligence_failed"]


@pytest.mark.row("P3")
def test_a_review_is_withdrawn_once():
    partner = approved()
    review = partner.current_checks[0]
    withdraw(partner, review)

    with pytest.raises(NotFound) as refused:
        withdraw(partner, review)

    assert refused.value.rule == "review-exists"


@pytest.mark.row("P3")
def test_the_sponsor_reviews_nothing_and_withdraws_nothing():
    partner = approved()
    with pytest.raises(Forbidden) as refused:
        record(partner, result(Check.ETHICS, reviewer_id=SPONSOR))
    assert refused.value.rule == "sponsor-does-not-review"
    with pytest.raises(Forbidden):
        withdraw(partner, partner.current_checks[0], by=SPONSOR)


@pytest.mark.row("P3")
@pytest.mark.parametrize(
    ("check", "role", "may"),
    [
        (Check.FINANCE, Role.FINANCE, True),
        (Check.FINANCE, Role.PARTNERSHIP_MANAGER, False),
        (Check.FINANCE, Role.ADMINISTRATOR, False),
        (Check.SANCTIONS, Role.FINANCE, False),
        (Check.SANCTIONS, Role.PARTNERSHIP_OFFICER, True),
        (Check.LEGAL, Role.ADMINISTRATOR, False),
    ],
)
def test_the_finance_check_is_for_finance_and_only_that(check, role, may):
    partner = proposed()
    if may:
        record(partner, result(check), roles=(role,))
        return
    with pytest.raises(Forbidden) as refused:
        record(partner, result(check), roles=(role,))
    assert refused.value.rule == "reviewer-of-check"


CONDITIONAL: dict[str, Any] = {
    "outcome": Outcome.CONDITIONAL,
    "condition": "Insurance certificate",
    "condition_due_on": date(2026, 6, 30),
}


@pytest.mark.row("P3")
def test_a_conditional_pass_holds_until_its_condition_is_due():
    partner = reviewed()
    record(partner, result(Check.LEGAL, **CONDITIONAL))

    approve(partner)

    assert partner.due_diligence_until == date(2026, 6, 30)
    partner.collect()
    partner.expire_due_diligence(date(2026, 7, 1))
    assert types(partner) == ["partner.due_diligence_expired"]


@pytest.mark.row("P3")
def test_a_met_condition_is_a_new_review_that_passes():
    partner = approved()
    record(partner, result(Check.LEGAL, **CONDITIONAL), result(Check.LEGAL, on=LATER))

    assert partner.due_diligence_until == date(2028, 3, 2)


@pytest.mark.row("P3")
def test_a_waived_check_is_not_missing():
    waived = result(Check.SITE_VISIT, outcome=Outcome.WAIVED, reason="Visited in 2025")
    others = [result(check) for check in Check if check is not Check.SITE_VISIT]

    assert missing_checks([*others, waived]) == ()


@pytest.mark.row("P3")
@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"outcome": Outcome.CONDITIONAL}, "condition"),
        (CONDITIONAL | {"condition_due_on": None}, "condition_due_on"),
        ({"outcome": Outcome.WAIVED}, "reason"),
        ({"outcome": Outcome.PASSED, "reason": "x"}, "reason"),
        ({"outcome": Outcome.FAILED, "condition": "x"}, "condition"),
        (CONDITIONAL | {"outcome": Outcome.WAIVED, "reason": "x"}, "condition"),
    ],
)
def test_an_outcome_says_what_it_needs_and_nothing_else(told, field):
    with pytest.raises(Invalid) as refused:
        result(Check.LEGAL, **told)

    assert (refused.value.rule, refused.value.field) == ("outcome-complete", field)


@pytest.mark.row("P3")
@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"on": date(1066, 10, 14)}, "reviewed_on"),
        ({"on": date(26, 3, 2)}, "reviewed_on"),
        ({"on": date(2024, 3, 1)}, "reviewed_on"),  # 24 months before the proposal it had expired
        ({"on": date(2026, 3, 4)}, "reviewed_on"),  # has not begun anywhere
        (CONDITIONAL | {"condition_due_on": date(2026, 3, 1)}, "condition_due_on"),
        (CONDITIONAL | {"condition_due_on": date(2028, 3, 3)}, "condition_due_on"),
        (CONDITIONAL | {"condition_due_on": date(9999, 12, 31)}, "condition_due_on"),
    ],
)
def test_dates_of_reviews_and_conditions_are_possible_ones(told, field):
    partner = proposed()

    with pytest.raises(Invalid) as refused:
        partner.record_check(
            result(Check.LEGAL, **told),
            roles=frozenset(REVIEWERS),
            valid_months=MONTHS,
            latest=date(2026, 3, 3),
        )

    assert (refused.value.field, partner.checks) == (field, ())


@pytest.mark.row("P3")
@pytest.mark.parametrize(
    ("before", "after"),
    [(None, "high"), ("low", "high"), ("high", "low"), ("high", "medium"), ("high", "high")],
)
def test_only_the_board_takes_a_partner_into_high_risk_and_out_of_it(before, after):
    partner = proposed()
    if before:
        rate(partner, RiskBand(before))

    with pytest.raises(Forbidden) as refused:
        rate(partner, RiskBand(after), Role.PARTNERSHIP_MANAGER, Role.ADMINISTRATOR)
    assert refused.value.rule == "high-risk-needs-board"

    rate(partner, RiskBand(after), Role.BOARD)
    assert partner.risk_band == after


@pytest.mark.row("P3")
def test_between_low_and_medium_the_partnerships_team_rates():
    partner = proposed()
    for band in (RiskBand.LOW, RiskBand.MEDIUM, RiskBand.LOW):
        rate(partner, band, Role.PARTNERSHIP_OFFICER)

    assert partner.risk_band is RiskBand.LOW


@pytest.mark.row("P3")
def test_a_partner_that_has_left_is_not_rated():
    partner = approved()
    partner.leave("ended by both")

    with pytest.raises(Conflict):
        rate(partner, RiskBand.LOW)


@pytest.mark.row("P3")
def test_a_check_of_a_partner_under_review_renews_nothing_yet():
    partner = reviewed()
    partner.collect()
    record(partner, result(Check.LEGAL, on=LATER))
    assert types(partner) == ["partner.due_diligence_recorded"]


@pytest.mark.row("P3")
@pytest.mark.parametrize("band", RiskBand)
def test_the_sponsor_does_not_rate_the_risk_whatever_the_role(band):
    partner = proposed()
    with pytest.raises(Forbidden) as refused:
        rate(partner, band, *Role, by=SPONSOR)
    assert refused.value.rule == "sponsor-does-not-rate"
    rate(partner, band, *Role)
    assert partner.risk_band is band
