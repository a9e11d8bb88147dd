"""Deciding on milestones in part, later, and again (C8).

| Before | Decision | Answer |
|---|---|---|
| nothing | met, in part, not met | taken |
| in part | a larger part, met | taken: the difference is invoiced |
| in part, met | as much or less | refused: correct it, and say why |
| not met | met, in part | taken |
| any, not invoiced | corrected or withdrawn with a reason | taken |
| any, invoiced | another share, corrected with a reason | taken: invoiced or credited |
| any, invoiced | another date, evidence; withdrawn | refused until the invoice is void |
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from services.contract.domain.milestones import MilestoneState
from shared.errors import Conflict, Invalid
from shared.events.contract import MilestonePartiallyMet, MilestoneReopened, OpenWork
from shared.events.vocabulary import MilestoneType
from shared.money import Money
from tests.unit.contract.story import (
    AUTHOR,
    ENDS,
    STARTS,
    active,
    decide,
    gbp,
    met,
    missed,
    part,
    payment,
    report,
    terms,
    told,
)

pytestmark = pytest.mark.row("C8")


def worth(amount: str, currency: str):
    """An active contract with one payment milestone over this amount."""
    money = Money.of(amount, currency)
    milestone = replace(payment(), amount=money)
    return active(terms(value=money, milestones=(milestone,), day_budget=(), expense_cap=None))


def outcome_of(contract):
    return contract.outcome(contract.terms.milestones[0].milestone_id)


def correct(contract, decision, billed_by=None, latest=ENDS):
    contract.correct_milestone(
        contract.terms.milestones[0].milestone_id,
        decision,
        correction="Counted twice",
        by=AUTHOR,
        latest=latest,
        billed_by=billed_by,
    )


def reopen(contract, billed_by=None):
    milestone_id = contract.terms.milestones[0].milestone_id
    contract.reopen_milestone(milestone_id, "The wrong milestone", billed_by=billed_by)


@pytest.mark.parametrize(
    ("amount", "currency", "fraction", "part_met"),
    [
        ("60000.00", "GBP", "0.4", "24000.00"),
        ("1001", "JPY", "0.5", "500"),
        ("1003", "JPY", "0.5", "502"),
        ("10.005", "JOD", "0.3333", "3.335"),
        ("0.03", "GBP", "0.4", "0.01"),
    ],
)
def test_a_fraction_of_the_amount_is_met_to_the_minor_unit(amount, currency, fraction, part_met):
    contract = worth(amount, currency)

    decide(contract, part(fraction))

    assert str(outcome_of(contract).met_amount.amount) == part_met


def test_a_part_that_is_met_tells_amount_fraction_and_date():
    contract = active()

    decide(contract, part("0.25"))

    assert contract.collect() == [
        MilestonePartiallyMet(
            contract_id=contract.id,
            partner_id=contract.partner_id,
            milestone_id=contract.terms.milestones[0].milestone_id,
            title="Final payment",
            milestone_type=MilestoneType.PAYMENT,
            amount=gbp(60_000),
            met_amount=gbp(15_000),
            met_on=ENDS,
            reason="Half of it",
            terms_version=1,
            fraction=Decimal("0.25"),
        )
    ]


def test_the_part_may_be_stated_as_an_amount():
    contract = active()

    decide(contract, part(None, met_amount=gbp("0.01")))

    assert (outcome_of(contract).met_amount, outcome_of(contract).fraction) == (gbp("0.01"), None)


@pytest.mark.parametrize(
    ("decision", "rule", "field"),
    [
        (part(None), "fraction-or-amount", "fraction"),
        (part("0.5", met_amount=gbp(1)), "fraction-or-amount", "fraction"),
        (part("0"), "fraction-between", "fraction"),
        (part("1"), "fraction-between", "fraction"),
        (part("-0.5"), "fraction-between", "fraction"),
        (part("40"), "fraction-between", "fraction"),
        (part("0.00000001"), "part-of-amount", "fraction"),
        (part("0.99999999"), "part-of-amount", "fraction"),
        (part(None, met_amount=gbp(60_000)), "part-of-amount", "met_amount"),
        (part(None, met_amount=gbp(0)), "part-of-amount", "met_amount"),
        (part(None, met_amount=gbp(-5)), "part-of-amount", "met_amount"),
        (part(None, met_amount=Money.of(5, "EUR")), "one-currency", "met_amount"),
        (part(reason=" "), "not-met-needs-reason", "reason"),
        (met(evidence="  "), "met-needs-evidence", "evidence"),
        (replace(met(), fraction=Decimal("0.5")), "share-of-partly-met", "fraction"),
        (replace(missed(), met_amount=gbp(5)), "share-of-partly-met", "met_amount"),
    ],
)
def test_a_part_that_is_none_is_refused_by_its_field(decision, rule, field):
    contract = active()

    with pytest.raises(Invalid) as refused:
        decide(contract, decision)

    assert (refused.value.rule, refused.value.field) == (rule, field)
    assert outcome_of(contract) is None


def test_a_report_may_be_met_in_part_without_saying_how_far():
    contract = active(terms(milestones=(report(), payment())))

    decide(contract, part(None))

    assert outcome_of(contract).met_amount is None


def test_a_report_carries_no_amount():
    with pytest.raises(Invalid) as refused:
        decide(active(terms(milestones=(report(), payment()))), part(None, met_amount=gbp(1)))

    assert refused.value.rule == "amount-only-on-payment"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (part("0.3"), part("0.7")),
        (part("0.3"), part(None, met_amount=gbp("18000.01"))),
        (part("0.3"), met()),
        (missed(), part("0.1")),
        (missed(), met()),
    ],
)
def test_more_may_be_met_later(before, after):
    contract = active()
    decide(contract, before)

    decide(contract, after)

    assert outcome_of(contract).state is after.state


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (part("0.7"), part("0.3")),
        (part("0.3"), part("0.3")),
        (part("0.3"), part(None, met_amount=gbp(18_000))),
        (part("0.3"), missed()),
        (met(), part("0.9")),
        (met(), missed()),
        (met(), met()),
        (missed(), missed()),
    ],
)
def test_as_much_or_less_than_was_decided_is_a_correction(before, after):
    contract = active()
    decide(contract, before)

    with pytest.raises(Conflict, match="correct the decision") as refused:
        decide(contract, after)

    assert refused.value.rule == "milestone-state"


@pytest.mark.parametrize("corrected", [part("0.2"), missed(), met(on=ENDS - timedelta(days=9))])
def test_a_wrong_decision_is_corrected_with_what_was_wrong(corrected):
    contract = active()
    decide(contract, met())
    contract.collect()

    correct(contract, corrected)

    (event,) = contract.collect()
    assert outcome_of(contract).state is corrected.state
    assert event.to_plain()["correction"] == "Counted twice"


def test_a_correction_changes_something():
    contract = active()
    decide(contract, met())

    with pytest.raises(Conflict) as refused:
        correct(contract, met())

    assert refused.value.rule == "correction-changes-something"


def test_there_is_nothing_to_correct_before_a_decision():
    for attempt in (lambda contract: correct(contract, met()), reopen):
        with pytest.raises(Conflict) as refused:
            attempt(active())
        assert refused.value.rule == "milestone-decided"


@pytest.mark.parametrize(
    ("before", "after"), [(met(), part("0.5")), (met(), missed()), (part("0.5"), met())]
)
def test_how_much_is_met_can_be_corrected_after_it_was_invoiced(before, after):
    contract = active()
    decide(contract, before)

    correct(contract, after, billed_by="INV-2026-0001")

    assert outcome_of(contract).state is after.state


@pytest.mark.parametrize("after", [met(on=ENDS - timedelta(days=1)), met(evidence="other.pdf")])
def test_what_was_invoiced_keeps_its_date_and_evidence(after):
    contract = active()
    decide(contract, met())

    with pytest.raises(Conflict, match="INV-2026-0001") as refused:
        correct(contract, after, billed_by="INV-2026-0001")

    assert refused.value.rule == "milestone-billed"


def test_a_decision_is_withdrawn_until_it_is_invoiced():
    contract = active()
    decide(contract, met())
    with pytest.raises(Conflict) as refused:
        reopen(contract, billed_by="INV-2026-0001")
    assert refused.value.rule == "milestone-billed"
    contract.collect()

    reopen(contract)

    assert isinstance(contract.collect()[0], MilestoneReopened)
    state = contract.milestone_state(contract.terms.milestones[0].milestone_id)
    assert state is MilestoneState.SCHEDULED


@pytest.mark.parametrize(
    ("on", "latest", "possible"),
    [
        (STARTS, ENDS, True),
        (ENDS, ENDS, True),
        (STARTS - timedelta(days=40), ENDS, False),  # before it was signed
        (ENDS + timedelta(days=1), ENDS, False),  # has not begun anywhere
        (STARTS.replace(year=26), ENDS, False),
        (STARTS.replace(year=1066), ENDS, False),
    ],
)
@pytest.mark.parametrize(
    ("decision", "field"), [(met, "met_on"), (missed, "decided_on"), (part, "decided_on")]
)
def test_a_decision_is_dated_between_signature_and_today(on, latest, possible, decision, field):
    contract, dated = active(), replace(decision(), decided_on=on)
    if possible:
        decide(contract, dated, latest=latest)
        return
    with pytest.raises(Invalid) as refused:
        decide(contract, dated, latest=latest)
    assert (refused.value.rule, refused.value.field) == ("date-possible", field)


def test_more_is_not_met_before_less_was():
    contract = active()
    decide(contract, part("0.3", on=ENDS - timedelta(days=5)))

    with pytest.raises(Invalid) as refused:
        decide(contract, met(on=ENDS - timedelta(days=6)))

    assert refused.value.rule == "date-possible"


@pytest.mark.parametrize(
    ("decisions", "percent"),
    [((), 0), ((met(),), 25), ((part("0.5"),), 12), ((missed(),), 0)],
)
def test_the_accepted_share_counts_payments_by_their_amounts(decisions, percent):
    quarter, rest = payment(15_000), payment(45_000)
    contract = active(terms(milestones=(quarter, rest, report())))
    for each in decisions:
        decide(contract, each)

    assert contract.accepted_percent == percent


def test_without_payments_every_milestone_counts_alike_and_without_milestones_nothing_does():
    contract = active(terms(milestones=(report(), report())))
    decide(contract, met())

    assert contract.accepted_percent == 50
    assert active(terms(milestones=())).accepted_percent is None


def test_corrections_are_told_like_decisions():
    contract = active()
    decide(contract, part("0.3"))
    correct(contract, missed())
    decide(contract, met())

    assert told(contract) == [
        "milestone_partially_met",
        "milestone_not_met",
        "milestone_met",
    ]


def test_a_decision_of_a_completed_contract_is_corrected_and_not_withdrawn():
    contract = active()
    decide(contract, met())
    contract.complete(ENDS, latest=ENDS, open_work=OpenWork())

    with pytest.raises(Conflict, match="correct it instead"):
        reopen(contract)
    correct(contract, missed())

    assert outcome_of(contract).state is MilestoneState.NOT_MET
