"""The OpenAPI document of the whole platform: valid, complete, and true."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from marshmallow import fields, missing
from schemathesis.specs.openapi.definitions import OPENAPI_31

from services.gateway.openapi import document
from services.platform import operations
from shared.schemas import Strict

pytestmark = pytest.mark.row("X4")


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    # As it is sent: through JSON.
    made: dict[str, Any] = json.loads(json.dumps(document(operations(), "1")))
    return made


def each_route(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def each_operation(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Without what anybody may read, who has no token."""
    return [route for route in each_route(described) if route[2].get("security") != []]


def test_only_the_heads_of_the_logs_are_open_to_anybody(described: dict[str, Any]):
    routes = {(path, method) for path, method, _ in each_route(described)}
    closed = {(path, method) for path, method, _ in each_operation(described)}
    assert routes - closed == {("/log-heads", "get")}
    answers = described["paths"]["/log-heads"]["get"]["responses"]
    assert set(answers) == {"200", "406", "429", "500", "503"}


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
    assert draft["value"]["anyOf"] == [{"$ref": "#/components/schemas/Money"}, {"type": "null"}]
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


def schemas_under(schema: Any) -> set[type]:
    """This schema, and all that are nested in it."""
    found = {type(schema)}
    for field in schema.fields.values():
        while isinstance(field, fields.List):
            field = field.inner
        if isinstance(field, fields.Nested):
            found |= schemas_under(field.schema)
    return found


def test_an_answer_has_all_its_fields_and_may_get_more(described: dict[str, Any]):
    answers = {
        name: schema
        for name, schema in described["components"]["schemas"].items()
        if schema.get("additionalProperties") is True
    }
    assert answers["contract.ContractView"]["properties"]["missing"]
    assert [
        name
        for name, schema in answers.items()
        if set(schema["required"]) != set(schema["properties"])
    ] == []


def test_requests_and_answers_share_no_schema_but_what_is_handed_back():
    taken = {each for operation in operations() for each in schemas_under(operation.schema_in)}
    given = {
        each
        for operation in operations()
        if operation.schema_out is not None
        for each in schemas_under(operation.schema_out)
    }
    assert {each.__name__ for each in taken if not issubclass(each, Strict)} == {"Known"}
    assert [each for each in given if issubclass(each, Strict)] == []


def test_a_request_is_closed(described: dict[str, Any]):
    components = described["components"]["schemas"]
    for path, method, operation in each_operation(described):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body:
            name = body["schema"]["$ref"].rpartition("/")[2]
            assert components[name]["additionalProperties"] is False, (method, path)


def test_the_version_is_required_exactly_where_it_is_missed(described: dict[str, Any]):
    parameters = described["components"]["parameters"]
    for path, method, operation in each_operation(described):
        sent = {
            parameter["name"]: parameter.get("required", False)
            for each in operation["parameters"]
            if "$ref" in each
            for parameter in [parameters[each["$ref"].rpartition("/")[2]]]
        }
        needed = sent.get("If-Match", False)
        assert ("428" in operation["responses"]) == needed, (method, path)
        assert ("412" in operation["responses"]) == ("If-Match" in sent), (method, path)
        assert ("304" in operation["responses"]) == ("If-None-Match" in sent), (method, path)


def test_every_answer_declares_its_headers(described: dict[str, Any]):
    shared = described["components"]["responses"]
    for path, method, operation in each_operation(described):
        for status, answer in operation["responses"].items():
            named = answer.get("$ref", "").rpartition("/")[2]
            headers = set((shared[named] if named else answer)["headers"])
            assert {"Cache-Control", "X-Correlation-Id"} <= headers
            assert ("Retry-After" in headers) == (status in ("429", "503"))
            assert ("Location" in headers) == (status == "201"), (method, path)


def test_vocabularies_and_pages_are_components(described: dict[str, Any]):
    def inline(plain: Any, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        if isinstance(plain, list):
            return [each for inner in plain for each in inline(inner, path)]
        if not isinstance(plain, dict):
            return []
        own = [path] if isinstance(plain.get("enum"), list) else []
        return own + [each for key, inner in plain.items() for each in inline(inner, (*path, key))]

    found = inline(described, ())
    assert {path[:2] for path in found} == {("components", "schemas")}
    assert [path for path in found if len(path) != 3] == []
    for operation in operations():
        answers = described["paths"][operation.path][operation.method.lower()]["responses"]
        success = answers["201" if operation.creates else "200"]
        assert set(success["content"]["application/json"]["schema"]) == {"$ref"}


def test_what_is_created_can_be_read_where_the_answer_says():
    def shape(path: str) -> str:
        return re.sub(r"\{\w+\}", "{}", path)

    read = {shape(each.path) for each in operations() if not each.is_command}
    for operation in operations():
        if operation.creates:
            assert shape(operation.creates) in read
            assert operation.schema_out is not None
            assert set(re.findall(r"\{(\w+)\}", operation.creates)) <= set(
                operation.schema_out.fields
            )


def test_a_record_whose_id_the_caller_may_choose_calls_it_id():
    """Everything else that ends in `_id` names a record that is there."""
    chosen = [
        (operation.name, name)
        for operation in operations()
        for name, field in operation.schema_in.fields.items()
        if "client-supplied" in field.metadata.get("description", "")
    ]
    assert {name for _, name in chosen} == {"id"}
    assert ("log_days", "id") in chosen


def test_a_default_is_accepted_when_it_is_sent():
    taken = {each for operation in operations() for each in schemas_under(operation.schema_in)}
    for schema in taken:
        for field in schema().fields.values():
            default = field.load_default() if callable(field.load_default) else field.load_default
            if default not in (missing, None):
                sent = json.loads(json.dumps(field.serialize("", {"": default})))
                read = field.deserialize(sent)
                assert (tuple(read) if isinstance(default, tuple) else read) == default
            elif default is None:
                assert field.deserialize(None) is None, (schema, field.name)


def test_the_path_names_the_record_first():
    for operation in operations():
        if operation.on is not None:
            assert operation.path.partition("{")[2].partition("}")[0] == operation.target
