"""What catch-up promises: afterwards everything is here, whatever was forgotten meanwhile."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete

from shared.messaging import tables
from shared.messaging.catch_up import CatchUp
from shared.work import Call
from tests.integration.messaging.places import SOURCE, Consumer, Source, ledger

pytestmark = pytest.mark.row("X1")


class Log:
    """A source's log in windows of ten; something may happen while one is being fetched."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.meanwhile: list[Callable[[], None]] = []

    def window(self, source: str, after: int, limit: int) -> dict[str, Any]:
        found = self.source.envelopes()[after : after + 10]
        subjects = {each.subject: each.sequence for each in found}
        return {"until": after + len(found), "subjects": subjects}

    def events(self, source: str, after: int, until: int) -> list[dict[str, Any]]:
        found = [dict(each.attributes) for each in self.source.envelopes()[after:until]]
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return found


def forget(consumer: Consumer) -> None:
    """As a rebuild does."""
    with consumer.unit_of_work.begin(Call()) as work:
        for table in (ledger, tables.progress, tables.caught_up, tables.held_events):
            work.session.execute(delete(table))


def test_a_rebuild_brings_everything_again(source: Source, consumer: Consumer) -> None:
    facts = source.record(uuid4(), 25)
    catch_up = CatchUp(consumer.inbox(), Log(source))
    catch_up.run()
    forget(consumer)
    assert consumer.facts() == []
    catch_up.run()
    assert consumer.facts() == facts


@pytest.mark.parametrize("window", [0, 1, 2])
def test_a_rebuild_while_catching_up_loses_nothing(
    source: Source, consumer: Consumer, window: int
) -> None:
    facts = source.record(uuid4(), 25)
    log = Log(source)
    log.meanwhile = [lambda: None] * window + [lambda: forget(consumer)]
    catch_up = CatchUp(consumer.inbox(SOURCE), log)
    catch_up.run()
    assert consumer.facts() == facts
    assert catch_up.missing() == []
    assert consumer.held() == []
