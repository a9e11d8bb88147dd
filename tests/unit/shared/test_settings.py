"""A setting that cannot be used is refused by its name, at start."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from shared import policy_settings, settings
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
        ("ENTENTE_PORT", "٨٠٠٠"),
        ("ENTENTE_PORT", " 8000 "),
        ("ENTENTE_PORT", "8_000"),
        ("ENTENTE_ZONE", "Europe/Atlantis"),
        ("ENTENTE_CALL_DEADLINE", "0"),
        ("ENTENTE_CALL_DEADLINE", "soon"),
        ("ENTENTE_CALL_DEADLINE", "٥"),
        ("ENTENTE_CALL_DEADLINE", "inf"),
        ("ENTENTE_CALL_DEADLINE", "nan"),
        ("ENTENTE_CALL_DEADLINE", "1e400"),
        ("ENTENTE_HEAD_SECONDS", "86401"),
        ("ENTENTE_ANSWER_DAYS", "५"),
        ("ENTENTE_PARTS", "17"),
        ("ENTENTE_CONNECTIONS", "9" * 5000),
        ("ENTENTE_BODY_LIMIT", "-1"),
        ("ENTENTE_LOG_LEVEL", "LOUD"),
        ("ENTENTE_AMQP_URI", "http://broker"),
        ("ENTENTE_AMQP_URI", "amqp://user:password@broker:port//"),
        ("ENTENTE_AMQP_URI", "amqp://user:password@broker:0//"),
        ("ENTENTE_AMQP_URI", "amqp://user:pass word@broker//"),
        ("ENTENTE_AMQP_URI", "amqp://[broker//"),
        ("ENTENTE_DATABASE_URL", "mysql://host/{service}"),
        ("ENTENTE_DATABASE_URL", "postgresql+psycopg2://host:99999/{service}"),
        ("ENTENTE_DATABASE_URL", "{service}"),
        ("ENTENTE_HOST", "http://localhost"),
        ("ENTENTE_HOST", "127.0.0.1:8000"),
        ("ENTENTE_HOST", ""),
        ("ENTENTE_DATA_DIR", " "),
        ("ENTENTE_HEADS_DIR", "/dev/null/heads"),
        ("ENTENTE_HEADS_DIR", "/" + "x" * 300),
        ("ENTENTE_DATABASE_URL", "postgresql+psycopg2://host/one_for_all"),
        ("ENTENTE_DATABASE_URL", "postgresql://host/{service}"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=name):
        settings.read({name: value})


def test_a_refused_address_does_not_show_its_password() -> None:
    with pytest.raises(WrongSetting) as refused:
        settings.read({"ENTENTE_AMQP_URI": "amqp://user:kept@secret@broker:port//"})

    assert "kept" not in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::", "0.0.0.0", "localhost", "a-b.example"])
def test_addresses_on_which_a_server_can_listen_are_accepted(host: str) -> None:
    assert settings.read({"ENTENTE_HOST": host}).host == host


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
    read = policy_settings.policy(Policy, "library", environment)
    assert read == Policy(alerts=(50, 100), step=Decimal("0.5"), strict=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALERTS", "a few"), ("STEP", "half"), ("STRICT", "perhaps"), ("MONTHS", "2.5")],
)
def test_a_wrong_number_of_a_service_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=f"ENTENTE_LIBRARY_{name}"):
        policy_settings.policy(Policy, "library", {f"ENTENTE_LIBRARY_{name}": value})


@pytest.mark.row("X6")
@pytest.mark.parametrize(
    "weak",
    [
        "short",
        "change-me",
        "please-change-me-before-you-go-to-production",
        "a" * 64,
        "0123456789abcdef" * 3,
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "MyUniversityPassw0rd-for-the-portal-2026",
        secrets.token_urlsafe(16),
        " " * 40,
    ],
)
def test_a_weak_secret_key_is_refused_with_how_to_make_one_and_not_repeated(weak: str) -> None:
    with pytest.raises(
        WrongSetting, match=r"ENTENTE_SECRET_KEY.*secrets\.token_urlsafe"
    ) as refused:
        settings.read({"ENTENTE_SECRET_KEY": weak})
    assert weak not in str(refused.value)


@pytest.mark.parametrize("make", [secrets.token_hex, secrets.token_urlsafe])
def test_a_random_secret_key_is_taken(make: Callable[[int], str]) -> None:
    for _ in range(200):
        settings.read({"ENTENTE_SECRET_KEY": make(24)})
