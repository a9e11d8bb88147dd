"""Whose a programme is: what a programme lead may do is for the programmes that they lead."""

from typing import Any

from sqlalchemy import ColumnElement, select

from services.faculty.domain.certificate import Certificate
from services.faculty.domain.programme import Programme
from services.faculty.store import certificates, programmes
from shared.errors import Forbidden, NotFound
from shared.events.permissions import PERMISSIONS, Permission
from shared.work import Work


def leads(work: Work, programme: Programme) -> bool:
    """Whether the actor leads it now, and still has a role that runs programmes."""
    may_run = PERMISSIONS.extent(work.actor.roles, Permission.PROGRAMME_RUN) is not None
    return may_run and programme.lead_id == work.actor.id


def must_lead(work: Work, programme: Programme, _: dict[str, Any]) -> None:
    """Raises Forbidden where somebody else leads the programme."""
    if not leads(work, programme):
        raise Forbidden(
            "Somebody else leads this programme. An officer or a manager of the partnerships team "
            "can step in, or make you its lead.",
            rule="own-programme",
        )


def must_lead_its_programme(work: Work, certificate: Certificate, values: dict[str, Any]) -> None:
    must_lead(work, work.get(Programme, certificate.programme_id), values)


def must_lead_what_is_designed(work: Work, _: None, body: dict[str, Any]) -> None:
    """A lead designs programmes of their own; others are given to people by the office."""
    if body["lead_id"] not in (None, work.actor.id):
        raise Forbidden(
            "You design programmes that you lead yourself. Leave the lead out; an officer or a "
            "manager of the partnerships team can name somebody else afterwards.",
            rule="own-programme",
            field="lead_id",
            accepted="nothing, or your own account",
        )


def must_be_seen(work: Work, programme: Programme) -> None:
    """Raises NotFound for a draft, as for no programme, where the actor sees none.

    The desk does so for guests, by `Programme.shown_to`.
    """
    sees_drafts = PERMISSIONS.allows(work.actor.roles, Permission.DRAFT_READ)
    if programme.is_draft and not (sees_drafts or leads(work, programme)):
        raise NotFound(f"There is no programme {programme.id}.", rule="exists", field="id")


def led(work: Work) -> ColumnElement[bool]:
    """The programmes that the actor leads."""
    return programmes.c.lead_id == work.actor.id


def of_programmes_led(work: Work) -> ColumnElement[bool]:
    """The certificates of the programmes that the actor leads."""
    return certificates.c.programme_id.in_(select(programmes.c.id).where(led(work)))
