"""Keeping the record of consultants, and by whom."""

import dataclasses
from typing import Any

from sqlalchemy import select

from services.consultancy import schemas
from services.consultancy.commands.plans import plans_of
from services.consultancy.domain.consultant import Consultant, Profile
from services.consultancy.domain.plan_warnings import absence_warnings
from services.consultancy.operations import operations
from services.consultancy.store import consultants
from shared import personal_changes
from shared.errors import Conflict
from shared.events.permissions import Permission
from shared.identifiers import UUID
from shared.work import Work


@operations.command(
    "POST /consultants",
    needs=Permission.CONSULTANT_KEEP,
    takes=schemas.NewConsultant,
    gives=schemas.ConsultantView,
    creates="/consultants/{id}",
)
def register_consultant(work: Work, body: dict[str, Any]) -> Consultant:
    """Register a consultant with expertise, languages, day rates and availability."""
    known = dict(body)
    identifier = work.chosen_id(Consultant, known.pop("id"))
    profile = Profile(**known).checked()
    profile.check_new_dates((), work.today, work.policy)
    _require_untaken(work, profile, identifier)
    return work.add(
        Consultant.register(identifier, work.next_reference("CON"), profile, by=work.actor.id)
    )


@operations.command(
    "PATCH /consultants/{id}",
    needs=Permission.CONSULTANT_KEEP,
    on=Consultant,
    takes=schemas.ConsultantChange,
    gives=schemas.ConsultantView,
)
def change_consultant(work: Work, consultant: Consultant, body: dict[str, Any]) -> Consultant:
    """Change what is known of a consultant; a list that is sent takes the place of the old one.

    The answer warns of engagements that are planned for dates of a new absence.

    The link to an account is changed by somebody else than the person who is, was or would be
    linked.
    """
    profile = dataclasses.replace(consultant.profile, **body).checked()
    profile.check_new_dates(consultant.availability, work.today, work.policy)
    _require_untaken(work, profile, consultant.id)
    known, before = consultant.availability, consultant.personal
    consultant.change(profile, by=work.actor.id)
    personal_changes.keep(work, consultant.subject, before, consultant.personal)
    consultant.warnings = absence_warnings(
        consultant.name,
        [each for each in consultant.availability if each not in known],
        plans_of(work, consultant.id),
    )
    return consultant


def _require_untaken(work: Work, profile: Profile, by: UUID) -> None:
    for field, word in (
        ("email", "e-mail address"),
        ("orcid", "ORCID iD"),
        ("account_id", "account"),
    ):
        value = getattr(profile, field)
        if value is None:
            continue
        holder = work.session.execute(
            select(consultants.c.reference).where(
                consultants.c[field] == value, consultants.c.id != by
            )
        ).scalar()
        if holder is not None:
            raise Conflict(
                f"Consultant {holder} already has this {word}; change that record instead.",
                rule="consultant-registered-once",
                field=field,
            )
