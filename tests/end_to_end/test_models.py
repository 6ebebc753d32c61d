"""Several models on a real server, configured by MODELS_FILE."""

import json
import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from service.cli.columns import Document
from service.cli.dry_run import measure_pace
from service.cli.engines import embedded_app, enrich_with
from tests.bundle import BUNDLE, SEED
from tests.conftest import Server, running_server
from tests.metrics import Samples

FILE = """
default: first
models:
  first: {}
  second: {bundle: ./copy}
  third: {}
"""


@pytest.fixture
def models_file(tmp_path):
    """A models file with the bundle twice, and a copy that differs only in its version."""
    if not (BUNDLE / "manifest.json").exists():
        pytest.skip("models/ contains no model bundle")
    copy = shutil.copytree(BUNDLE, tmp_path / "copy")
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "version": "copied"}))
    path = tmp_path / "models.yaml"
    path.write_text(FILE)
    return path


def enrich(server: Server, model: str | None = None) -> dict:
    response = requests.post(
        f"{server.url}/v1/enrich",
        params={"model": model} if model else {},
        json={"text": SEED.read_text("utf-8")},
        timeout=60,
    )
    assert response.status_code == 200, response.text
    return response.json()


def loaded(server: Server) -> list[str]:
    listed = requests.get(f"{server.url}/v1/models", timeout=10).json()["models"]
    return [each["name"] for each in listed if each["loaded"]]


def test_models_are_loaded_on_demand_and_unloaded_when_memory_is_needed(tmp_path, models_file):
    size = sum(path.stat().st_size for path in BUNDLE.iterdir())
    room = {"MODELS_FILE": str(models_file), "MODELS_MEMORY": str(2 * size + 1_000_000)}
    with running_server(tmp_path, WORKERS="1", **room) as server:
        assert loaded(server) == ["first"]
        with ThreadPoolExecutor(5) as threads:
            names = [None, "second", "first", "second", None]
            answers = list(threads.map(lambda name: enrich(server, name), names))
        assert loaded(server) == ["first", "second"]
        versions = [answer["model"].pop("version") for answer in answers]
        assert [version == "copied" for version in versions] == [name == "second" for name in names]
        assert len({answer["model"].pop("digest") for answer in answers}) == 2
        assert all(answer == answers[0] for answer in answers)
        enrich(server, "third")
        assert loaded(server) == ["first", "third"]
        samples = Samples(requests.get(f"{server.url}/metrics", timeout=10).text)
        assert samples.sum("enrich_model_info", version="copied") == 0
        assert samples.sum("enrich_model_info") == 2
        loads = [
            line["message"]
            for line in server.logs()
            if line["logger"] == "service.execution.model_registry"
        ]
    assert [message.partition(" in ")[0] for message in loads] == [
        "Loaded the model second",
        "Unloaded the model second to make room",
        "Loaded the model third",
    ]


def test_a_replacement_worker_keeps_the_models_read_at_startup(tmp_path, models_file):
    with running_server(tmp_path, WORKERS="1", MODELS_FILE=str(models_file)) as server:
        models_file.write_text("models: {half")
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while server.workers() in ([], [worker]):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert enrich(server, "second")["model"]["version"] == "copied"


def test_the_command_line_uses_the_models_file(models_file, monkeypatch):
    monkeypatch.setenv("MODELS_FILE", str(models_file))
    document = Document("seed", SEED.read_bytes(), "text/plain")
    answers = [
        enrich_with(embedded_app(name), {"model": name})(document)["enrichment"]
        for name in ("first", "second")
    ]
    assert [answer["model"].pop("version") == "copied" for answer in answers] == [False, True]
    assert answers[0]["model"].pop("digest") != answers[1]["model"].pop("digest")
    assert answers[0] == answers[1]
    assert measure_pace("second").token > 0
