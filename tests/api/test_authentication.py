"""Requests with and without API keys."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.access.api_key import SCOPES, ApiKey, hash_secret, new_secret
from service.access.key_file import add_key
from service.api.authentication import require_keys
from service.api.scopes import OPEN_ROUTES, ROUTE_SCOPES
from service.app import warm_up
from service.config.settings import SettingError
from service.observability import metrics
from tests.api.conftest import app_around
from tests.collector import running_collector
from tests.metrics import Samples

PATHS = {
    "/problems/<slug>": "/problems/overloaded",
    "/docs/assets/<name>": "/docs/assets/swagger-ui.css",
    "/docs/static/<path:filename>": "/docs/static/page.js",
}


def call(client, route, **options):
    method = "POST" if route.startswith("/v1/enrich") else "GET"
    body = {"json": {"text": "Ann."} if route == "/v1/enrich" else {"articles": [{"text": "Ann."}]}}
    path = PATHS.get(route, route)
    return client.open(path, method=method, **(body if method == "POST" else {}), **options)


@pytest.fixture
def secrets(tmp_path):
    """Id → secret of a key for each scope, one for all, and one that has expired."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    keys = {scope: ApiKey(scope, scopes=(scope,)) for scope in SCOPES}
    keys["all"] = ApiKey("all", scopes=SCOPES)
    keys["old"] = ApiKey("old", scopes=SCOPES, expires=past)
    secrets = {key_id: new_secret(key_id) for key_id in keys}
    for key_id, key in keys.items():
        add_key(tmp_path / "keys.yaml", replace(key, sha256=hash_secret(secrets[key_id])))
    return secrets


@pytest.fixture
def settings(settings, secrets, tmp_path):
    return replace(settings, api_keys_file=str(tmp_path / "keys.yaml"))


@pytest.mark.parametrize("route", sorted(ROUTE_SCOPES))
@pytest.mark.parametrize("scope", SCOPES)
def test_each_route_requires_its_scope(client, secrets, route, scope):
    response = call(client, route, headers={"Authorization": f"Bearer {secrets[scope]}"})
    if scope == ROUTE_SCOPES[route]:
        assert response.status_code == 200
        assert "no-store" in response.headers["Cache-Control"]
        return
    assert response.status_code == 403
    problem = response.get_json()
    assert problem["type"] == "/problems/missing-scope"
    assert f"the scope {ROUTE_SCOPES[route]}." in problem["detail"]
    assert response.headers["WWW-Authenticate"] == (
        'Bearer realm="article-enrichment", error="insufficient_scope", '
        f'scope="{ROUTE_SCOPES[route]}"'
    )


@pytest.mark.parametrize("route", sorted(ROUTE_SCOPES))
def test_a_request_without_a_key_is_rejected_before_its_body_is_read(client, route, access_log):
    response = call(client, route)
    assert response.status_code == 401
    assert response.mimetype == "application/problem+json"
    assert response.get_json()["type"] == "/problems/invalid-key"
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="article-enrichment"'
    assert access_log()[-1].bytes_in == 0


@pytest.mark.parametrize("route", sorted(OPEN_ROUTES))
def test_open_routes_need_no_key(client, route):
    assert call(client, route).status_code == 200
    assert call(client, route, headers={"X-API-Key": "unknown"}).status_code == 200


def test_a_route_that_nobody_has_thought_of_is_not_left_open(app):
    app.add_url_rule("/new", "new", lambda: "")
    with pytest.raises(ValueError, match="/new"):
        require_keys(app, None)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer {}"},
        {"Authorization": "bearer   {} "},
        {"X-API-Key": "{}"},
        {"X-API-Key": "{}", "Authorization": "Bearer {}"},
        {"X-API-Key": "{}", "Authorization": "Basic bmV3czpodXNo"},
    ],
)
def test_a_key_is_sent_in_either_header_field(client, secrets, headers):
    sent = {name: value.format(secrets["all"]) for name, value in headers.items()}
    assert client.get("/v1/models", headers=sent).status_code == 200


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ({"Authorization": "Bearer "}, "has no API key"),
        ({"Authorization": "Basic {all}"}, "has no API key"),
        ({"Authorization": "Bearer all"}, "is not known"),
        ({"X-API-Key": "é"}, "is not known"),
        ({"X-API-Key": "{old}"}, "The API key old expired at 20"),
        ({"X-API-Key": "{all}", "Authorization": "Bearer {docs}"}, "two different"),
    ],
)
def test_what_is_no_valid_key_is_rejected(client, secrets, headers, detail):
    sent = {name: value.format(**secrets) for name, value in headers.items()}
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in sent.items()}
    response = client.get("/v1/models", environ_overrides=environ)
    assert response.status_code == 401
    assert detail in response.get_json()["detail"]
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="article-enrichment"')


def test_paths_that_do_not_exist_are_not_hidden_behind_a_key(client):
    assert client.get("/nonesuch").status_code == 404
    assert client.put("/v1/enrich").status_code == 405


def test_the_id_of_the_key_is_logged_and_counted_and_the_key_is_not(client, secrets, caplog):
    def count(status):
        text = client.get("/metrics", headers={"X-API-Key": secrets["metrics"]}).text
        assert secrets["enrich"] not in text
        return Samples(text).sum("enrich_key_requests_total", key="enrich", status=status)

    before = count("200"), count("403")
    headers = {"Authorization": f"Bearer {secrets['enrich']}"}
    call(client, "/v1/enrich", headers=headers)
    call(client, "/v1/models", headers=headers)
    assert (count("200"), count("403")) == (before[0] + 1, before[1] + 1)
    records = [vars(record) for record in caplog.records]
    lines = [record for record in records if record["name"] == "service.access"]
    assert [line["key"] for line in lines].count("enrich") == 2
    assert secrets["enrich"] not in repr(records)


def test_the_number_of_labels_is_bounded(monkeypatch, client, secrets):
    monkeypatch.setattr(metrics, "MAX_KEYS", 0)
    monkeypatch.setattr(metrics, "_key_labels", set())
    text = [client.get("/metrics", headers={"X-API-Key": secrets["all"]}).text for _ in range(2)][1]
    assert re.search(r'enrich_key_requests_total\{key="other",status="200"\}', text)


def test_the_span_of_a_request_has_the_id_of_the_key(settings, secrets):
    with running_collector() as collector:
        app = app_around(replace(settings, otel_exporter_otlp_endpoint=collector.url))
        warm_up(app)
        call(app.test_client(), "/v1/enrich", headers={"X-API-Key": secrets["enrich"]})
        app.extensions["tracing"].provider.shutdown()
        span = collector.wait("POST /v1/enrich")
        assert span["enrich.key"] == "enrich"
        assert secrets["enrich"] not in repr(collector.spans)


def test_without_a_file_of_keys_nothing_about_keys_is_logged_or_counted(settings, caplog):
    caplog.set_level("INFO")
    client = app_around(replace(settings, api_keys_file="")).test_client()
    response = call(client, "/v1/models", headers={"X-API-Key": "anything"})
    assert response.status_code == 200
    assert "Cache-Control" not in response.headers
    assert not any(hasattr(record, "key") for record in caplog.records)


def test_an_invalid_file_of_keys_stops_the_start(settings, tmp_path):
    (tmp_path / "keys.yaml").write_text("keys: []")
    with pytest.raises(SettingError, match="Must be a list of keys"):
        app_around(settings)


@pytest.mark.parametrize("shared", [False, True])
def test_keys_share_the_cache_only_if_that_is_set(settings, secrets, shared):
    client = app_around(replace(settings, cache_shared=shared)).test_client()
    lines = '{"text": "Ann met Joe."}\n'

    def cached(key_id):
        headers = {"X-API-Key": secrets[key_id]}
        one = call(client, "/v1/enrich", headers=headers).headers["Cache-Status"]
        options = {"data": lines, "content_type": "application/x-ndjson", "headers": headers}
        assert client.post("/v1/enrich/batch", **options).text.count('"status":200') == 1
        return "memory; hit" in one

    assert [cached(each) for each in ("all", "all", "enrich", "enrich")] == (
        [False, True, True, True] if shared else [False, True, False, True]
    )
