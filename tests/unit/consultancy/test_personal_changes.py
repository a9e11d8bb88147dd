"""Every field's before and after is recorded: what is personal where it can be erased, and not in
the events, which are kept permanently."""

from typing import Any

import pytest
from sqlalchemy import select

from shared.errors import Forbidden
from shared.events.consultancy import ConsultantChanged, FieldChange
from shared.events.vocabulary import Role
from shared.messaging.tables import event_log
from shared.work import Actor
from tests.unit.consultancy.office import COLLEAGUE, ConsultancyOffice

pytestmark = pytest.mark.row("X3")

AUDITOR = Actor("audrey", frozenset({Role.AUDITOR}))


@pytest.fixture
def amina(office: ConsultancyOffice) -> str:
    return office.registers("amina")


def changes(office: ConsultancyOffice, id: str) -> list[dict[str, Any]]:
    page = office.ask("list_consultant_changes", actor=AUDITOR, id=id, sort="changed_at")
    return list(page["items"])


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("name", "Amina", "Amina Haddad"),
        ("email", "amina@example.org", "a.haddad@example.net"),
        ("orcid", None, "0000-0002-1825-0097"),
        (
            "day_rates",
            [{"role": "educator", "rate": {"amount": "900.00", "currency": "GBP"}}],
            [{"role": "educator", "rate": {"amount": "955.50", "currency": "GBP"}}],
        ),
        (
            "availability",
            [],
            [{"starts_on": "2026-04-01", "ends_on": "2026-04-03", "presence": "away"}],
        ),
    ],
)
def test_a_personal_detail_is_kept_before_and_after_and_the_event_names_it_alone(
    office: ConsultancyOffice, amina: str, field: str, before: Any, after: Any
) -> None:
    office.do("change_consultant", actor=COLLEAGUE, id=amina, **{field: after})
    [change] = changes(office, amina)
    assert (change["field"], change["changed_by"]) == (field, COLLEAGUE.id)
    assert (change["before"], change["after"]) == (before, after)
    [told] = office.told(ConsultantChanged)
    assert told.changes == (FieldChange(field, None, None),)


def test_what_is_not_personal_is_told_in_the_event_and_kept_nowhere_else(
    office: ConsultancyOffice, amina: str
) -> None:
    office.do("change_consultant", id=amina, languages=["fr"], account_id=None)
    assert changes(office, amina) == []
    [told] = office.told(ConsultantChanged)
    assert {each.field: (each.before, each.after) for each in told.changes} == {
        "languages": (["en", "ar"], ["fr"]),
        "account_id": ("amina", None),
    }


def test_no_event_says_who_a_consultant_is_or_what_they_earn(
    office: ConsultancyOffice, amina: str
) -> None:
    rates = [{"role": "educator", "rate": {"amount": "955.50", "currency": "GBP"}}]
    details: dict[str, Any] = {"name": "Dr Haddad", "email": "dr@example.net", "day_rates": rates}
    office.do("change_consultant", id=amina, **details)
    with office.database.reading() as session:
        logged = str(session.scalars(select(event_log.c.data)).all())
    for personal in ("amina@", "Haddad", "dr@example.net", "955.50", "900.00"):
        assert personal not in logged


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.PARTNER_GUEST])
def test_managers_and_auditors_read_what_was_there(
    office: ConsultancyOffice, amina: str, role: Role
) -> None:
    reader = Actor("somebody", frozenset({role}))
    if role in (Role.PARTNERSHIP_MANAGER, Role.AUDITOR):
        assert office.ask("list_consultant_changes", actor=reader, id=amina)["items"] == []
        return
    with pytest.raises(Forbidden):
        office.ask("list_consultant_changes", actor=reader, id=amina)


def test_a_change_of_nothing_and_a_refused_change_are_not_recorded(
    office: ConsultancyOffice, amina: str
) -> None:
    office.do("change_consultant", id=amina, email="AMINA@example.org")
    with pytest.raises(Forbidden):
        office.do(
            "change_consultant",
            actor=Actor("amina", COLLEAGUE.roles),
            id=amina,
            email="x@example.org",
            account_id=None,
        )
    assert changes(office, amina) == []
