"""One trace from the request to its last effect, in either profile."""

import requests
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, format_span_id, format_trace_id

from shared.events.vocabulary import Role
from shared.work import Call
from tests.office import Office, until

CALLER = f"00-{'a' * 32}-{'b' * 16}-01"


def propose(office: Office, name: str, **headers: str) -> requests.Response:
    wanted = {"name": "Visitor", "roles": [Role.PARTNERSHIP_OFFICER]}
    token = office.calls.execute("gateway", "issue_token", wanted, Call())["body"]["secret"]
    return requests.post(
        f"{office.address}/api/v1/partners",
        json={"legal_name": name, "country": "EG", "sector": "university"},
        headers={"Authorization": f"Bearer {token}", **headers},
        timeout=20,
    )


def spans_by_step(
    exporter: InMemorySpanExporter, number: int
) -> dict[tuple[str, str], ReadableSpan]:
    """The steps of the only trace there is, by service and name, once so many have ended."""
    until(lambda: len(exporter.get_finished_spans()) >= number, f"{number} spans")
    spans = exporter.get_finished_spans()
    assert len({span.context.trace_id for span in spans}) == 1
    return {(str(span.resource.attributes["service.name"]), span.name): span for span in spans}


def parent_of(span: ReadableSpan) -> str | None:
    return span.parent and format_span_id(span.parent.span_id)


def test_a_request_its_event_and_every_effect_are_one_trace(
    office: Office, exporter: InMemorySpanExporter
) -> None:
    assert propose(office, "Wadi Rahma University").status_code == 201
    office.settle()

    found = spans_by_step(exporter, 7)
    chain = [
        ("gateway", "POST /api/v1/partners", SpanKind.SERVER),
        ("gateway", "partner/propose_partner", SpanKind.CLIENT),
        ("partner", "partner/propose_partner", SpanKind.SERVER),
        ("partner", "transaction", SpanKind.PRODUCER),
    ]
    event = "partner.proposed.v1"
    after = [
        ("partner", f"publish {event}", SpanKind.CLIENT),
        ("contract", f"process {event}", SpanKind.CONSUMER),
        ("insight", f"process {event}", SpanKind.CONSUMER),
    ]
    assert set(found) == {(service, name) for service, name, _ in chain + after}
    assert all(found[service, name].kind == kind for service, name, kind in chain + after)

    parents = [None, *(found[service, name].context.span_id for service, name, _ in chain)]
    for (service, name, _), parent in zip(chain, parents, strict=False):
        assert parent_of(found[service, name]) == (parent and format_span_id(parent))
    created = found["partner", "transaction"].context
    for service, name, _ in after:
        span = found[service, name]
        assert parent_of(span) == format_span_id(created.span_id)
        assert [link.context.span_id for link in span.links] == [created.span_id]
        assert span.status.status_code is not StatusCode.ERROR


def test_the_callers_trace_goes_on_through_everything(
    office: Office, exporter: InMemorySpanExporter
) -> None:
    propose(office, "Wadi Rahma University", traceparent=CALLER)
    office.settle()
    found = spans_by_step(exporter, 7)
    assert {format_trace_id(span.context.trace_id) for span in found.values()} == {"a" * 32}
    assert parent_of(found["gateway", "POST /api/v1/partners"]) == "b" * 16


def test_what_nobody_asked_for_at_the_door_has_no_trace(
    office: Office, exporter: InMemorySpanExporter
) -> None:
    office.do("propose_partner", legal_name="Wadi Rahma", country="EG", sector="university")
    for address in (office.address, office.operations):
        for path in ("livez", "readyz"):
            requests.get(f"{address}/{path}", timeout=20)
    requests.get(f"{office.operations}/metrics", timeout=20)
    office.settle()
    assert exporter.get_finished_spans() == ()
