"""A setting that cannot be used is refused by its name, at start."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from shared import settings
from shared.settings import WrongSetting


@dataclass(frozen=True)
class Policy:
    alerts: tuple[int, ...] = (70, 85, 100)
    step: Decimal = Decimal("0.25")
    strict: bool = True
    months: int = 24


def test_without_any_setting_everything_runs_in_one_process() -> None:
    assert settings.read({}).is_embedded


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENTENTE_PORT", "eighty"),
        ("ENTENTE_PORT", "0"),
        ("ENTENTE_PORT", "65536"),
        ("ENTENTE_ZONE", "Europe/Atlantis"),
        ("ENTENTE_CALL_DEADLINE", "0"),
        ("ENTENTE_CALL_DEADLINE", "soon"),
        ("ENTENTE_BODY_LIMIT", "-1"),
        ("ENTENTE_LOG_LEVEL", "LOUD"),
        ("ENTENTE_AMQP_URI", "http://broker"),
        ("ENTENTE_DATABASE_URL", "postgresql+psycopg2://host/one_for_all"),
        ("ENTENTE_DATABASE_URL", "postgresql://host/{service}"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=name):
        settings.read({name: value})


def test_every_service_has_a_database_of_its_own() -> None:
    read = settings.read({"ENTENTE_DATABASE_URL": "postgresql+psycopg2://host/{service}"})
    assert read.database_of("partner") == "postgresql+psycopg2://host/partner"


def test_a_number_of_a_service_is_set_by_its_name() -> None:
    environment = {
        "ENTENTE_LIBRARY_ALERTS": "50, 100",
        "ENTENTE_LIBRARY_STEP": "0.5",
        "ENTENTE_LIBRARY_STRICT": "false",
        "ENTENTE_OTHER_MONTHS": "1",
    }
    read = settings.policy(Policy, "library", environment)
    assert read == Policy(alerts=(50, 100), step=Decimal("0.5"), strict=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALERTS", "a few"), ("STEP", "half"), ("STRICT", "perhaps"), ("MONTHS", "2.5")],
)
def test_a_wrong_number_of_a_service_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=f"ENTENTE_LIBRARY_{name}"):
        settings.policy(Policy, "library", {f"ENTENTE_LIBRARY_{name}": value})
