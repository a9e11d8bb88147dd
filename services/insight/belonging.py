"""Whose own: what happened under the contracts of a consultant, by the teams of engagements."""

from sqlalchemy import ColumnElement, Text, cast, false, or_, select

from services.insight.store import consultants, teams, timeline
from shared.work import Work


def own_entries(work: Work) -> ColumnElement[bool]:
    linked = select(consultants.c.id).where(consultants.c.account_id == work.actor.id)
    # The team is one JSON value; an id stands in it once, and in nothing else.
    in_team = (
        cast(teams.c.consultant_ids, Text).contains(str(id)) for id in work.session.scalars(linked)
    )
    return timeline.c.contract_id.in_(select(teams.c.contract_id).where(or_(false(), *in_team)))
