"""An auditor reads who did what to what, when and why, and what was there before."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.insight.domain.trail import before_each
from shared.database import Database
from shared.errors import Forbidden, Invalid
from shared.events import contract, partner
from tests.statements import selects
from tests.unit.insight.conftest import Story
from tests.unit.insight.platform import START, Insight, reader
from tests.unit.insight.samples import sample

pytestmark = pytest.mark.row("X2")

AUDITOR = reader("auditor")


@pytest.fixture
def insight(database: Database) -> Insight:
    return Insight(database)


@pytest.fixture
def told(insight: Insight, story: Story) -> Insight:
    """A contract whose end was moved, twice, by two people."""
    story.tell_all()
    for end, why, who in (
        (date(2026, 6, 30), "The faculty asked for more time", "manager"),
        (date(2026, 9, 30), "Summer term", "officer"),
    ):
        story.logs.publish(
            f"contract/{story.contract_id}",
            contract.ContractTermsChanged(
                contract_id=story.contract_id,
                terms=replace(story.terms, version=2, ends_on=end),
                reason=why,
            ),
            actor=who,
        )
    insight.hear(story.logs.published)
    return insight


def trail(insight: Insight, **wanted: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = insight.ask("get_audit_trail", by=AUDITOR, **wanted)["items"]
    return items


def changes(told: Insight) -> list[dict[str, Any]]:
    return trail(told, type="contract.terms_changed")


def test_the_trail_has_everything_that_happened_newest_first(told: Insight, story: Story) -> None:
    assert [each["event_id"] for each in trail(told)] == [
        each.id for each in reversed(story.logs.published)
    ]


def test_an_entry_says_who_did_what_to_what_when_and_in_which_request(
    told: Insight, story: Story
) -> None:
    entry, published = changes(told)[0], story.logs.published[-1]
    assert (
        entry.items()
        >= {
            "occurred_at": published.time,
            "source": "contract",
            "type": "contract.terms_changed",
            "subject": f"contract/{story.contract_id}",
            "sequence": published.sequence,
            "actor": "officer",
            "correlation": published.correlation,
        }.items()
    )
    assert entry["sentence"].startswith(f"Contract {story.reference} changed to version 2")


def test_an_entry_gives_the_reason_where_one_was_asked_for(told: Insight) -> None:
    assert [each["reason"] for each in changes(told)] == [
        "Summer term",
        "The faculty asked for more time",
    ]
    assert trail(told, type="contract.signed")[0]["reason"] is None


def test_an_entry_shows_what_the_event_says(told: Insight, story: Story) -> None:
    assert changes(told)[0]["after"] == story.logs.published[-1].data


def test_an_entry_shows_what_was_said_last_before_it(told: Insight) -> None:
    before = [each["before"]["terms"]["ends_on"] for each in changes(told)]
    assert before == ["2026-06-30", "2026-05-15"]


def test_what_was_said_for_the_first_time_had_nothing_before_it(told: Insight) -> None:
    assert "reason" not in changes(told)[-1]["before"]
    assert trail(told, type="contract.drafted")[0]["before"] == {}


def test_what_was_before_does_not_depend_on_what_is_on_the_page(told: Insight) -> None:
    assert trail(told, limit=1)[0]["before"] == trail(told)[0]["before"]
    assert trail(told, limit=1)[0]["before"]["reason"] == "The faculty asked for more time"


def test_what_was_before_comes_from_no_other_subject(told: Insight, story: Story) -> None:
    other = uuid4()
    published = story.logs.publish(
        f"partner/{other}", sample(partner.PartnerRiskRated, partner_id=other)
    )
    told.hear([published])
    ratings = trail(told, type="partner.risk_rated")
    assert ["reason" in each["before"] for each in ratings] == [False, False]


def test_an_empty_value_before_differs_from_none() -> None:
    history: list[tuple[int, dict[str, Any]]] = [
        (1, {"ends_on": None}),
        (2, {"ends_on": "2026-06-30", "title": "Renewal"}),
    ]
    assert before_each(history) == {1: {}, 2: {"ends_on": None}}


def test_the_trail_of_one_subject_has_all_its_events(told: Insight, story: Story) -> None:
    numbers = [each["sequence"] for each in trail(told, subject=f"contract/{story.contract_id}")]
    assert numbers == [7, 6, 5, 4, 3, 2, 1]


def test_the_trail_is_narrowed_to_who_did_it(told: Insight) -> None:
    assert [each["reason"] for each in trail(told, actor_id="manager")] == [
        "The faculty asked for more time"
    ]


def test_the_trail_is_narrowed_to_a_partner(told: Insight, story: Story) -> None:
    assert trail(told, partner_id=str(uuid4())) == []
    subjects = {each["subject"] for each in trail(told, partner_id=str(story.partner_id))}
    assert f"partner/{story.partner_id}" in subjects


def test_the_trail_is_narrowed_to_a_contract(told: Insight, story: Story) -> None:
    subjects = {each["subject"] for each in trail(told, contract_id=str(story.contract_id))}
    assert f"invoice/{story.invoice_id}" in subjects
    assert f"partner/{story.partner_id}" not in subjects


def test_the_trail_is_narrowed_to_a_time(told: Insight) -> None:
    since, until = START + timedelta(minutes=1), START + timedelta(minutes=3)
    assert len(trail(told, since=since.isoformat(), until=until.isoformat())) == 2


def test_an_unknown_type_is_refused(told: Insight) -> None:
    with pytest.raises(Invalid) as refused:
        trail(told, type="contract.gossip")
    assert refused.value.field == "type"


def test_pages_follow_each_other_without_gap_or_repeat(told: Insight, story: Story) -> None:
    seen: list[str] = []
    cursor = None
    while cursor is not None or not seen:
        page = told.ask("get_audit_trail", by=AUDITOR, limit=5, cursor=cursor)
        seen += [each["event_id"] for each in page["items"]]
        cursor = page["next"]
    assert seen == [each.id for each in reversed(story.logs.published)]


def test_a_page_takes_two_queries_however_many_subjects_are_on_it(told: Insight) -> None:
    with selects(told.database) as said:
        assert len({each["subject"] for each in trail(told)}) > 3
    assert len(said) == 2


def test_a_trail_without_events_is_empty(insight: Insight) -> None:
    assert insight.ask("get_audit_trail", by=AUDITOR) == {"items": [], "next": None}


def test_a_rebuild_gives_the_same_trail_again(told: Insight, story: Story) -> None:
    before = trail(told)
    told.rebuild()
    told.hear(story.logs.published)
    assert trail(told) == before


@pytest.mark.parametrize("role", ["partnership_manager", "board", "finance", "observer"])
def test_the_trail_is_for_auditors_and_administrators(insight: Insight, role: str) -> None:
    with pytest.raises(Forbidden):
        insight.ask("get_audit_trail", by=reader(role))
