"""Every read model can be dropped and made again from the event logs."""

import random
from pathlib import Path

import pytest

from services.insight.projection import project
from shared.errors import Forbidden
from shared.messaging.envelope import Envelope
from shared.messaging.tables import held_events
from shared.work import Call
from tests.unit.insight.conftest import Story
from tests.unit.insight.platform import Insight, reader

pytestmark = pytest.mark.row("X1")


@pytest.fixture
def told(insight: Insight, story: Story) -> Insight:
    story.tell_all()
    insight.hear(story.logs.published)
    return insight


def test_a_replay_changes_nothing(told: Insight, story: Story) -> None:
    before = told.state()
    told.hear(story.logs.published)
    assert told.state() == before


def test_projecting_an_event_that_is_there_already_changes_nothing(
    told: Insight, story: Story
) -> None:
    before = told.state()
    with told.unit_of_work.begin(Call()) as work:
        project(work.session, [each for each in story.logs.published if each.source == "finance"])
    assert told.state() == before


def test_a_rebuild_forgets_everything(told: Insight) -> None:
    told.rebuild()
    assert not any(told.state().values())


def test_a_rebuild_gives_the_same_state_again(told: Insight, story: Story) -> None:
    before = told.state()
    told.rebuild()
    told.hear(story.logs.published)
    assert told.state() == before


def test_a_rebuild_is_for_administrators(told: Insight) -> None:
    with pytest.raises(Forbidden):
        told.desk.execute("rebuild", {}, Call(actor=reader("auditor")))


@pytest.mark.parametrize("seed", range(5))
def test_the_state_does_not_depend_on_how_the_sources_were_mixed(
    told: Insight, story: Story, tmp_path: Path, seed: int
) -> None:
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    other = Insight(other_folder)
    for envelope in mixed(story.logs.published, seed):
        other.hear([envelope])
    assert other.state() == told.state()


def mixed(envelopes: list[Envelope], seed: int) -> list[Envelope]:
    """In another order; each subject's own order is kept."""
    dice = random.Random(seed)
    waiting = {
        each.subject: [e for e in envelopes if e.subject == each.subject] for each in envelopes
    }
    order = []
    while waiting:
        subject = dice.choice(list(waiting))
        order.append(waiting[subject].pop(0))
        if not waiting[subject]:
            del waiting[subject]
    return order


def test_an_event_that_fits_no_schema_is_held_and_stops_no_other(
    insight: Insight, story: Story
) -> None:
    story.partner_approved()
    broken = story.logs.published[0]
    spoilt = Envelope({**broken.attributes, "subject": "partner/other", "data": {}})
    story.contract_activated()
    insight.hear([spoilt, *story.logs.published])
    assert len(insight.sentences()) == len(story.logs.published)
    with insight.database.reading() as session:
        assert session.execute(held_events.select()).one().state == "dead"
