"""Deliverables: versions, the partner's answers, and the milestone that these meet (E6)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.consultancy.domain.deliverable import Deliverable
from services.consultancy.domain.documents import Answer, DeliverableState
from services.consultancy.domain.promise import Promise
from shared.errors import Conflict, Invalid
from shared.events.consultancy import (
    DeliverableAccepted,
    DeliverableAnswerWithdrawn,
    DeliverableChanged,
    DeliverableDropped,
    DeliverablePlanned,
    DeliverableReturned,
    DeliverableSubmitted,
)
from shared.identifiers import UUID, new_id
from tests.unit.consultancy.story import MILESTONE, NOW, TODAY, budget, confirmed, delivered

pytestmark = pytest.mark.row("E6")

FIRST, SECOND = "a" * 64, "b" * 64
SUBMITTED_ON = date(2026, 3, 8)
SUBMITTED_AT = datetime(2026, 3, 8, 12, tzinfo=UTC)


def promised(milestone_id: UUID | None = MILESTONE, due_on: date = date(2026, 5, 1)) -> Deliverable:
    of = budget()
    return Deliverable.plan(
        new_id(),
        confirmed(of),
        of,
        Promise("Assessment blueprint", due_on, milestone_id),
    )


def submit(deliverable: Deliverable, sha256: str = FIRST) -> Deliverable:
    deliverable.submit(sha256, link="https://files.example/1", note="", by="amina", at=SUBMITTED_AT)
    return deliverable


def answered(
    deliverable: Deliverable, *, accepted: bool, comments: str = "", on: date = TODAY
) -> Deliverable:
    answer = Answer(comments, "Dean of Medicine", "carla", on)
    if accepted:
        deliverable.accept(answer, TODAY, ())
    else:
        deliverable.send_back(answer, TODAY)
    return deliverable


def test_a_promise_is_told_with_due_date_and_milestone():
    (event,) = promised().collect()

    assert isinstance(event, DeliverablePlanned)
    assert (event.due_on, event.milestone_id) == (date(2026, 5, 1), MILESTONE)


def test_a_milestone_of_another_contract_is_refused():
    with pytest.raises(Invalid) as refused:
        promised(new_id())

    assert refused.value.rule == "milestone-of-contract"


def test_a_deliverable_may_stand_without_a_milestone():
    assert promised(None).milestone_id is None


def test_a_due_date_after_the_contract_is_refused():
    with pytest.raises(Invalid) as refused:
        promised(due_on=date(2027, 1, 1))

    assert refused.value.rule == "inside-contract-period"


def test_nothing_further_is_promised_after_delivery():
    of = budget()

    with pytest.raises(Conflict):
        Deliverable.plan(new_id(), delivered(of), of, Promise("Late", TODAY, None))


def test_every_submission_is_a_version_of_its_own():
    deliverable = submit(submit(promised(), FIRST), SECOND)

    assert [(each.number, each.sha256) for each in deliverable.documents] == [
        (1, FIRST),
        (2, SECOND),
    ]


def test_a_submission_is_told_with_version_and_checksum():
    event = submit(promised()).collect()[-1]

    assert isinstance(event, DeliverableSubmitted)
    assert (event.deliverable_version, event.sha256) == (1, FIRST)


@pytest.mark.parametrize("sha256", ["", "a" * 63, "g" * 64])
def test_a_checksum_that_is_none_is_refused(sha256):
    with pytest.raises(Invalid) as refused:
        submit(promised(), sha256)

    assert refused.value.rule == "sha256"


def test_a_document_must_be_findable():
    with pytest.raises(Invalid) as refused:
        promised().submit(FIRST, link=None, note=" ", by="amina", at=NOW)

    assert refused.value.rule == "document-can-be-found"


def test_a_returned_document_does_not_come_back_unchanged_without_a_word():
    deliverable = answered(submit(promised()), accepted=False, comments="Add the OSCE stations")

    with pytest.raises(Conflict) as refused:
        submit(deliverable, FIRST.upper())

    assert (refused.value.rule, refused.value.field) == ("unchanged-needs-note", "note")


def test_an_acceptance_is_told_with_the_milestone_that_it_meets():
    event = answered(submit(promised()), accepted=True, on=date(2026, 3, 9)).collect()[-1]

    assert isinstance(event, DeliverableAccepted)
    assert (event.milestone_id, event.accepted_on) == (MILESTONE, date(2026, 3, 9))
    assert (event.deliverable_version, event.sha256) == (1, FIRST)


def test_a_return_is_told_with_the_comments():
    event = answered(submit(promised()), accepted=False, comments="Add OSCEs").collect()[-1]

    assert isinstance(event, DeliverableReturned)
    assert event.comments == "Add OSCEs"


def test_a_return_needs_comments():
    with pytest.raises(Invalid) as refused:
        answered(submit(promised()), accepted=False, comments=" ")

    assert refused.value.rule == "comments-given"


@pytest.mark.parametrize("accepted", [True, False])
def test_nothing_is_answered_before_a_version_is_submitted(accepted):
    with pytest.raises(Conflict, match="only while it is submitted"):
        answered(promised(), accepted=accepted, comments="Fine")


def test_a_returned_deliverable_is_submitted_again_and_accepted():
    deliverable = answered(submit(promised()), accepted=False, comments="Add OSCEs")

    answered(submit(deliverable, SECOND), accepted=True)

    assert deliverable.state is DeliverableState.ACCEPTED
    assert [(each.version, each.outcome) for each in deliverable.answers] == [
        (1, "returned"),
        (2, "accepted"),
    ]


def test_an_accepted_deliverable_takes_no_further_version():
    with pytest.raises(Conflict):
        submit(answered(submit(promised()), accepted=True), SECOND)


def test_an_answer_keeps_who_gave_it_and_who_wrote_it_down():
    (kept,) = answered(submit(promised()), accepted=True).answers

    assert (kept.answer.said_by, kept.answer.recorded_by) == ("Dean of Medicine", "carla")


def test_an_answer_is_not_dated_in_the_future():
    with pytest.raises(Invalid) as refused:
        answered(submit(promised()), accepted=True, on=date(2026, 3, 11))

    assert (refused.value.rule, refused.value.field) == ("date-possible", "answered_on")


def returned(deliverable: Deliverable) -> Deliverable:
    return answered(submit(deliverable), accepted=False, comments="Add OSCEs")


def another(
    of: Deliverable, *, accepted: bool = False, on: date = TODAY, title: str = "Report"
) -> Deliverable:
    """A further deliverable of the same milestone."""
    made = Deliverable(
        id=new_id(),
        engagement_id=of.engagement_id,
        contract_id=of.contract_id,
        partner_id=of.partner_id,
        title=title,
        due_on=of.due_on,
        milestone_id=of.milestone_id,
    )
    return answered(submit(made), accepted=True, on=on) if accepted else made


@pytest.mark.parametrize(
    ("on", "rule"),
    [
        (date(2026, 3, 7), "date-possible"),
        (date(1900, 1, 1), "date-possible"),
        (date(26, 3, 9), "date-possible"),
        (SUBMITTED_ON, None),
        (TODAY, None),
        (date(2026, 3, 11), "date-possible"),
        (date(9999, 12, 31), "date-possible"),
    ],
)
@pytest.mark.parametrize("accepted", [True, False])
def test_an_answer_lies_between_submission_and_today(on, rule, accepted):
    deliverable = submit(promised())

    if rule is None:
        answered(deliverable, accepted=accepted, comments="Fine", on=on)
        return
    with pytest.raises(Invalid) as refused:
        answered(deliverable, accepted=accepted, comments="Fine", on=on)
    assert (refused.value.rule, refused.value.field) == (rule, "answered_on")


def test_a_returned_document_comes_back_unchanged_with_a_note_and_is_marked():
    deliverable = returned(promised())

    deliverable.submit(FIRST, link=None, note="The OSCEs are in annex B", by="amina", at=NOW)

    assert deliverable.latest is not None
    assert (deliverable.latest.number, deliverable.latest.same_as) == (2, 1)


def test_the_version_before_the_last_is_recognised_too():
    deliverable = returned(promised())
    answered(submit(deliverable, SECOND), accepted=False, comments="No, the first was better")

    with pytest.raises(Conflict) as refused:
        submit(deliverable, FIRST)

    assert refused.value.rule == "unchanged-needs-note"


def test_a_document_that_awaits_its_answer_is_not_submitted_again():
    with pytest.raises(Conflict) as refused:
        submit(submit(promised()))

    assert refused.value.rule == "changed-document"


def test_a_version_taken_back_gives_way_to_the_one_before():
    deliverable = submit(submit(promised()), SECOND)

    deliverable.withdraw_submission("The wrong file")

    assert deliverable.latest is not None
    assert (str(deliverable.state), deliverable.latest.sha256) == ("submitted", FIRST)
    deliverable.withdraw_submission("Wrong as well")
    assert str(deliverable.state) == "planned"


def test_a_returned_deliverable_is_returned_again_when_the_next_version_is_taken_back():
    deliverable = submit(returned(promised()), SECOND)

    deliverable.withdraw_submission("The wrong file")

    assert deliverable.state is DeliverableState.RETURNED


def test_a_version_that_was_answered_is_not_taken_back():
    with pytest.raises(Conflict):
        returned(promised()).withdraw_submission("The wrong file")


@pytest.mark.parametrize("accepted", [True, False])
def test_an_answer_recorded_by_mistake_is_withdrawn_with_a_reason(accepted):
    deliverable = answered(submit(promised()), accepted=accepted, comments="Fine")

    with pytest.raises(Invalid):
        deliverable.withdraw_answer(" ")
    deliverable.withdraw_answer("Of another document")

    event = deliverable.collect()[-1]
    assert isinstance(event, DeliverableAnswerWithdrawn)
    assert (deliverable.state, event.was_accepted) == (DeliverableState.SUBMITTED, accepted)
    assert answered(deliverable, accepted=True).state is DeliverableState.ACCEPTED


def accepted_event(deliverable: Deliverable, *others: Deliverable) -> DeliverableAccepted:
    deliverable.accept(Answer("", "Dean of Medicine", "carla", TODAY), TODAY, others)
    event = deliverable.collect()[-1]
    assert isinstance(event, DeliverableAccepted)
    return event


@pytest.mark.row("C8")
def test_an_acceptance_says_whether_it_is_the_last_of_its_milestone():
    first = submit(promised())
    second = another(first)

    told = accepted_event(first, second)
    assert told.milestone is not None
    assert told.milestone.open_deliverables == 1

    told = accepted_event(submit(second, SECOND), first)
    assert told.milestone is not None
    assert told.milestone.open_deliverables == 0
    assert [each.sha256 for each in told.milestone.accepted] == [FIRST, SECOND]


@pytest.mark.row("C8")
def test_what_was_dropped_is_not_waited_for():
    first = submit(promised())
    second = another(first)
    second.drop("The partner writes it itself", ())

    told = accepted_event(first, second)

    assert told.milestone is not None
    assert told.milestone.open_deliverables == 0


@pytest.mark.row("C8")
def test_dropping_the_last_open_one_tells_that_the_others_are_accepted():
    deliverable = promised()
    done = another(deliverable, accepted=True, on=date(2026, 3, 9))

    deliverable.drop("No longer wanted", [done])

    event = deliverable.collect()[-1]
    assert isinstance(event, DeliverableDropped)
    assert event.milestone is not None
    assert event.milestone.open_deliverables == 0
    assert [each.accepted_on for each in event.milestone.accepted] == [date(2026, 3, 9)]


def test_dropping_the_only_one_meets_nothing():
    deliverable = promised()

    deliverable.drop("No longer wanted", ())

    event = deliverable.collect()[-1]
    assert isinstance(event, DeliverableDropped)
    assert event.milestone is not None
    assert event.milestone.accepted == ()


@pytest.mark.parametrize("reason", ["", " "])
def test_dropping_needs_a_reason(reason):
    with pytest.raises(Invalid) as refused:
        promised().drop(reason, ())

    assert refused.value.field == "reason"


def test_what_is_accepted_is_not_dropped():
    with pytest.raises(Conflict, match="is accepted"):
        answered(submit(promised()), accepted=True).drop("No longer wanted", ())


def test_a_dropped_deliverable_is_restored_as_far_as_it_had_come():
    deliverable = returned(promised())
    deliverable.drop("No longer wanted", ())

    deliverable.restore()

    assert (deliverable.state, deliverable.drop_reason) == (DeliverableState.RETURNED, "")


@pytest.mark.row("C8")
def test_one_that_leaves_a_milestone_tells_how_that_stands_without_it():
    of = budget()
    engagement = confirmed(of)
    promise = Promise("Blueprint", date(2026, 5, 1), MILESTONE)
    deliverable = Deliverable.plan(new_id(), engagement, of, promise)
    done = another(deliverable, accepted=True)

    deliverable.change(replace(promise, milestone_id=None), engagement, of, [done])

    event = deliverable.collect()[-1]
    assert isinstance(event, DeliverableChanged)
    assert event.left_milestone is not None
    assert (event.milestone_id, event.left_milestone.open_deliverables) == (None, 0)


@pytest.mark.parametrize(
    ("due_on", "rule"),
    [
        (date(2026, 1, 31), "due-after-start"),
        (date(2025, 12, 31), "inside-contract-period"),
        (date(26, 5, 1), "inside-contract-period"),
        (date(9999, 5, 1), "inside-contract-period"),
    ],
)
def test_a_due_date_has_its_bounds(due_on, rule):
    with pytest.raises(Invalid) as refused:
        promised(due_on=due_on)

    assert (refused.value.rule, refused.value.field) == (rule, "due_on")


def test_an_answer_may_bear_the_date_that_it_was_anywhere_at_the_submission():
    """Submitted after midnight in the office, answered at once where it is the evening before."""
    after_midnight = datetime(2026, 3, 8, 0, 10, tzinfo=UTC)
    deliverable = promised()
    deliverable.submit(FIRST, link=None, note="On the share", by="amina", at=after_midnight)

    with pytest.raises(Invalid) as refused:
        answered(deliverable, accepted=True, on=date(2026, 3, 6))
    answered(deliverable, accepted=True, on=date(2026, 3, 7))

    assert refused.value.field == "answered_on"
    assert deliverable.state is DeliverableState.ACCEPTED
