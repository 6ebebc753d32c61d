import logging
import re

import pytest

from service.observability.json_logging import configure_logs

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
REQUESTS = [
    ("GET", "/healthz"),
    ("GET", "/docs"),
    ("GET", "/docs/assets/swagger-ui.css"),
    ("GET", "/openapi.json"),
    ("GET", "/nonesuch"),
    ("PUT", "/v1/enrich"),
    ("POST", "/v1/enrich"),
]


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_every_response_has_an_id_timings_and_a_type_that_is_meant(client, method, path):
    response = client.open(path, method=method)
    assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Request-Id"])
    assert re.fullmatch(r"total;dur=[\d.]+", response.headers["Server-Timing"])
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_the_stages_of_an_enrichment_are_timed(client, access_log):
    response = client.post("/v1/enrich", json={"text": "Ann met Joe."})
    timing = response.headers["Server-Timing"]
    names = re.findall(r"(\w+);dur=[\d.]+", timing)
    assert "encode" in names
    assert names[-1] == "total"
    [line] = access_log()
    assert set(line.stages) == set(names) - {"total"}


@pytest.mark.parametrize("sent", ["a", "x" * 128, "0b8e-41:~!#", "a%b"])
def test_a_sane_request_id_is_kept(client, access_log, sent):
    for path in ("/healthz", "/nonesuch"):
        assert client.get(path, headers={"X-Request-Id": sent}).headers["X-Request-Id"] == sent
    assert [line.request_id for line in access_log()] == [sent, sent]


@pytest.mark.parametrize("sent", ["", "x" * 129, "a b", "a\tb", "é", "\x7f"])
def test_another_request_id_is_replaced(client, sent):
    response = client.get("/healthz", environ_overrides={"HTTP_X_REQUEST_ID": sent})
    assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Request-Id"])


@pytest.mark.parametrize(
    ("sent", "trace"),
    [
        (PARENT, TRACE),
        (f"{PARENT}-what-a-later-version-adds".replace("00-", "01-", 1), TRACE),
        (PARENT.upper(), None),
        (PARENT[:-3], None),
        (PARENT.replace(TRACE, "0" * 32), None),
        (PARENT.replace("00f067aa0ba902b7", "0" * 16), None),
        (PARENT.replace("00-", "ff-", 1), None),
        ("", None),
    ],
)
def test_the_trace_of_the_caller_is_in_the_log(client, access_log, sent, trace):
    client.get("/healthz", headers={"traceparent": sent})
    [line] = access_log()
    assert line.trace_id == trace


def test_a_request_is_one_line_in_the_log(client, access_log):
    body = b"Ann met Joe."
    response = client.post("/v1/enrich", data=body, content_type="text/plain")
    [line] = access_log()
    assert line.method == "POST"
    assert line.route == "/v1/enrich"
    assert line.status == 200
    assert line.bytes_in == len(body)
    assert line.bytes_out == len(response.data)
    assert line.tokens == response.get_json()["coverage"]["tokens"]
    assert line.duration_ms > 0
    assert line.remote == "127.0.0.1"
    assert line.problem is None


def test_the_log_has_nothing_that_a_caller_wrote(client, capsys):
    configure_logs("DEBUG")
    secret = "Hushhush"
    try:
        client.post(f"/v1/enrich?{secret}={secret}", data=secret, content_type="text/plain")
        client.post("/v1/enrich", data=secret, content_type="text/plain")
        client.post("/v1/enrich", json={"text": secret, "title": secret, "id": secret})
        client.post("/v1/enrich", json={secret: secret, "language": secret})
        client.post(
            "/v1/enrich", data=f'{{"{secret}":1,"{secret}":2}}', content_type="application/json"
        )
        client.post("/v1/enrich", data=secret, content_type=f"{secret}/{secret}")
        client.get(f"/{secret}?{secret}")
        written = capsys.readouterr().out
    finally:
        logging.getLogger().handlers.clear()
        logging.captureWarnings(False)
    assert written.count('"request_id"') == 7
    assert secret not in written
