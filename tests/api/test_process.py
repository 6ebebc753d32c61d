"""The process: what keeps it from starting, and what it is like while workers come up."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.bundle import BUNDLE, ROOT
from tests.conftest import free_port, running_server


def start(**environment):
    """Start a server that is not expected to come up, and wait for its end."""
    return subprocess.run(
        [sys.executable, "-m", "gunicorn"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(free_port()), "WORKERS": "2", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def workers_of(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return {int(child) for child in children.split()}


@pytest.fixture
def bundle_copy(tmp_path):
    if not (BUNDLE / "manifest.json").exists():
        pytest.skip("there is no model bundle in models/")
    return shutil.copytree(BUNDLE, tmp_path / "bundle")


def test_a_bundle_with_a_changed_file_ends_the_start_with_one_line(bundle_copy):
    with (bundle_copy / "encoder.onnx").open("ab") as encoder:
        encoder.write(b"x")
    ended = start(ENRICH_MODEL=str(bundle_copy))
    assert ended.returncode == 2
    [line] = ended.stderr.splitlines()
    assert re.match("cannot start: .*encoder.onnx", line)


def test_a_bundle_that_only_a_worker_finds_broken_ends_the_server(bundle_copy):
    (bundle_copy / "encoder.onnx").write_bytes(b"x")
    manifest = json.loads((bundle_copy / "manifest.json").read_text())
    manifest["files"].pop("encoder.onnx")
    (bundle_copy / "manifest.json").write_text(json.dumps(manifest))
    ended = start(ENRICH_MODEL=str(bundle_copy), WORKERS="1")
    assert ended.returncode == 3
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    [line] = [line for line in lines if line["level"] == "CRITICAL"]
    assert line["message"].startswith("cannot start: the model bundle in")
    assert "Traceback" not in ended.stdout + ended.stderr


def test_a_worker_that_is_asked_before_it_is_loaded_answers_when_it_is(tmp_path):
    with running_server(tmp_path, WORKERS="2") as server:
        for worker in workers_of(server.pid):
            os.kill(worker, signal.SIGKILL)
        with closing(requests.Session()) as session:
            statuses = {
                session.post(
                    f"{server.url}/v1/enrich", json={"text": "Ann."}, timeout=60
                ).status_code
                for _ in range(20)
            }
        assert statuses == {200}


def test_all_that_the_server_writes_is_json(server):
    requests.get(f"{server.url}/healthz", timeout=10)
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in server.logs())
    assert (server.output.parent / "server.err").read_text() == ""
