"""The audit log."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.access.api_key import SCOPES, ApiKey, hash_secret
from service.access.key_file import add_key
from tests.api.conftest import app_around


@pytest.fixture
def audited(settings, tmp_path, caplog):
    """A client of an application with keys, and a function that returns its audit log."""
    caplog.set_level("INFO")
    path = tmp_path / "keys.yaml"
    add_key(path, ApiKey("all", hash_secret("secret-all"), scopes=SCOPES))
    add_key(path, ApiKey("models", hash_secret("secret-models"), scopes=("models",)))
    past = datetime(2020, 1, 1, tzinfo=UTC)
    add_key(path, ApiKey("old", hash_secret("secret-old"), scopes=SCOPES, expires=past))
    limits = (("requests_per_minute", 2),)
    app = app_around(replace(settings, api_keys_file=str(path), limits=limits, admin_port=9000))
    return app.test_client(), lambda: [r for r in caplog.records if r.name == "service.audit"]


def act(client, path, secret=None, **options):
    headers = {"X-API-Key": secret} if secret else {}
    return client.get(path, headers=headers, **options).status_code


def test_each_rejected_act_is_one_line_that_names_who_and_why(audited):
    client, log = audited
    assert act(client, "/v1/models") == 401
    assert act(client, "/v1/models", "unknown") == 401
    assert act(client, "/v1/models", "secret-old") == 401
    assert act(client, "/metrics", "secret-models") == 403
    assert [act(client, "/v1/models", "secret-models") for _ in range(3)] == [200, 200, 429]
    assert [(r.event, r.status, r.problem, r.key, r.route) for r in log()] == [
        ("refused", 401, "/problems/invalid-key", None, "/v1/models"),
        ("refused", 401, "/problems/invalid-key", None, "/v1/models"),
        ("refused", 401, "/problems/invalid-key", "old", "/v1/models"),
        ("refused", 403, "/problems/missing-scope", "models", "/metrics"),
        ("refused", 429, "/problems/limit-exceeded", "models", "/v1/models"),
    ]
    assert all(r.remote == "127.0.0.1" and len(r.request_id) == 32 for r in log())


def test_requests_of_other_sites_are_rejected_acts(audited):
    client, log = audited
    headers = {"Origin": "https://other.example", "X-API-Key": "secret-all"}
    assert client.post("/v1/enrich", json={"text": "Ann."}, headers=headers).status_code == 403
    assert [r.problem for r in log()] == ["/problems/foreign-origin"]


def test_acts_of_operators_are_privileged(audited):
    client, log = audited
    assert act(client, "/metrics", "secret-all") == 200
    assert act(client, "/openapi.json", "secret-all") == 200
    assert act(client, "/healthz", environ_overrides={"SERVER_PORT": "9000"}) == 200
    assert act(client, "/v1/models", "secret-all") == 200
    assert act(client, "/healthz") == 200
    assert [(r.event, r.route, r.key) for r in log()] == [
        ("privileged", "/metrics", "all"),
        ("privileged", "/openapi.json", "all"),
        ("privileged", "/healthz", None),
    ]


def test_without_keys_and_limits_there_is_no_audit_log(settings, caplog):
    caplog.set_level("INFO")
    client = app_around(settings).test_client()
    assert act(client, "/metrics") == 200
    headers = {"Origin": "https://other.example"}
    assert client.post("/v1/enrich", json={"text": "Ann."}, headers=headers).status_code == 403
    assert not [r for r in caplog.records if r.name == "service.audit"]
