"""What is shown of enrolments and evaluations, put together from several records."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from services.faculty.domain.answers import Respondent
from services.faculty.domain.enrolment import Enrolment, EnrolmentState
from services.faculty.domain.evaluation import Evaluation
from services.faculty.domain.instruments import instruments_for
from services.faculty.domain.participant import Participant
from services.faculty.domain.policy import Policy
from services.faculty.domain.programme import Programme
from services.faculty.importing import Verdict
from services.faculty.schemas import ImportOutcome, ProgrammeView
from shared.work import Work


def programme_of_partner(programme: Programme, own: Collection[UUID]) -> SimpleNamespace:
    """The programme as a partner sees it: of those present, its own people alone."""
    names = (field.attribute or name for name, field in ProgrammeView().fields.items())
    shown = SimpleNamespace(**{name: getattr(programme, name) for name in names})
    shown.attendance = tuple(
        replace(each, present_ids=tuple(id_ for id_ in each.present_ids if id_ in own))
        for each in programme.attendance
    )
    return shown


def enrolment_view(programme: Programme, enrolment: Enrolment, work: Work) -> dict[str, Any]:
    place = programme.place_in_queue(enrolment)
    return {
        **asdict(enrolment),
        "state": EnrolmentState.LAPSED if enrolment.offer_lapsed(work.now) else enrolment.state,
        "programme_id": programme.id,
        "place_in_queue": place,
        "waiting_because": None if place is None else _why_waiting(programme, enrolment, place),
        "certificate_out_of_reach": _out_of_reach(programme, enrolment, work.policy),
    }


def own_enrolments_view(
    programmes: Iterable[Programme], own: Collection[UUID], work: Work
) -> list[dict[str, Any]]:
    """The enrolments of these participants, the latest programme first."""
    return [
        {
            **enrolment_view(programme, enrolment, work),
            "reference": programme.reference,
            "title": programme.title,
            "programme_state": programme.state,
        }
        for programme in programmes
        for enrolment in programme.enrolments
        if enrolment.participant_id in own
    ]


def register_view(
    programme: Programme,
    people: Mapping[UUID, Participant],
    answered: Iterable[Respondent],
    work: Work,
) -> list[dict[str, Any]]:
    """The enrolments of those people, with their attendance once the programme runs."""
    by_person: dict[UUID, list[Respondent]] = {}
    for each in answered:
        by_person.setdefault(each.participant_id, []).append(each)
    return [
        {
            **enrolment_view(programme, enrolment, work),
            "name": people[enrolment.participant_id].name,
            "profession": people[enrolment.participant_id].profession,
            **_attendance(programme, enrolment),
            "answered": by_person.get(enrolment.participant_id, []),
            "same_person": _same_person(programme, enrolment, people, work),
        }
        for enrolment in programme.enrolments
        if enrolment.participant_id in people
    ]


def evaluation_view(programme: Programme, evaluation: Evaluation, work: Work) -> dict[str, Any]:
    return {
        "programme_id": programme.id,
        "results": [
            {
                **asdict(evaluation.result(instrument, work.policy)),
                "open": programme.window_of(instrument, work.policy).is_open(work.now),
            }
            for instrument in instruments_for(programme.outcomes)
        ],
    }


def _same_person(
    programme: Programme, enrolment: Enrolment, people: Mapping[UUID, Participant], work: Work
) -> list[UUID]:
    """Further places that the person has under other records; partners do not see them."""
    if work.actor.scope or not enrolment.stands:
        return []
    person = people[enrolment.participant_id]
    return [
        each.id
        for each in programme.enrolments
        if each.stands
        and each.id != enrolment.id
        and (other := people.get(each.participant_id)) is not None
        and other.is_same_person(person)
    ]


def imported_view(verdict: Verdict, *, tried: bool) -> dict[str, Any]:
    """tried: in a dry run, of which nothing is kept, ids of what is new mean nothing."""
    enrolment = verdict.enrolment
    is_new = tried and verdict.outcome in (ImportOutcome.CREATED, ImportOutcome.CHANGED)
    was_there = verdict.outcome is not ImportOutcome.CREATED
    return {
        **vars(verdict),
        "participant_id": None if tried and not was_there else verdict.participant_id,
        "enrolment_id": None if enrolment is None or is_new else enrolment.id,
        "state": None if enrolment is None else enrolment.state,
    }


def _attendance(programme: Programme, enrolment: Enrolment) -> dict[str, Any]:
    if not enrolment.was_enrolled or not programme.attendance:
        return {
            "attended_hours": None,
            "attended_percent": None,
            "missed_mandatory": [],
        }
    attended = programme.attended_by(enrolment.participant_id)
    return {
        "attended_hours": attended.hours,
        "attended_percent": attended.percent,
        "missed_mandatory": attended.missed_mandatory,
    }


def _why_waiting(programme: Programme, enrolment: Enrolment, place: int) -> str:
    suitable = programme.room.suiting(enrolment.wanted)
    offered = sum(
        each.place in suitable for each in programme.enrolments_that_are(EnrolmentState.OFFERED)
    )
    taken = programme.room.all_taken(enrolment.wanted)
    on_offer = f" or on offer ({offered})" if offered else ""
    before = place - 1
    return f"{taken}{on_offer}. " + (
        "You are next." if not before else f"{before} before you on the waiting list."
    )


def _out_of_reach(programme: Programme, enrolment: Enrolment, policy: Policy) -> str | None:
    if enrolment.state is not EnrolmentState.ENROLLED:
        return None
    attended = programme.attended_by(enrolment.participant_id)
    return attended.out_of_reach(programme.percent_needed(policy))
