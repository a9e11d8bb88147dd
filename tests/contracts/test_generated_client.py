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
from uuid import uuid4

import pytest
import requests
from jsonschema import Draft202012Validator

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


def token(office: Office, role: Role, **scope: str) -> dict[str, Any]:
    administrator = Call(actor=office.actor(Role.ADMINISTRATOR))
    body = {"name": role.value, "roles": [role], **scope}
    issued: dict[str, Any] = office.calls.execute("gateway", "issue_token", body, administrator)
    return dict(issued["body"])


def play_main_job(generated: Path, office: Office) -> dict[str, str]:
    """What it came to, played by a process of its own as by any other system."""
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
    outcome: dict[str, str] = json.loads(played.stdout)
    return outcome


def records(office: Office) -> dict[str, str]:
    """The id of one record of each kind, by the first part of its address."""
    listings = [each for each in operations() if each.is_listing and "{" not in each.path]
    found = {each.path: office.ask(each.name)["items"] for each in listings}
    return {path: items[0]["id"] for path, items in found.items() if items and "id" in items[0]}


def test_the_main_job_is_done_and_every_role_is_answered_as_described(
    generated: Path, office: Office
):
    assert play_main_job(generated, office) == {"invoice": "paid", "certified": "Noor Haddad"}
    office.settle()
    described = json.loads((generated / "openapi.json").read_text("utf-8"))
    ids = records(office)
    (enrolled,) = office.ask("get_register", id=ids["/programmes"])["items"]
    answered = set()
    for role in Role:
        scope = {"partner_id": ids["/partners"]} if role is Role.PARTNER_GUEST else {}
        secret = token(office, role, **scope)["secret"]
        for operation in operations():
            if operation.is_command:
                continue
            home = f"/{operation.path.split('/')[1]}"
            path = operation.path.replace("{id}", ids.get(home, str(uuid4())))
            path = path.replace("{enrolment_id}", enrolled["id"])
            query = "?from=2026-01-01&to=2026-01-31" if path.endswith("/available") else ""
            answer = requests.get(
                f"{office.address}/api/v1{path}{query}",
                headers={"Authorization": f"Bearer {secret}"},
                timeout=30,
            )
            told = described["paths"][operation.path]["get"]["responses"]
            assert str(answer.status_code) in told, (role, path, answer.text)
            if answer.status_code == 200:
                answered.add(operation.name)
                schema = told["200"]["content"]["application/json"]["schema"]
                checked = {**schema, "components": described["components"]}
                Draft202012Validator(checked).validate(answer.json())
                required = {"Cache-Control", "X-Correlation-Id"}
                required |= {"ETag"} & set(told["200"]["headers"])
                assert required <= set(answer.headers), (role, path)
    assert answered == {each.name for each in operations() if not each.is_command}
