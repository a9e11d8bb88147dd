"""How requests are read: bodies, versions, keys, parameters."""

from collections.abc import Callable
from time import process_time
from typing import Any

import pytest
from flask.testing import FlaskClient

from shared.events.vocabulary import Role
from tests.unit.gateway.conftest import BODY_LIMIT, Gateway

pytestmark = pytest.mark.row("X4")

NOTES = "/api/v1/notes"


def send(
    api: FlaskClient, raw: str | bytes, content_type: str = "application/json", **headers: str
):
    return api.post(NOTES, data=raw, content_type=content_type, headers=headers)


def version_of(answer: Any) -> int:
    return int(answer.headers["ETag"].strip('"').partition("-")[0])


def test_what_is_created_says_where_it_is_and_which_version(api: FlaskClient):
    answer = api.post(NOTES, json={"title": "One"})
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{NOTES}/{answer.get_json()['id']}"
    assert version_of(answer) == 1


def test_parts_of_the_path_reach_the_owner(api: FlaskClient, note: dict[str, Any]):
    answer = api.delete(f"{NOTES}/{note['id']}/lines/7")
    assert answer.get_json()["title"] == "without line 7"


def test_the_body_must_not_say_again_what_the_path_says(api: FlaskClient, note: dict[str, Any]):
    answer = api.post(
        f"{NOTES}/{note['id']}/retitle",
        json={"id": note["id"], "title": "x"},
        headers={"If-Match": '"1"'},
    )
    assert (answer.status_code, answer.get_json()["field"]) == (422, "id")


# Bodies


def test_malformed_json_says_where(api: FlaskClient):
    answer = send(api, '{"title":\n oops}')
    assert answer.status_code == 400
    assert "line 2, column 2" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        ('{"title": "a", "title": "b"}', "json"),
        ('{"title": NaN}', "json"),
        ('{"title": -Infinity}', "json"),
        ('{"title": 1e999}', "json"),
        ('{"title": ' + "9" * 5000 + "}", "json"),
        ('{"weight": 0.10000000000000000001}', "json"),
        ('{"weight": 12345678901234567.8}', "json"),
        ('{"title": ' + "[" * 40 + "]" * 40 + "}", "json-depth"),
        ("[" * 4900 + "]" * 4900, "json-depth"),
        ('{"title": "a\\u0000b"}', "text"),
        ('{"title": "\\ud800"}', "text"),
        (b'{"title": "\xff"}', "json"),
    ],
    ids=[
        "duplicate key", "NaN", "infinity", "too large a float", "too long an integer",
        "more decimals than are kept", "more digits than are kept",
        "nested deeply", "nested absurdly", "NUL", "half a surrogate", "not UTF-8",
    ],
)  # fmt: skip
def test_what_is_no_plain_json_is_refused(api: FlaskClient, raw: str | bytes, rule: str):
    answer = send(api, raw)
    assert (answer.status_code, answer.get_json()["rule"]) == (400, rule)


@pytest.mark.parametrize("title", ["a\\u0000b", "\\ud800", "\\udfff"])
def test_a_bad_text_among_many_records_costs_its_record_alone(api: FlaskClient, title: str):
    answer = api.post(
        f"{NOTES}/many",
        data='{"notes": [{"title": "' + title + '"}, {"title": "good"}]}',
        content_type="application/json",
    )
    assert (answer.status_code, answer.get_json()) == (200, {"refused": [0]})


def test_a_bad_text_beside_many_records_is_refused(api: FlaskClient):
    answer = api.post(
        f"{NOTES}/many",
        data='{"notes": [{"title": "good"}], "shelf": "\\ud800"}',
        content_type="application/json",
    )
    assert (answer.status_code, answer.get_json()["rule"]) == (400, "text")


@pytest.mark.parametrize("raw", ["[]", '"text"', "null", "3"])
def test_a_body_that_is_no_object_is_refused(api: FlaskClient, raw: str):
    assert send(api, raw).status_code == 422


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("text/plain", None),
        ("application/x-www-form-urlencoded", None),
        ("application/json; charset=utf-16", None),
        ("application/json", "gzip"),
    ],
)
def test_only_plain_utf8_json_is_read(api: FlaskClient, content_type: str, encoding: str | None):
    headers = {"Content-Encoding": encoding} if encoding else {}
    assert send(api, '{"title": "a"}', content_type, **headers).status_code == 415


def test_a_body_over_the_limit_is_refused(api: FlaskClient):
    answer = send(api, '{"title": "' + "a" * BODY_LIMIT + '"}')
    assert answer.status_code == 413
    assert "10,000 bytes" in answer.get_json()["detail"]


def test_the_owner_names_every_offending_field(api: FlaskClient):
    answer = api.post(NOTES, json={"titel": "a", "price": {"amount": "1.001", "currency": "GBP"}})
    assert answer.status_code == 422
    assert {each["field"] for each in answer.get_json()["errors"]} == {
        "titel",
        "title",
        "price.amount",
    }


# Versions


def retitle(api: FlaskClient, note: dict[str, Any], if_match: str | None):
    headers = {} if if_match is None else {"If-Match": if_match}
    return api.post(f"{NOTES}/{note['id']}/retitle", json={"title": "New"}, headers=headers)


def test_a_change_on_the_present_version_is_made(api: FlaskClient, note: dict[str, Any]):
    answer = retitle(api, note, '"1"')
    assert (answer.status_code, version_of(answer)) == (200, 2)


def test_a_change_is_made_with_the_etag_as_it_was_read(api: FlaskClient, note: dict[str, Any]):
    read = api.get(f"{NOTES}/{note['id']}").headers["ETag"]
    assert retitle(api, note, read).status_code == 200


def test_a_change_without_its_version_is_refused(api: FlaskClient, note: dict[str, Any]):
    assert retitle(api, note, None).status_code == 428


def test_a_change_on_an_old_version_is_refused(api: FlaskClient, note: dict[str, Any]):
    retitle(api, note, '"1"')
    assert retitle(api, note, '"1"').status_code == 412


@pytest.mark.parametrize("sent", ['W/"1"', "1", '"one"', '"1", "2"', '"01"', ""])
def test_what_is_no_strong_etag_of_ours_is_refused(
    api: FlaskClient, note: dict[str, Any], sent: str
):
    answer = retitle(api, note, sent)
    assert (answer.status_code, answer.get_json()["rule"]) == (400, "if-match")


def test_a_star_changes_whatever_version_there_is(api: FlaskClient, note: dict[str, Any]):
    assert retitle(api, note, "*").status_code == 200


@pytest.mark.parametrize("known", ["{}", "W/{}", '"7", {}', "*"])
def test_what_the_caller_has_already_is_not_sent_again(
    api: FlaskClient, note: dict[str, Any], known: str
):
    etag = api.get(f"{NOTES}/{note['id']}").headers["ETag"]
    answer = api.get(f"{NOTES}/{note['id']}", headers={"If-None-Match": known.format(etag)})
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)


def test_a_newer_version_is_sent(api: FlaskClient, note: dict[str, Any]):
    answer = api.get(f"{NOTES}/{note['id']}", headers={"If-None-Match": '"0"'})
    assert answer.status_code == 200


# Bodies that are meant to hurt


def processor_seconds(act: Callable[[], Any]) -> tuple[Any, float]:
    began = process_time()
    return act(), process_time() - began


@pytest.fixture
def roomy(gateway: Gateway) -> FlaskClient:
    """An administrator's program where bodies may have a megabyte."""
    gateway.app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    return gateway.client()


@pytest.mark.parametrize(
    "raw",
    [
        "{" + ",".join(f'"n{i}": 1' for i in range(40_000)) + ', "n39999": 2}',
        "{" + ",".join(f'"n{i}": 1' for i in range(40_000)) + "}",
        '{"title": [' + ",".join(["{}"] * 200_000) + "]}",
        '{"title": "a", "weight": "' + "9" * 900_000 + 'x"}',
        '{"title": "' + "a " * 450_000 + '"}',
        '{"title": "' + " " * 900_000 + '"}',
        '{"price": {"amount": "' + "9" * 900_000 + 'x", "currency": "GBP"}, "title": "a"}',
    ],
    ids=["last name twice", "unknown names", "objects", "digits", "words", "blanks", "amount"],
)
def test_a_large_wrong_body_is_refused_in_no_time_and_in_few_words(roomy: FlaskClient, raw: str):
    answer, seconds = processor_seconds(lambda: send(roomy, raw))
    assert 400 <= answer.status_code < 500
    assert len(answer.data) < 30_000
    assert seconds < 3


def test_findings_beyond_the_first_50_are_counted(roomy: FlaskClient):
    answer = roomy.post(NOTES, json={f"name {i}": 1 for i in range(1000)})
    told = answer.get_json()
    assert (len(told["errors"]), told["further_errors"]) == (50, 951)


def test_a_long_name_is_quoted_in_part(roomy: FlaskClient):
    told = roomy.post(NOTES, json={"x" * 5000: 1, "title": "a"}).get_json()
    assert len(told["errors"][0]["field"]) == 200


def test_who_may_not_is_told_so_before_the_body_is_read(gateway: Gateway):
    answer = send(gateway.client(Role.OBSERVER), "{ this is no JSON")
    assert (answer.status_code, answer.get_json()["rule"]) == (403, "permission")


# Idempotency


def test_the_same_key_gives_the_same_answer_and_does_nothing_twice(api: FlaskClient):
    key = {"Idempotency-Key": "b7b4f1"}
    first = api.post(NOTES, json={"title": "Once"}, headers=key)
    second = api.post(NOTES, json={"title": "Once"}, headers=key)
    assert first.get_json() == second.get_json()
    assert second.status_code == 201
    assert len(api.get(NOTES).get_json()["items"]) == 1


def test_the_same_key_with_another_request_is_refused(api: FlaskClient):
    key = {"Idempotency-Key": "b7b4f1"}
    api.post(NOTES, json={"title": "Once"}, headers=key)
    answer = api.post(NOTES, json={"title": "Other"}, headers=key)
    assert answer.get_json()["rule"] == "idempotency-key-reused"


def test_two_callers_may_choose_the_same_key(gateway: Gateway):
    for client in (gateway.client(), gateway.client()):
        answer = client.post(NOTES, json={"title": "Mine"}, headers={"Idempotency-Key": "1"})
        assert answer.status_code == 201
    assert len(gateway.client().get(NOTES).get_json()["items"]) == 2


@pytest.mark.parametrize("key", ["", "with space", "k" * 101, "clé"])
def test_a_key_is_1_to_100_visible_characters(api: FlaskClient, key: str):
    answer = api.post(NOTES, json={"title": "a"}, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.get_json()["rule"]) == (400, "idempotency-key")


# Queries


def test_a_list_is_read_page_by_page(api: FlaskClient):
    for title in ("a", "b", "c"):
        api.post(NOTES, json={"title": title})
    first = api.get(f"{NOTES}?limit=2&sort=-title")
    link = first.headers["Link"]
    assert link.endswith('>; rel="next"')
    second = api.get(link[1 : link.index(">")])
    titles = [each["title"] for page in (first, second) for each in page.get_json()["items"]]
    assert titles == ["c", "b", "a"]
    assert "Link" not in second.headers


@pytest.mark.parametrize("query", ["colour=red", "sort=weight", "limit=0", "cursor=nonsense"])
def test_a_parameter_that_the_owner_does_not_take_is_refused(api: FlaskClient, query: str):
    assert api.get(f"{NOTES}?{query}").status_code == 422


def test_a_parameter_given_twice_is_refused(api: FlaskClient):
    answer = api.get(f"{NOTES}?title=a&title=b")
    assert (answer.status_code, answer.get_json()["rule"]) == (422, "given-once")


@pytest.mark.parametrize("price", [{}, "12.50 GBP", {"amount": 12.5, "currency": "GBP"}, 3, []])
def test_money_in_another_shape_is_refused_by_field(api: FlaskClient, price: Any):
    answer = api.post(NOTES, json={"title": "a", "price": price})
    assert (answer.status_code, answer.get_json()["field"]) == (422, "price")


@pytest.mark.parametrize("content_type", [None, "application/json", "text/plain"])
def test_a_command_without_a_body_needs_no_content_type(api: FlaskClient, content_type: str | None):
    answer = api.post(NOTES, data=b"", content_type=content_type)
    assert answer.status_code == 422  # the title is missing, and nothing else is wrong
