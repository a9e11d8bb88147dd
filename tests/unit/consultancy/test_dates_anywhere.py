"""Days end where they end last and begin where they begin first, wherever the office is."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from shared.clock import FixedClock
from shared.database import Database
from shared.errors import Conflict, Invalid
from shared.events.contract import ContractCompleted
from tests.alone import desk_of
from tests.unit.consultancy.office import ConsultancyOffice
from tests.unit.consultancy.story import CONTRACT, TODAY

pytestmark = pytest.mark.row("E2")

KIRITIMATI, BAKER_ISLAND = timezone(timedelta(hours=14)), timezone(-timedelta(hours=12))
TOMORROW = TODAY + timedelta(days=1)
LAST_DAY = TODAY + timedelta(days=14)


class Anywhere(ConsultancyOffice):
    """At a moment, of which the office in London is not asked."""

    moment = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)

    @property
    def desk(self) -> Any:
        return desk_of(self.service, self.database, FixedClock(self.moment))

    def is_at(self, on: date, hour: int, minute: int, zone: timezone) -> None:
        self.moment = datetime(on.year, on.month, on.day, hour, minute, tzinfo=zone)

    def confirmed(self) -> tuple[str, str]:
        self.activates()
        amina = self.registers()
        return self.confirms(amina), amina


@pytest.fixture
def office(sqlite: Database) -> Anywhere:
    return Anywhere(sqlite)


def contract_is_completed(office: Anywhere, _: str) -> None:
    latest = office.moment.astimezone(KIRITIMATI).date()
    office.hears(ContractCompleted(contract_id=CONTRACT, completed_on=TODAY, worked_until=latest))


def engagement_is_cancelled(office: Anywhere, engagement: str) -> None:
    office.do("cancel_engagement", id=engagement, reason="Postponed")


def engagement_is_delivered(office: Anywhere, engagement: str) -> None:
    office.do("start_engagement", id=engagement)
    office.do("deliver_engagement", id=engagement)


ENDS = [contract_is_completed, engagement_is_cancelled, engagement_is_delivered]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    ("on", "hour", "minute", "zone", "logged"),
    [
        (LAST_DAY, 23, 59, BAKER_ISLAND, True),
        (LAST_DAY + timedelta(days=1), 0, 0, BAKER_ISLAND, False),
        (LAST_DAY + timedelta(days=1), 13, 59, KIRITIMATI, True),
        (LAST_DAY + timedelta(days=2), 2, 0, KIRITIMATI, False),
    ],
)
def test_the_last_day_lasts_until_it_has_ended_everywhere(
    office: Anywhere, end: Any, on: date, hour: int, minute: int, zone: timezone, logged: bool
) -> None:
    engagement, amina = office.confirmed()
    end(office, engagement)
    office.is_at(on, hour, minute, zone)

    if logged:
        assert office.logs(engagement, amina)["state"] == "draft"
    else:
        with pytest.raises(Conflict) as late:
            office.logs(engagement, amina)
        assert late.value.rule == "logged-in-time"


@pytest.mark.parametrize("end", [contract_is_completed, engagement_is_cancelled])
def test_who_is_a_date_ahead_logs_what_they_worked_before_the_end(
    office: Anywhere, end: Any
) -> None:
    engagement, amina = office.confirmed()
    office.is_at(TOMORROW, 9, 0, KIRITIMATI)
    end(office, engagement)

    assert office.logs(engagement, amina, worked_on=TOMORROW)["state"] == "draft"
    office.is_at(TOMORROW + timedelta(days=1), 9, 0, KIRITIMATI)
    with pytest.raises(Invalid) as after:
        office.logs(engagement, amina, worked_on=TOMORROW + timedelta(days=1))
    assert after.value.field == "worked_on"


def test_a_date_that_had_not_begun_anywhere_at_the_end_is_outside(office: Anywhere) -> None:
    engagement, amina = office.confirmed()
    office.is_at(TODAY, 23, 59, KIRITIMATI)
    engagement_is_cancelled(office, engagement)
    office.is_at(TOMORROW, 12, 0, KIRITIMATI)

    with pytest.raises(Invalid) as after:
        office.logs(engagement, amina, worked_on=TOMORROW)
    assert after.value.rule == "inside-engagement-dates"


def test_a_plan_is_changed_and_confirmed_as_long_as_days_can_be_logged(office: Anywhere) -> None:
    office.activates()
    amina = office.registers()
    engagement = office.plans(amina)["id"]
    contract_is_completed(office, engagement)
    office.is_at(LAST_DAY, 23, 0, BAKER_ISLAND)

    office.do("replan_engagement", id=engagement, title="A later title")
    office.do("confirm_engagement", id=engagement)

    assert office.logs(engagement, amina)["state"] == "draft"
