"""Turns: commands that come at once wait for each other, and nobody is asked to try again.

A command waits for its programme (`shared.desk`) before it waits for the programme's evaluation, so
that two never wait for each other.
"""

from sqlalchemy import select

from services.faculty.domain.evaluation import Evaluation
from services.faculty.domain.programme import Programme
from services.faculty.store import evaluations
from shared.work import Work


def evaluation_of(work: Work, programme: Programme) -> Evaluation | None:
    """The programme's evaluation, for a change; None before enrolment is opened."""
    statement = select(Evaluation).where(evaluations.c.programme_id == programme.id)
    return work.session.scalars(statement.with_for_update()).one_or_none()
