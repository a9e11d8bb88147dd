"""A client generated from the OpenAPI document does the main job, without asking what is there.

Nothing of it is kept: it is generated anew, type-checked, and used on a whole office.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.gateway.openapi import document
from services.platform import operations
from shared.events.vocabulary import Role
from shared.work import Call
from tests.office import Office

pytestmark = pytest.mark.row("X4")

MAIN_JOB = Path(__file__).parent / "main_job.py"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the package `entente_client`."""
    folder = tmp_path_factory.mktemp("client")
    described = folder / "openapi.json"
    described.write_text(json.dumps(document(operations(), "1")), "utf-8")
    config = folder / "config.json"
    config.write_text(json.dumps({"post_hooks": []}), "utf-8")
    made = subprocess.run(
        [
            Path(sys.executable).with_name("openapi-python-client"),
            *("generate", "--fail-on-warning", "--meta", "none"),
            *("--path", described, "--config", config),
            *("--output-path", folder / "entente_client"),
        ],
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


def test_the_main_job_type_checks_strictly_against_the_client(generated: Path):
    checked = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull),
            *("--cache-dir", generated / "cache", MAIN_JOB),
        ],
        env=os.environ | {"MYPYPATH": str(generated)},
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_main_job_asks_nowhere_whether_a_field_is_there():
    assert "unset" not in MAIN_JOB.read_text("utf-8").lower()


def token(office: Office, role: Role) -> dict[str, Any]:
    administrator = Call(actor=office.actor(Role.ADMINISTRATOR))
    body = {"name": role.value, "role": role}
    issued: dict[str, Any] = office.calls.execute("gateway", "issue_token", body, administrator)
    return dict(issued["body"])


def test_the_main_job_can_be_done_with_the_client(generated: Path, office: Office):
    roles = (
        Role.PARTNERSHIP_OFFICER,
        Role.PARTNERSHIP_MANAGER,
        Role.FINANCE,
        Role.PROGRAMME_LEAD,
        Role.CONSULTANT,
    )
    asked = {
        "address": f"{office.address}/api/v1",
        "tokens": {role: token(office, role) for role in roles},
        "today": datetime.now(UTC).date().isoformat(),
    }
    played = subprocess.run(
        [sys.executable, MAIN_JOB],
        env=os.environ | {"PYTHONPATH": str(generated)},
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    assert played.returncode == 0, played.stderr
    assert json.loads(played.stdout) == {"invoice": "paid", "certified": "Noor Haddad"}
