"""Turns: commands that come at once wait for each other, and nobody is asked to try again.

Always in this order, so that two never wait for each other: the evaluation, its programme. Whoever
holds the programme asks for no evaluation any more.
"""

from sqlalchemy import select

from services.faculty.domain.evaluation import Evaluation
from services.faculty.domain.programme import Programme
from services.faculty.store import evaluations
from shared.work import Work


def take_turn(work: Work, programme: Programme) -> None:
    """Wait until nobody else changes the programme, and see it as it is then."""
    work.session.refresh(programme, with_for_update=True)


def evaluation_of(work: Work, programme: Programme) -> Evaluation | None:
    """The programme's evaluation, for a change; None before enrolment is opened."""
    statement = select(Evaluation).where(evaluations.c.programme_id == programme.id)
    return work.session.scalars(statement.with_for_update()).one_or_none()
