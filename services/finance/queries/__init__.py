"""What may be read of accounts, packs and invoices, and of their sums."""

from services.finance.queries import records, totals

__all__ = ["records", "totals"]
