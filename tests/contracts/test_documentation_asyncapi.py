"""The AsyncAPI document: valid by its own schema, complete, and true of the golden samples."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from shared.events import published

pytestmark = pytest.mark.row("X5")

ROOT = Path(__file__).resolve().parents[2]
SPECIFICATION = ROOT / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"
SAMPLES = sorted((ROOT / "tests" / "contracts" / "samples").glob("*.json"))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    written: dict[str, Any] = json.loads((ROOT / "docs/reference/asyncapi.json").read_text("utf-8"))
    return written


def test_it_is_a_valid_asyncapi_3_document(document: dict[str, Any]):
    specification = json.loads(SPECIFICATION.read_text("utf-8"))
    errors = [error.message for error in Draft7Validator(specification).iter_errors(document)]
    assert errors == []


def test_every_reference_in_it_leads_somewhere(document: dict[str, Any]):
    for reference in references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [each for value in part.values() for each in references(value)]
    if isinstance(part, list):
        return [each for value in part for each in references(value)]
    return []


def test_every_published_event_is_in_it(document: dict[str, Any]):
    wanted = {f"{type_}.v{version}" for type_, version in published()}
    assert set(document["components"]["messages"]) == wanted


def test_every_message_travels_on_the_exchange_of_its_service(document: dict[str, Any]):
    for service, channel in document["channels"].items():
        assert channel["address"] == f"{service}.events"
        assert {name.partition(".")[0] for name in channel["messages"]} == {service}


def test_every_schema_in_it_is_a_valid_json_schema(document: dict[str, Any]):
    for schema in document["components"]["schemas"].values():
        Draft7Validator.check_schema(schema)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_golden_sample_is_what_the_document_describes(sample: Path, document: dict[str, Any]):
    message = document["components"]["messages"][sample.name.removesuffix(".json")]
    described = {**message["payload"], "components": document["components"]}
    envelope = json.loads(sample.read_text("utf-8"))
    assert [error.message for error in Draft7Validator(described).iter_errors(envelope)] == []
