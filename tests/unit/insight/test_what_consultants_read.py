"""Consultants read what happened under the contracts on which they work, and nothing else."""

from uuid import UUID

import pytest

from services.insight.domain.visibility import visible_to
from shared.errors import Forbidden
from shared.events.consultancy import ConsultantRegistered
from shared.events.vocabulary import Role
from tests.unit.insight.conftest import Story
from tests.unit.insight.platform import Insight, reader

pytestmark = pytest.mark.row("U1")


def test_the_types_that_they_see_are_those_open_to_the_office() -> None:
    seen = visible_to([Role.CONSULTANT])
    assert "consultancy.days_approved" in seen
    assert not {each for each in seen if each.startswith(("finance.", "gateway."))}


def test_the_counts_of_the_office_are_not_theirs(insight: Insight) -> None:
    with pytest.raises(Forbidden):
        insight.ask("get_overview", by=reader("consultant"))


def test_nothing_is_read_without_a_place_on_a_team(insight: Insight) -> None:
    assert insight.ask("get_timeline", by=reader("consultant"))["items"] == []


def test_what_happened_under_their_contract_is_read(insight: Insight, story: Story) -> None:
    other = Story(logs=story.logs)
    for each in (story, other):
        each.partner_approved()
        each.contract_activated()
        each.days_approved()
    planned = next(
        each for each in story.logs.published if each.type == "consultancy.engagement_planned"
    )
    consultant = planned.data["team"][0]["consultant_id"]
    registered = ConsultantRegistered(
        consultant_id=UUID(consultant),
        reference="CON-2026-0001",
        areas=(),
        languages=(),
        roles=(),
        account_id="reader",
    )
    story.logs.publish(f"consultant/{consultant}", registered)
    # Both plans are the same sample: the consultant is on the team of one of them.
    theirs = f"engagement/{other.engagement_id}"
    insight.hear([each for each in story.logs.published if each.subject != theirs])
    items = insight.ask("get_timeline", by=reader("consultant"))["items"]
    assert {each["contract_id"] for each in items} == {str(story.contract_id)}
    of_other = insight.ask(
        "get_contract_timeline", by=reader("consultant"), id=str(other.contract_id)
    )
    assert of_other["items"] == []
