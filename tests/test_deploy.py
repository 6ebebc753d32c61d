"""The files in `deploy/` are valid and use only metrics that exist."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from service.observability.metrics import REGISTRY
from tests.prometheus import ALERTS, CONFIG, DASHBOARD, panels

RULES = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
PROCESS_METRICS = {"resident_memory_bytes", "cpu_seconds_total", "start_time_seconds", "open_fds"}


def promtool(*arguments: str) -> None:
    command = shutil.which("promtool")
    if command is None:
        pytest.skip("promtool is not installed (Debian package prometheus)")
    process = subprocess.run(
        [command, *arguments], cwd=ALERTS.parent, capture_output=True, text=True, timeout=60
    )
    assert process.returncode == 0, process.stdout + process.stderr


def expressions() -> list[str]:
    queries = [target["expr"] for panel in panels() for target in panel["targets"]]
    return queries + [rule["expr"] for rule in RULES]


def test_the_alerts_and_the_configuration_are_valid():
    promtool("check", "rules", ALERTS.name)
    promtool("check", "config", CONFIG.name)


def test_each_alert_fires_when_it_should_and_only_then():
    promtool("test", "rules", "alerts_test.yaml")


def test_every_alert_is_tested():
    tests = yaml.safe_load((ALERTS.parent / "alerts_test.yaml").read_text())["tests"]
    fired = {
        alert["alertname"]
        for test in tests
        for alert in test["alert_rule_test"]
        if alert["exp_alerts"]
    }
    assert fired == {rule["alert"] for rule in RULES}


def test_alerts_and_dashboard_use_only_metrics_that_exist():
    known = {f"enrich_process_{name}" for name in PROCESS_METRICS}
    for family in REGISTRY.collect():
        suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
        known |= {family.name + suffix for suffix in suffixes.get(family.type, [""])}
    used = {name for query in expressions() for name in re.findall(r"enrich_\w+", query)}
    assert used <= known
    assert len(used) > 20


def test_the_dashboard_has_a_row_for_each_topic():
    dashboard = json.loads(DASHBOARD.read_text("utf-8"))
    rows = [panel["title"] for panel in dashboard["panels"] if panel["type"] == "row"]
    for topic in ("Traffic", "Latency", "Stages", "Queue", "Cache", "Memory", "Model"):
        assert any(topic in row for row in rows)
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)


def test_panels_do_not_overlap():
    taken = set()
    for panel in json.loads(DASHBOARD.read_text("utf-8"))["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
