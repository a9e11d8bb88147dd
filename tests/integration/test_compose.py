"""docker-compose.yml fits the services, the settings and the broker's users; it holds no secret."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from infra.docker.environment import HEAD_KEY, HEAD_KEYS, PUBLIC, call_key, completed, variables
from infra.rabbitmq.definitions import SERVICES as BROKER_SERVICES
from infra.rabbitmq.definitions import TOOLS, USERS
from services.registry import SERVICES
from shared import settings as configuration
from shared.converters.keys import KEY_KINDS
from shared.messaging.signing import PEOPLE, own_key
from shared.messaging.signing import SERVICES as SERVICES_KEY
from shared.messaging.signing import TOOLS as TOOLS_KEY

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
INTERPOLATION = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<text>[^}]*))?\}")


KEYS = {PUBLIC, HEAD_KEY, HEAD_KEYS, "ENTENTE_SECRET_KEY", *map(call_key, KEY_KINDS)}


def _lines(text: str) -> dict[str, str]:
    return {name: value for name, _, value in (line.partition("=") for line in text.splitlines())}


@pytest.fixture(scope="module")
def containers() -> dict[str, Any]:
    """The compose file's services as the compose engine reads them, each secret by its name."""

    made = _lines(completed(""))

    def value(found: re.Match[str]) -> str:
        if found["name"] in KEYS:  # whatever else stands there is refused
            return made[found["name"]]
        return found["text"] if found["kind"] == "-" else found["name"]

    document = yaml.safe_load(INTERPOLATION.sub(value, COMPOSE.read_text()))
    services: dict[str, Any] = document["services"]
    return services


def test_the_broker_has_a_user_for_every_service() -> None:
    assert BROKER_SERVICES == SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_runs_in_a_container_of_its_own(
    containers: dict[str, Any], service: str
) -> None:
    assert containers[service]["command"] == f"entente run {service}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_its_own_broker_user_and_database_role_and_no_other(
    containers: dict[str, Any], service: str
) -> None:
    given = containers[service]["environment"]
    name = service.upper()
    assert (
        given["ENTENTE_AMQP_URI"]
        == f"amqp://{service}:ENTENTE_{name}_AMQP_PASSWORD@rabbitmq:5672//"
    )
    assert given["PGPASSWORD"] == f"ENTENTE_{name}_DATABASE_PASSWORD"
    secrets = {value for value in given.values() if value in variables()}
    assert secrets <= {given["PGPASSWORD"], "ENTENTE_SECRET_KEY"}


@pytest.mark.parametrize("service", [*SERVICES, TOOLS, "migrate"])
def test_what_a_container_is_given_makes_settings(containers: dict[str, Any], service: str) -> None:
    settings = configuration.read(containers[service]["environment"])
    assert settings.database_of("finance") == "postgresql+psycopg2://finance@postgres/finance"


@pytest.mark.row("X6")
@pytest.mark.parametrize("service", [*SERVICES, TOOLS])
def test_a_container_is_given_the_key_of_its_kind(containers: dict[str, Any], service: str) -> None:
    kind = {"gateway": PEOPLE, TOOLS: TOOLS_KEY}.get(service, SERVICES_KEY)
    own_key(configuration.read(containers[service]["environment"]), kind)


def test_the_public_keys_are_those_of_private_keys_that_are_there_already() -> None:
    made = completed("")
    private = "".join(line for line in made.splitlines(True) if not line.startswith(PUBLIC))
    assert _lines(completed(private))[PUBLIC] == _lines(made)[PUBLIC]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_waits_for_the_migrations_and_comes_back_by_itself(
    containers: dict[str, Any], service: str
) -> None:
    waits_for = {
        name: each["condition"] for name, each in containers[service]["depends_on"].items()
    }
    assert waits_for == {
        "rabbitmq": "service_healthy",
        "postgres": "service_healthy",
        "migrate": "service_completed_successfully",
    }
    assert containers[service]["restart"] == "unless-stopped"


@pytest.mark.row("X6")
def test_every_container_is_confined_and_leaves_room_for_the_others(
    containers: dict[str, Any],
) -> None:
    assert {"rabbitmq", "postgres", *SERVICES} < set(containers)
    for name, container in containers.items():
        assert container["read_only"], name
        assert container["cap_drop"] == ["ALL"], name
        assert "cap_add" not in container, name
        assert container["security_opt"] == ["no-new-privileges:true"], name
        assert container["pids_limit"] <= 512, name
        assert container["mem_limit"] in ("512m", "1g", "2g"), name
        assert not container.get("privileged"), name
        assert "/var/run/docker.sock" not in str(container.get("volumes")), name


@pytest.mark.row("X6")
def test_broker_and_database_start_as_their_own_users_and_write_where_they_must(
    containers: dict[str, Any],
) -> None:
    written = {
        name: (containers[name]["user"], set(containers[name]["tmpfs"]))
        for name in ("rabbitmq", "postgres")
    }
    assert written == {
        "rabbitmq": ("rabbitmq", {"/tmp", "/var/log/rabbitmq"}),
        "postgres": ("postgres", {"/tmp", "/run/postgresql"}),
    }


def test_the_broker_stops_its_publishers_before_its_memory_ends(
    containers: dict[str, Any],
) -> None:
    conf = (ROOT / "infra/rabbitmq/rabbitmq.conf").read_text()
    watermark = re.search(r"vm_memory_high_watermark.absolute = (\d+)MB", conf)
    assert watermark
    assert containers["rabbitmq"]["mem_limit"] == "1g"
    assert int(watermark[1]) <= 0.7 * 1024


@pytest.mark.row("X6")
def test_an_office_can_name_every_image_by_its_digest(containers: dict[str, Any]) -> None:
    written = yaml.safe_load(COMPOSE.read_text())["services"]
    images = {each["image"] for each in written.values()}
    assert {found["name"] for each in images if (found := INTERPOLATION.fullmatch(each))} == {
        "ENTENTE_IMAGE",
        "ENTENTE_RABBITMQ_IMAGE",
        "ENTENTE_POSTGRES_IMAGE",
    }
    assert len(images) == 3
    built_on = containers["gateway"]["build"]["args"]["PYTHON_IMAGE"]
    dockerfile = (ROOT / "infra/Dockerfile").read_text()
    assert f"ARG PYTHON_IMAGE={built_on}\nFROM ${{PYTHON_IMAGE}} AS python\n" in dockerfile
    others = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    assert set(others) == {"${PYTHON_IMAGE}", "python"}


def test_only_the_gateway_is_reached_from_outside_and_only_from_this_machine(
    containers: dict[str, Any],
) -> None:
    published = {name: each["ports"] for name, each in containers.items() if "ports" in each}
    assert published == {"gateway": ["127.0.0.1:8000:8000"]}


def test_every_secret_is_asked_for_by_name_and_has_no_default() -> None:
    asked = {
        found["name"]: found["kind"]
        for found in INTERPOLATION.finditer(COMPOSE.read_text())
        if found["name"].endswith(("_PASSWORD", "_KEY"))
    }
    assert asked == dict.fromkeys(variables(), "?")


def test_the_broker_is_told_every_users_password(containers: dict[str, Any]) -> None:
    given = containers["broker-definitions"]["environment"]
    assert set(given) == {f"ENTENTE_{user.upper()}_AMQP_PASSWORD" for user in USERS}


def test_every_missing_secret_is_made_and_differs_from_the_others() -> None:
    made = _lines(completed(""))
    assert set(made) == {*variables(), PUBLIC, HEAD_KEYS}
    assert len(set(made.values())) == len(made)


def test_what_stands_in_the_env_file_stays() -> None:
    before = "ENTENTE_PORT=8080\nPOSTGRES_PASSWORD=chosen"
    after = completed(before)
    assert after.startswith(before + "\n")
    assert after.count("POSTGRES_PASSWORD") == 1
    assert completed(after) == after


def test_the_file_with_the_secrets_is_kept_out_of_the_repository() -> None:
    outcome = subprocess.run(["git", "check-ignore", "--quiet", ".env"], cwd=ROOT)
    assert outcome.returncode == 0


def test_the_passwords_of_the_databases_become_what_libpq_looks_up() -> None:
    found = with_passwords('sort "$PGPASSFILE"; rm "$PGPASSFILE"')
    assert found.splitlines() == ["*:*:*:finance:two", "*:*:*:partner:one"]


def test_the_passwords_of_the_databases_leave_the_environment() -> None:
    """There `entente doctor` takes them for settings without effect."""
    assert "PASSWORD" not in with_passwords('env; rm "$PGPASSFILE"')


def with_passwords(command: str) -> str:
    """What a command prints that is given the passwords of two databases."""
    script = ROOT / "infra/docker/with-database-passwords"
    return subprocess.run(
        ["sh", str(script), "sh", "-c", command],
        env={
            "PATH": "/usr/bin:/bin",
            "ENTENTE_PARTNER_DATABASE_PASSWORD": "one",
            "ENTENTE_FINANCE_DATABASE_PASSWORD": "two",
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout
