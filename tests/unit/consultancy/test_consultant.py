"""Consultants: what the office knows of them (E14)."""

from dataclasses import replace
from datetime import date

import pytest

from services.consultancy.domain.consultant import (
    AvailabilityPeriod,
    Consultant,
    DayRate,
    Expertise,
    Presence,
    Profile,
)
from shared.errors import Invalid
from shared.events.consultancy import ConsultantChanged, ConsultantRegistered
from shared.events.vocabulary import Area
from shared.identifiers import new_id
from shared.money import Money

pytestmark = pytest.mark.row("E14")

PROFILE = Profile(
    name="Amina Haddad",
    email="Amina@example.org",
    expertise=(Expertise(Area.ASSESSMENT, 4),),
    languages=("en", "ar"),
    day_rates=(DayRate("educator", Money.of(900, "GBP")),),
    orcid="https://orcid.org/0000-0002-1825-0097",
)


def registered(profile: Profile = PROFILE) -> Consultant:
    return Consultant.register(new_id(), "CON-2026-0001", profile, by="carla")


def period(first: int, last: int, presence: Presence = Presence.AWAY) -> AvailabilityPeriod:
    return AvailabilityPeriod(date(2026, 4, first), date(2026, 4, last), presence)


def test_a_registration_is_told_without_a_name():
    (event,) = registered().collect()

    assert isinstance(event, ConsultantRegistered)
    assert (event.areas, event.languages, event.roles) == (
        (Area.ASSESSMENT,),
        ("en", "ar"),
        ("educator",),
    )
    assert "Amina" not in str(event.to_plain())


def test_an_orcid_is_kept_without_its_address():
    assert registered().orcid == "0000-0002-1825-0097"


def test_an_orcid_with_a_wrong_check_digit_is_refused():
    with pytest.raises(Invalid) as refused:
        registered(replace(PROFILE, orcid="0000-0002-1825-0098"))

    assert (refused.value.rule, refused.value.field) == ("orcid-checksum", "orcid")


def test_an_address_is_kept_in_small_letters():
    assert registered().email == "amina@example.org"


@pytest.mark.parametrize(
    "changes",
    [
        {"expertise": (Expertise(Area.ASSESSMENT, 1), Expertise(Area.ASSESSMENT, 2))},
        {"day_rates": PROFILE.day_rates * 2},
    ],
)
def test_an_area_and_a_role_are_given_once(changes):
    with pytest.raises(Invalid) as refused:
        registered(replace(PROFILE, **changes))

    assert refused.value.rule == "given-once"


def test_a_period_does_not_end_before_it_starts():
    with pytest.raises(Invalid) as refused:
        registered(replace(PROFILE, availability=(period(9, 8),)))

    assert refused.value.rule == "end-after-start"


def test_nobody_is_free_and_away_at_once():
    overlapping = (period(1, 10), period(10, 12, Presence.FREE))

    with pytest.raises(Invalid) as refused:
        registered(replace(PROFILE, availability=overlapping))

    assert refused.value.rule == "free-or-away"


def test_a_change_is_told():
    consultant = registered()
    consultant.collect()

    consultant.change(replace(consultant.profile, languages=("fr",)), by="carla")

    (event,) = consultant.collect()
    assert isinstance(event, ConsultantChanged)
    assert event.languages == ("fr",)


def test_a_change_of_nothing_is_not_told():
    consultant = registered()
    consultant.collect()

    consultant.change(consultant.profile, by="carla")

    assert consultant.collect() == []
