"""What `deploy/` has for Prometheus and Grafana: it is valid, and knows only metrics there are."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from service.observability.metrics import REGISTRY
from tests.prometheus import ALERTS, CONFIG, DASHBOARD, panels

RULES = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
OF_PROCESSES = {"resident_memory_bytes", "cpu_seconds_total", "start_time_seconds", "open_fds"}


def promtool(*arguments: str) -> None:
    command = shutil.which("promtool")
    if command is None:
        pytest.skip("promtool is not installed: it comes with Debian's package prometheus")
    done = subprocess.run(
        [command, *arguments], cwd=ALERTS.parent, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def expressions() -> list[str]:
    asked = [target["expr"] for panel in panels() for target in panel["targets"]]
    return asked + [rule["expr"] for rule in RULES]


def test_the_alerts_and_the_configuration_are_valid():
    promtool("check", "rules", ALERTS.name)
    promtool("check", "config", CONFIG.name)


def test_alerts_fire_when_they_should_and_only_then():
    promtool("test", "rules", "alerts_test.yaml")


def test_every_alert_is_tested():
    tests = yaml.safe_load((ALERTS.parent / "alerts_test.yaml").read_text())["tests"]
    fired = {
        each["alertname"]
        for test in tests
        for each in test["alert_rule_test"]
        if each["exp_alerts"]
    }
    assert fired == {rule["alert"] for rule in RULES}


def test_alerts_and_dashboard_ask_only_for_metrics_there_are():
    known = {f"enrich_process_{name}" for name in OF_PROCESSES}
    for family in REGISTRY.collect():
        endings = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
        known |= {family.name + ending for ending in endings.get(family.type, [""])}
    asked = {name for each in expressions() for name in re.findall(r"enrich_\w+", each)}
    assert asked <= known
    assert len(asked) > 20


def test_the_dashboard_has_a_row_for_each_question():
    dashboard = json.loads(DASHBOARD.read_text("utf-8"))
    rows = [panel["title"] for panel in dashboard["panels"] if panel["type"] == "row"]
    for wanted in ("Traffic", "Latency", "Stages", "Queue", "Cache", "Memory", "Model"):
        assert any(wanted in row for row in rows)
    numbers = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(numbers)) == len(numbers)


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
