"""OpenTelemetry traces: a span per request with a child span per stage, sent by OTLP over HTTP.

Requires the extra ``otel``. A background thread sends the spans. If the collector is not reachable,
spans are dropped; requests never wait for it.
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
"""Time limit of an attempt to send spans; the exporter retries, also at shutdown."""

_SERVICE = "article-enrichment"


class Tracing:
    """Creates spans and exports them to a collector.

    Args:
        endpoint: Base URL of the collector, without ``/v1/traces``.
        version: Version of the service.
    """

    def __init__(self, endpoint: str, version: str) -> None:
        defaults = Resource.create({"service.name": _SERVICE, "service.version": version})
        overrides = OTELResourceDetector().detect()  # OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
        self.provider = TracerProvider(resource=defaults.merge(overrides))
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
        self.provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self.provider.get_tracer(_SERVICE, version)

    def begin(self, name: str, headers: Headers) -> RequestSpan:
        """Start the span of a request.

        Args:
            name: Method and route.
            headers: Request headers; ``traceparent`` and ``tracestate`` identify the parent span.
        """
        context = {name: headers.get(name, "") for name in ("traceparent", "tracestate")}
        parent = TraceContextTextMapPropagator().extract(context)
        return RequestSpan(self._tracer.start_span(name, parent, SpanKind.SERVER), self._tracer)


class RequestSpan:
    """The span of a request, created by :meth:`Tracing.begin`.

    Attributes:
        trace_id: Trace ID, 32 hexadecimal digits.
    """

    def __init__(self, span: Span, tracer: Tracer) -> None:
        self._span, self._tracer = span, tracer
        # Converts a time of the stage timer (seconds) to Unix time (nanoseconds).
        self._offset = time.time_ns() - round(time.perf_counter() * 1e9)
        self.trace_id = format_trace_id(span.get_span_context().trace_id)

    def end(
        self, status: int, attributes: Mapping[str, AttributeValue], stages: StageTimer
    ) -> None:
        """End the span and record a child span for each stage.

        The span of a stage lasts from its first start to its last end; its attribute
        ``enrich.stage.seconds`` is the time spent in the stage.

        Args:
            status: HTTP status.
            attributes: Attributes of the request.
            stages: Time per stage.
        """
        context = set_span_in_context(self._span)
        for name, seconds in stages.seconds.items():
            start, end = stages.interval(name)
            span = self._tracer.start_span(name, context, start_time=self._to_unix_time(start))
            span.set_attribute("enrich.stage.seconds", seconds)
            span.end(self._to_unix_time(end))
        self._span.set_attributes({"http.response.status_code": status, **attributes})
        if status >= 500:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()

    def _to_unix_time(self, seconds: float) -> int:
        return self._offset + round(seconds * 1e9)
