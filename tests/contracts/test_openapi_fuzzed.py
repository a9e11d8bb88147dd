"""The API does what its OpenAPI document says, whatever it is sent: no 5xx, no surprise.

All services' operations run in this process over SQLite, behind the real gateway.
"""

import base64
import importlib
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.gateway.app import create_app
from services.gateway.refusals import Refusals
from services.gateway.store import TokenStore
from services.gateway.visits import Visits
from services.platform import operations
from services.registry import SERVICES
from shared import settings as configuration
from shared.clock import SystemClock
from shared.database import Database
from shared.desk import Desk
from shared.events.vocabulary import Role
from shared.operations import Operation
from shared.work import Actor, Call
from tests.alone import desk_of, make_tables

pytestmark = pytest.mark.row("X4")

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

#: Moments that can be written, and that are outside of time in UTC.
EXTREME_MOMENTS = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999-12:00",
    "0026-11-22T09:00:00Z",
    "9998-12-31T12:00:00Z",
]
_DATE = re.compile(r"\d{4}-\d\d-\d\d")

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
        "issue_token",
        {"name": "Fuzzer", "roles": [each for each in Role if each is not Role.PARTNER_GUEST]},
        Call(),
    )
    return f"Bearer {issued['body']['secret']}"


@pytest.fixture(scope="module")
def partner_id(desks: dict[str, Desk]) -> str:
    """A partner that is there, so that not everything is about unknown ids."""
    body = {"legal_name": "Newgiza University", "country": "EG", "sector": "university"}
    officer = Call(actor=Actor("officer", frozenset({Role.PARTNERSHIP_OFFICER})))
    proposed: str = desks["partner"].execute("propose_partner", body, officer)["body"]["id"]
    return proposed


@pytest.fixture(scope="module")
def app(desks: dict[str, Desk]) -> Flask:
    return create_app(
        operations(),
        DeskCalls(desks),
        TokenStore(desks["gateway"].unit_of_work.database),
        dict,
        Visits(desks["gateway"].unit_of_work, "only for tests"),
        Refusals(desks["gateway"].unit_of_work),
        log_heads=lambda: ([], []),
        zone=configuration.read({}).zone,
    )


@pytest.fixture(scope="module")
def described(app: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


def with_extreme_moments(case: Any) -> st.SearchStrategy[Any]:
    """The same request; its dates and moments are at one end of what can be written."""

    def at(moment: str, plain: Any) -> Any:
        if isinstance(plain, dict):
            return {key: at(moment, inner) for key, inner in plain.items()}
        if isinstance(plain, list):
            return [at(moment, inner) for inner in plain]
        if isinstance(plain, str) and _DATE.match(plain):
            return moment if "T" in plain else moment[:10]
        return plain

    def changed(moment: str) -> Any:
        case.body = at(moment, case.body)
        return case

    return st.sampled_from(EXTREME_MOMENTS).map(changed)


def _cursor(place: str) -> str:
    content = f'["-recorded_at", {place}, "{uuid4()}"]'
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


#: Values of query parameters and parts of paths, percent-encoded as they are sent.
ODD_VALUES = [
    *(quote(each) for each in EXTREME_MOMENTS),
    *(each[:10] for each in EXTREME_MOMENTS),
    "%ED%A0%80",  # half a surrogate pair, as no UTF-8 has it
    "%00",
    "%FF",
    "%",
    "1e400",
    "-1e-400",
    "9" * 400,
    "NaN",
    "Infinity",
    "true",
    "",
    quote("٣"),
    quote("İ\u202e"),
    _cursor(r'"\ud800"'),
    _cursor("9" * 400),
    _cursor("1e400"),
]


@pytest.mark.parametrize(
    "operation", [each for each in operations() if not each.is_command], ids=lambda each: each.name
)
def test_a_query_with_odd_values_is_answered_or_refused(
    app: Flask, bearer: str, operation: Operation
):
    client = app.test_client()
    path = f"/api/v1{operation.path}".replace("{id}", str(uuid4()))
    for name in operation.schema_in.fields:
        for value in ODD_VALUES:
            answer = client.get(f"{path}?{name}={value}", headers={"Authorization": bearer})
            assert answer.status_code < 500, (name, value, answer.text)


@pytest.mark.parametrize(
    "operation", [each for each in operations() if "{id}" in each.path], ids=lambda each: each.name
)
def test_an_odd_id_is_refused(app: Flask, bearer: str, operation: Operation):
    client = app.test_client()
    for value in filter(None, ODD_VALUES):
        answer = client.open(
            f"/api/v1{operation.path}".replace("{id}", value),
            method=operation.method,
            headers={"Authorization": bearer, "If-Match": "*"},
        )
        assert 400 <= answer.status_code < 500, (value, answer.text)


@pytest.mark.parametrize(
    "name",
    [
        "Accept",
        "Authorization",
        "Cookie",
        "If-Match",
        "If-None-Match",
        "Idempotency-Key",
        "Content-Type",
        "Content-Encoding",
        "Range",
        "X-Correlation-Id",
        "traceparent",
    ],
)
def test_an_odd_header_is_ignored_or_refused(app: Flask, bearer: str, name: str):
    client = app.test_client()
    odd = ["", ",", ";q=", "\xff\xfe", "é" * 2000, '"' * 4000, 'W/"', ";=" * 2000, "9" * 400]
    for value in odd:
        headers = {"Authorization": bearer, "If-Match": "*"} | {name: value}
        for path in ("/api/v1/partners", "/", "/problems/invalid"):
            for method in ("GET", "POST"):
                answer = client.open(path, method=method, headers=headers)
                assert answer.status_code < 500, (path, value, answer.text)


@pytest.mark.parametrize("binding", [f"{each.method} {each.path}" for each in operations()])
def test_every_operation_answers_as_documented(
    described: Any, bearer: str, partner_id: str, binding: str
):
    method, _, path = binding.partition(" ")
    operation = described[path][method]
    as_told = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    otherwise = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    at_the_ends_of_time = as_told.flatmap(with_extreme_moments)

    @given(case=as_told | otherwise | at_the_ends_of_time)
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
