"""The dashboard's questions, asked of a real Prometheus that watches over a real server."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.bundle import SEED
from tests.conftest import running_server
from tests.prometheus import filled_in, panels, running_prometheus

SECONDS = 12
SETTINGS = {
    "WORKERS": "2",
    "THREADS": "8",
    "QUEUE_TOKENS": "1024",
    "CACHE_URL": "redis://127.0.0.1:1/0",
}


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A Prometheus, and a server that has had a bit of everything."""
    folder = tmp_path_factory.mktemp("watched")
    with (
        running_server(folder, **SETTINGS) as server,
        running_prometheus(folder, server) as prometheus,
        ThreadPoolExecutor(6) as threads,
    ):
        began, until = time.time(), time.monotonic() + SECONDS
        for each in [threads.submit(ask, server.url, number, until) for number in range(6)]:
            each.result()
        yield prometheus, {"start": began, "end": time.time(), "step": 1}


def ask(url, number, until):
    """Some of everything, one after the other, until it is time."""
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
def test_every_question_of_the_dashboard_has_an_answer(watched, panel):
    prometheus, times = watched
    for target in panel["targets"]:
        expression = filled_in(target["expr"], "10s")
        series = prometheus.query(expression, **times)
        values = [float(value) for each in series for _, value in each["values"]]
        assert any(value == value for value in values), expression  # NaN is no answer


def test_what_happened_is_seen(watched):
    prometheus, times = watched

    def value(expression):
        """Its highest value while there was something to do."""
        series = prometheus.query(expression, **times)
        return max(float(value) for each in series for _, value in each["values"])

    assert value("sum(enrich_worker_ready)") == 2
    assert value('sum(enrich_articles_total{outcome="ok", via="stream"})') > 3
    assert value("sum(enrich_queue_timeouts_total)") > 0
    assert value('sum(enrich_cache_lookups_total{store="redis", result="bypass"})') > 0
    assert 0 < value("sum(rate(enrich_encoder_busy_seconds_total[10s]))") < 4
    assert value("enrich_queue_tokens") > 0


def test_alerts_are_evaluated_without_a_fault(watched):
    prometheus, _ = watched
    answer = requests.get(f"{prometheus.url}/api/v1/rules", timeout=30).json()
    [group] = answer["data"]["groups"]
    assert len(group["rules"]) >= 9
    assert {rule["health"] for rule in group["rules"]} == {"ok"}
    waiting = {alert["labels"]["alertname"] for rule in group["rules"] for alert in rule["alerts"]}
    assert "EnrichRedisBypassed" in waiting
