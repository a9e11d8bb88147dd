"""The web application: everything that is reachable from outside, put together."""

from collections.abc import Sequence
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask, Response, g, json, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from services.gateway import pages
from services.gateway.api import PREFIX, add_api
from services.gateway.calls import Calls, Health
from services.gateway.health import add_health
from services.gateway.identity import Tokens
from services.gateway.log_heads import LogHeads, add_log_heads
from services.gateway.observing import MeasuredCalls, Metrics, note_failure, observe
from services.gateway.openapi import document
from services.gateway.problems import kind_of_status, of_refusal, problem
from services.gateway.rates import Rates, limit_rates
from services.gateway.refusals import Refusals
from services.gateway.security import protect
from services.gateway.visits import Visits, address_of
from shared.errors import Forbidden, Refusal, Unauthenticated
from shared.operations import Operation


def create_app(
    operations: Sequence[Operation],
    calls: Calls,
    tokens: Tokens,
    health: Health,
    visits: Visits,
    refusals: Refusals,
    *,
    log_heads: LogHeads,
    zone: ZoneInfo,
    body_limit: int = 1024 * 1024,
    hosts: Sequence[str] = (),
    session_hours: int = 12,
    version: str = "1",
    metrics: Metrics | None = None,
    rates: Rates | None = None,
) -> Flask:
    """A WSGI application that serves `operations`, which `calls` reaches.

    zone: the office's; body_limit: bytes; hosts: names under which it is reached, where not under
    any; version: of the product.
    """
    app = Flask("services.gateway.pages", static_folder=None, template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = body_limit
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    app.config["ZONE"] = zone
    app.config["SESSION_HOURS"] = session_hours
    metrics = metrics or Metrics()
    measured = MeasuredCalls(calls, metrics)
    observe(app, metrics)
    protect(app, hosts)
    limit_rates(app, rates or Rates())
    _explain_problems(app, refusals)
    _describe(app, document(operations, version))
    add_api(app, operations, measured, tokens)
    add_log_heads(app, PREFIX, log_heads)
    add_health(app, health)
    pages.add_pages(app, operations, measured, visits, refusals, zone)
    return app


def _describe(app: Flask, described: dict[str, object]) -> None:
    content = json.dumps(described, ensure_ascii=False)

    @app.get(f"{PREFIX}/openapi.json")
    def openapi() -> AnyResponse:
        response = Response(content, mimetype="application/json")
        response.headers["Cache-Control"] = "public, max-age=300"
        response.add_etag()
        return response.make_conditional(request)


def _explain_problems(app: Flask, refusals: Refusals) -> None:
    """Answer every error in one form: a page to people, problem details to programs."""

    def respond(response: Response) -> Response:
        if pages.wants_page(request):
            return pages.problem_page(json.loads(response.get_data()), response)
        return response

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        if isinstance(refusal, Unauthenticated | Forbidden):
            _note(refusals, refusal)
        return respond(of_refusal(refusal, instance=_instance(), correlation_id=g.correlation_id))

    @app.errorhandler(HTTPException)
    def not_served(error: HTTPException) -> Response:
        status = error.code or 500
        return respond(
            problem(
                kind_of_status(status),
                _words(error),
                instance=_instance(),
                correlation_id=g.correlation_id,
                headers={name: value for name, value in error.get_headers() if name == "Allow"},
            )
        )

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        note_failure(error)
        return respond(
            problem(
                "unexpected",
                "Something went wrong on our side. It has been noted; please try again.",
                instance=_instance(),
                correlation_id=g.correlation_id,
            )
        )


def _note(refusals: Refusals, refusal: Refusal) -> None:
    """Who was not let in, or not let further, is audited."""
    actor = g.get("actor_id")
    refusals.note(
        address_of(request),
        refusal.rule,
        f"{request.method} {request.url_rule.rule}" if request.url_rule else request.method,
        UUID(actor) if actor else None,
        g.correlation_id,
    )


def _instance() -> str:
    return quote(request.path, safe="/:@!$&'()*+,;=")


def _words(error: HTTPException) -> str:
    match error.code:
        case 404:
            return f"There is nothing at {request.path}."
        case 405:
            return f"{request.method} is not possible at {request.path}."
        case 413:
            return f"A request may have at most {request.max_content_length:,} bytes here."
        case _:
            return error.description or "The request cannot be read."
