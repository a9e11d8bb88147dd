"""How far the milestones of a contract have been invoiced."""

from uuid import UUID

from sqlalchemy import select

from services.contract.domain.invoices import InvoiceState, KnownInvoice
from services.contract.store import known_invoices
from shared.work import Work

#: A draft can be made anew, and a void invoice asks for nothing.
_NOT_ISSUED = (InvoiceState.DRAFT, InvoiceState.VOID)


def billed_by(work: Work, contract_id: UUID, milestone_id: UUID) -> str | None:
    """The number of the latest issued invoice for a milestone.

    None where there is none, or where credit notes have taken all of it back.
    """
    issued = (
        select(KnownInvoice)
        .where(
            known_invoices.c.contract_id == contract_id,
            known_invoices.c.milestone_id == milestone_id,
            known_invoices.c.state.not_in(_NOT_ISSUED),
        )
        .order_by(known_invoices.c.id)
    )
    documents = work.session.scalars(issued).all()
    if sum(each.total.minor for each in documents) <= 0:
        return None
    invoice = [each for each in documents if each.total.minor > 0][-1]
    return invoice.number or str(invoice.id)
