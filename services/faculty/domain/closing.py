"""What completing a programme would hide for good: results that too few have answered.

| Answers after the teaching | Completing |
|---|---|
| five or more about the reaction, none at other levels | goes on |
| fewer than five about the reaction, or nobody at all | must be confirmed |
| five about the reaction, one to four at another level | must be confirmed |
| fewer than five before the teaching | goes on: these questions are closed, nothing can be done |
| fewer than five can answer at all | must be confirmed: nothing will ever be shown |
"""

from collections.abc import Iterable

from services.faculty.domain.answers import Result
from services.faculty.domain.policy import Policy
from shared.errors import Conflict
from shared.events.faculty import Moment
from shared.events.vocabulary import KirkpatrickLevel


def must_hide_nothing(results: Iterable[Result], *, present: int, policy: Policy) -> None:
    """Raises Conflict where one of these results would stay hidden.

    present: how many attended, and so can answer.
    """
    hidden = [each for each in results if _would_be_missed(each)]
    if not hidden:
        return
    advice = "Remind those who have not answered"
    if present < policy.fewest_responses:
        advice = f"Results need {policy.fewest_responses} answers, and only {present} took part"
    lacking = "; ".join(_lacking(each, policy) for each in hidden)
    raise Conflict(
        f"Too few have answered to show a result: {lacking}. Completing closes the questions, and "
        f"these results stay hidden for good. {advice}; to complete the programme all the same, "
        "send confirm_few_answers.",
        rule="few-answers-confirmed",
        field="confirm_few_answers",
        accepted="true, or more answers first",
    )


def _would_be_missed(result: Result) -> bool:
    """What nobody has answered is missed at one level alone: every programme asks for reactions."""
    if result.moment is Moment.BEFORE or not result.still_needed:
        return False
    return result.responses > 0 or result.level is KirkpatrickLevel.REACTION


def _lacking(result: Result, policy: Policy) -> str:
    answers = "1 answer" if result.responses == 1 else f"{result.responses or 'no'} answers"
    mixed = result.responses + result.still_needed > policy.fewest_responses
    return (
        f"{answers} about {result.level.name.lower()} (level {result.level}), "
        f"{result.still_needed} more needed{' from participants themselves' if mixed else ''}"
    )
