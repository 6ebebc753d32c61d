"""Marked values in every part of requests to every route: none may reach a log, metric or trace."""

import json
from datetime import UTC, datetime
from urllib.parse import quote

import requests
from flask import Flask

from service.access.api_key import SCOPES, ApiKey, hash_secret
from service.access.key_file import add_key
from service.api.registration import register_api
from tests.collector import running_collector
from tests.conftest import running_server

MARK = "Zyxwv"
"""Part of every marked value."""

TEXT, TITLE, ID, QUERY, FIELD, PATH = (
    f"{MARK}{part}" for part in ("text", "title", "id", "query", "field", "path")
)
WRONG = f"{MARK}wrongkey"
ARTICLE = {
    "text": f"Joe {TEXT} of {TEXT} Inc. said in {TEXT} that {TEXT} was well.",
    "title": f"{TITLE} in Peru",
    "id": ID,
}
INVALID = {"text": TEXT, TITLE: TEXT, "language": TEXT}
PAGE = f"<html><title>{TITLE}</title><body><p>{ARTICLE['text']}</p></body></html>"
HEADERS = {
    **dict.fromkeys(("User-Agent", "Referer", "Cookie", "X-Anything", "Via"), FIELD),
    "X-Request-Timeout": FIELD,
    "Content-Language": FIELD,
    "traceparent": FIELD,
    "X-Request-Id": f"{FIELD} with a space",
    "Accept": f"text/{FIELD}",
    "If-None-Match": f'"{FIELD}"',
}
BODIES = [
    ("application/json", json.dumps(ARTICLE)),
    ("application/json", json.dumps(INVALID)),
    ("application/json", json.dumps({"articles": [ARTICLE, INVALID]})),
    ("application/json", f'{{"{TEXT}":1,"{TEXT}":2}}'),
    ("application/json", f"[{TEXT}"),
    ("application/x-ndjson", f"{json.dumps(ARTICLE)}\n{json.dumps(INVALID)}\n{TEXT}\n"),
    ("text/plain", ARTICLE["text"]),
    (f"text/plain; charset={FIELD}", TEXT),
    ("text/html", PAGE),
    (f"{FIELD}/{FIELD}", TEXT),
]
NAMED = {"<slug>": PATH, "<name>": PATH, "<path:filename>": f"{PATH}/{PATH}.js"}


def routes():
    """Every rule of the service, with marked values in place of variables."""
    app = Flask("enrichment", static_folder=None)
    register_api(app)
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for variable, value in NAMED.items():
            path = path.replace(variable, value)
        yield path
    yield f"/{PATH}"
    yield f"/v1/enrich/{PATH}"


def test_nothing_that_a_caller_writes_reaches_a_log_a_metric_or_a_trace(tmp_path):
    keys, past = tmp_path / "keys.yaml", datetime(2020, 1, 1, tzinfo=UTC)
    secrets = {key_id: f"{key_id}.{MARK}{key_id}" for key_id in ("all", "old", "models")}
    add_key(keys, ApiKey("all", hash_secret(secrets["all"]), scopes=SCOPES))
    add_key(keys, ApiKey("old", hash_secret(secrets["old"]), scopes=SCOPES, expires=past))
    add_key(keys, ApiKey("models", hash_secret(secrets["models"]), scopes=("models",)))
    query = f"features={QUERY}&{QUERY}={quote(QUERY)}&model={QUERY}"
    with running_collector() as collector:
        settings = {
            "API_KEYS_FILE": str(keys),
            "LIMITS": "requests_per_minute=100000",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "WORKERS": "1",
            "CORS_ORIGINS": "https://news.example",
        }
        with running_server(tmp_path, **settings) as server:
            sent = 0
            for path in routes():
                for secret in (None, WRONG, *secrets.values()):
                    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
                    other = {**headers, **HEADERS, "Origin": f"https://{FIELD}.example"}
                    for url, fields in ((path, headers), (f"{path}?{query}", other)):
                        requests.get(f"{server.url}{url}", headers=fields, timeout=60)
                        sent += 1
                for media_type, body in BODIES if path.startswith("/v1/enrich") else BODIES[:1]:
                    for fields in ({}, {**HEADERS, "X-API-Key": WRONG}):
                        headers = {
                            "X-API-Key": secrets["all"],
                            **fields,
                            "Content-Type": media_type,
                        }
                        for url in (path, f"{path}?{query}"):
                            answer = requests.post(
                                f"{server.url}{url}", body.encode(), headers=headers, timeout=60
                            )
                            assert answer.status_code < 500
                            sent += 1
            for raw in (
                f"GET /{PATH} {FIELD}\r\n\r\n",
                f"{FIELD} / HTTP/1.1\r\nHost: {FIELD}\r\n\r\n",
                f"{MARK.upper()} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                f"GET / HTTP/1.1\r\n{FIELD}: {FIELD}\r\n\r\n",
                f"GET / HTTP/1.1\r\nHost: a b\r\nX-API-Key: {secrets['all']}\r\n\r\n",
                f"POST /v1/enrich HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {FIELD}\r\n\r\n",
            ):
                server.send(raw.encode())
            scraped = requests.get(
                f"{server.url}/metrics", headers={"X-API-Key": secrets["all"]}, timeout=60
            ).text
        logs = server.output.read_text() + (tmp_path / "server.err").read_text()
        assert logs.count("service.access") >= sent
        assert logs.count("service.audit") > 50
        assert "enrich_key_requests_total" in scraped
        assert len(collector.spans) > 100
        assert MARK.lower() not in logs.lower()
        assert MARK.lower() not in scraped.lower()
        assert MARK.lower() not in repr(collector.spans).lower()
