"""What one role opens and another does not: drafts, own rates, and one's own deliverables."""

import pytest

from shared.errors import Forbidden, NotFound
from shared.work import Actor
from tests.unit.consultancy.office import COLLEAGUE, CONSULTANT, OFFICER, ConsultancyOffice

pytestmark = pytest.mark.row("U1")

OBSERVER = Actor("olaf", frozenset({"observer"}))
ADVISES_TOO = Actor("amina", frozenset({"observer", "consultant"}))
OFFICER_ON_THE_TEAM = Actor("amina", frozenset({"partnership_officer", "consultant"}))


@pytest.fixture
def amina(office: ConsultancyOffice) -> str:
    office.activates()
    return office.registers("amina")


def test_observers_see_days_once_they_are_submitted(office: ConsultancyOffice, amina: str) -> None:
    entry = office.logs(office.confirms(amina), amina)
    assert office.ask("list_days", actor=OBSERVER)["items"] == []
    with pytest.raises(NotFound):
        office.ask("get_days", actor=OBSERVER, id=entry["id"])
    for reader in (OFFICER, ADVISES_TOO):
        assert len(office.ask("list_days", actor=reader)["items"]) == 1
        assert office.ask("get_days", actor=reader, id=entry["id"])["state"] == "draft"
    office.do("submit_days", id=entry["id"])
    assert len(office.ask("list_days", actor=OBSERVER)["items"]) == 1


def test_day_figures_count_drafts_for_those_who_see_them(
    office: ConsultancyOffice, amina: str
) -> None:
    engagement = office.confirms(amina)
    entry = office.logs(engagement, amina)

    def counted(reader: Actor) -> tuple[str, str]:
        [line] = office.ask("get_day_figures", actor=reader, id=engagement)["items"]
        return line["logged"], line["draft"]

    days = entry["days"]
    assert {counted(each) for each in (OFFICER, ADVISES_TOO, CONSULTANT)} == {(days, days)}
    assert counted(OBSERVER) == ("0", "0")
    office.do("submit_days", id=entry["id"])
    assert counted(OBSERVER) == (days, "0")


def test_a_consultant_does_not_count_the_drafts_of_a_colleague(
    office: ConsultancyOffice, amina: str
) -> None:
    boris = office.registers("boris")
    engagement = office.confirms(amina, boris)
    for each in (amina, boris):
        office.logs(engagement, each, actor=OFFICER)
    figures = office.ask("get_day_figures", actor=CONSULTANT, id=engagement)["items"]
    drafts = {each["consultant_id"]: each["draft"] for each in figures}
    assert (drafts[amina] != "0", drafts[boris]) == (True, "0")


def test_who_observes_and_advises_sees_the_own_rates_and_no_others(
    office: ConsultancyOffice, amina: str
) -> None:
    other = office.registers("boris")
    own = office.ask("get_consultant", actor=ADVISES_TOO, id=amina)
    assert (own["email"], len(own["day_rates"])) == ("amina@example.org", 1)
    shown = office.ask("get_consultant", actor=ADVISES_TOO, id=other)
    assert (shown["email"], shown["day_rates"]) == (None, None)


@pytest.mark.parametrize("sort", ["name", "-reference"])
def test_a_list_shows_the_own_rates_as_the_record_itself_does(
    office: ConsultancyOffice, amina: str, sort: str
) -> None:
    office.registers("boris")
    for reader in (ADVISES_TOO, Actor("amina", frozenset({"programme_lead", "consultant"}))):
        items = office.ask("list_consultants", actor=reader, sort=sort)["items"]
        rated = {each["id"]: each["day_rates"] for each in items}
        assert len(rated[amina]) == 1
        assert [each for id, each in rated.items() if id != amina] == [None]
    alone = office.ask("list_consultants", actor=Actor("amina", frozenset({"consultant"})))
    assert [len(each["day_rates"]) for each in alone["items"]] == [1]
    stranger = office.ask("list_consultants", actor=Actor("zoe", ADVISES_TOO.roles))["items"]
    assert [each["day_rates"] for each in stranger] == [None, None]


def _delivered(office: ConsultancyOffice, engagement: str) -> str:
    office.do("start_engagement", id=engagement)
    planned = office.do(
        "plan_deliverable", engagement_id=engagement, title="Blueprint", due_on="2026-04-30"
    )
    office.do("submit_deliverable", id=planned["id"], sha256="a" * 64, note="In the archive")
    return str(planned["id"])


@pytest.mark.parametrize("deed", ["accept_deliverable", "return_deliverable"])
@pytest.mark.parametrize(
    ("who", "rule"),
    [(OFFICER, "submitter-does-not-answer"), (OFFICER_ON_THE_TEAM, "team-does-not-answer")],
)
def test_those_whose_work_it_is_do_not_answer_for_the_partner(
    office: ConsultancyOffice, amina: str, deed: str, who: Actor, rule: str
) -> None:
    deliverable = _delivered(office, office.confirms(amina))
    said = {"comments": "Fine", "said_by": "Dean"}
    with pytest.raises(Forbidden) as refusal:
        office.do(deed, actor=who, id=deliverable, **said)
    assert refusal.value.rule == rule
    assert office.do(deed, actor=COLLEAGUE, id=deliverable, **said)["answers"]
