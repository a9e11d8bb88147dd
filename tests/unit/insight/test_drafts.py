"""Drafts on timelines: for those who see all, and of their own work for leads and consultants."""

from typing import Any
from uuid import UUID

import pytest

from shared.errors import NotFound
from shared.events import consultancy, contract, faculty
from shared.identifiers import new_id
from shared.work import Actor
from tests.unit.insight.conftest import Story, sample_entry
from tests.unit.insight.platform import Insight, reader
from tests.unit.insight.samples import sample

pytestmark = pytest.mark.row("U1")

PAULA = Actor("paula", frozenset({"programme_lead"}))
AMINA = Actor("amina", frozenset({"consultant"}))


def types(insight: Insight, by: Actor, **wanted: Any) -> set[str]:
    return {each["type"] for each in insight.ask("get_timeline", by=by, **wanted)["items"]}


def designed(story: Story, lead: str) -> str:
    subject = f"programme/{new_id()}"
    story.logs.publish(
        subject,
        sample(
            faculty.ProgrammeDesigned,
            programme_id=UUID(subject.partition("/")[2]),
            contract_id=story.contract_id,
            partner_id=story.partner_id,
            title="Teaching skills",
            lead_id=lead,
        ),
    )
    return subject


def test_a_lead_reads_the_drafts_of_the_programmes_they_lead(
    insight: Insight, story: Story
) -> None:
    story.contract_activated()
    own, other = designed(story, "paula"), designed(story, "peter")
    insight.hear(story.logs.published)
    told = insight.ask("get_timeline", by=PAULA, kind="faculty.programme_designed")["items"]
    assert [each["subject"] for each in told] == [own]
    for reads_no_drafts in (reader("observer"), Actor("paula", frozenset({"observer"}))):
        assert "faculty.programme_designed" not in types(insight, reads_no_drafts)
    story.logs.publish(
        other,
        sample(
            faculty.ProgrammeLeadChanged,
            programme_id=UUID(other.partition("/")[2]),
            lead_id="paula",
        ),
    )
    insight.hear(story.logs.published)
    told = insight.ask("get_timeline", by=PAULA, kind="faculty.programme_designed")["items"]
    assert {each["subject"] for each in told} == {own, other}
    both = Actor("paula", frozenset({"programme_lead", "observer", "consultant"}))
    assert "contract.drafted" not in types(insight, both)


def test_consultants_read_that_they_logged_days_and_not_that_others_did(
    insight: Insight, story: Story
) -> None:
    story.contract_activated()
    story.days_approved()
    planned = story.logs.published[-2]
    consultant = UUID(planned.data["team"][0]["consultant_id"])
    registered = sample(
        consultancy.ConsultantRegistered, consultant_id=consultant, account_id="amina"
    )
    story.logs.publish(f"consultant/{consultant}", registered)
    whose: dict[str, Any] = {
        "contract_id": story.contract_id,
        "partner_id": story.partner_id,
        "engagement_id": story.engagement_id,
    }
    mine = sample_entry(**whose, consultant_id=consultant)
    for entry in (mine, sample_entry(**whose)):
        story.logs.publish(
            f"day_entry/{entry.entry_id}", sample(consultancy.DaysLogged, entry=entry)
        )
    insight.hear(story.logs.published)
    for by in (AMINA, Actor("amina", frozenset({"consultant", "observer"}))):
        logged = insight.ask("get_timeline", by=by, kind="consultancy.days_logged")["items"]
        assert [each["subject"] for each in logged] == [f"day_entry/{mine.entry_id}"]
    assert "consultancy.days_logged" not in types(insight, reader("observer"))


@pytest.mark.parametrize("last", ["drafted", "submitted", "imported", "cancelled"])
def test_of_a_contract_that_is_only_being_written_nothing_is_told_to_readers_without_drafts(
    insight: Insight, story: Story, last: str
) -> None:
    subject = f"contract/{story.contract_id}"
    which: dict[str, Any] = {"contract_id": story.contract_id}
    named = which | {
        "reference": story.reference,
        "partner_id": story.partner_id,
        "terms": story.terms,
    }
    first = contract.ContractImported if last == "imported" else contract.ContractDrafted
    story.partner_approved()
    story.logs.publish(subject, sample(first, **named))
    story.logs.publish(subject, sample(contract.ContractOwnerChanged, **which))
    if last in ("submitted", "cancelled"):
        story.logs.publish(subject, sample(contract.ContractSubmitted, **which))
    if last == "cancelled":
        story.logs.publish(subject, sample(contract.ContractSentForSignature, **which))
        story.logs.publish(subject, sample(contract.ContractCancelled, **which))
    insight.hear(story.logs.published)
    guest = reader("partner_guest", partner_id=story.partner_id)
    for by in (reader("observer"), PAULA, guest):
        with pytest.raises(NotFound):
            insight.ask("get_contract_timeline", by=by, id=str(story.contract_id))
        shown = insight.ask("get_partner_timeline", by=by, id=str(story.partner_id))["items"]
        assert not [each for each in shown if each["contract_id"]]
    by = reader("partnership_officer")
    assert insight.ask("get_contract_timeline", by=by, id=str(story.contract_id))["items"]
    assert insight.ask("get_overview", by=reader("observer"))["contracts"] == {}


@pytest.mark.row("F1")
@pytest.mark.parametrize("how", ["designed", "given up", "taken back"])
def test_of_a_programme_that_is_only_being_designed_nothing_is_told(
    insight: Insight, story: Story, how: str
) -> None:
    story.partner_approved()
    story.contract_activated()
    subject = designed(story, "paula")
    which: dict[str, Any] = {"programme_id": UUID(subject.partition("/")[2])}
    story.logs.publish(subject, sample(faculty.SessionCancelled, **which))
    if how == "given up":
        story.logs.publish(subject, sample(faculty.ProgrammeCancelled, **which))
    if how == "taken back":
        whose: dict[str, Any] = {"contract_id": story.contract_id, "partner_id": story.partner_id}
        story.logs.publish(subject, sample(faculty.ProgrammePublished, **which, **whose))
        step = faculty.Step.PUBLICATION
        story.logs.publish(subject, sample(faculty.ProgrammeStepTakenBack, step=step, **which))
    insight.hear(story.logs.published)
    guest = reader("partner_guest", partner_id=story.partner_id)
    for by in (reader("observer"), guest, Actor("peter", frozenset({"programme_lead"}))):
        shown = insight.ask("get_partner_timeline", by=by, id=str(story.partner_id))["items"]
        assert not [each for each in shown if each["subject"] == subject]
    for by in (PAULA, reader("partnership_officer")):
        shown = insight.ask("get_partner_timeline", by=by, id=str(story.partner_id))["items"]
        assert "faculty.session_cancelled" in {each["type"] for each in shown}


@pytest.mark.row("F1")
def test_of_a_published_programme_partners_are_told_what_became_of_it(
    insight: Insight, story: Story
) -> None:
    story.partner_approved()
    story.contract_activated()
    subject = designed(story, "paula")
    which: dict[str, Any] = {"programme_id": UUID(subject.partition("/")[2])}
    whose: dict[str, Any] = {"contract_id": story.contract_id, "partner_id": story.partner_id}
    story.logs.publish(subject, sample(faculty.ProgrammePublished, **which, **whose))
    story.logs.publish(subject, sample(faculty.ProgrammeCancelled, **which))
    insight.hear(story.logs.published)
    guest = reader("partner_guest", partner_id=story.partner_id)
    shown = insight.ask("get_partner_timeline", by=guest, id=str(story.partner_id))["items"]
    assert "faculty.programme_cancelled" in {each["type"] for each in shown}
