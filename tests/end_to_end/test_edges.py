"""TLS, the second port, proxies, hosts and pages of other sites, on real servers."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys

import pytest
import requests

from tests import conftest
from tests.bundle import ROOT
from tests.conftest import free_port, running_server

LONG = "The committee met again in Paris and nothing was decided about the matter. " * 2_000
TEXT = {"Content-Type": "text/plain"}


def certificates(folder):
    """An authority, and certificates of localhost and of a client that it has signed."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed (Debian package openssl)")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    authority = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    for name in ("ca", "other"):
        openssl(
            "req",
            *authority,
            "-subj",
            f"/CN={name}",
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.pem",
        )
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1")
    for name, signer in (("server", "ca"), ("client", "ca"), ("stranger", "other")):
        request = ["-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}"]
        openssl("req", *request, "-keyout", f"{name}.key", "-out", f"{name}.csr")
        signing = [
            "-CA",
            f"{signer}.pem",
            "-CAkey",
            f"{signer}.key",
            "-CAcreateserial",
            "-days",
            "2",
        ]
        openssl(
            "x509",
            "-req",
            "-in",
            f"{name}.csr",
            *signing,
            "-extfile",
            "names",
            "-out",
            f"{name}.pem",
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edges")
    certificates(folder)
    return folder


@pytest.fixture(scope="module")
def secure(folder):
    """A server with TLS and a second port; its address, and the port."""
    admin = free_port()
    settings = {
        "TLS_CERTIFICATE": str(folder / "server.pem"),
        "TLS_KEY": str(folder / "server.key"),
        "ADMIN_PORT": str(admin),
        "EXPOSE_METRICS": "admin",
        "EXPOSE_DOCS": "off",
        "WORKERS": "1",
    }
    with Started(folder, settings) as server:
        yield server, admin


class Started:
    """A server whose readiness is asked for over TLS."""

    def __init__(self, folder, settings, cert=None):
        self.folder, self.settings, self.cert = folder, settings, cert

    def __enter__(self):
        get = requests.get
        url = re.compile("^http:")

        def get_securely(address, **options):
            verify = {"verify": str(self.folder / "ca.pem"), "cert": self.cert}
            return get(url.sub("https:", address), **verify, **options)

        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(conftest.requests, "get", get_securely)
        try:
            self.context = running_server(self.folder, **self.settings)
            return self.context.__enter__()
        finally:
            self.patch.undo()

    def __exit__(self, *error):
        return self.context.__exit__(*error)


def session(folder, cert=None):
    created = requests.Session()
    created.trust_env = False  # it may name other authorities
    created.verify = str(folder / "ca.pem")
    created.cert = cert
    return created


def test_articles_of_all_sizes_go_through_tls(secure, folder):
    server, _ = secure
    url = f"https://127.0.0.1:{server.port}"
    with session(folder) as client:
        for length in (20, 16_000, 17_000, 66_000, len(LONG)):
            response = client.post(
                f"{url}/v1/enrich", LONG[:length].encode(), headers=TEXT, timeout=120
            )
            assert response.status_code == 200
            assert response.json()["coverage"]["characters"] == length
            assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert response.headers["Server"] == "gunicorn"
        lines = b"".join(
            json.dumps({"text": f"Ann {n} left."}).encode() + b"\n" for n in range(300)
        )
        stream = client.post(
            f"{url}/v1/enrich/batch",
            data=(lines[start : start + 1000] for start in range(0, len(lines), 1000)),
            headers={"Content-Type": "application/x-ndjson"},
            timeout=120,
        )
        results = [json.loads(line) for line in stream.text.splitlines()]
        assert [result["status"] for result in results] == [200] * 300


def test_what_is_not_tls_is_not_answered_and_harms_nobody(secure, folder):
    server, _ = secure
    for raw in (b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\x02\x00garbage" * 50):
        with contextlib.suppress(OSError):
            assert b"HTTP/1.1 200" not in server.send(raw)
    half = socket.create_connection((server.host, server.port))
    half.sendall(b"\x16\x03\x01")
    with session(folder) as client:
        assert client.get(f"https://127.0.0.1:{server.port}/healthz", timeout=30).status_code == 200
    half.close()
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection((server.host, server.port)) as raw,
        context.wrap_socket(raw, server_hostname="127.0.0.1") as old,
    ):
        assert old.version() == "TLSv1.2"


def test_errors_before_the_application_go_through_tls(secure, folder):
    server, _ = secure
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    with (
        socket.create_connection((server.host, server.port)) as raw,
        context.wrap_socket(raw, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        received = b""
        while piece := connection.recv(65536):
            received += piece
    assert received.startswith(b"HTTP/1.1 400")
    assert b"X-Frame-Options: DENY" in received
    assert b"no Host header field" in received


def test_the_second_port_has_what_the_first_has_not(secure, folder):
    server, admin = secure
    with session(folder) as client:
        public, private = f"https://127.0.0.1:{server.port}", f"https://127.0.0.1:{admin}"
        forged = {"Host": f"127.0.0.1:{admin}"}
        assert client.get(f"{public}/metrics", timeout=30).status_code == 404
        assert client.get(f"{public}/metrics", headers=forged, timeout=30).status_code == 404
        assert client.get(f"{private}/metrics", timeout=30).status_code == 200
        for url in (public, private):
            assert client.get(f"{url}/docs", timeout=30).status_code == 404
            assert client.get(f"{url}/readyz", timeout=30).status_code == 200


def test_a_client_certificate_can_be_required(folder):
    settings = {
        "TLS_CERTIFICATE": str(folder / "server.pem"),
        "TLS_KEY": str(folder / "server.key"),
        "TLS_CLIENT_CA": str(folder / "ca.pem"),
        "WORKERS": "1",
    }
    own, strange = (
        (str(folder / f"{name}.pem"), str(folder / f"{name}.key"))
        for name in ("client", "stranger")
    )
    with Started(folder, settings, own) as server:
        url = f"https://127.0.0.1:{server.port}/healthz"
        with session(folder, own) as client:
            assert client.get(url, timeout=30).status_code == 200
        for cert in (None, strange):
            with session(folder, cert) as client, pytest.raises(requests.ConnectionError):
                client.get(url, timeout=30)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"TLS_CERTIFICATE": "/nonesuch.pem"}, "TLS_CERTIFICATE and TLS_KEY: No such file"),
        ({"TLS_KEY": "/nonesuch.pem"}, "require TLS_CERTIFICATE"),
        ({"EXPOSE_DOCS": "admin"}, "requires ADMIN_PORT"),
    ],
)
def test_mistakes_are_reported_at_startup_in_one_line(environment, message):
    process = subprocess.run(
        [sys.executable, "-m", "gunicorn"],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert process.returncode != 0
    [line] = process.stderr.splitlines()
    assert message in line


def test_proxies_hosts_and_pages_are_checked_by_a_real_server(tmp_path):
    site = "https://news.example"
    settings = {
        "FORWARDED_ALLOW_IPS": "127.0.0.1",
        "ALLOWED_HOSTS": "news.example,127.0.0.1",
        "CORS_ORIGINS": site,
        "WORKERS": "1",
    }
    with running_server(tmp_path, **settings) as server:
        headers = {"X-Forwarded-For": "203.0.113.9, 192.0.2.7", "X-Request-Id": "proxied"}
        response = requests.get(f"{server.url}/healthz", headers=headers, timeout=30)
        assert server.log_of("proxied")["remote"] == "192.0.2.7"
        assert not re.search(r"\d", response.headers["Server"])
        other = {"X-Forwarded-Host": "other.example"}
        assert requests.get(f"{server.url}/v1/model", headers=other, timeout=30).status_code == 400
        asked = {"Origin": site, "Access-Control-Request-Method": "POST"}
        allowed = requests.options(f"{server.url}/v1/enrich", headers=asked, timeout=30)
        assert allowed.status_code == 204
        assert allowed.headers["Access-Control-Allow-Origin"] == site
        server.process.send_signal(signal.SIGTERM)
