"""What personal details of a record were before and after they were changed, and by whom.

The event log is kept permanently and published, so its events name the field that changed and not
what it said. The values stand here, in the database of the service that owns the record, where they
can be erased with the person's other data.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields
from sqlalchemy import Select, select

from shared.identifiers import new_id
from shared.messaging.tables import personal_changes
from shared.schemas import Strict, View
from shared.values import to_plain
from shared.work import Work


class ChangesOf(Strict):
    id = fields.UUID(required=True, metadata={"description": "The record's id"})


class ChangeView(View):
    """One field of a record, changed once."""

    id = fields.UUID()
    field = fields.String()
    before = fields.Raw(allow_none=True, metadata={"description": "null: nothing was there"})
    after = fields.Raw(allow_none=True, metadata={"description": "null: nothing is left"})
    changed_by = fields.String()
    changed_at = fields.AwareDateTime(format="iso")


#: How such a list is declared; its path ends in the id of the record.
LISTING: dict[str, Any] = {
    "takes": ChangesOf,
    "gives": ChangeView,
    "sorts": {"changed_at": personal_changes.c.changed_at},
    "default_sort": "-changed_at",
    "key": personal_changes.c.id,
}


def keep(work: Work, subject: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Write down the fields that differ; one that is missing on a side is null there."""
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    rows = [
        {
            "id": new_id(),
            "subject": subject,
            "field": name,
            "before": to_plain(before.get(name)),
            "after": to_plain(after.get(name)),
            "changed_by": work.actor.id,
            "changed_at": work.now,
        }
        for name in changed
    ]
    if rows:
        work.session.execute(personal_changes.insert(), rows)


def of(kind: str, id: UUID) -> Select[Any]:
    """The changes of one record, for a listing."""
    return select(*personal_changes.c).where(personal_changes.c.subject == f"{kind}/{id}")
