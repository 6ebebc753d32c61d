"""Lists of a running server, which its workers share and read again on SIGHUP."""

import signal
import time

import pytest
import requests

from tests.conftest import running_server

TEXT = "Critics praised the phone of Acme Corp in London."


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    """A server with two workers, and the file of its list."""
    folder = tmp_path_factory.mktemp("listed")
    (folder / "lists").mkdir()
    path = folder / "lists" / "clients.csv"
    path.write_text("id,name\n1,phone\n")
    with running_server(folder, WATCHLISTS=str(folder / "lists"), WORKERS="2") as server:
        yield server, path


def linked(server):
    """Name of each entity that has a link to the list → id of the entry."""
    url = f"{server.url}/v1/enrich?lists=clients"
    enrichment = requests.post(url, json={"text": TEXT, "language": "en"}, timeout=30).json()
    return {
        entity["name"]: link["id"]
        for entity in enrichment["entities"]
        for link in entity["links"]
        if link["source"] == "list:clients"
    }


def reload(server):
    """Send SIGHUP and wait until new workers have taken over."""
    before = set(server.workers())
    server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 60
    while before & set(server.workers()) or len(server.workers()) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_lists_are_read_again_on_sighup_unless_they_are_invalid(listed):
    server, path = listed
    assert linked(server) == {"phone": "1"}
    path.write_text("id,name\n2,Acme Corp\n")
    reload(server)
    assert linked(server) == {"Acme Corp": "2"}
    path.write_text("id,name\n3,\n")
    reload(server)
    assert linked(server) == {"Acme Corp": "2"}
    assert "clients.csv:2: name: Is required." in (path.parents[1] / "server.err").read_text() + (
        server.output.read_text()
    )
