"""What one process says of itself at /metrics."""

from dataclasses import replace

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from service.config.settings import Settings
from service.enrichment.timings import StageTimer
from service.execution.errors import DeadlineExceeded, Overloaded
from service.execution.job import JobLimits
from service.execution.scheduler import Scheduler
from service.execution.stores import MemoryStore
from tests.api.conftest import MODEL_INFO, app_around
from tests.bundle import ROOT
from tests.metrics import Samples

OPENMETRICS = "application/openmetrics-text; version=1.0.0"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def scrape(client):
    return lambda: Samples(client.get("/metrics").text)


def test_requests_are_counted_by_route_and_status(client, scrape):
    before = scrape()
    client.post("/v1/enrich", json={"text": "Ann met Joe."})
    client.post("/v1/enrich", json={"text": ""})
    client.put("/v1/enrich")
    client.get("/nonesuch/with/anything?in=it")
    after = scrape()

    def more(name, **labels):
        return after.sum(name, **labels) - before.sum(name, **labels)

    assert more("enrich_requests_total", route="/v1/enrich", status="200") == 1
    assert more("enrich_requests_total", route="/v1/enrich", status="422") == 1
    assert more("enrich_requests_total", route="unmatched", status="405") == 1
    assert more("enrich_requests_total", route="unmatched", status="404") == 1
    assert more("enrich_request_duration_seconds_count", route="/v1/enrich") == 2
    assert more("enrich_problems_total", problem="invalid-article") == 1
    assert more("enrich_problems_total", problem="not-found") == 1
    assert not any("nonesuch" in route for route in after.labels("enrich_requests_total", "route"))


def test_articles_are_counted_however_they_come(client, scrape):
    before = scrape()
    lines = b'{"text": "Ann met Joe."}\n{"text": ""}\n{\n'
    client.post("/v1/enrich", json={"text": "Ann met Joe."})
    client.post("/v1/enrich/batch", json={"articles": [{"text": "Bob."}, {"text": " "}]})
    stream = client.post("/v1/enrich/batch", data=lines, content_type="application/x-ndjson")
    assert stream.text.count("\n") == 3
    after = scrape()
    found = {
        (via, outcome): after.sum("enrich_articles_total", via=via, outcome=outcome)
        - before.sum("enrich_articles_total", via=via, outcome=outcome)
        for via in ("request", "batch", "stream")
        for outcome in ("ok", "invalid-article", "malformed-json")
    }
    assert {key for key, count in found.items() if count == 1} == {
        ("request", "ok"),
        ("batch", "ok"),
        ("batch", "invalid-article"),
        ("stream", "ok"),
        ("stream", "invalid-article"),
        ("stream", "malformed-json"),
    }
    assert sum(found.values()) == 6


def test_tokens_characters_stages_and_the_cache_are_counted(client, scrape):
    before = scrape()
    text = "Ann met Joe in Paris on a Tuesday of no importance."
    answers = [client.post("/v1/enrich", json={"text": text}) for _ in range(2)]
    after = scrape()
    tokens = answers[0].get_json()["coverage"]["tokens"]
    for source in ("model", "cache"):
        for name, count in (
            ("enrich_tokens_total", tokens),
            ("enrich_characters_total", len(text)),
        ):
            assert after.sum(name, source=source) - before.sum(name, source=source) == count
    for result in ("hit", "miss"):
        asked = {"store": "memory", "result": result}
        name = "enrich_cache_lookups_total"
        assert after.sum(name, **asked) - before.sum(name, **asked) == 1
    assert {"encode", "cache", "queue", "entities"} <= after.labels(
        "enrich_stage_duration_seconds_count", "stage"
    )


def test_a_redis_that_is_away_is_a_bypass(scrape):
    settings = replace(Settings(), cache_url="redis://127.0.0.1:1/0")
    app = app_around(settings)
    before = scrape()
    app.test_client().post("/v1/enrich", json={"text": "Ann met Joe."})
    asked = {"store": "redis", "result": "bypass"}
    name = "enrich_cache_lookups_total"
    assert scrape().sum(name, **asked) - before.sum(name, **asked) == 1


def test_a_request_is_in_flight_until_its_answer_has_gone(client, scrape):
    def in_flight():
        return scrape().sum("enrich_requests_in_flight")

    before = in_flight()
    stream = client.post(
        "/v1/enrich/batch", data=b'{"text": "Ann."}\n', content_type="application/x-ndjson"
    )
    assert in_flight() == before + 1
    stream.close()
    assert in_flight() == before
    client.get("/docs/assets/swagger-ui.css")
    client.get("/nonesuch")
    assert in_flight() == before


def test_the_model_the_workers_and_the_process_are_described(scrape):
    found = scrape()
    described = {
        "model": "default",
        "name": MODEL_INFO.name,
        "version": MODEL_INFO.version,
        "digest": MODEL_INFO.digest,
    }
    assert found.sum("enrich_model_info", **described) == 1
    assert found.sum("enrich_worker_ready") == 1
    assert found.sum("enrich_process_resident_memory_bytes") > 10_000_000
    assert found.sum("enrich_process_cpu_seconds_total") > 0
    assert found.sum("enrich_process_start_time_seconds") > 1_700_000_000


def test_the_queue_reports_what_waits_and_what_it_rejected(scrape):
    before = scrape()
    queue = Scheduler(cores=1, max_tokens=4000, max_articles=2)
    with queue.admit(1000, StageTimer(), JobLimits()):
        depth = scrape()
        with queue.admit(10, StageTimer(), JobLimits()), pytest.raises(Overloaded):
            queue.admit(10, StageTimer(), JobLimits())
        with pytest.raises(DeadlineExceeded):
            queue.admit(10, StageTimer(), JobLimits(deadline=0))
    after = scrape()
    assert depth.sum("enrich_queue_tokens") == 1000
    assert depth.sum("enrich_queue_articles") == 1
    assert depth.sum("enrich_queue_tokens_limit") == 4000
    assert depth.sum("enrich_queue_articles_limit") == 2
    assert after.sum("enrich_queue_tokens") == after.sum("enrich_queue_articles") == 0
    for name, more in {
        "enrich_queue_rejected_articles_total": 1,
        "enrich_queue_timeouts_total": 1,
        "enrich_queue_wait_seconds_count": 2,
    }.items():
        assert after.sum(name) - before.sum(name) == more


def test_the_size_of_the_cache_is_what_it_keeps(scrape):
    memory = MemoryStore(10_000)
    memory.put("a", bytes(1_000))
    memory.put("b", bytes(2_000))
    assert 3_000 < scrape().sum("enrich_cache_bytes") < 5_000


def test_openmetrics_is_served_to_whoever_asks_for_it(client):
    trace = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    client.post("/v1/enrich", json={"text": "Ann met Joe."}, headers=trace)
    answer = client.get("/metrics", headers={"Accept": OPENMETRICS})
    assert answer.mimetype == "application/openmetrics-text"
    assert answer.text.endswith("# EOF\n")
    families = {family.name for family in text_string_to_metric_families(answer.text)}
    assert "enrich_requests" in families
    assert f'# {{trace_id="{TRACE}"}}' in answer.text


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/openmetrics-text; version=abc", "application/openmetrics-text"),
        (
            "application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1",
            "application/openmetrics-text",
        ),
        ("text/plain; version=x.y; escaping=nonsense", "text/plain"),
        ("application/json", "text/plain"),
        ("é,;=", "text/plain"),
    ],
)
def test_whatever_is_asked_for_is_answered(client, accept, media_type):
    answer = client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.mimetype == media_type


def test_prometheus_gets_its_own_format(client):
    answer = client.get("/metrics")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


def test_names_follow_the_conventions(client):
    for family in Samples(client.get("/metrics").text).families:
        assert family.name.startswith("enrich_")
        assert family.documentation.endswith(".")
        if family.type == "histogram":
            assert family.name.endswith("_seconds")


def test_every_metric_is_described_in_the_docs(client):
    text = (ROOT / "docs" / "observability.md").read_text("utf-8")
    for family in Samples(client.get("/metrics").text).families:
        name = family.name + ("_total" if family.type == "counter" else "")
        if not name.endswith("_created"):  # of a single process only
            assert f"`{name}`" in text, f"{name} is not in docs/observability.md"
