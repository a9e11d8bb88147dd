"""Participants are heard before and after the teaching, and nobody can be told by the answers."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from services.faculty.domain.design import Session
from services.faculty.domain.evaluation import Evaluation, Result
from services.faculty.domain.instruments import instrument_for, instruments_for
from services.faculty.domain.policy import Policy
from services.faculty.domain.programme import Programme
from shared.errors import Conflict, Invalid
from shared.events.faculty import (
    EvaluationReceived,
    EvaluationSummarised,
    Moment,
    ProgrammeCompleted,
)
from shared.events.vocabulary import KirkpatrickLevel
from shared.identifiers import new_id
from shared.policies import OutOfBounds
from shared.values import to_plain
from tests.unit.faculty.examples import AFTERWARDS as LATER
from tests.unit.faculty.examples import (
    BEFORE,
    CONTRACT,
    FEEDBACK,
    FIRST_DAY,
    PARTNER,
    POLICY,
    attend,
    delivered,
    enrolling,
    only,
    participants_of,
    running,
)

pytestmark = pytest.mark.row("F5")

REACTION, ATTITUDES, KNOWLEDGE = (
    KirkpatrickLevel.REACTION,
    KirkpatrickLevel.ATTITUDES,
    KirkpatrickLevel.KNOWLEDGE,
)
OUTCOMES = (FEEDBACK,)


def evaluation() -> Evaluation:
    return Evaluation.open(programme_id=new_id(), contract_id=CONTRACT, partner_id=PARTNER)


def answer(
    to: Evaluation,
    points: int = 4,
    *,
    level: KirkpatrickLevel = REACTION,
    moment: Moment = Moment.AFTER,
    score: int | None = None,
    by: UUID | None = None,
) -> None:
    instrument = instrument_for(OUTCOMES, level, moment)
    ratings = {question.key: points for question in instrument.questions}
    to.receive(instrument, by or new_id(), ratings, score)


def reaction(to: Evaluation, policy: Policy = POLICY) -> Result:
    return to.result(instrument_for(OUTCOMES, REACTION, Moment.AFTER), policy)


def released(to: Evaluation, policy: Policy = POLICY) -> Result:
    to.release([instrument_for(OUTCOMES, REACTION, Moment.AFTER)], policy)
    return reaction(to, policy)


def answered(points: Iterable[int]) -> Evaluation:
    made = evaluation()
    for each in points:
        answer(made, each)
    made.collect()
    return made


def test_reaction_is_asked_after_and_learning_before_and_after() -> None:
    asked = {(each.level.value, each.moment.value) for each in instruments_for(OUTCOMES)}
    assert asked == {
        ("1", "after"),
        ("2A", "before"),
        ("2A", "after"),
        ("2B", "before"),
        ("2B", "after"),
        ("3", "after"),
        ("4A", "after"),
        ("4B", "after"),
    }


def test_reaction_is_not_asked_before_the_teaching() -> None:
    with pytest.raises(Invalid) as refused:
        instrument_for(OUTCOMES, REACTION, Moment.BEFORE)
    assert refused.value.rule == "instrument-in-use"


def test_knowledge_is_asked_for_each_intended_outcome() -> None:
    (question,) = instrument_for(OUTCOMES, KNOWLEDGE, Moment.BEFORE).questions
    assert FEEDBACK.statement in question.wording


def test_four_answers_show_no_figures_but_how_many_are_needed() -> None:
    result = released(answered([5, 5, 5, 5]))
    assert (result.responses, result.still_needed, result.mean) == (4, 1, None)
    assert all(question.mean is None for question in result.questions)


def test_five_answers_show_their_mean() -> None:
    result = released(answered([5, 5, 4, 4, 3]))
    assert (result.responses, result.still_needed, result.mean) == (
        5,
        0,
        Decimal("4.20"),
    )
    assert {question.mean for question in result.questions} == {Decimal("4.20")}


def test_how_few_answers_are_shown_is_the_offices_choice() -> None:
    assert released(answered([4, 4, 4]), Policy(fewest_responses=3)).mean == Decimal("4.00")


def test_answers_before_and_after_are_counted_apart() -> None:
    made = evaluation()
    for _ in range(5):
        answer(made, 2, level=KNOWLEDGE, moment=Moment.BEFORE, score=40)
    answer(made, 5, level=KNOWLEDGE, moment=Moment.AFTER, score=90)
    made.release(instruments_for(OUTCOMES), POLICY)
    before = made.result(instrument_for(OUTCOMES, KNOWLEDGE, Moment.BEFORE), POLICY)
    after = made.result(instrument_for(OUTCOMES, KNOWLEDGE, Moment.AFTER), POLICY)
    assert (before.mean, before.mean_score_percent) == (
        Decimal("2.00"),
        Decimal("40.00"),
    )
    assert (after.responses, after.mean_score_percent) == (1, None)


def test_nobody_answers_the_same_instrument_twice() -> None:
    made, person = evaluation(), new_id()
    answer(made, by=person)
    with pytest.raises(Conflict) as refused:
        answer(made, by=person)
    assert refused.value.rule == "answered-once"


def test_one_person_answers_several_instruments() -> None:
    made, person = evaluation(), new_id()
    answer(made, by=person)
    answer(made, by=person, level=ATTITUDES)
    assert len(made.answers) == 2


def test_every_question_must_be_answered() -> None:
    instrument = instrument_for(OUTCOMES, REACTION, Moment.AFTER)
    with pytest.raises(Invalid) as refused:
        evaluation().receive(instrument, new_id(), {"relevance": 5}, None)
    assert refused.value.rule == "every-question-answered"


@pytest.mark.parametrize("points", [0, 6])
def test_ratings_lie_from_1_to_5(points: int) -> None:
    with pytest.raises(Invalid) as refused:
        answer(evaluation(), points)
    assert refused.value.rule == "rating-scale"


@pytest.mark.parametrize("score", [None, -1, 101])
def test_level_2b_needs_a_test_score_in_percent(score: int | None) -> None:
    with pytest.raises(Invalid) as refused:
        answer(evaluation(), level=KNOWLEDGE, score=score)
    assert refused.value.rule == "test-score"


def test_no_other_level_takes_a_test_score() -> None:
    with pytest.raises(Invalid) as refused:
        answer(evaluation(), level=ATTITUDES, score=80)
    assert refused.value.rule == "test-score"


def test_the_event_says_that_somebody_answered_but_not_who_or_what() -> None:
    made, person = evaluation(), new_id()
    answer(made, by=person)
    event = only(EvaluationReceived, made.collect())
    assert event.responses == 1
    assert set(to_plain(event)) == {"programme_id", "level", "moment", "responses"}


def test_what_was_answered_is_kept_without_who() -> None:
    made, person = evaluation(), new_id()
    answer(made, by=person)
    assert str(person) not in str(to_plain(made.answers))


def test_the_order_of_answers_does_not_tell_who_came_when() -> None:
    def kept(points: list[int]) -> tuple:
        return answered(points).answers

    assert kept([5, 1, 3]) == kept([3, 5, 1])


def test_only_results_that_enough_answered_are_published() -> None:
    made = answered([4] * 5)
    answer(made, level=ATTITUDES)
    made.collect()
    made.release(instruments_for(OUTCOMES), POLICY)
    event = only(EvaluationSummarised, made.collect())
    assert (event.level, event.responses, event.mean) == (REACTION, 5, Decimal("4.00"))


@pytest.mark.parametrize(("points", "mean"), [([4] * 5, Decimal("4.00")), ([4] * 4, None)])
def test_completion_tells_the_reaction_where_enough_answered(
    points: list[int], mean: Decimal | None
) -> None:
    programme = delivered(5)
    programme.complete(certificates=5, reaction=released(answered(points)))
    event = only(ProgrammeCompleted, programme.collect())
    assert (event.responses, event.mean_reaction) == (len(points), mean)


def asked(
    programme: Programme, level: KirkpatrickLevel, moment: Moment, at: datetime = BEFORE
) -> None:
    programme.instrument(level, moment, participants_of(programme)[0], at=at, policy=POLICY)


def test_learning_is_asked_before_from_enrolment_on() -> None:
    programme = enrolling()
    programme.enrol(new_id(), at=BEFORE, policy=POLICY)
    asked(programme, KNOWLEDGE, Moment.BEFORE)


def test_before_is_over_once_the_programme_is_delivered() -> None:
    with pytest.raises(Conflict) as refused:
        asked(delivered(), KNOWLEDGE, Moment.BEFORE)
    assert refused.value.rule == "programme-state"


@pytest.mark.parametrize("level", [REACTION, ATTITUDES, KNOWLEDGE])
def test_reaction_and_learning_after_open_at_close(level: KirkpatrickLevel) -> None:
    with pytest.raises(Conflict) as refused:
        asked(running(), level, Moment.AFTER)
    assert refused.value.rule == "programme-state"
    asked(delivered(), level, Moment.AFTER)


def test_nothing_is_asked_once_the_programme_is_completed() -> None:
    programme = delivered()
    programme.complete(certificates=1, reaction=reaction(evaluation()))
    with pytest.raises(Conflict) as refused:
        asked(programme, REACTION, Moment.AFTER)
    assert refused.value.rule == "programme-state"


def test_who_is_not_enrolled_is_not_asked() -> None:
    with pytest.raises(Conflict) as refused:
        delivered().instrument(REACTION, Moment.AFTER, new_id(), at=LATER, policy=POLICY)
    assert refused.value.rule == "evaluated-by-enrolled"


def test_who_attended_nothing_is_not_asked_about_the_teaching() -> None:
    programme = running()
    attend(programme, by=())
    programme.deliver(at=LATER, policy=POLICY)
    with pytest.raises(Conflict) as refused:
        asked(programme, REACTION, Moment.AFTER)
    assert refused.value.rule == "evaluated-by-those-present"


def test_no_figure_is_shown_before_the_release_however_many_answered() -> None:
    """Six times the mean less five times the mean was the sixth answer."""
    for many in ([5] * 5, [5] * 6, [1] * 40):
        result = reaction(answered(many))
        assert (result.responses, result.mean, result.released) == (len(many), None, False)
        assert all(question.mean is None for question in result.questions)


def test_what_was_released_takes_no_further_answer_and_never_changes() -> None:
    made = answered([5, 5, 4, 4, 3])
    first = released(made)
    with pytest.raises(Conflict) as refused:
        answer(made, 1)
    assert refused.value.rule == "released-once"
    assert released(made) == reaction(made) == first


def test_a_release_that_too_few_answered_stays_without_figures() -> None:
    made = answered([5] * 4)
    released(made)
    made.collect()
    with pytest.raises(Conflict):
        answer(made, 1)
    assert released(made, Policy(fewest_responses=3)).mean is None
    assert made.collect() == []


def test_results_are_published_once() -> None:
    made = answered([4] * 5)
    released(made)
    released(made)
    assert len(made.collect()) == 1


def test_before_closes_when_the_first_session_begins() -> None:
    programme = running()
    asked(programme, KNOWLEDGE, Moment.BEFORE, at=FIRST_DAY - timedelta(seconds=1))
    with pytest.raises(Conflict) as refused:
        asked(programme, KNOWLEDGE, Moment.BEFORE, at=FIRST_DAY)
    assert refused.value.rule == "before-teaching"


def test_before_stays_open_as_long_as_the_first_session_is_put_off() -> None:
    programme = running()
    programme.cancel_session(programme.sessions[0].id, "Snow", at=FIRST_DAY, policy=POLICY)
    asked(programme, KNOWLEDGE, Moment.BEFORE, at=FIRST_DAY + timedelta(hours=1))


@pytest.mark.parametrize(
    ("level", "opens", "closes"),
    [
        (KirkpatrickLevel.BEHAVIOUR, date(2026, 6, 3), date(2026, 9, 3)),
        (KirkpatrickLevel.ORGANISATION, date(2027, 3, 3), date(2027, 6, 3)),
        (KirkpatrickLevel.BENEFIT, date(2027, 3, 3), date(2027, 6, 3)),
    ],
)
def test_behaviour_and_results_are_asked_months_later(
    level: KirkpatrickLevel, opens: date, closes: date
) -> None:
    programme = delivered()  # the last session was on 3 March 2026
    for day, is_open in (
        (opens - timedelta(days=1), False),
        (opens, True),
        (closes, True),
        (closes + timedelta(days=1), False),
    ):
        at = datetime.combine(day, time(12), UTC)
        instrument = instrument_for(OUTCOMES, level, Moment.AFTER)
        assert programme.window_of(instrument, POLICY).is_open(at) is is_open
        if not is_open:
            with pytest.raises(Conflict) as refused:
                asked(programme, level, Moment.AFTER, at=at)
            assert refused.value.rule == "evaluation-window"


def test_months_are_counted_in_the_zone_of_the_last_session() -> None:
    far = timezone(timedelta(hours=13))
    starts_at = datetime(2026, 3, 3, 9, tzinfo=far)
    programme = running(
        sessions=(Session(new_id(), "Seminar", starts_at, starts_at + timedelta(hours=2), False),)
    )
    attend(programme, *programme.sessions, by=participants_of(programme))
    programme.deliver(at=LATER, policy=POLICY)
    in_the_far_zone = datetime(2026, 6, 2, 12, tzinfo=UTC)  # 3 June there
    asked(programme, KirkpatrickLevel.BEHAVIOUR, Moment.AFTER, at=in_the_far_zone)


def test_three_months_after_the_last_of_november_is_the_last_of_february() -> None:
    starts_at = datetime(2026, 11, 30, 9, tzinfo=UTC)
    programme = running(
        sessions=(Session(new_id(), "Seminar", starts_at, starts_at + timedelta(hours=2), False),)
    )
    instrument = instrument_for(OUTCOMES, KirkpatrickLevel.BEHAVIOUR, Moment.AFTER)
    assert programme.window_of(instrument, POLICY).first_day == date(2027, 2, 28)


def test_the_months_of_a_window_are_in_order() -> None:
    with pytest.raises(OutOfBounds):
        Policy(behaviour_opens_months=7)
