"""Limits of callers, as responses show them."""

import json
import math
import threading
import time
from dataclasses import replace

from service.access.api_key import ApiKey, hash_secret
from service.access.key_file import add_key
from service.access.limiter import Limiter, LimitExceeded
from service.api import batch_results
from service.api.rate_limits import wait_for_tokens
from service.app import warm_up
from service.execution.token_cost import estimate_tokens
from tests.api.conftest import app_around

LINES = "application/x-ndjson"


def text(number):
    return f"{number:04} " + "Ann met Joe. " * 135 + "yes."


def article(number, **options):
    return {"text": text(number)[:1764], **options}


TOKENS = math.ceil(estimate_tokens(article(1)["text"]))


def client_with(settings, **limits):
    app = app_around(replace(settings, limits=tuple(limits.items())))
    warm_up(app)
    return app.test_client()


def test_a_response_has_the_policy_and_what_is_left(settings):
    client = client_with(settings, requests_per_minute=10, tokens_per_minute=1000)
    response = client.post("/v1/enrich", json=article(1))
    assert response.status_code == 200
    assert response.headers["RateLimit-Policy"] == (
        '"requests_per_minute";q=10;w=60, "tokens_per_minute";q=1000;w=60;qu="tokens"'
    )
    left = dict(
        each.split(";t=")[0].split(";r=") for each in response.headers["RateLimit"].split(", ")
    )
    assert left == {'"requests_per_minute"': "9", '"tokens_per_minute"': str(1000 - TOKENS)}


def test_above_a_limit_the_response_is_a_429_that_names_it(settings, access_log):
    client = client_with(settings, requests_per_minute=2)
    statuses = [client.get("/v1/models").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    response = client.post("/v1/enrich", json=article(1))
    assert response.status_code == 429
    assert response.get_json()["type"] == "/problems/limit-exceeded"
    assert "The limit requests_per_minute=2 is used up" in response.get_json()["detail"]
    assert 1 <= int(response.headers["Retry-After"]) <= 120
    assert response.headers["RateLimit"].startswith('"requests_per_minute";r=0;t=')


def test_what_is_not_work_is_not_limited(settings):
    client = client_with(settings, requests_per_minute=1)
    for path in ("/healthz", "/readyz", "/metrics", "/", "/docs", "/openapi.json"):
        for _ in range(3):
            response = client.get(path)
            assert response.status_code == 200
            assert "RateLimit" not in response.headers
    assert client.get("/v1/models").status_code == 200


def test_addresses_are_limited_apart(settings):
    client = client_with(settings, requests_per_minute=1)

    def status(address):
        return client.get("/v1/models", environ_base={"REMOTE_ADDR": address}).status_code

    assert [status("192.0.2.1"), status("192.0.2.1"), status("192.0.2.2")] == [200, 429, 200]


def test_a_key_has_its_own_limits_or_those_of_the_setting(settings, tmp_path):
    path = tmp_path / "keys.yaml"
    for key_id in ("own", "default", "free"):
        add_key(path, ApiKey(key_id, hash_secret(key_id)))
    content = path.read_text()
    content = content.replace("- id: own", "- id: own\n  limits: {requests_per_minute: 3}")
    path.write_text(
        content.replace("- id: free", "- id: free\n  limits: {requests_per_minute: null}")
    )
    settings = replace(settings, api_keys_file=str(path))
    client = client_with(settings, requests_per_minute=1)

    def accepted(key_id):
        responses = [client.get("/v1/models", headers={"X-API-Key": key_id}) for _ in range(5)]
        return sum(response.status_code == 200 for response in responses)

    assert [accepted(key_id) for key_id in ("own", "default", "free")] == [3, 1, 5]


def test_an_article_from_the_cache_costs_no_tokens(settings):
    client = client_with(settings, tokens_per_minute=TOKENS)
    assert [client.post("/v1/enrich", json=article(1)).status_code for _ in range(3)] == [200] * 3
    refused = client.post("/v1/enrich", json=article(2))
    assert refused.status_code == 429
    assert f"tokens_per_minute={TOKENS}" in refused.get_json()["detail"]


def test_a_page_costs_its_extraction_too(settings):
    client = client_with(settings, tokens_per_minute=10_000)
    page = f"<html><body><article><p>{text(1)}</p></article></body></html>"
    response = client.post("/v1/enrich", data=page, content_type="text/html")
    assert response.status_code == 200
    [tokens] = [each for each in response.headers["RateLimit"].split(", ") if "tokens" in each]
    assert int(tokens.split(";")[1].removeprefix("r=")) < 10_000 - TOKENS - 40


def test_an_article_of_a_batch_above_the_limit_has_a_problem_of_its_own(settings):
    client = client_with(settings, tokens_per_minute=2 * TOKENS)
    response = client.post("/v1/enrich/batch", json={"articles": [article(n) for n in range(4)]})
    assert response.status_code == 200
    statuses = [result["status"] for result in response.get_json()["results"]]
    assert sorted(statuses) == [200, 200, 429, 429]


def test_a_stream_waits_for_the_tokens_of_a_minute(settings, monkeypatch):
    waits, spend = [], Limiter.spend

    def wait(error, deadline):
        waits.append(error.name)
        return True

    def spend_until_a_wait(*arguments):
        if not waits:
            spend(*arguments)

    monkeypatch.setattr(batch_results, "wait_for_tokens", wait)
    monkeypatch.setattr(Limiter, "spend", spend_until_a_wait)
    client = client_with(settings, tokens_per_minute=TOKENS)
    lines = "".join(f"{json.dumps(article(n))}\n" for n in range(3))
    response = client.post("/v1/enrich/batch", data=lines, content_type=LINES)
    assert [json.loads(line)["status"] for line in response.text.splitlines()] == [200] * 3
    assert waits[0] == "tokens_per_minute"


def test_a_wait_ends_when_there_is_a_chance_or_none():
    forever = float("inf")
    assert wait_for_tokens(LimitExceeded("tokens_per_minute", 9, 0), forever)
    assert not wait_for_tokens(LimitExceeded("tokens_per_day", 9, 1), forever)
    assert not wait_for_tokens(LimitExceeded("tokens_per_minute", 9, 60), time.monotonic())


def test_a_line_above_the_quota_of_a_day_has_a_problem_of_its_own(settings):
    client = client_with(settings, tokens_per_day=TOKENS)
    lines = "".join(f"{json.dumps(article(n))}\n" for n in range(3))
    response = client.post("/v1/enrich/batch", data=lines, content_type=LINES)
    results = [json.loads(line) for line in response.text.splitlines()]
    assert sorted(result["status"] for result in results) == [200, 429, 429]


def test_a_stream_has_a_slot_until_it_ends(settings):
    client = client_with(settings, concurrent_streams=1, concurrent_requests=1)
    line = json.dumps(article(1)) + "\n"

    def stream():
        return client.post("/v1/enrich/batch", data=line, content_type=LINES)

    first = stream()
    assert first.status_code == 200
    assert stream().status_code == 429
    assert client.post("/v1/enrich", json=article(2)).status_code == 200
    first.close()
    assert stream().text.count("\n") == 1


def test_a_request_gives_its_slot_back_however_it_ends(settings):
    client = client_with(settings, concurrent_requests=1)
    for _ in range(3):
        assert client.post("/v1/enrich", json={}).status_code == 422
        assert client.post("/v1/enrich", data=b"x", content_type="a/b").status_code == 415
        assert client.post("/v1/enrich", json=article(1)).status_code == 200


def test_requests_at_the_same_time_are_limited(settings):
    app = app_around(replace(settings, limits=(("concurrent_requests", 1),)))
    warm_up(app)
    gate, inside = threading.Event(), threading.Event()
    view = app.view_functions["model.describe_all"]

    def slow():
        inside.set()
        assert gate.wait(10)
        return view()

    app.view_functions["model.describe_all"] = slow
    thread = threading.Thread(target=app.test_client().get, args=("/v1/models",))
    thread.start()
    assert inside.wait(10)
    refused = app.test_client().get("/v1/models")
    gate.set()
    thread.join()
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "1"
    assert app.test_client().get("/v1/models").status_code == 200


def test_without_limits_no_header_field_is_added(client):
    response = client.post("/v1/enrich", json=article(1))
    assert not [name for name, _ in response.headers if name.startswith("RateLimit")]
