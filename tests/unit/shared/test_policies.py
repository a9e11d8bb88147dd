"""The numbers that an office sets for itself: what makes no sense is refused at start, by name."""

import dataclasses
from decimal import Decimal

import pytest

from services.platform import service_class
from services.registry import SERVICES
from shared import policy_settings
from shared.policies import bounds
from shared.settings import WrongSetting

POLICIES = {name: service_class(name).runtime.parts.policy for name in SERVICES}


def numbers():
    for service, policy in POLICIES.items():
        for item in dataclasses.fields(policy):
            value = item.default[0] if isinstance(item.default, tuple) else item.default
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                yield pytest.param(service, item, id=f"{service}.{item.name}")


@pytest.mark.parametrize(("service", "item"), list(numbers()))
def test_every_number_has_bounds_and_is_refused_outside_of_them(service, item):
    limits = bounds(item)
    assert limits is not None
    variable = f"ENTENTE_{service.upper()}_{item.name.upper()}"

    for outside in (limits[0] - 1, limits[1] + 1):
        with pytest.raises(WrongSetting, match=f"{variable} is .*; it must be from"):
            policy_settings.policy(POLICIES[service], service, {variable: str(outside)})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ENTENTE_CONSULTANCY_DAY_STEP", "0"),
        ("ENTENTE_CONSULTANCY_DAY_STEP", "0.3"),
        ("ENTENTE_CONSULTANCY_DAY_STEP", "NaN"),
        ("ENTENTE_CONSULTANCY_DAY_STEP", "2_5"),
        ("ENTENTE_PARTNER_DUE_DILIGENCE_MONTHS", "-1"),
        ("ENTENTE_PARTNER_DUE_DILIGENCE_MONTHS", "1_0"),
        ("ENTENTE_PARTNER_DUE_DILIGENCE_MONTHS", "٢٤"),
        ("ENTENTE_FACULTY_ATTENDANCE_PERCENT", "500"),
        ("ENTENTE_FACULTY_OFFER_HOURS", "-5"),
        ("ENTENTE_CONTRACT_REPORTING_CURRENCY", "pounds"),
        ("ENTENTE_CONTRACT_REPORTING_RATES", "EUR=-1"),
        ("ENTENTE_CONTRACT_REPORTING_RATES", "EUR=0.86,euro=1"),
        ("ENTENTE_CONTRACT_BOARD_FROM", "1"),
        ("ENTENTE_CONTRACT_ALERT_PERCENTS", "70,0"),
    ],
)
def test_a_setting_without_sense_is_refused_by_name(variable, value):
    service = variable.split("_")[1].lower()
    with pytest.raises(WrongSetting, match=variable):
        policy_settings.policy(POLICIES[service], service, {variable: value})
