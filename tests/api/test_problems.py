import json
from dataclasses import replace

import pytest

from service.api.problem_types import ProblemType
from service.api.schemas.response import ProblemSchema
from service.app import warm_up
from service.config.settings import Settings
from service.enrichment.bounds import Bounds
from service.enrichment.pipeline import Enricher
from tests.api.conftest import app_around
from tests.fakes import FakeDetector, FakeModel


class BrokenEnricher(Enricher):
    def enrich(self, article, stages=None, passes=None, check=None, lists=None):
        raise KeyError(f"secret {article.text}")


class WrongEnricher(Enricher):
    """Breaks the promise of the schema."""

    def enrich(self, article, stages=None, passes=None, check=None, lists=None):
        found = super().enrich(article, stages)
        return replace(found, sentiment=replace(found.sentiment, positive=float("nan")))


def client_of(enricher):
    return app_around(Settings(), enricher(FakeModel(), FakeDetector())).test_client()


@pytest.mark.parametrize("path", ["/v1", "/v1/enrich/", "/v1//enrich", "/x%00y", "/docs/", "/%FF"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_there_is_nothing_at_an_unknown_path(client, path, method):
    response = client.open(path, method=method)
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"
    assert response.get_json()["type"] == "/problems/not-found"
    assert "/docs" in response.get_json()["detail"]


@pytest.mark.parametrize(
    ("path", "method", "allowed"),
    [
        ("/v1/enrich", "GET", "POST"),
        ("/v1/enrich", "HEAD", "POST"),
        ("/v1/enrich", "OPTIONS", "POST"),
        ("/v1/enrich", "BREW", "POST"),
        ("/v1/model", "POST", "GET, HEAD"),
        ("/healthz", "DELETE", "GET, HEAD"),
        ("/docs", "PUT", "GET, HEAD"),
        ("/openapi.json", "TRACE", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(client, path, method, allowed):
    response = client.open(path, method=method)
    assert response.status_code == 405
    assert response.headers["Allow"] == allowed
    assert response.content_type == "application/problem+json"


def test_a_fault_of_ours_is_logged_and_says_nothing_of_itself(caplog):
    response = client_of(BrokenEnricher).post("/v1/enrich", json={"text": "Ann."})
    assert response.status_code == 500
    assert response.get_json()["type"] == "/problems/internal-error"
    assert "KeyError" not in response.text
    assert "secret" not in response.text
    [record] = [r for r in caplog.records if r.name == "service.api.problems"]
    assert record.message == "Unexpected KeyError"
    assert "in enrich" in record.traceback
    assert record.request_id == response.headers["X-Request-Id"]


def test_a_response_that_breaks_its_schema_is_a_fault_of_ours(caplog):
    response = client_of(WrongEnricher).post("/v1/enrich", json={"text": "Ann."})
    assert response.status_code == 500
    assert "Unexpected ValidationError" in caplog.text


def test_an_application_is_not_ready_before_it_is_warm():
    client = client_of(Enricher)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.get_json()["type"] == "/problems/not-ready"
    assert client.get("/healthz").status_code == 200


def test_it_is_ready_once_it_is(client):
    assert client.get("/readyz").get_json() == {"status": "ready"}
    assert client.get("/healthz").get_json() == {"status": "ok"}


def test_a_text_in_another_language_is_rejected_with_those_there_are(settings):
    class German(FakeDetector):
        def detect(self, text):
            return {"de": 0.98, "en": 0.02}

    app = app_around(settings, Enricher(FakeModel(), German()))
    text = "Die Kanzlerin hat am Montag in Berlin mit dem Präsidenten gesprochen."
    response = app.test_client().post("/v1/enrich", json={"text": text})
    assert response.status_code == 422
    problem = response.get_json()
    assert problem["type"] == "/problems/unsupported-language"
    assert [e["pointer"] for e in problem["errors"]] == ["/text"]
    assert "'de'" in problem["detail"]
    assert "It supports: en." in problem["detail"]


@pytest.mark.parametrize("kind", ProblemType, ids=lambda kind: kind.slug)
def test_each_type_of_problem_is_a_path_with_more_about_it(client, kind):
    response = client.get(kind.type)
    assert response.status_code == 200
    assert response.mimetype == "text/plain"
    assert kind.title in response.text
    assert kind.remedy in response.text


def test_an_unknown_kind_of_problem_is_not_found(client):
    assert client.get("/problems/nonesuch").status_code == 404


def test_a_problem_matches_its_schema(client):
    for response in (
        client.get("/nonesuch"),
        client.post("/v1/enrich", json={"text": ""}),
        client.post("/v1/enrich?x=1", json={"text": "Ann."}),
    ):
        assert ProblemSchema(unknown="raise").validate(json.loads(response.data)) == {}


def test_a_request_cannot_make_a_problem_long(client):
    members = {f"key {i}": i for i in range(1000)}
    answer = client.post("/v1/enrich", json={"text": "Ann left.", **members})
    assert len(answer.json["errors"]) == 20
    assert answer.json["detail"] == "/key 0: Unknown name. There are 980 more errors than listed."
    answer = client.post("/v1/enrich", json={"text": "Ann left.", "~" * 50_000: 1})
    assert answer.json["errors"] == [{"detail": "Unknown name.", "pointer": ""}]
    assert len(answer.data) < 1000
    name = "n" * 40_000
    answer = client.post(
        "/v1/enrich", data=f'{{"{name}": 1, "{name}": 2}}', content_type="application/json"
    )
    assert answer.status_code == 400
    assert len(answer.data) < 1000


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_cannot_use_the_server(client, headers):
    answer = client.post("/v1/enrich", data="Ann left.", content_type="text/plain", headers=headers)
    assert (answer.status_code, answer.json["type"]) == (403, "/problems/foreign-origin")
    assert client.get("/v1/model", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost"},
        {"Origin": "https://news.example", "Host": "news.example"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://news.example"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_the_page_of_the_server_and_clients_without_a_browser_can(client, headers):
    answer = client.post("/v1/enrich", data="Ann left.", content_type="text/plain", headers=headers)
    assert answer.status_code == 200


def test_only_allowed_hosts_are_served(settings):
    app = app_around(replace(settings, allowed_hosts=("news.example", ".internal")))
    warm_up(app)
    for host, status in (("news.example", 200), ("a.internal:8000", 200), ("evil.example", 400)):
        answer = app.test_client().get("/v1/model", headers={"Host": host})
        assert answer.status_code == status


def test_probes_and_scrapes_may_name_a_replica_by_its_address(settings):
    app = app_around(replace(settings, allowed_hosts=("news.example",), admin_port=9000))
    warm_up(app)

    def status(path, port):
        headers, environ = {"Host": f"10.1.2.3:{port}"}, {"SERVER_PORT": str(port)}
        return app.test_client().get(path, headers=headers, environ_overrides=environ).status_code

    assert [status(path, 8000) for path in ("/healthz", "/readyz")] == [200, 200]
    assert [status("/metrics", port) for port in (8000, 9000)] == [400, 200]
    assert [status("/v1/model", port) for port in (8000, 9000)] == [400, 400]


def test_the_problem_of_a_bound_names_it_and_its_value(settings):
    app = app_around(settings, Enricher(FakeModel(), FakeDetector(), Bounds(sentences=2)))
    body = {"text": "Ann left. Bob left. Eve left."}
    problem = app.test_client().post("/v1/enrich", json=body)
    assert problem.status_code == 422
    assert problem.get_json()["type"] == "/problems/too-much-work"
    assert problem.get_json()["detail"] == "The article has more than 2 sentences, the maximum."
