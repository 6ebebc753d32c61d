"""Proxies, pages of other sites, the second port and security headers."""

from dataclasses import replace

import pytest

from service.api.security_headers import SECURITY_HEADERS
from tests.api.conftest import app_around

SITE = "https://news.example"


def client_with(settings, **changes):
    return app_around(replace(settings, **changes)).test_client()


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "203.0.113.9, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "203.0.113.9, 192.0.2.7, 10.0.0.2", "192.0.2.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "192.0.2.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::ffff:10.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("192.0.2.1", "192.0.2.7", "192.0.2.1"),
    ],
)
def test_only_trusted_proxies_name_the_address_of_a_client(
    settings, caplog, peer, forwarded, address
):
    caplog.set_level("INFO")
    client = client_with(settings, forwarded_allow_ips=("10.0.0.0/8",))
    client.get(
        "/healthz", headers={"X-Forwarded-For": forwarded}, environ_base={"REMOTE_ADDR": peer}
    )
    [record] = [record for record in caplog.records if record.name == "service.access"]
    assert record.remote == address


def test_the_host_that_a_trusted_proxy_forwards_is_the_one_that_is_checked(settings):
    client = client_with(
        settings, forwarded_allow_ips=("127.0.0.1",), allowed_hosts=("news.example",)
    )
    host = {"X-Forwarded-Host": "news.example"}
    assert client.get("/v1/model", headers=host).status_code == 200
    assert client.get("/v1/model").status_code == 400
    untrusting = client_with(settings, allowed_hosts=("news.example",))
    assert untrusting.get("/v1/model", headers=host).status_code == 400


def preflight(client, path="/v1/enrich", origin=SITE):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return client.options(path, headers=headers)


def test_pages_on_the_list_may_use_the_api(settings):
    client = client_with(settings, cors_origins=(SITE,))
    answer = preflight(client)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.headers["Access-Control-Max-Age"] == "600"
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}):
        response = client.post(
            "/v1/enrich", json={"text": "Ann."}, headers={"Origin": SITE, **headers}
        )
        assert response.status_code == 200
        assert response.headers["Access-Control-Allow-Origin"] == SITE
        assert "RateLimit" in response.headers["Access-Control-Expose-Headers"]
    problem = client.post("/v1/enrich", json={}, headers={"Origin": SITE})
    assert problem.status_code == 422
    assert problem.headers["Access-Control-Allow-Origin"] == SITE


@pytest.mark.parametrize("origin", ["https://other.example", "http://news.example", "null"])
def test_other_pages_may_not(settings, origin):
    client = client_with(settings, cors_origins=(SITE,))
    assert "Access-Control-Allow-Origin" not in preflight(client, origin=origin).headers
    response = client.post("/v1/enrich", json={"text": "Ann."}, headers={"Origin": origin})
    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_preflight_needs_no_key_and_the_request_after_it_does(settings, tmp_path):
    (tmp_path / "keys.yaml").write_text("")
    keys = str(tmp_path / "keys.yaml")
    client = client_with(settings, cors_origins=(SITE,), api_keys_file=keys)
    assert preflight(client).status_code == 204
    response = client.post("/v1/enrich", json={"text": "Ann."}, headers={"Origin": SITE})
    assert response.status_code == 401
    assert response.headers["Access-Control-Allow-Origin"] == SITE


def test_without_a_list_no_page_of_another_site_may_anything(client):
    answer = preflight(client)
    assert answer.status_code == 405
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    ("setting", "paths"),
    [
        ("expose_metrics", ["/metrics"]),
        ("expose_docs", ["/docs", "/openapi.json"]),
        ("expose_page", ["/"]),
    ],
)
def test_paths_can_be_switched_off_or_moved_to_the_second_port(settings, setting, paths):
    off = client_with(settings, **{setting: "off"})
    moved = client_with(settings, **{setting: "admin"}, admin_port=9000)
    for path in paths:
        assert off.get(path).status_code == 404
        assert moved.get(path).status_code == 404
        forged = {"Host": "localhost:9000", "X-Forwarded-Port": "9000"}
        assert (
            moved.get(path, headers=forged, environ_base={"SERVER_PORT": "80"}).status_code == 404
        )
        admin = moved.get(path, environ_overrides={"SERVER_PORT": "9000"})
        assert admin.status_code == 200
    for path in {"/metrics", "/docs", "/openapi.json", "/", "/docs/static/page.js"} - {*paths}:
        assert off.get(path).status_code == 200
        assert moved.get(path).status_code == 200
    assert off.get("/readyz").status_code in (200, 503)


def test_the_files_of_the_pages_go_with_the_last_of_them(settings):
    client = client_with(settings, expose_docs="off", expose_page="off")
    assert client.get("/docs/static/page.js").status_code == 404
    assert client.get("/docs/assets/swagger-ui.css").status_code == 404
    assert client.get("/problems/overloaded").status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/docs/static/page.js", "/healthz", "/metrics", "/nonesuch", "/v1/model"]
)
def test_every_response_has_the_security_headers(client, path):
    headers = client.get(path).headers
    for name, value in SECURITY_HEADERS.items():
        if name != "Content-Security-Policy":
            assert headers.getlist(name) == [value]
    [policy] = headers.getlist("Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "Strict-Transport-Security" not in headers


def test_a_server_with_tls_asks_browsers_for_https(settings):
    client = client_with(settings, tls_certificate="certificate.pem")
    assert client.get("/healthz").headers["Strict-Transport-Security"] == "max-age=31536000"
