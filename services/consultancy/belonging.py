"""Whose own: a consultant's record and days, and the engagements on whose team they are.

For people whose permission reaches only their own; the account linked to a consultant's record
says which consultant somebody is.
"""

from typing import Any

from sqlalchemy import ColumnElement, Text, cast, false, or_, select, true

from services.consultancy.domain.consultant import Consultant
from services.consultancy.domain.day_entry import DayEntry, EntryState
from services.consultancy.domain.deliverable import Deliverable
from services.consultancy.domain.engagement import Engagement
from services.consultancy.store import consultants, day_entries, deliverables, engagements
from shared.errors import Forbidden
from shared.events.permissions import PERMISSIONS, Permission
from shared.identifiers import UUID
from shared.work import Work


def own_record(work: Work, consultant: Consultant, _: dict[str, Any]) -> None:
    if consultant.id != _consultant_of(work):
        raise _not_theirs("Consultants see their own record only.", "own-record")


def own_records(work: Work) -> ColumnElement[bool]:
    return consultants.c.account_id == work.actor.id


def own_engagement(work: Work, engagement: Engagement, _: dict[str, Any]) -> None:
    if not is_of_team(work, engagement):
        raise _not_theirs(
            "Consultants act on the engagements of their own team only; ask the partnerships team.",
            "own-engagement",
        )


def own_engagements(work: Work) -> ColumnElement[bool]:
    consultant = _consultant_of(work)
    if consultant is None:
        return false()
    # The team is one JSON value; an id stands in it once, and in nothing else.
    return cast(engagements.c.team, Text).contains(str(consultant))


def own_deliverable(work: Work, deliverable: Deliverable, _: dict[str, Any]) -> None:
    own_engagement(work, work.get(Engagement, deliverable.engagement_id), _)


def own_deliverables(work: Work) -> ColumnElement[bool]:
    mine = select(engagements.c.id).where(own_engagements(work))
    return deliverables.c.engagement_id.in_(mine)


def own_days(work: Work, _: Engagement, body: dict[str, Any]) -> None:
    consultant = _consultant_of(work)
    if consultant is None or body["consultant_id"] != consultant:
        raise _not_theirs(
            "Consultants log their own days only; ask the partnerships team to log this for them, "
            "or to link your account to your record.",
            "own-days",
            field="consultant_id",
        )


def own_entry(work: Work, entry: DayEntry, _: dict[str, Any]) -> None:
    if entry.consultant_id != _consultant_of(work) and entry.logged_by != work.actor.id:
        raise _not_theirs(
            "Only the person who logged or worked these days, or the partnerships team, sees and "
            "changes them.",
            "own-days",
        )


def own_entries(work: Work) -> ColumnElement[bool]:
    consultant = _consultant_of(work)
    return false() if consultant is None else day_entries.c.consultant_id == consultant


def sees_entry(work: Work, entry: DayEntry) -> bool:
    """Drafts are for those who keep the log, and for who worked the days."""
    if entry.state is not EntryState.DRAFT or _sees_drafts(work):
        return True
    return entry.consultant_id == _consultant_of(work)


def seen_entries(work: Work) -> ColumnElement[bool]:
    """The entries that `sees_entry` shows."""
    if _sees_drafts(work):
        return true()
    return or_(day_entries.c.state != EntryState.DRAFT, own_entries(work))


def _sees_drafts(work: Work) -> bool:
    return PERMISSIONS.allows(work.actor.roles, Permission.DRAFT_READ)


def is_of_team(work: Work, engagement: Engagement) -> bool:
    consultant = _consultant_of(work)
    return any(each.consultant_id == consultant for each in engagement.team)


def _consultant_of(work: Work) -> UUID | None:
    """The consultant that the actor is, by the account linked to the record."""
    return work.session.scalar(select(consultants.c.id).where(own_records(work)))


def _not_theirs(message: str, rule: str, *, field: str = "") -> Forbidden:
    return Forbidden(message, rule=rule, field=field)
