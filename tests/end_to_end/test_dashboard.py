"""The dashboard's queries, evaluated by a real Prometheus that scrapes a real server."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.bundle import SEED
from tests.conftest import running_server
from tests.prometheus import panels, running_prometheus, substitute_variables

SECONDS = 12
SETTINGS = {
    "WORKERS": "2",
    "THREADS": "8",
    "QUEUE_TOKENS": "1024",
    "CACHE_URL": "redis://127.0.0.1:1/0",
}


@pytest.fixture(scope="module")
def monitored(tmp_path_factory):
    """A Prometheus, and the period in which the server received requests of every sort."""
    folder = tmp_path_factory.mktemp("monitored")
    with (
        running_server(folder, **SETTINGS) as server,
        running_prometheus(folder, server) as prometheus,
        ThreadPoolExecutor(6) as threads,
    ):
        began, until = time.time(), time.monotonic() + SECONDS
        for client in [threads.submit(send_requests, server.url, n, until) for n in range(6)]:
            client.result()
        yield prometheus, {"start": began, "end": time.time(), "step": 1}


def send_requests(url, number, until):
    """Send requests of every sort, one after another, until the time ``until``."""
    session = requests.Session()
    text = SEED.read_text("utf-8")
    line = json.dumps({"text": text[:500]})
    while time.monotonic() < until:
        enrich, batch = f"{url}/v1/enrich", f"{url}/v1/enrich/batch"
        session.post(enrich, json={"text": text, "title": f"{number}"}, timeout=60)
        session.post(enrich, json={"text": f"{text} {time.monotonic()}"}, timeout=60)
        session.post(enrich, json={"text": " "}, timeout=60)
        session.post(batch, json={"articles": [{"text": "Ann."}, {}]}, timeout=60)
        session.post(
            batch, f"{line}\n" * 3, headers={"Content-Type": "application/x-ndjson"}, timeout=60
        )
        late = {"X-Request-Timeout": "0.001"}
        session.post(enrich, json={"text": f"{text}{number}"}, headers=late, timeout=60)


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel["title"])
def test_every_query_of_the_dashboard_returns_data(monitored, panel):
    prometheus, times = monitored
    for target in panel["targets"]:
        expression = substitute_variables(target["expr"], "10s")
        series = prometheus.query(expression, **times)
        values = [float(value) for one in series for _, value in one["values"]]
        assert any(value == value for value in values), expression  # not NaN


def test_the_metrics_show_what_happened(monitored):
    prometheus, times = monitored

    def maximum(expression):
        """Return the maximum of an expression while requests were sent."""
        series = prometheus.query(expression, **times)
        return max(float(value) for one in series for _, value in one["values"])

    assert maximum("sum(enrich_worker_ready)") == 2
    assert maximum('sum(enrich_articles_total{outcome="ok", via="stream"})') > 3
    assert maximum("sum(enrich_queue_timeouts_total)") > 0
    assert maximum('sum(enrich_cache_lookups_total{store="redis", result="bypass"})') > 0
    assert 0 < maximum("sum(rate(enrich_encoder_busy_seconds_total[10s]))") < 4
    assert maximum("enrich_queue_tokens") > 0
    assert maximum("enrich_cache_bytes") > 1000


def test_all_alerts_can_be_evaluated(monitored):
    prometheus, _ = monitored
    response = requests.get(f"{prometheus.url}/api/v1/rules", timeout=30).json()
    [group] = response["data"]["groups"]
    assert len(group["rules"]) >= 9
    assert {rule["health"] for rule in group["rules"]} == {"ok"}
    pending = {alert["labels"]["alertname"] for rule in group["rules"] for alert in rule["alerts"]}
    assert "EnrichRedisBypassed" in pending
