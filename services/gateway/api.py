"""The REST API: a route for every operation of every service, made from their declarations."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, g, request

from services.gateway import reading
from services.gateway.calls import Calls
from services.gateway.identity import Tokens, actor_of, by_bearer
from services.gateway.observing import traceparent
from services.gateway.visits import address_of
from shared.operations import Operation
from shared.values import to_json
from shared.work import Call

PREFIX = "/api/v1"

_PLACE = re.compile(r"\{(\w+)\}")


def add_api(app: Flask, operations: Sequence[Operation], calls: Calls, tokens: Tokens) -> None:
    """Serve every operation under /api/v1."""
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    for operation in operations:
        view = (_command if operation.is_command else _query)(operation, calls)
        api.add_url_rule(
            _PLACE.sub(r"<\1>", operation.path),
            endpoint=f"{operation.service}_{operation.name}",
            view_func=_identified(view, tokens),
            methods=[operation.method],
        )
    app.register_blueprint(api)


def _identified(view: Callable[[Call], Response], tokens: Tokens) -> Callable[..., Response]:
    def identified(**_: str) -> Response:
        reading.check_acceptable(request)
        actor = actor_of(by_bearer(tokens, request))
        g.actor_id = actor.id
        return view(
            Call(
                actor=actor,
                correlation_id=g.correlation_id,
                traceparent=traceparent(),
                address=address_of(request),
            )
        )

    return identified


def _command(operation: Operation, calls: Calls) -> Callable[[Call], Response]:
    def execute(call: Call) -> Response:
        operation.check_permitted(call.actor)  # before anything is made of the body
        told = reading.body(request, operation)
        call = Call(
            actor=call.actor,
            correlation_id=call.correlation_id,
            traceparent=call.traceparent,
            command_id=reading.command_id(request, call.actor.id),
            address=call.address,
            expected_version=reading.expected_version(request, operation),
        )
        answer = calls.execute(operation.service, operation.name, told, call)
        response = _answer(answer)
        if operation.creates:
            response.status_code = 201
            response.headers["Location"] = PREFIX + operation.creates.format(**answer["body"])
        return response

    return execute


def _query(operation: Operation, calls: Calls) -> Callable[[Call], Response]:
    def ask(call: Call) -> Response:
        told = reading.parameters(request, operation)
        answer = calls.ask(operation.service, operation.name, told, call)
        response = _answer(answer)
        response.make_conditional(request)
        if operation.is_listing and answer["body"]["next"]:
            response.headers["Link"] = f'<{_next_page(answer["body"]["next"])}>; rel="next"'
        return response

    return ask


def _answer(answer: Mapping[str, Any]) -> Response:
    """An answer whose ETag says the record's version, for If-Match, and what the answer shows.

    Both, because a view may tell more than the record that has the version: a contract's page
    changes when an invoice is paid, and then 304 would be wrong.
    """
    content, version = to_json(answer["body"]), answer["version"]
    response = Response(content, mimetype="application/json")
    if answer.get("withheld"):
        response.headers["Withheld"] = ", ".join(answer["withheld"])
    if version is not None:
        shown = hashlib.sha256(content.encode()).hexdigest()[:16]
        response.set_etag(f"{version}-{shown}")
    return response


def _next_page(cursor: str) -> str:
    told = [pair for pair in request.args.items(multi=True) if pair[0] != "cursor"]
    return f"{request.path}?{urlencode([*told, ('cursor', cursor)])}"
