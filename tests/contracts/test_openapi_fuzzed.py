"""The API does what its OpenAPI document says, whatever it is sent: no 5xx, no surprise.

All services' operations run in this process over SQLite, behind the real gateway.
"""

import importlib
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.gateway.app import create_app
from services.gateway.store import TokenStore
from services.platform import SERVICES, operations
from shared import settings as configuration
from shared.clock import SystemClock
from shared.database import Database
from shared.desk import Desk
from shared.work import Call
from tests.alone import desk_of, make_tables

pytestmark = pytest.mark.row("X4")

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

#: Requests made of each operation, as the document tells and otherwise.
REQUESTS = 10


class DeskCalls:
    """Calls that go to the services' desks in this process."""

    def __init__(self, desks: dict[str, Desk]) -> None:
        self._desks = desks

    def execute(self, service: str, name: str, body: dict[str, Any], call: Call) -> dict[str, Any]:
        return self._desks[service].execute(name, body, call)

    def ask(
        self, service: str, name: str, parameters: dict[str, Any], call: Call
    ) -> dict[str, Any]:
        return self._desks[service].ask(name, parameters, call)


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Desk]]:
    folder = tmp_path_factory.mktemp("fuzzed")
    with ExitStack() as open_databases:
        made = {}
        for service in SERVICES:
            importlib.import_module(f"services.{service}.service")
            database = open_databases.enter_context(
                closing(Database(f"sqlite:///{folder}/{service}.db"))
            )
            make_tables(service, database)
            made[service] = desk_of(service, database, SystemClock())
        yield made


@pytest.fixture(scope="module")
def bearer(desks: dict[str, Desk]) -> str:
    issued = desks["gateway"].execute(
        "issue_token", {"name": "Fuzzer", "role": "administrator"}, Call()
    )
    return f"Bearer {issued['body']['secret']}"


@pytest.fixture(scope="module")
def partner_id(desks: dict[str, Desk]) -> str:
    """A partner that is there, so that not everything is about unknown ids."""
    body = {"legal_name": "Newgiza University", "country": "EG", "sector": "university"}
    proposed: str = desks["partner"].execute("propose_partner", body, Call())["body"]["id"]
    return proposed


@pytest.fixture(scope="module")
def described(desks: dict[str, Desk]) -> Any:
    app = create_app(
        operations(),
        DeskCalls(desks),
        TokenStore(desks["gateway"].unit_of_work.database),
        dict,
        secret_key="only for tests",
        zone=configuration.read({}).zone,
    )
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


@pytest.mark.parametrize("binding", [f"{each.method} {each.path}" for each in operations()])
def test_every_operation_answers_as_documented(
    described: Any, bearer: str, partner_id: str, binding: str
):
    method, _, path = binding.partition(" ")
    operation = described[path][method]
    as_told = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    otherwise = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @given(case=as_told | otherwise)
    @settings(
        max_examples=REQUESTS,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answers_as_documented(case: Any) -> None:
        if path.startswith("/partners/{id}"):
            case.path_parameters["id"] = partner_id
        case.call_and_validate(headers={"Authorization": bearer}, checks=CHECKS)

    answers_as_documented()
