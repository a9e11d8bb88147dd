"""Whoever records an absence hears what is planned for its dates."""

from typing import Any

import pytest

from shared.database import Database
from tests.unit.consultancy.office import ConsultancyOffice

pytestmark = pytest.mark.row("E1")


@pytest.fixture
def office(sqlite: Database) -> ConsultancyOffice:
    office = ConsultancyOffice(sqlite)
    office.activates()
    return office


def away(starts_on: str, ends_on: str, presence: str = "away") -> dict[str, str]:
    return {"starts_on": starts_on, "ends_on": ends_on, "presence": presence}


def warned(office: ConsultancyOffice, consultant: str, *periods: Any) -> list[str]:
    answer = office.do("change_consultant", id=consultant, availability=list(periods))
    return list(answer["warnings"])


@pytest.mark.parametrize(
    ("period", "dates"),
    [
        (away("2026-03-01", "2026-03-07"), "7 dates"),
        (away("2026-01-01", "2026-02-01"), "1 date"),  # the first date of the engagement
        (away("2026-05-31", "2026-08-01"), "1 date"),  # its last
        (away("2026-01-31", "2026-01-31"), None),
        (away("2026-06-01", "2026-06-30"), None),
        (away("2026-03-01", "2026-03-07", "free"), None),
    ],
)
def test_a_new_absence_warns_of_the_plans_that_it_meets(
    office: ConsultancyOffice, period: dict[str, str], dates: str | None
) -> None:
    amina = office.registers()
    reference = office.plans(amina, days="2.5")["reference"]

    said = f"Amina is planned for 2.5 days on {reference}, from 2026-02-01 to 2026-05-31"
    expected = [] if dates is None else [f"{said}, and away on {dates} of these."]
    assert warned(office, amina, period) == expected


def test_an_absence_that_was_known_is_not_told_again(office: ConsultancyOffice) -> None:
    amina = office.registers()
    office.plans(amina)
    march, april = away("2026-03-01", "2026-03-07"), away("2026-04-01", "2026-04-02")

    assert len(warned(office, amina, march)) == 1
    assert warned(office, amina, march) == []
    (warning,) = warned(office, amina, march, april)
    assert "2 dates" in warning
    assert office.ask("get_consultant", id=amina)["warnings"] == []


def test_each_engagement_that_is_not_over_is_told_and_no_one_elses(
    office: ConsultancyOffice,
) -> None:
    amina, bilal = office.registers(), office.registers("bilal")
    first = office.plans(amina)
    second = office.plans(amina, starts_on="2026-03-01")
    cancelled = office.confirms(amina)
    office.do("cancel_engagement", id=cancelled, reason="Postponed")
    office.plans(bilal)

    warnings = warned(office, amina, away("2026-03-01", "2026-03-07"))

    assert [each.split(" on ")[1].split(",")[0] for each in warnings] == [
        first["reference"],
        second["reference"],
    ]
