"""The one thing that may be done to insight: to make it all again."""

from typing import Any

from sqlalchemy import func, select

from services.insight import schemas
from services.insight.operations import operations
from services.insight.projection import forget
from services.insight.store import timeline
from shared.events.permissions import Permission
from shared.work import Work


@operations.command(
    "POST /insight/rebuild", needs=Permission.READ_MODELS_REBUILD, gives=schemas.Rebuilding
)
def rebuild(work: Work, _: dict[str, Any]) -> dict[str, int]:
    """Forget every read model and make it again from the event logs of all services.

    Until catch-up has read them, timelines and counts are incomplete.
    """
    forgotten = work.session.scalar(select(func.count()).select_from(timeline)) or 0
    forget(work.session)
    return {"forgotten": forgotten}
