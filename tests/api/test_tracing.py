"""The spans that a collector receives."""

import sys
import time
from dataclasses import replace

import pytest

from service import __version__
from service.config.settings import SettingError, Settings, read_settings
from tests.api.conftest import app_around
from tests.collector import EXTRA, running_collector
from tests.fakes import FakeModel

TRACE, ABOVE = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = {"traceparent": f"00-{TRACE}-{ABOVE}-01"}


@pytest.fixture
def collector():
    with running_collector() as collector:
        yield collector


@pytest.fixture
def traced(collector):
    """A client of an application that sends its spans to the collector."""
    settings = replace(Settings(), otel_exporter_otlp_endpoint=collector.url + "/")
    app = app_around(settings)
    yield app.test_client()
    app.extensions["tracing"].provider.shutdown()


def test_the_span_of_a_request_is_a_child_of_the_client_s(traced, collector):
    began = time.time()
    answer = traced.post("/v1/enrich", json={"text": "Ann met Joe."}, headers=PARENT)
    flush(traced)
    span = collector.wait("POST /v1/enrich")
    assert (span["trace"], span["parent"]) == (TRACE, ABOVE)
    assert span["service"] == "article-enrichment"
    assert span["version"] == __version__ != FakeModel.identity.version
    assert span["http.route"] == "/v1/enrich"
    assert span["http.response.status_code"] == 200
    assert span["enrich.tokens"] == answer.get_json()["coverage"]["tokens"]
    assert span["enrich.request_id"] == answer.headers["X-Request-Id"]
    assert not span["failed"]
    assert began - 1 < span["began"] < span["ended"] < time.time() + 1


def test_the_spans_of_stages_are_children_of_the_request_s(traced, collector):
    traced.post("/v1/enrich", json={"text": "Ann met Joe."})
    flush(traced)
    span = collector.wait("POST /v1/enrich")
    stages = collector.below(span)
    assert {"cache", "language", "queue", "encode", "entities"} <= stages.keys()
    assert {stage["trace"] for stage in stages.values()} == {span["trace"]}
    for stage in stages.values():
        assert span["began"] - 0.01 <= stage["began"] <= stage["ended"] <= span["ended"] + 0.01
    assert stages["language"]["ended"] <= stages["encode"]["began"] + 0.001
    assert stages["encode"]["enrich.stage.seconds"] >= 0


def test_a_request_without_a_trace_starts_one_whose_id_is_logged(
    traced, collector, access_log, caplog
):
    caplog.set_level("INFO")
    traced.post("/v1/enrich", json={"text": " "})
    flush(traced)
    span = collector.wait("POST /v1/enrich")
    assert span["parent"] == ""
    assert span["enrich.problem"] == "/problems/invalid-article"
    assert not span["failed"]
    assert access_log()[-1].trace_id == span["trace"]


def test_the_span_of_a_stream_ends_with_the_stream(traced, collector):
    lines = b'{"text": "Ann."}\n' * 3
    with traced.post("/v1/enrich/batch", data=lines, content_type="application/x-ndjson") as sent:
        flush(traced)
        assert collector.spans == []
        assert sent.text.count("\n") == 3
    flush(traced)
    assert collector.wait("POST /v1/enrich/batch")["http.response.status_code"] == 200


def test_an_internal_error_is_a_failed_span(traced, collector, monkeypatch):
    monkeypatch.setattr(FakeModel, "tokenize", None)
    assert traced.post("/v1/enrich", json={"text": "Ann."}).status_code == 500
    flush(traced)
    assert collector.wait("POST /v1/enrich")["failed"]


def test_a_request_that_its_client_does_not_sample_has_no_span(traced, collector):
    unsampled = {"traceparent": PARENT["traceparent"][:-1] + "0"}
    assert traced.post("/v1/enrich", json={"text": "Ann."}, headers=unsampled).status_code == 200
    flush(traced)
    assert collector.spans == []


def test_probes_have_no_span(traced, collector):
    for path in ("/healthz", "/readyz", "/metrics"):
        traced.get(path)
    flush(traced)
    assert collector.spans == []


def test_spans_contain_nothing_from_the_request(traced, collector):
    secret = "Hushhush"
    traced.post(f"/v1/enrich?{secret}={secret}", data=secret, content_type="text/plain")
    traced.post("/v1/enrich", json={"text": secret, "title": secret, "id": secret})
    traced.get(f"/{secret}?{secret}")
    flush(traced)
    assert len(collector.spans) > 3
    assert secret not in repr(collector.spans)


@pytest.mark.parametrize("value", ["collector:4318", "ftp://collector", "http://a b"])
def test_an_endpoint_must_be_an_http_url(value):
    with pytest.raises(SettingError, match="Must begin with http"):
        read_settings({"OTEL_EXPORTER_OTLP_ENDPOINT": value})


def test_an_endpoint_without_the_extra_is_an_invalid_setting(monkeypatch):
    pytest.importorskip("opentelemetry.sdk", reason=EXTRA)
    name = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SettingError) as error:
        read_settings({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"})
    assert "pip install '.[otel]'" in str(error.value)
    assert "\n" not in str(error.value)


def flush(client):
    client.application.extensions["tracing"].provider.force_flush()
