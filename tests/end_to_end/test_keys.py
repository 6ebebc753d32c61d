"""API keys on a real server."""

import os
import signal
import subprocess
import sys
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import expect

from service.access.api_key import SCOPES, ApiKey, hash_secret, new_secret
from service.access.key_file import add_key, remove_key
from tests.bundle import ROOT
from tests.conftest import free_port, running_server
from tests.end_to_end.test_page import CHROMIUM, browser, enrich

__all__ = ["browser"]  # a fixture


def add(path, key_id, *scopes):
    secret = new_secret(key_id)
    add_key(path, ApiKey(key_id, hash_secret(secret), scopes=scopes or SCOPES))
    return secret


def status(server, secret):
    headers = {"Authorization": f"Bearer {secret}"}
    return requests.get(f"{server.url}/v1/models", headers=headers, timeout=30).status_code


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server with two workers, its file of keys, and the secret of a key with all scopes."""
    folder = tmp_path_factory.mktemp("guarded")
    secret = add(folder / "keys.yaml", "all")
    settings = {"API_KEYS_FILE": str(folder / "keys.yaml"), "WORKERS": "2"}
    with running_server(folder, **settings) as server:
        yield server, folder / "keys.yaml", secret


def test_all_workers_follow_the_file(guarded):
    server, path, secret = guarded
    assert {status(server, secret) for _ in range(20)} == {200}
    assert {status(server, "unknown") for _ in range(20)} == {401}
    added = add(path, "added")
    wait_for(lambda: {status(server, added) for _ in range(20)} == {200})
    remove_key(path, "added")
    wait_for(lambda: {status(server, added) for _ in range(20)} == {401})
    assert added not in server.output.read_text()
    assert "added" in {line.get("key") for line in server.logs()}


def test_keys_are_read_again_on_sighup(guarded):
    server, path, secret = guarded
    workers = server.workers()
    added = add(path, "later")
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: not set(server.workers()) & set(workers))
    wait_for(lambda: {status(server, added) for _ in range(20)} == {200})
    assert status(server, secret) == 200


@pytest.mark.parametrize("size", [0, 50_000, 260_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_refusal_announces_whether_the_connection_stays_open(guarded, size, chunked):
    server, _, secret = guarded
    address = urlsplit(server.url)
    connection = HTTPConnection(address.hostname, address.port, timeout=30)
    body = b"a" * size
    text = {"Content-Type": "text/plain"}
    pieces = iter([body]) if chunked and body else body
    connection.request("POST", "/v1/enrich", pieces, text, encode_chunked=chunked)
    refused = connection.getresponse()
    refused.read()
    assert refused.status == 401
    closes = refused.headers["Connection"] == "close"
    assert closes == (size > 60 * 1024 or (chunked and size > 0))
    if closes:
        assert connection.sock is None  # the next request opens another
        return
    time.sleep(0.2)
    connection.request("POST", "/v1/enrich", b"Ann met Joe.", text | {"X-API-Key": secret})
    assert connection.getresponse().status == 200


def test_a_session_goes_on_after_a_rejected_body(guarded):
    server, _, secret = guarded
    text = {"Content-Type": "text/plain"}
    with requests.Session() as session:
        for _ in range(20):
            url = f"{server.url}/v1/enrich"
            refused = session.post(url, b"Ann met Joe. " * 20_000, headers=text, timeout=30)
            assert refused.status_code == 401
            accepted = text | {"X-API-Key": secret}
            assert session.post(url, b"Ann met Joe.", headers=accepted).status_code == 200


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian package chromium)")
def test_the_page_asks_for_a_key_and_forgets_it_with_the_tab(guarded, browser):
    server, _, secret = guarded
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/")
    page.get_by_label("API key").fill("wrong")
    enrich(page, "Joe Biden met Shigeru Ishiba in Peru.")
    expect(page.get_by_role("alert")).to_contain_text("No valid API key")
    page.get_by_label("API key").fill(secret)
    enrich(page, "Joe Biden met Shigeru Ishiba in Peru.")
    expect(page.locator("#article div mark").first).to_have_text("Joe Biden")
    assert 'Bearer $ENRICH_API_KEY"' in page.locator("#curl").inner_text()
    assert secret not in page.content()
    page.reload()
    expect(page.get_by_label("API key")).to_have_value(secret)
    page.goto(f"{server.url}/docs")
    expect(page.get_by_text("/v1/enrich/batch").first).to_be_visible()
    assert context.cookies() == []
    assert page.evaluate("localStorage.length") == 0
    other = context.new_page()
    other.goto(f"{server.url}/")
    expect(other.get_by_label("API key")).to_have_value("")
    context.close()


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian package chromium)")
def test_the_page_of_a_server_without_keys_does_not_ask_for_one(server, browser):
    page = browser.new_page()
    with page.expect_response("**/v1/models"):
        page.goto(f"{server.url}/")
    expect(page.get_by_label("API key")).to_be_hidden()
    page.close()


def test_an_invalid_file_of_keys_is_reported_at_startup_in_one_line(tmp_path):
    (tmp_path / "keys.yaml").write_text("- id: a")
    process = subprocess.run(
        [sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        env={**os.environ, "API_KEYS_FILE": str(tmp_path / "keys.yaml")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert process.returncode != 0
    [line] = process.stderr.splitlines()
    assert "Must have either `sha256` or `scrypt`." in line


@pytest.mark.parametrize(
    ("host", "keys", "warns"),
    [("0.0.0.0", False, True), ("127.0.0.1", False, False), ("0.0.0.0", True, False)],
)
def test_a_server_that_is_open_to_the_network_warns_once(tmp_path, host, keys, warns):
    secret = add(tmp_path / "keys.yaml", "all")
    environment = {"HOST": host, "PORT": str(free_port()), "WORKERS": "1"}
    if keys:
        environment["API_KEYS_FILE"] = str(tmp_path / "keys.yaml")
    output = tmp_path / "log"
    with output.open("w") as stdout:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=stdout,
        )
    try:
        wait_for(lambda: "Booting worker" in output.read_text())
    finally:
        process.terminate()
        process.wait(60)
    assert output.read_text().count("without API keys") == warns
    assert secret not in output.read_text()
