"""What may be read of timelines and counts."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
)

from services.insight import schemas
from services.insight.belonging import not_about_hidden_programmes, own_drafts, own_entries
from services.insight.domain.trail import before_each
from services.insight.domain.visibility import DRAFT_STATES, EVERYTHING, sees_finance, visible_to
from services.insight.operations import operations
from services.insight.store import contracts, deadlines, invoices, partners, subjects, timeline
from shared import paging
from shared.errors import NotFound
from shared.events.permissions import PERMISSIONS, Permission
from shared.filters import equal
from shared.names import order_key
from shared.work import Work

_SORTS = {"occurred_at": timeline.c.occurred_at}
_NEWEST_FIRST: dict[str, Any] = {
    "gives": schemas.EntryView,
    "own": own_entries,
    "sorts": _SORTS,
    "default_sort": "-occurred_at",
    "key": timeline.c.event_id,
}


@operations.listing(
    "GET /timeline", needs=Permission.TIMELINE_READ, takes=schemas.TimelineFilter, **_NEWEST_FIRST
)
def get_timeline(work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """Everything that happened, newest first, as far as the reader may see it."""
    return _entries(work, wanted)


@operations.listing(
    "GET /partners/{id}/timeline",
    needs=Permission.TIMELINE_READ,
    takes=schemas.PartnerTimelineFilter,
    scoped_by=timeline.c.partner_id,
    **_NEWEST_FIRST,
)
def get_partner_timeline(work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """What happened with one partner, in all services, newest first."""
    partner_id = wanted.pop("id")
    _check_known(work, partner_id, partners.c.id == partner_id, partners.c.id, "partner")
    return _entries(work, wanted).where(timeline.c.partner_id == partner_id)


@operations.listing(
    "GET /contracts/{id}/timeline",
    needs=Permission.TIMELINE_READ,
    takes=schemas.ContractTimelineFilter,
    scoped_by=timeline.c.partner_id,
    **_NEWEST_FIRST,
)
def get_contract_timeline(work: Work, wanted: dict[str, Any]) -> Select[Any]:
    """What happened under one contract, in all services, newest first."""
    contract_id = wanted.pop("id")
    is_it = contracts.c.id == contract_id
    if not _shows_drafts(work):
        is_it &= contracts.c.state.not_in(DRAFT_STATES)
    _check_known(work, contract_id, is_it, contracts.c.partner_id, "contract")
    return _entries(work, wanted | {"contract_id": contract_id})


# Not a listing: what was before an event takes a look at its subject's other events.
@operations.query(
    "GET /audit",
    needs=Permission.AUDIT_READ,
    takes=schemas.AuditFilter,
    gives=schemas.AuditPage,
)
def get_audit_trail(work: Work, wanted: dict[str, Any]) -> dict[str, Any]:
    """Who did what to what, when and why, with what was there before, newest first."""
    page = paging.fetch(
        work.session,
        equal(
            _entries(work, wanted),
            wanted,
            subject=timeline.c.subject,
            actor_id=timeline.c.actor,
            type=timeline.c.type,
            partner_id=timeline.c.partner_id,
        ),
        sorts=_SORTS,
        key=timeline.c.event_id,
        sort=wanted["sort"] or "-occurred_at",
        limit=wanted["limit"],
        cursor=wanted["cursor"],
    )
    before = _before(work, page.items)
    items = [
        {**each, "before": before[each["event_id"]], "reason": each["data"].get("reason")}
        for each in page.items
    ]
    return {"items": items, "next": page.next}


@operations.query("GET /overview", needs=Permission.OVERVIEW_READ, gives=schemas.Overview)
def get_overview(work: Work, _: dict[str, Any]) -> dict[str, Any]:
    """Partners and contracts by state, what is due soon or overdue, and overdue invoices."""
    may_see_finance = sees_finance(work.actor.roles)
    return {
        "partners": _by_state(work, partners),
        "contracts": _agreed(work, _by_state(work, contracts)),
        "due_soon": _due_soon(work, with_invoices=may_see_finance),
        "invoices_overdue": _overdue(work) if may_see_finance else [],
    }


def _entries(work: Work, wanted: dict[str, Any]) -> Select[Any]:
    statement: Select[Any] = (
        select(
            *timeline.c,
            partners.c.name.label("partner_name"),
            contracts.c.reference.label("contract_reference"),
            subjects.c.name,
            literal(_shows(work, Permission.MONEY_READ), Boolean).label("shows_money"),
        )
        .outerjoin(partners, partners.c.id == timeline.c.partner_id)
        .outerjoin(contracts, contracts.c.id == timeline.c.contract_id)
        .outerjoin(subjects, subjects.c.subject == timeline.c.named_by)
    )
    visible = visible_to(work.actor.roles)
    if visible != EVERYTHING:
        is_open = timeline.c.type.in_(sorted(visible))
        statement = statement.where(is_open if work.actor.scope else or_(is_open, own_drafts(work)))
    if not _shows_drafts(work):
        drafted = contracts.c.state.in_(DRAFT_STATES)
        statement = statement.where(
            or_(contracts.c.state.is_(None), ~drafted), not_about_hidden_programmes(work)
        )
    if "kind" in wanted:
        kind = wanted["kind"]
        column = timeline.c.type if "." in kind else timeline.c.source
        statement = statement.where(column == kind)
    statement = equal(statement, wanted, contract_id=timeline.c.contract_id)
    if "since" in wanted:
        statement = statement.where(timeline.c.occurred_at >= wanted["since"])
    if "until" in wanted:
        statement = statement.where(timeline.c.occurred_at < wanted["until"])
    return statement


def _shows(work: Work, permission: Permission) -> bool:
    """Partners see their own; in the office it must be open to the reader everywhere."""
    return work.actor.scope is not None or PERMISSIONS.allows(work.actor.roles, permission)


def _shows_drafts(work: Work) -> bool:
    return PERMISSIONS.allows(work.actor.roles, Permission.DRAFT_READ)


def _before(work: Work, entries: Sequence[Any]) -> dict[UUID, dict[str, Any]]:
    """By event id, for these timeline entries and what came before them."""
    events = timeline.c
    history = work.session.execute(
        select(events.source, events.subject, events.event_id, events.data)
        .where(
            events.subject.in_({each["subject"] for each in entries}),
            events.sequence <= max((each["sequence"] for each in entries), default=0),
        )
        .order_by(events.source, events.subject, events.sequence)
    )
    before: dict[UUID, dict[str, Any]] = {}
    for _, told in groupby(history, key=lambda row: (row.source, row.subject)):
        before.update(before_each((row.event_id, row.data) for row in told))
    return before


def _check_known(
    work: Work, id: UUID, is_it: ColumnElement[bool], belongs_to: Any, word: str
) -> None:
    """Raises NotFound for what is not known here, or is another partner's than the reader's."""
    found = work.session.execute(select(belongs_to).where(is_it)).one_or_none()
    if found is None or (work.actor.scope and found[0] != work.actor.scope):
        raise NotFound(f"There is no {word} {id}.", rule="exists", field="id")


def _agreed(work: Work, counted: dict[str, int]) -> dict[str, int]:
    """Without contracts that are still being drafted, or were given up before they were signed,
    for readers who see no drafts."""
    if _shows_drafts(work):
        return counted
    return {state: number for state, number in counted.items() if state not in DRAFT_STATES}


def _by_state(work: Work, table: Any) -> dict[str, int]:
    counted = select(table.c.state, func.count().label("number")).group_by(table.c.state)
    return {row.state: row.number for row in work.session.execute(counted)}


def _due_soon(work: Work, *, with_invoices: bool) -> list[Any]:
    today, policy = work.today, work.policy
    soon = today + timedelta(days=policy.due_soon_days)
    ends_soon = today + timedelta(days=policy.contract_end_soon_days)
    is_end = deadlines.c.kind == "contract_end"
    promised = select(
        deadlines.c.kind,
        deadlines.c.title,
        deadlines.c.due_on,
        deadlines.c.partner_id,
        deadlines.c.contract_id,
    ).where(
        # A milestone stays until it is decided, however late it is.
        or_(
            and_(is_end, deadlines.c.due_on.between(today, ends_soon)),
            and_(~is_end, deadlines.c.due_on <= soon),
        ),
    )
    due = select(
        literal("invoice").label("kind"),
        invoices.c.number.label("title"),
        invoices.c.due_on,
        invoices.c.partner_id,
        invoices.c.contract_id,
    ).where(invoices.c.is_open, invoices.c.due_on >= today, invoices.c.due_on <= soon)
    together = (promised.union_all(due) if with_invoices else promised).subquery()
    return _by_date(work, _with_names(together), "title")


def _overdue(work: Work) -> list[Any]:
    statement = _with_names(invoices).where(invoices.c.is_open, invoices.c.due_on < work.today)
    return _by_date(work, statement, "number")


def _by_date(work: Work, statement: Select[Any], name: str) -> list[Any]:
    """Earliest first; those of one day in the order of their names."""
    rows = work.session.execute(statement).mappings()
    return sorted(rows, key=lambda row: (row["due_on"], order_key(row[name] or "")))


def _with_names(table: Any) -> Select[Any]:
    return (
        select(
            *table.c,
            partners.c.name.label("partner_name"),
            contracts.c.reference.label("contract_reference"),
        )
        .select_from(table)
        .outerjoin(partners, partners.c.id == table.c.partner_id)
        .outerjoin(contracts, contracts.c.id == table.c.contract_id)
    )
