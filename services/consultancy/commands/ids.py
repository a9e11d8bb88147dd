"""Ids that callers choose, so that what they send twice is made once."""

from shared.errors import Conflict
from shared.identifiers import UUID, new_id
from shared.work import Work


def chosen_id(work: Work, cls: type, chosen: UUID | None, field: str = "id") -> UUID:
    """The id that the caller chose, or a new one. Raises Conflict where it is taken."""
    if chosen is not None and work.find(cls, chosen) is not None:
        raise Conflict(
            "Something was already made under this id. Read it, or choose a new id.",
            rule="id-taken",
            field=field,
        )
    return chosen or new_id()
