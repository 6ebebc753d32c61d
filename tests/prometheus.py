"""Runs a local Prometheus that scrapes one server."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.bundle import ROOT
from tests.conftest import Server, free_port

DASHBOARD = ROOT / "deploy" / "grafana" / "dashboard.json"
CONFIG = ROOT / "deploy" / "prometheus" / "prometheus.yml"
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
JOB = "article-enrichment"


@dataclass(frozen=True)
class Prometheus:
    """A running Prometheus."""

    url: str

    def query(self, expression: str, **parameters: Any) -> list[dict[str, Any]]:
        """Evaluate an expression and return its series; an invalid expression fails the test."""
        endpoint = "query_range" if "step" in parameters else "query"
        parameters["query"] = expression
        response = requests.get(f"{self.url}/api/v1/{endpoint}", parameters, timeout=30).json()
        assert response["status"] == "success", f"{response['error']}\n{expression}"
        series: list[dict[str, Any]] = response["data"]["result"]
        return series


@contextmanager
def running_prometheus(folder: Path, server: Server, seconds: int = 1) -> Iterator[Prometheus]:
    """Run Prometheus with the configuration and alerts in ``deploy/``.

    Args:
        folder: Folder for its configuration and data.
        server: The server to scrape.
        seconds: Scrape and evaluation interval.
    """
    command = shutil.which("prometheus")
    if command is None:
        pytest.skip("prometheus is not installed (Debian package prometheus)")
    config = yaml.safe_load(CONFIG.read_text("utf-8"))
    config["global"] = {"scrape_interval": f"{seconds}s", "evaluation_interval": f"{seconds}s"}
    config["rule_files"] = [str(ALERTS)]
    config["scrape_configs"][0]["static_configs"] = [{"targets": [f"{server.host}:{server.port}"]}]
    (folder / "prometheus.yml").write_text(json.dumps(config), "utf-8")
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [
            command,
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={address}",
            "--log.level=error",
        ]
    )
    prometheus = Prometheus(f"http://{address}")
    try:
        deadline = time.monotonic() + 60
        while True:
            assert process.poll() is None, "prometheus did not start"
            assert time.monotonic() < deadline, "prometheus is not ready"
            try:
                if prometheus.query(f'up{{job="{JOB}"}} == 1'):
                    break
            except (requests.ConnectionError, requests.JSONDecodeError):
                pass
            time.sleep(0.2)
        yield prometheus
    finally:
        process.terminate()
        process.wait(timeout=60)


def panels() -> list[dict[str, Any]]:
    """Return the panels of the dashboard that have queries."""
    dashboard = json.loads(DASHBOARD.read_text("utf-8"))
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def substitute_variables(expression: str, interval: str) -> str:
    """Replace the dashboard's variables as Grafana does when all instances are selected."""
    query = expression.replace("$__rate_interval", interval)
    query = query.replace("$job", JOB).replace("$instance", ".+")
    assert "$" not in query
    return query
