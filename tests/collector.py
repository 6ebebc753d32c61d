"""A minimal OpenTelemetry collector that receives spans by OTLP over HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

EXTRA = "the packages of the extra `otel` are not installed"


class Collector:
    """The received spans: dictionaries that include the attributes of the span."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.spans: list[dict[str, Any]] = []

    def wait(self, name: str, seconds: float = 30) -> dict[str, Any]:
        """Wait for the only span with this name."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if spans := [span for span in self.spans if span["name"] == name]:
                assert len(spans) == 1
                return spans[0]
            time.sleep(0.05)
        raise AssertionError(f"{name} is not among {[span['name'] for span in self.spans]}")

    def below(self, span: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Return the child spans of ``span`` by name."""
        return {child["name"]: child for child in self.spans if child["parent"] == span["id"]}


@contextmanager
def running_collector() -> Iterator[Collector]:
    """Run a collector on a free port."""
    messages = pytest.importorskip(
        "opentelemetry.proto.collector.trace.v1.trace_service_pb2", reason=EXTRA
    )

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = messages.ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                service = _attributes(resource.resource.attributes)
                for scope in resource.scope_spans:
                    collector.spans += [_span(span, service) for span in scope.spans]
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _span(span: Any, service: dict[str, Any]) -> dict[str, Any]:
    return {
        "service": service["service.name"],
        "version": service["service.version"],
        "trace": span.trace_id.hex(),
        "id": span.span_id.hex(),
        "parent": span.parent_span_id.hex(),
        "name": span.name,
        "began": span.start_time_unix_nano / 1e9,
        "ended": span.end_time_unix_nano / 1e9,
        "failed": span.status.code == 2,
        **_attributes(span.attributes),
    }


def _attributes(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}
