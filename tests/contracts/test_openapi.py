"""The OpenAPI document of the whole platform: valid, complete, and true."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31

from services.gateway.openapi import document
from services.platform import operations

pytestmark = pytest.mark.row("X4")


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    # As it is sent: through JSON.
    made: dict[str, Any] = json.loads(json.dumps(document(operations(), "1")))
    return made


def each_operation(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_is_a_valid_openapi_3_1_document(described: dict[str, Any]):
    assert described["openapi"].startswith("3.1")
    Draft202012Validator(OPENAPI_31).validate(described)


def test_every_schema_in_it_is_a_valid_json_schema(described: dict[str, Any]):
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_operation_of_every_service_is_in_it(described: dict[str, Any]):
    found = {(method.upper(), path) for path, method, _ in each_operation(described)}
    assert found == {(operation.method, operation.path) for operation in operations()}


def test_every_operation_says_what_it_does_and_who_may(described: dict[str, Any]):
    silent = [
        path
        for path, _, operation in each_operation(described)
        if not operation["summary"] or "Roles: `" not in operation["description"]
    ]
    assert silent == []


def test_every_operation_has_an_answer_for_success_and_for_what_it_may_meet(
    described: dict[str, Any],
):
    for path, method, operation in each_operation(described):
        answers = set(operation["responses"])
        assert {"400", "401", "403", "422", "500", "503"} <= answers, (method, path)
        assert answers & {"200", "201"}, (method, path)


def test_what_needs_a_version_says_so(described: dict[str, Any]):
    for operation in operations():
        told = described["paths"][operation.path][operation.method.lower()]
        assert ("428" in told["responses"]) == operation.needs_version


def test_money_is_text_and_currency_everywhere(described: dict[str, Any]):
    draft = described["components"]["schemas"]["contract.Draft"]["properties"]
    money = described["components"]["schemas"]["Money"]["properties"]
    assert draft["value"] == {"anyOf": [{"$ref": "#/components/schemas/Money"}, {"type": "null"}]}
    assert money["amount"]["type"] == money["currency"]["type"] == "string"


def test_no_two_services_share_a_schema_name_by_accident(described: dict[str, Any]):
    numbered = [name for name in described["components"]["schemas"] if name[-1].isdigit()]
    assert [name for name in numbered if name.rstrip("0123456789") in numbered] == []


def test_every_page_asks_only_for_what_exists():
    known = {f"{operation.method} {operation.path}" for operation in operations()}
    assert {
        "GET /partners",
        "GET /partners/{id}",
        "GET /partners/{id}/timeline",
        "GET /contracts",
        "GET /contracts/{id}",
        "GET /contracts/{id}/burn-down",
        "GET /contracts/{id}/timeline",
        "GET /invoices",
    } <= known
