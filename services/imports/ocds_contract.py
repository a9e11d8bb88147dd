"""The parts of one published contract: its period, status, milestones, and what is left out."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.imports.ocds import Plain, day, inner, listed, shown, text, words
from shared.events.vocabulary import MilestoneType

Wrong = tuple[str, str]

#: Kinds of milestone that the standard and this office have in common.
_MILESTONES = (MilestoneType.DELIVERY, MilestoneType.REPORTING)
_STATUSES = ("pending", "active", "cancelled", "terminated")
_AWARD_STATUSES = ("pending", "active", "cancelled", "unsuccessful")
#: What is read of a contract; whatever else it holds is named as left out.
_READ = frozenset(
    [
        "id",
        "awardID",
        "title",
        "description",
        "status",
        "period",
        "value",
        "dateSigned",
        "milestones",
        "implementation",
    ]
)


@dataclass(frozen=True)
class Period:
    """First and last day; None where they are missing or wrong."""

    starts_on: date | None
    ends_on: date | None
    wrong: tuple[Wrong, ...] = ()


def period(told: Any) -> Period:
    """When a contract runs. The date up to which it might be extended is not its end."""
    plain = inner(told)
    starts_on, ends_on = day(plain.get("startDate")), day(plain.get("endDate"))
    wrong = [
        (field, f"{name} cannot be read as a date: {shown(plain[name])}")
        for field, name, read in (
            ("starts_on", "startDate", starts_on),
            ("ends_on", "endDate", ends_on),
        )
        if plain.get(name) not in (None, "") and read is None
    ]
    days, unreadable = _days(plain.get("durationInDays"))
    if unreadable:
        wrong.append(("period", f"durationInDays cannot be read: {unreadable}"))
    if starts_on and days and not wrong:
        by_duration = _plus(starts_on, days - 1)
        if by_duration is None:
            wrong.append(("period", f"a duration of {days} days is none of a contract"))
        elif ends_on is None:
            ends_on = by_duration
        elif abs((ends_on - by_duration).days) > 1:
            wrong.append(
                (
                    "period",
                    f"the period can be read in two ways: until {ends_on} by its end, until "
                    f"{by_duration} by its duration of {days} days",
                )
            )
    if not wrong and (starts_on is None or ends_on is None):
        lacks = "period (a start and an end, or a duration)"
        if starts_on or ends_on:
            lacks = "start date" if ends_on else "end date and no duration"
        wrong.append(("period", f"no {lacks}"))
    return Period(starts_on, ends_on, tuple(wrong))


def why_not_in_force(contract: Plain, award: Plain, signed_on: date | None, today: date) -> str:
    """Why a contract is not one that is signed and goes on; "" where it is."""
    status, award_status = _word(contract.get("status")), _word(award.get("status"))
    if status in ("cancelled", "terminated"):
        return (
            f"The source calls the contract {status}: it is over, and nothing is taken over. "
            "If it is here, complete or reject it by hand."
        )
    if status == "pending":
        return (
            "The source calls the contract pending: it is not in force yet. Import it again once "
            "the source calls it active."
        )
    if award_status in ("cancelled", "unsuccessful"):
        return f"The source calls its award {award_status}: the contract is not taken as running."
    if award_status == "pending":
        return "The source calls its award pending: the contract is not taken as running yet."
    if signed_on is not None and signed_on > today:
        return f"It is to be signed on {signed_on}: not signed yet."
    if status == "active" or signed_on is not None:
        return ""
    return f"The contract is {status or 'without status'} and has no date of signing."


def wrong_statuses(contract: Plain, award: Plain) -> list[Wrong]:
    """Statuses that the standard does not have: what they mean is not guessed."""
    return [
        ("status", f"the status of the {what}, {status!r}, is none of {', '.join(known)}")
        for what, status, known in (
            ("contract", _word(contract.get("status")), _STATUSES),
            ("award", _word(award.get("status")), _AWARD_STATUSES),
        )
        if status and status not in known
    ]


def milestones(contract: Plain) -> tuple[tuple[dict[str, str], ...], list[str]]:
    """Those with a date that are deliveries or reports; and a note on each of the others."""
    taken, notes = [], []
    told = [
        *listed(contract.get("milestones")),
        *listed(inner(contract.get("implementation")).get("milestones")),
    ]
    for number, each in enumerate(told, 1):
        title = text(each.get("title")) or text(each.get("description")) or words(each.get("id"))
        kind, due_on = _word(each.get("type")), day(each.get("dueDate"))
        why = ""
        if kind not in _MILESTONES:
            why = f"its type is {kind or 'not published'}"
        elif due_on is None:
            why = "it has no due date" if not each.get("dueDate") else "its due date is unreadable"
        if why or due_on is None:
            notes.append(f"Milestone “{title[:100]}” is left out: {why}.")
            continue
        key = words(each.get("id")) or str(number)
        taken.append({"key": key[:200], "title": title[:300], "type": kind, "due_on": str(due_on)})
        if _word(each.get("status")) == "met" or each.get("dateMet"):
            notes.append(f"The source calls the milestone “{title[:100]}” met; decide on it here.")
    return tuple(taken), notes


def left_out(contract: Plain) -> list[str]:
    """A note on what a contract holds that has no place here."""
    notes = []
    extent = day(inner(contract.get("period")).get("maxExtentDate"))
    if extent is not None:
        notes.append(f"It may be extended until {extent}, which is not taken over.")
    implementation = inner(contract.get("implementation"))
    names = [each for each, value in contract.items() if each not in _READ and value]
    names += [f"implementation.{n}" for n, value in implementation.items() if value]
    names = [each for each in names if each != "implementation.milestones"]
    if names:
        notes.append(f"Not taken over: {', '.join(sorted(names))[:300]}.")
    return notes


def _days(told: Any) -> tuple[int, str]:
    if told is None or told == "":
        return 0, ""
    is_number = isinstance(told, int | Decimal) and not isinstance(told, bool)
    if not is_number or told not in range(1, 100_000):
        return 0, shown(told)
    return int(told), ""


def _plus(on: date, days: int) -> date | None:
    try:
        return on + timedelta(days=days)
    except OverflowError:
        return None


def _word(value: Any) -> str:
    return words(value).casefold()
