"""The days and packs of an account, as its rules ask for them."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select

from services.finance.domain.account import Account
from services.finance.domain.approved_days import ApprovedDays
from services.finance.domain.billing import bill_milestone
from services.finance.domain.pack import InvoicePack
from services.finance.store import approved_days, packs
from shared.work import Work


def to_bill(work: Work, contract_id: UUID) -> Sequence[ApprovedDays]:
    """The contract's days that await billing, and those that await their credit."""
    days = approved_days.c
    awaits_billing = days.pack_id.is_(None) & ~days.reversed
    awaits_credit = days.pack_id.is_not(None) & days.reversed & days.credit_pack_id.is_(None)
    return work.session.scalars(
        select(ApprovedDays).where(
            days.contract_id == contract_id, or_(awaits_billing, awaits_credit)
        )
    ).all()


def on_pack(work: Work, pack_id: UUID) -> Sequence[ApprovedDays]:
    """The days that a pack bills or credits."""
    days = approved_days.c
    return work.session.scalars(
        select(ApprovedDays).where(or_(days.pack_id == pack_id, days.credit_pack_id == pack_id))
    ).all()


def invoice_milestone(work: Work, account: Account, milestone_id: UUID) -> InvoicePack:
    """Keep the pack and the draft invoice of a milestone that was met."""
    pack, invoice = bill_milestone(
        account, milestone_id, to_bill(work, account.id), _last_billed(work, account.id)
    )
    work.add(pack)
    work.add(invoice)
    return pack


def _last_billed(work: Work, contract_id: UUID) -> date | None:
    return work.session.scalar(
        select(func.max(packs.c.period_to)).where(
            packs.c.contract_id == contract_id, packs.c.stands
        )
    )
