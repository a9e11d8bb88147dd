"""Whose own: the contracts under which a consultant works, by the teams of their engagements."""

from typing import Any

from sqlalchemy import ColumnElement, Text, cast, false, or_, select

from services.contract.domain.contract import Contract
from services.contract.store import contracts, known_consultants, known_teams
from shared.errors import Forbidden
from shared.work import Work


def own_contract(work: Work, contract: Contract, _: dict[str, Any]) -> None:
    mine = select(contracts.c.id).where(contracts.c.id == contract.id, own_contracts(work))
    if work.session.scalar(mine) is None:
        raise Forbidden(
            "Consultants see the contracts of the engagements on whose team they are; ask the "
            "partnerships team.",
            rule="own-contract",
        )


def own_contracts(work: Work) -> ColumnElement[bool]:
    linked = select(known_consultants.c.id).where(known_consultants.c.account_id == work.actor.id)
    # The team is one JSON value; an id stands in it once, and in nothing else.
    in_team = (
        cast(known_teams.c.consultant_ids, Text).contains(str(id))
        for id in work.session.scalars(linked)
    )
    return contracts.c.id.in_(select(known_teams.c.contract_id).where(or_(false(), *in_team)))
