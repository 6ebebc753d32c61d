"""Traces: a span for each request, and one below it for each stage, sent by OTLP over HTTP.

Needs the extra ``otel``. Spans are sent by a thread of their own; where nobody takes them, they are
dropped, and no request waits.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    Span,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    format_trace_id,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue
from werkzeug.datastructures import Headers

from service.enrichment.timings import StageTimer

EXPORT_SECONDS = 2.0
"""How long a try to send spans may take. They are tried a few times when the process ends, too."""

_SERVICE = "article-enrichment"


class Tracing:
    """Where the spans of this process go.

    Args:
        endpoint: base address of a collector; spans go to ``v1/traces`` below it.
        version: of the service.
    """

    def __init__(self, endpoint: str, version: str) -> None:
        ours = Resource.create({"service.name": _SERVICE, "service.version": version})
        theirs = OTELResourceDetector().detect()  # OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
        self.provider = TracerProvider(resource=ours.merge(theirs))
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
        self.provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self.provider.get_tracer(_SERVICE, version)

    def begin(self, name: str, headers: Headers) -> RequestSpan:
        """A span that begins now.

        Args:
            name: method and route.
            headers: of the request; ``traceparent`` and ``tracestate`` name the span above.
        """
        sent = {name: headers.get(name, "") for name in ("traceparent", "tracestate")}
        parent = TraceContextTextMapPropagator().extract(sent)
        return RequestSpan(self._tracer.start_span(name, parent, SpanKind.SERVER), self._tracer)


class RequestSpan:
    """The span of one request. Made by :meth:`Tracing.begin`."""

    def __init__(self, span: Span, tracer: Tracer) -> None:
        self._span, self._tracer = span, tracer
        # What turns a reading of the clock of the stages into nanoseconds of the epoch.
        self._offset = time.time_ns() - round(time.perf_counter() * 1e9)
        self.trace_id = format_trace_id(span.get_span_context().trace_id)

    def end(
        self, status: int, attributes: Mapping[str, AttributeValue], stages: StageTimer
    ) -> None:
        """End it, and those of the stages.

        The span of a stage lasts from when it was first entered to when it was last left; the time
        spent inside is its attribute ``enrich.stage.seconds``.

        Args:
            status: of HTTP.
            attributes: what there is to say of the request.
            stages: what it went through.
        """
        below = set_span_in_context(self._span)
        for name, seconds in stages.seconds.items():
            first, last = stages.interval(name)
            span = self._tracer.start_span(name, below, start_time=self._epoch(first))
            span.set_attribute("enrich.stage.seconds", seconds)
            span.end(self._epoch(last))
        self._span.set_attributes({"http.response.status_code": status, **attributes})
        if status >= 500:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()

    def _epoch(self, seconds: float) -> int:
        return self._offset + round(seconds * 1e9)
