"""What may be done in curriculum consultancy, and by whom: a file for each kind of record."""

from services.consultancy.commands import consultants, days, deliverables, engagements

__all__ = ["consultants", "days", "deliverables", "engagements"]
