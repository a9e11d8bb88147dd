"""What may be done to packs, invoices, credit notes and payments."""

from services.finance.commands import invoicing, payments

__all__ = ["invoicing", "payments"]
