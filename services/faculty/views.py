"""What is shown of enrolments and evaluations, put together from several records."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.faculty.domain.attendance import attended_by
from services.faculty.domain.enrolment import Enrolment, EnrolmentState
from services.faculty.domain.evaluation import Evaluation
from services.faculty.domain.instruments import instruments_for
from services.faculty.domain.participant import Participant
from services.faculty.domain.policy import Policy
from services.faculty.domain.programme import Programme


def enrolment_view(programme: Programme, enrolment: Enrolment) -> dict[str, Any]:
    queue = programme.enrolments_that_are(EnrolmentState.WAITING)
    return {
        **asdict(enrolment),
        "programme_id": programme.id,
        "place_in_queue": queue.index(enrolment) + 1 if enrolment in queue else None,
    }


def register_view(programme: Programme, people: Mapping[UUID, Participant]) -> list[dict[str, Any]]:
    """The enrolments of those people, with their attendance once the programme runs."""
    return [
        {
            **enrolment_view(programme, enrolment),
            "name": people[enrolment.participant_id].name,
            "profession": people[enrolment.participant_id].profession,
            **_attendance(programme, enrolment),
        }
        for enrolment in programme.enrolments
        if enrolment.participant_id in people
    ]


def evaluation_view(programme: Programme, evaluation: Evaluation, policy: Policy) -> dict[str, Any]:
    return {
        "programme_id": programme.id,
        "results": [
            {
                **asdict(evaluation.result(instrument, policy)),
                "open": programme.state in instrument.open_in,
            }
            for instrument in instruments_for(programme.outcomes)
        ],
    }


def _attendance(programme: Programme, enrolment: Enrolment) -> dict[str, Any]:
    if not enrolment.was_enrolled or not programme.attendance:
        return {
            "attended_hours": None,
            "attended_percent": None,
            "missed_mandatory": [],
        }
    attended = attended_by(enrolment.participant_id, programme.sessions, programme.attendance)
    return {
        "attended_hours": attended.hours,
        "attended_percent": attended.percent,
        "missed_mandatory": attended.missed_mandatory,
    }
