"""What insight does on everybody's events: it keeps them, and what they say."""

from collections.abc import Sequence

from services.insight.projection import project
from shared.messaging.envelope import Envelope
from shared.messaging.reactions import Reactions
from shared.work import Work

reactions = Reactions("insight")


@reactions.on_batch("partner", "contract", "consultancy", "faculty", "finance", "gateway")
def tell(work: Work, envelopes: Sequence[Envelope]) -> None:
    """Put all that came together on the timelines and into the counts."""
    project(work.session, envelopes)
