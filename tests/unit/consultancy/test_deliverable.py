"""Deliverables: versions, the partner's answers, and the milestone that these meet (E6)."""

from datetime import date

import pytest

from services.consultancy.domain.deliverable import Answer, Deliverable, DeliverableState, Promise
from shared.errors import Conflict, Invalid
from shared.events.consultancy import (
    DeliverableAccepted,
    DeliverablePlanned,
    DeliverableReturned,
    DeliverableSubmitted,
)
from shared.identifiers import UUID, new_id
from tests.unit.consultancy.story import MILESTONE, NOW, TODAY, budget, confirmed, delivered

pytestmark = pytest.mark.row("E6")

FIRST, SECOND = "a" * 64, "b" * 64
SUBMITTED_ON = date(2026, 3, 8)


def promised(milestone_id: UUID | None = MILESTONE, due_on: date = date(2026, 5, 1)) -> Deliverable:
    of = budget()
    return Deliverable.plan(
        new_id(),
        confirmed(of),
        of,
        Promise("Assessment blueprint", due_on, milestone_id),
    )


def submit(deliverable: Deliverable, sha256: str = FIRST) -> Deliverable:
    deliverable.submit(
        sha256, link="https://files.example/1", note="", by="amina", at=NOW, on=SUBMITTED_ON
    )
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
        promised().submit(FIRST, link="", note=" ", by="amina", at=NOW, on=TODAY)

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
