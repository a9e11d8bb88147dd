"""Whose own: what happened under the contracts of a consultant, and drafts of one's own work."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, false, or_, select

from services.insight.domain.visibility import DRAFTS_OF_DAYS, DRAFTS_OF_PROGRAMMES
from services.insight.store import consultants, programmes, teams, timeline
from shared.events.permissions import PERMISSIONS, Permission
from shared.work import Work


def own_entries(work: Work) -> ColumnElement[bool]:
    # The team is one JSON value; an id stands in it once, and in nothing else.
    in_team = (cast(teams.c.consultant_ids, Text).contains(str(id)) for id in _records(work))
    return timeline.c.contract_id.in_(select(teams.c.contract_id).where(or_(false(), *in_team)))


def own_drafts(work: Work) -> ColumnElement[bool]:
    """The drafts of programmes that the reader leads, and of days that the reader worked.

    As in the services that own them: for a lead, `draft.read` reaches their own programmes.
    """
    of = timeline.c
    leads = PERMISSIONS.extent(work.actor.roles, Permission.DRAFT_READ) is not None
    led = select(programmes.c.id).where(programmes.c.lead_id == work.actor.id)
    ids = work.session.scalars(led).all() if leads else ()
    worked = of.data["entry"]["consultant_id"].as_string()
    records = [str(id) for id in _records(work)]
    return or_(
        and_(of.type.in_(DRAFTS_OF_PROGRAMMES), of.subject.in_([f"programme/{id}" for id in ids])),
        and_(of.type.in_(DRAFTS_OF_DAYS), worked.in_(records)),
    )


def not_about_hidden_programmes(work: Work) -> ColumnElement[bool]:
    """Nothing about programmes that are still being designed, or were given up before they were
    published; to who leads them they are open.
    """
    hidden = select(programmes.c.id).where(~programmes.c.is_published)
    if PERMISSIONS.extent(work.actor.roles, Permission.DRAFT_READ) is not None:
        hidden = hidden.where(programmes.c.lead_id.is_distinct_from(work.actor.id))
    subjects = [f"programme/{id}" for id in work.session.scalars(hidden)]
    return or_(timeline.c.named_by.is_(None), timeline.c.named_by.not_in(subjects))


def _records(work: Work) -> Sequence[UUID]:
    """The consultants that the reader is, by the account linked to the record."""
    linked = select(consultants.c.id).where(consultants.c.account_id == work.actor.id)
    return work.session.scalars(linked).all()
