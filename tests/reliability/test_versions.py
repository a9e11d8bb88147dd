"""Row 14: who tells and who listens are not of the same release."""

from typing import Any
from uuid import uuid4

import pytest

from shared.events import published
from tests.contracts import golden
from tests.reliability.kit.facts import Burst
from tests.reliability.kit.stage import Stage


@pytest.mark.parametrize(
    "added",
    [{}, {"added_later": [1, {"more": None}]}],
    ids=["an older teller", "a newer teller"],
)
def test_every_event_of_another_release_is_heard(stage: Stage, added: dict[str, Any]) -> None:
    """Golden samples stand for what was written when an event was new; they go the whole way, over
    the log, the broker and the listeners' schemas. Of a newer release there are fields that nobody
    here knows."""
    told = []
    for type_, version in published():
        teller = stage.tellers.get(type_.partition(".")[0])
        if teller is not None:
            one = Burst(uuid4(), (uuid4(),))
            data = golden.read(type_, version)["data"] | added | {"partner_id": str(one.facts[0])}
            teller.tell(one, type=type_, version=version, data=data)
            told.append(one)
    stage.hears_all(told)
    assert all(listener.held() == [] for listener in stage.listeners.values())
