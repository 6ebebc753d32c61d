"""The manifests in `deploy/kubernetes` are valid and agree with the service and each other."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
import yaml
from kubernetes_validate import ValidationError, validate

from service.config.settings import Settings, read_settings
from service.observability.metrics import REGISTRY
from tests.bundle import ROOT
from tests.prometheus import CONFIG

KUBERNETES = ROOT / "deploy/kubernetes"
OVERLAYS = ("small", "production")
RELEASES = ("1.35", "1.36", "1.37")
CUSTOM = {"PodMonitor"}  # of Prometheus's operator: Kubernetes has no schema of it
SETTINGS = {field.name.upper() for field in fields(Settings)}
ADAPTER = KUBERNETES / "production/prometheus-adapter.yaml"


@cache
def render(overlay: str) -> str:
    folders = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kubectl = shutil.which("kubectl", path=folders)
    if kubectl is None:
        pytest.skip("kubectl is not installed (make .venv/bin/kubectl)")
    command = [kubectl, "kustomize", str(KUBERNETES / overlay)]
    process = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.fixture(params=OVERLAYS)
def overlay(request) -> str:
    return request.param


@pytest.fixture
def resources(overlay) -> list[dict]:
    """What an overlay applies."""
    return list(yaml.safe_load_all(render(overlay)))


def the(resources: list[dict], kind: str, name: str = "enrich") -> dict:
    [found] = [r for r in resources if r["kind"] == kind and r["metadata"]["name"] == name]
    return found


@pytest.fixture
def pod(resources) -> dict:
    return the(resources, "Deployment")["spec"]["template"]


@pytest.fixture
def container(pod) -> dict:
    [container] = pod["spec"]["containers"]
    return container


@pytest.fixture
def environment(container) -> dict[str, dict]:
    return {entry["name"]: entry for entry in container["env"]}


in_production = pytest.mark.parametrize("overlay", ["production"], indirect=True)


def ports(container: dict) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for port in container["ports"]}


def memory(quantity: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(Mi|Gi)", quantity).groups()
    return int(number) * {"Mi": 1024**2, "Gi": 1024**3}[unit]


@pytest.mark.parametrize("release", RELEASES)
def test_manifests_fit_the_schemas_of_kubernetes(resources, release):
    known = [resource for resource in resources if resource["kind"] not in CUSTOM]
    assert len(known) >= 5
    for resource in known:
        validate(resource, release, strict=True)
    the(resources, "Deployment")["spec"]["replica"] = 2
    with pytest.raises(ValidationError):
        validate(the(resources, "Deployment"), release, strict=True)


def test_the_environment_consists_of_settings_with_valid_values(environment):
    assert set(environment) <= SETTINGS
    read_settings({
        name: entry["value"]
        for name, entry in environment.items()
        if "value" in entry and name != "API_KEYS_FILE"
    })  # fmt: skip


def test_ports_are_those_that_the_service_listens_on(resources, container, environment):
    assert ports(container) == {
        "http": int(environment["PORT"]["value"]),
        "admin": int(environment["ADMIN_PORT"]["value"]),
    }
    for service in ("enrich", "enrich-replicas"):
        [port] = the(resources, "Service", service)["spec"]["ports"]
        assert port["targetPort"] == "http"


def test_everything_selects_the_pods_of_the_deployment(resources, pod):
    labels = pod["metadata"]["labels"]
    selectors = [
        the(resources, "Deployment")["spec"]["selector"]["matchLabels"],
        the(resources, "Service")["spec"]["selector"],
        the(resources, "Service", "enrich-replicas")["spec"]["selector"],
        the(resources, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        the(resources, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        *(
            each["labelSelector"]["matchLabels"]
            for each in pod["spec"]["topologySpreadConstraints"]
        ),
    ]
    assert all(selector and selector.items() <= labels.items() for selector in selectors)


def test_probes_ask_paths_of_the_service(container):
    paths = yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))["paths"]
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[name]["httpGet"]["port"] == "http"
        assert container[name]["httpGet"]["path"] in paths
    # A replica that is not ready must not be restarted: it may be stopping, or loading its model.
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_a_replica_may_finish_its_requests_before_it_is_killed(pod, container, environment):
    before = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    graceful = int(environment["GRACEFUL_TIMEOUT"]["value"])
    assert pod["spec"]["terminationGracePeriodSeconds"] > before + graceful
    probe = container["readinessProbe"]
    assert before > probe["periodSeconds"]


def test_the_container_is_confined_as_the_image_expects(pod, container):
    dockerfile = (ROOT / "Dockerfile").read_text()
    [user] = re.findall(r"^USER (\d+):\d+$", dockerfile, re.MULTILINE)
    assert pod["spec"]["securityContext"]["runAsUser"] == int(user)
    assert pod["spec"]["securityContext"]["runAsNonRoot"]
    assert pod["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_temporary_files_have_room_for_waiting_lines(pod, container, environment):
    assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]
    [tmp] = [volume for volume in pod["spec"]["volumes"] if volume["name"] == "tmp"]
    assert memory(tmp["emptyDir"]["sizeLimit"]) > Settings().spool_bytes
    assert container["resources"]["limits"]["cpu"].isdecimal()  # the service uses whole cores


def test_the_service_reaches_nothing_but_what_an_overlay_names(resources, overlay):
    policy = the(resources, "NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    allowed = {port["port"] for rule in policy.get("egress") or [] for port in rule["ports"]}
    assert allowed == ({6379, 53} if overlay == "production" else set())
    public = [rule for rule in policy["ingress"] if {"port": "admin"} in rule["ports"]]
    assert len(public) == (overlay == "production")


@in_production
def test_replicas_share_a_redis_and_keys_from_secrets(pod, container, environment):
    for name in ("CACHE_URL", "CACHE_SECRET", "LIMITS_URL"):
        assert environment[name]["valueFrom"]["secretKeyRef"]["name"] == "enrich-redis"
    [keys] = [volume for volume in pod["spec"]["volumes"] if volume["name"] == "keys"]
    [mount] = [mount for mount in container["volumeMounts"] if mount["name"] == "keys"]
    file = Path(environment["API_KEYS_FILE"]["value"])
    assert keys["secret"]["secretName"] == "enrich-keys"
    assert (mount["mountPath"], mount["readOnly"]) == (str(file.parent), True)
    assert "subPath" not in mount


@in_production
def test_the_commands_of_the_documentation_create_these_secrets(pod, environment):
    page = (ROOT / "docs/replicas.md").read_text()
    created = dict(re.findall(r"kubectl create secret generic (\S+) ((?:[^\n]*\\\n)*[^\n]*)", page))
    assert set(created) == {"enrich-keys", "enrich-redis"}
    referred = [
        entry["valueFrom"]["secretKeyRef"]["key"]
        for entry in environment.values()
        if "valueFrom" in entry
    ]
    assert {f"--from-literal={key}" for key in referred} == set(
        re.findall(r"--from-literal=[\w-]+", created["enrich-redis"])
    )
    assert "--from-file=keys.yaml" in created["enrich-keys"]


@in_production
def test_prometheus_scrapes_metrics_as_the_job_of_the_alerts(resources, pod, container):
    monitor = the(resources, "PodMonitor")["spec"]
    [endpoint] = monitor["podMetricsEndpoints"]
    assert endpoint["port"] in ports(container)
    assert endpoint["path"] == "/metrics"
    [job] = [each["job_name"] for each in yaml.safe_load(CONFIG.read_text())["scrape_configs"]]
    labels = pod["metadata"]["labels"]
    assert labels[monitor["jobLabel"]] == job
    assert monitor["selector"]["matchLabels"].items() <= labels.items()


@in_production
def test_replicas_follow_the_queue_and_the_processor(resources):
    autoscaler = the(resources, "HorizontalPodAutoscaler")["spec"]
    queue, processor = autoscaler["metrics"]
    assert autoscaler["scaleTargetRef"]["name"] == the(resources, "Deployment")["metadata"]["name"]
    assert "replicas" not in the(resources, "Deployment")["spec"]
    [rule] = yaml.safe_load(ADAPTER.read_text())["rules"]["custom"]
    assert queue["pods"]["metric"]["name"] == rule["name"]["as"]
    assert processor["resource"]["name"] == "cpu"


def test_the_rule_of_the_adapter_is_a_query_of_metrics_that_exist(tmp_path):
    [rule] = yaml.safe_load(ADAPTER.read_text())["rules"]["custom"]
    series = rule["seriesQuery"].partition("{")[0]
    known = {family.name for family in REGISTRY.collect()}
    names = set(re.findall(r"enrich_\w+", rule["metricsQuery"]))
    assert {series, *names} == {"enrich_queue_tokens", "enrich_queue_tokens_limit"} <= known
    query = rule["metricsQuery"]
    for template, value in {
        "<<.Series>>": series,
        "<<.LabelMatchers>>": 'namespace="news"',
        "<<.GroupBy>>": "pod",
    }.items():
        query = query.replace(template, value)
    check_query(tmp_path, query)


def check_query(folder: Path, query: str) -> None:
    """Two workers of one pod, with 300 and 100 of 1,000 tokens each, fill a fifth."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian package prometheus)")
    labels = 'namespace="news",pod="enrich-1"'
    inputs = {
        f'enrich_queue_tokens{{{labels},pid="1"}}': "300x20",
        f'enrich_queue_tokens{{{labels},pid="2"}}': "100x20",
        f'enrich_queue_tokens_limit{{{labels},pid="1"}}': "1000x20",
        f'enrich_queue_tokens_limit{{{labels},pid="2"}}': "1000x20",
    }
    expected = {
        "expr": query,
        "eval_time": "5m",
        "exp_samples": [{"labels": '{pod="enrich-1"}', "value": 0.2}],
    }
    test = {
        "interval": "15s",
        "input_series": [{"series": name, "values": values} for name, values in inputs.items()],
        "promql_expr_test": [expected],
    }
    file = folder / "test.yaml"
    file.write_text(yaml.safe_dump({"evaluation_interval": "15s", "tests": [test]}))
    process = subprocess.run(
        [promtool, "test", "rules", file], capture_output=True, text=True, timeout=60
    )
    assert process.returncode == 0, process.stdout + process.stderr
