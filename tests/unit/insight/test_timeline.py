"""One timeline of everything that happened with a partner, as far as the reader may see it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from shared.errors import Forbidden, Invalid, NotFound
from tests.unit.insight.conftest import Story
from tests.unit.insight.platform import START, Insight, reader

pytestmark = pytest.mark.row("U1")


@pytest.fixture
def told(insight: Insight, story: Story) -> Insight:
    story.tell_all()
    insight.hear(story.logs.published)
    return insight


def test_a_partners_timeline_shows_all_services_newest_first(told: Insight, story: Story) -> None:
    entries = told.ask("get_partner_timeline", id=str(story.partner_id))["items"]
    assert [each["type"] for each in entries] == [
        each.type for each in reversed(story.logs.published)
    ]
    assert {each["source"] for each in entries} == {
        "partner",
        "contract",
        "consultancy",
        "faculty",
        "finance",
    }


def test_an_entry_reads_as_a_sentence_with_the_names_that_are_known(
    told: Insight, story: Story
) -> None:
    said = told.sentences("get_contract_timeline", id=str(story.contract_id))
    assert "Contract CTR-2026-0042 submitted for approval by something" in said
    assert "Programme “Teaching skills”: certificate issued for 6 hours" in said
    assert "Risk of Universidad de Córdoba rated low: something" in told.sentences()


def test_an_entry_names_partner_contract_and_actor(told: Insight, story: Story) -> None:
    entry = told.ask("get_timeline")["items"][0]
    assert (entry["partner_name"], entry["contract_reference"], entry["actor"]) == (
        story.name,
        story.reference,
        "officer",
    )


def test_an_event_that_names_only_its_programme_is_under_the_contract(
    told: Insight, story: Story
) -> None:
    said = told.sentences("get_contract_timeline", id=str(story.contract_id), kind="faculty")
    assert len(said) == 3


def test_a_certificate_waits_for_its_programme(insight: Insight, story: Story) -> None:
    story.programme_run()
    *designed, certificate = story.logs.published
    insight.hear([certificate])
    assert insight.sentences() == []
    insight.hear(designed)
    assert len(insight.sentences()) == 3


@pytest.mark.parametrize(
    ("kind", "count"), [("finance", 2), ("finance.invoice_opened", 1), ("gateway", 0)]
)
def test_the_timeline_is_narrowed_to_a_service_or_a_type(
    told: Insight, kind: str, count: int
) -> None:
    assert len(told.sentences(kind=kind)) == count


def test_an_unknown_kind_is_refused(told: Insight) -> None:
    with pytest.raises(Invalid) as refused:
        told.ask("get_timeline", kind="gossip")
    assert refused.value.field == "kind"


def test_a_partners_timeline_is_narrowed_to_a_contract(told: Insight, story: Story) -> None:
    said = told.sentences(
        "get_partner_timeline", id=str(story.partner_id), contract_id=str(story.contract_id)
    )
    assert len(said) == len(story.logs.published) - 3  # all but what is the partner's own


def test_the_timeline_is_narrowed_to_a_time(told: Insight) -> None:
    since, until = START + timedelta(minutes=1), START + timedelta(minutes=3)
    said = told.sentences(since=since.isoformat(), until=until.isoformat())
    assert len(said) == 2


def test_pages_follow_each_other_without_gap_or_repeat(told: Insight, story: Story) -> None:
    seen: list[str] = []
    page = told.ask("get_timeline", limit=4)
    while True:
        seen += [each["event_id"] for each in page["items"]]
        if page["next"] is None:
            break
        page = told.ask("get_timeline", limit=4, cursor=page["next"])
    assert seen == [each.id for each in reversed(story.logs.published)]


def test_an_observer_sees_neither_finance_nor_vetting(told: Insight) -> None:
    entries = told.ask("get_timeline", by=reader("observer"))["items"]
    types = {each["type"] for each in entries}
    assert "contract.activated" in types
    assert not types & {"finance.invoice_opened", "partner.risk_rated"}


def test_a_partner_sees_its_own_timeline_without_what_is_internal(
    told: Insight, story: Story
) -> None:
    guest = reader("partner_guest", partner_id=story.partner_id)
    entries = told.ask("get_partner_timeline", by=guest, id=str(story.partner_id))["items"]
    types = {each["type"] for each in entries}
    assert "finance.invoice_opened" in types
    assert not types & {"partner.risk_rated", "contract.submitted", "finance.invoice_drafted"}


@pytest.mark.parametrize("page", ["partner", "contract"])
def test_a_partner_does_not_find_the_timeline_of_another(
    told: Insight, story: Story, page: str
) -> None:
    stranger = reader("partner_guest", partner_id=uuid4())
    identifier = {"partner": story.partner_id, "contract": story.contract_id}[page]
    with pytest.raises(NotFound):
        told.ask(f"get_{page}_timeline", by=stranger, id=str(identifier))


def test_the_timeline_of_everything_is_not_for_partners(told: Insight, story: Story) -> None:
    guest = reader("partner_guest", partner_id=story.partner_id)
    with pytest.raises(Forbidden):
        told.ask("get_timeline", by=guest)


@pytest.mark.parametrize("name", ["get_partner_timeline", "get_contract_timeline"])
def test_what_nobody_has_heard_of_has_no_timeline(insight: Insight, name: str) -> None:
    with pytest.raises(NotFound):
        insight.ask(name, id=str(uuid4()))
