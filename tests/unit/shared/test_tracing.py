"""Traces cost nothing while they are off, and tell what became of each step when they are on."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode, format_span_id
from sqlalchemy.orm import Session

from infra.local.processes import free_port
from shared import settings as configuration
from shared import tracing
from shared.aggregate import Aggregate
from shared.database import Database
from shared.errors import Conflict, Unavailable
from shared.events.gateway import TokenRevoked
from shared.events.partner import PartnerReviewStarted
from shared.messaging import tables
from shared.messaging.envelope import Envelope
from shared.messaging.reactions import Reactions
from shared.work import Call, Work
from tests.integration.messaging.places import HandClock, unit_of_work
from tests.office import until

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PARENT = f"00-{'a' * 32}-{'b' * 16}-01"


@pytest.fixture
def session(sqlite: Database) -> Iterator[Session]:
    with Session(sqlite.engine) as opened:
        yield opened


def envelope(traceparent: str | None = PARENT, at: datetime = NOW) -> Envelope:
    row = {
        "id": uuid4(),
        "subject": "partner/1",
        "sequence": 1,
        "type": PartnerReviewStarted.type,
        "version": 1,
        "data": PartnerReviewStarted(partner_id=uuid4()).to_plain(),
        "metadata": {"actor": "somebody", "correlation": "one", "traceparent": traceparent},
        "recorded_at": at,
    }
    return Envelope.of_row("partner", row)


def only(exporter: InMemorySpanExporter) -> ReadableSpan:
    (span,) = exporter.get_finished_spans()
    return span


# Off


def test_nothing_of_opentelemetry_is_loaded_while_traces_are_off() -> None:
    script = (
        "import services.__main__, services.platform, sys\n"
        "services.platform.operations()\n"
        "for name in services.platform.SERVICES: services.platform.service_class(name)\n"
        "print(sorted(each for each in sys.modules if each.startswith('opentelemetry')))"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert shown.stdout == "[]\n", shown.stderr


def test_while_traces_are_off_the_callers_trace_is_handed_on(session: Session) -> None:
    with tracing.called("gateway", "partner", "propose_partner", "client", PARENT) as span:
        assert span.traceparent == PARENT
    with tracing.processing("insight", envelope(), session, NOW) as span:
        assert span.traceparent == PARENT


# On


def test_a_step_without_a_trace_begins_none(exporter: InMemorySpanExporter) -> None:
    with tracing.called("gateway", "partner", "propose_partner", "client", None) as span:
        assert span.traceparent is None
    tracing.published("partner", [envelope(None)], [True], tracing.now())
    assert exporter.get_finished_spans() == ()


def test_a_caller_that_does_not_want_its_trace_recorded_is_heeded(
    exporter: InMemorySpanExporter,
) -> None:
    unsampled = PARENT.removesuffix("01") + "00"
    with tracing.called("gateway", "partner", "propose_partner", "client", unsampled) as span:
        assert span.traceparent is not None
        assert span.traceparent.endswith("-00")
    assert exporter.get_finished_spans() == ()


def test_a_refusal_is_an_answer(exporter: InMemorySpanExporter) -> None:
    with pytest.raises(Conflict), tracing.called("a", "b", "c", "server", PARENT):
        raise Conflict("It is approved already.", rule="once")
    span = only(exporter)
    assert span.status.status_code is StatusCode.UNSET
    assert dict(span.attributes or {})["entente.refusal"] == "once"


@pytest.mark.parametrize("error", [Unavailable("Away."), RuntimeError("Amina, 0123")])
def test_a_failure_names_its_class_and_not_its_text(
    exporter: InMemorySpanExporter, error: Exception
) -> None:
    with pytest.raises(type(error)), tracing.called("a", "b", "c", "server", PARENT):
        raise error
    span = only(exporter)
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == type(error).__name__
    assert span.events == ()


def test_what_the_broker_refused_is_a_failure(exporter: InMemorySpanExporter) -> None:
    tracing.published("partner", [envelope(), envelope()], [True, False], tracing.now())
    statuses = [span.status.status_code for span in exporter.get_finished_spans()]
    assert statuses == [StatusCode.UNSET, StatusCode.ERROR]


def test_an_effect_ends_with_its_transaction(
    exporter: InMemorySpanExporter, session: Session
) -> None:
    with session.begin():
        with tracing.processing("insight", envelope(), session, NOW):
            pass
        assert exporter.get_finished_spans() == ()
    assert only(exporter).status.status_code is StatusCode.UNSET


def test_effects_that_were_rolled_back_are_failures(
    exporter: InMemorySpanExporter, session: Session
) -> None:
    transaction = session.begin()
    with tracing.processing_all("insight", [envelope(), envelope()], session, NOW):
        session.connection()
    transaction.rollback()
    statuses = [span.status.status_code for span in exporter.get_finished_spans()]
    assert statuses == [StatusCode.ERROR] * 2


def test_what_a_rebuild_brings_back_after_long_has_no_trace(
    exporter: InMemorySpanExporter, session: Session
) -> None:
    old = envelope(at=NOW - tracing.TRACED_WITHIN - timedelta(seconds=1))
    with session.begin(), tracing.processing("insight", old, session, NOW) as span:
        assert span.traceparent == PARENT
    assert exporter.get_finished_spans() == ()


def test_an_event_that_a_reaction_records_goes_on_with_the_trace(
    exporter: InMemorySpanExporter, sqlite: Database
) -> None:
    tables.metadata.create_all(sqlite.engine)
    reactions = Reactions("gateway")

    class Token(Aggregate):
        kind = "token"
        version = 0
        id = uuid4()

    @reactions.on(PartnerReviewStarted)
    def revoke(work: Work, event: PartnerReviewStarted) -> None:
        token = Token()
        token.record(TokenRevoked(token_id=token.id))
        work._kept.aggregates.append(token)

    with unit_of_work(sqlite, HandClock()).begin(Call()) as work:
        reactions.apply(work, [envelope()])
    with sqlite.reading() as reading:
        (row,) = reading.execute(tables.event_log.select()).mappings()
    span = only(exporter)
    assert span.context is not None
    assert format_span_id(span.context.span_id) == row["metadata"]["traceparent"].split("-")[2]


# Sending


class Collector:
    """Takes traces as a collector does (OTLP over HTTP)."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        taken = self.taken

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = ExportTraceServiceRequest.FromString(body)
                for each in request.resource_spans:
                    spans = each.scope_spans[0].spans
                    taken.extend((self.path, span.name) for span in spans)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_what_is_left_when_a_process_stops_is_sent() -> None:
    with closing(Collector()) as collector:
        tracing.switch_on_for(collector.address)
        tracing.called("gateway", "partner", "propose_partner", "client", PARENT).end()
        tracing.switch_off()
        until(lambda: collector.taken, "the collector having it")
        assert collector.taken == [("/v1/traces", "partner/propose_partner")]


def test_a_collector_that_is_away_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    tracing.switch_on_for(f"http://127.0.0.1:{free_port()}")
    with tracing.called("gateway", "partner", "propose_partner", "client", PARENT) as span:
        assert span.traceparent is not None
    tracing.switch_off()
    with tracing.called("gateway", "partner", "propose_partner", "client", PARENT) as span:
        assert span.traceparent == PARENT


@pytest.mark.parametrize("wrong", ["collector:4318", "grpc://collector"])
def test_a_collector_that_is_no_address_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(configuration.WrongSetting, match=r"ENTENTE_TRACES.*http://collector:4318"):
        configuration.read({"ENTENTE_TRACES": wrong})


def test_without_the_packages_the_setting_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "shared.tracing.spans", None)
    with pytest.raises(configuration.WrongSetting, match=r"entente\[tracing\]"):
        tracing.switch_on_for("http://collector:4318")
