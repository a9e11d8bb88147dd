"""Logging days and deciding on them, and by whom."""

import dataclasses
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import func, select

from services.consultancy import schemas
from services.consultancy.belonging import own_days, own_entry
from services.consultancy.commands.known_contracts import budget_of
from services.consultancy.domain.consultant import Consultant
from services.consultancy.domain.day_entry import DayEntry, EntryState, Worked
from services.consultancy.domain.day_log import DayLog
from services.consultancy.domain.diary import DiaryDate
from services.consultancy.domain.engagement import Engagement
from services.consultancy.operations import operations
from services.consultancy.store import day_entries, open_diary_date
from shared.errors import Conflict
from shared.events.permissions import Permission
from shared.identifiers import UUID, new_id
from shared.work import Work


@operations.command(
    "POST /engagements/{engagement_id}/days",
    needs=Permission.DAY_LOG,
    own=own_days,
    on=Engagement,
    needs_version=False,
    takes=schemas.NewEntry,
    gives=schemas.EntryView,
    creates="/days/{id}",
)
def log_days(work: Work, engagement: Engagement, body: dict[str, Any]) -> DayEntry:
    """Log what a consultant worked on a date, as a draft.

    The first day starts a confirmed engagement. A caller that chooses `id` may send the
    same entry again: it is logged once.
    """
    claimed = dict(body)
    entry_id, consultant_id = claimed.pop("id") or new_id(), claimed.pop("consultant_id")
    role = engagement.role_of(consultant_id, claimed.pop("role", None))
    worked = Worked(role=role, **claimed)
    # Whatever is read from here on is as the last one who held the budget left it.
    day_log = _day_log(work, engagement.contract_id)
    work.session.refresh(engagement)
    logged_before = work.find(DayEntry, entry_id)
    if logged_before is not None:
        return _same(logged_before, engagement, consultant_id, worked)
    entry = day_log.log_days(
        entry_id,
        engagement,
        consultant_id,
        worked,
        by=work.actor.id,
        worker_account=_account_of(work, consultant_id),
        at=work.now,
        reversed_on=_reversed_on(work, engagement, consultant_id, worked.worked_on),
    )
    return work.add(entry)


@operations.command(
    "PATCH /days/{id}",
    needs=Permission.DAY_LOG,
    own=own_entry,
    on=DayEntry,
    takes=schemas.WorkedBody,
    gives=schemas.EntryView,
)
def correct_days(work: Work, entry: DayEntry, body: dict[str, Any]) -> DayEntry:
    """Correct an entry that is not approved; it is a draft again."""
    engagement = work.get(Engagement, entry.engagement_id)
    worked = dataclasses.replace(entry.worked, **body)
    engagement.role_of(entry.consultant_id, worked.role)
    day_log = _day_log(work, entry.contract_id)
    for each in sorted({entry.worked.worked_on, worked.worked_on}):
        day_log.diary_date(entry.consultant_id, each)  # held in this order by everybody
    day_log.correct_days(entry, engagement, worked, work.actor.id)
    return entry


@operations.command(
    "POST /days/{id}/submit",
    needs=Permission.DAY_LOG,
    own=own_entry,
    on=DayEntry,
    gives=schemas.EntryView,
)
def submit_days(_work: Work, entry: DayEntry, _: dict[str, Any]) -> DayEntry:
    """Submit an entry for approval."""
    entry.submit()
    return entry


@operations.command(
    "POST /days/{id}/withdraw",
    needs=Permission.DAY_LOG,
    own=own_entry,
    on=DayEntry,
    gives=schemas.EntryView,
)
def withdraw_days(work: Work, entry: DayEntry, _: dict[str, Any]) -> DayEntry:
    """Take back an entry that is not approved; its days no longer count."""
    _day_log(work, entry.contract_id).withdraw_days(entry)
    return entry


@operations.command(
    "POST /days/{id}/approve", needs=Permission.DAY_APPROVE, on=DayEntry, gives=schemas.EntryView
)
def approve_days(work: Work, entry: DayEntry, _: dict[str, Any]) -> DayEntry:
    """Approve a submitted entry that somebody else logged; it can no longer be changed."""
    entry.approve(work.actor.id, _account_of(work, entry.consultant_id), on=work.today)
    return entry


@operations.command(
    "POST /days/{id}/reject",
    needs=Permission.DAY_APPROVE,
    on=DayEntry,
    takes=schemas.Reason,
    gives=schemas.EntryView,
)
def reject_days(work: Work, entry: DayEntry, body: dict[str, Any]) -> DayEntry:
    """Reject a submitted entry with the reason; it can be corrected or withdrawn."""
    account = _account_of(work, entry.consultant_id)
    entry.reject(body["reason"], work.actor.id, account, on=work.today)
    return entry


@operations.command(
    "POST /days/{id}/request-reversal",
    needs=Permission.DAY_LOG,
    own=own_entry,
    on=DayEntry,
    takes=schemas.Reason,
    gives=schemas.EntryView,
)
def request_reversal(work: Work, entry: DayEntry, body: dict[str, Any]) -> DayEntry:
    """Ask for an approved entry to be undone as a whole; its days stand until that is confirmed."""
    entry.request_reversal(body["reason"], work.actor.id)
    return entry


@operations.command(
    "POST /days/{id}/withdraw-reversal",
    needs=Permission.DAY_LOG,
    own=own_entry,
    on=DayEntry,
    gives=schemas.EntryView,
)
def withdraw_reversal(work: Work, entry: DayEntry, _: dict[str, Any]) -> DayEntry:
    """Take back one's own request to reverse an entry; its days stand."""
    entry.withdraw_reversal(work.actor.id)
    return entry


@operations.command(
    "POST /days/{id}/refuse-reversal",
    needs=Permission.DAY_REVERSE,
    on=DayEntry,
    takes=schemas.Reason,
    gives=schemas.EntryView,
)
def refuse_reversal(work: Work, entry: DayEntry, body: dict[str, Any]) -> DayEntry:
    """Refuse a requested reversal with the reason; the days stand."""
    account = _account_of(work, entry.consultant_id)
    entry.refuse_reversal(body["reason"], work.actor.id, account)
    return entry


@operations.command(
    "POST /days/{id}/confirm-reversal",
    needs=Permission.DAY_REVERSE,
    on=DayEntry,
    gives=schemas.EntryView,
)
def confirm_reversal(work: Work, entry: DayEntry, _: dict[str, Any]) -> DayEntry:
    """Confirm a colleague's request: the entry is undone and its days return to the budget."""
    day_log = _day_log(work, entry.contract_id)
    day_log.confirm_reversal(entry, work.actor.id, _account_of(work, entry.consultant_id))
    return entry


def _day_log(work: Work, contract_id: UUID) -> DayLog:
    """Holds the contract's budget first, and then each diary date that is asked for."""

    @cache
    def diary_date(consultant_id: UUID, on: date) -> DiaryDate:
        open_diary_date(work.session, consultant_id, on)
        return work.lock(DiaryDate, (consultant_id, on))

    budget = budget_of(work, contract_id)
    dates = work.today, work.earliest_date, work.latest_date
    return DayLog(budget, diary_date, work.policy, *dates)


def _reversed_on(
    work: Work, engagement: Engagement, consultant_id: UUID, worked_on: date
) -> date | None:
    """When approved days of the same person and date were last reversed."""
    reversals = select(func.max(day_entries.c.decided_on)).where(
        day_entries.c.engagement_id == engagement.id,
        day_entries.c.consultant_id == consultant_id,
        day_entries.c.worked_on == worked_on,
        day_entries.c.state == EntryState.REVERSED,
    )
    return work.session.scalar(reversals)


def _same(entry: DayEntry, engagement: Engagement, consultant_id: UUID, worked: Worked) -> DayEntry:
    if (entry.engagement_id, entry.consultant_id, entry.worked) == (
        engagement.id,
        consultant_id,
        worked,
    ):
        return entry
    raise Conflict(
        "Another entry was logged under this id. Log this one under an id of its own.",
        rule="entry-id-taken",
        field="id",
    )


def _account_of(work: Work, consultant_id: UUID) -> str | None:
    return work.get(Consultant, consultant_id).account_id
