"""What holds the repository together: locks, container files and the rest that no code imports."""

import json
import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.abuse.__main__ import ALLOCATOR_SETTINGS
from service.config.settings import Settings, read_settings

ROOT = Path(__file__).parent.parent
MEGABYTE = 1_000_000

LOCKS = {
    "requirements.in": "requirements.txt",
    "requirements-dev.in": "requirements-dev.txt",
    "training/knowledge/requirements.in": "training/knowledge/requirements.txt",
}
BUILD_FILES = [
    *LOCKS,
    *LOCKS.values(),
    "training/requirements.txt",
    "pyproject.toml",
    "Makefile",
    "Dockerfile",
    "docker-compose.yml",
    ".ci/run",
    ".ci/install-programs",
]
PAGES = [
    *ROOT.glob("*.md"),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(ROOT.glob("*/README.md")),
    *sorted(ROOT.glob("models/*/README.md")),
]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def required(name: str) -> list[Requirement]:
    """The requirements that a file names itself, without comments and options."""
    lines = (line.partition("#")[0].strip() for line in read(name).splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def locked(name: str) -> dict[str, str]:
    pins = re.findall(r"^([\w.-]+)==(\S+)", read(name), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in pins}


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return read("Dockerfile").replace("\\\n", "")


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load(read("docker-compose.yml"))["services"]["enrich"]


@pytest.mark.parametrize(("source", "lock"), LOCKS.items())
def test_a_lock_holds_everything_that_is_asked_for(source, lock):
    pins = locked(lock)
    for requirement in required(source):
        version = pins.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement} is not in {lock}: run `make lock`"
        assert requirement.specifier.contains(version), f"{lock} is stale: run `make lock`"


def test_the_service_is_tested_with_the_versions_it_runs_with():
    assert locked("requirements.txt").items() <= locked("requirements-dev.txt").items()


@pytest.mark.parametrize("lock", LOCKS.values())
def test_every_locked_package_has_a_hash(lock):
    entries = re.split(r"\n(?=\w)", read(lock))
    pinned = [entry for entry in entries if re.match(r"[\w.-]+==", entry)]
    assert len(pinned) == len(locked(lock)) > 0
    assert all("--hash=sha256:" in entry for entry in pinned)


@pytest.mark.parametrize("lock", LOCKS.values())
def test_the_service_does_without_torch(lock):
    assert not {name for name in locked(lock) if re.match(r"torch|triton|nvidia|cuda", name)}


@pytest.mark.parametrize("name", BUILD_FILES)
def test_packages_come_from_wherever_pip_is_set_up_to_look(name):
    elsewhere = r"https?://(?!localhost)\S*|--(?:extra-)?index-url|--find-links"
    assert not re.findall(elsewhere, read(name))


def test_the_container_is_started_as_make_run_starts_the_service(dockerfile):
    [command] = re.findall(r"^CMD (.*)", dockerfile, re.MULTILINE)
    [recipe] = re.findall(r"exec \.venv/bin/(gunicorn.*)", read("Makefile"))
    assert json.loads(command) == recipe.replace('"', "").split()


def test_the_benchmark_of_attacks_has_the_allocator_of_the_image(dockerfile):
    for name, value in ALLOCATOR_SETTINGS.items():
        assert f" {name}={value} " in " ".join(dockerfile.split())


def test_compose_publishes_the_port_that_the_image_exposes(dockerfile, compose):
    [port] = re.findall(r"^EXPOSE (\d+)", dockerfile, re.MULTILINE)
    assert f"PORT={port} " in dockerfile
    assert compose["ports"] == [f"${{ADDRESS:-127.0.0.1}}:${{PORT:-{port}}}:{port}"]


def test_compose_asks_for_health_as_the_image_does(dockerfile, compose):
    [command] = re.findall(r"HEALTHCHECK .*?CMD (.*)", dockerfile)
    assert compose["healthcheck"]["test"] == ["CMD", *json.loads(command)]
    assert "'GET', '/readyz'" in command


def test_the_container_may_do_nothing_it_need_not(dockerfile, compose):
    assert re.search(r"^USER \d+:\d+$", dockerfile, re.MULTILINE)
    assert compose["read_only"] is True
    assert compose["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in compose["security_opt"]


SETTINGS = {field.name.upper() for field in fields(Settings)}


def test_compose_passes_on_every_setting_that_is_not_fixed_in_the_image(compose):
    fixed = {"HOST", "PORT", "MODEL_STORE"}
    passed = {*compose["environment"], *compose["build"]["args"]} & SETTINGS
    assert set(compose["environment"]) <= SETTINGS
    assert passed == SETTINGS - fixed


def test_the_example_for_containers_sets_keys_and_limits():
    section = read("docs/security.md").partition("\n### In containers\n")[2].partition("\n## ")[0]
    [override] = map(yaml.safe_load, re.findall(r"^```yaml\n(.+?)^```", section, re.M | re.S))
    service = override["services"]["enrich"]
    assert {"API_KEYS_FILE", "LIMITS", "LIMITS_URL"} == service["environment"].keys() <= SETTINGS
    folder = str(Path(service["environment"]["API_KEYS_FILE"]).parent)
    assert service["volumes"] == [f"./enrich:{folder}:ro"]
    assert read_settings({"LIMITS": service["environment"]["LIMITS"]}).limits


def test_a_container_is_given_longer_to_stop_than_requests_are_to_finish(compose):
    assert int(compose["stop_grace_period"].removesuffix("s")) > Settings().graceful_timeout


def test_the_base_image_is_an_argument_that_make_and_compose_pass_on(dockerfile, compose):
    assert re.search(r"^ARG BASE=", dockerfile, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) == {"${BASE}", "dependencies"}
    assert "BASE" in compose["build"]["args"]
    digest = "python@sha256:" + "0" * 64
    make = ["make", "--dry-run", "image", f"BASE={digest}"]
    commands = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert f'--build-arg BASE="{digest}"' in commands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_actions_in_examples_are_named_by_the_hash_of_a_commit(page):
    actions = re.findall(r"uses: (?!\./)\S+?@(.*)", page.read_text("utf-8"))
    assert all(re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", version) for version in actions)


def test_what_the_image_copies_is_let_through_to_the_build(dockerfile):
    copies = re.findall(r"^COPY (?!--from)(\S+) \S+$", dockerfile, re.MULTILINE)
    assert copies
    assert {f"!{path}" for path in copies} <= set(read(".dockerignore").splitlines())
    assert all((ROOT / path).exists() for path in copies)


def test_no_file_is_too_large_for_git():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = [ROOT / name for name in names.split("\0") if name]
    assert not [file for file in files if file.is_file() and file.stat().st_size > 40 * MEGABYTE]


def test_the_changelog_has_sections_for_this_release_and_for_the_next():
    headings = re.findall(r"^## (.*)", read("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    for heading in headings[1:]:
        assert re.fullmatch(r"\d+\.\d+\.\d+ – \d{4}-\d{2}-\d{2}", heading)
    sources = read("pyproject.toml") + read("service/__init__.py")
    [current] = re.findall(r'^(?:version|__version__) = "(.+)"', sources, re.MULTILINE)
    assert current in [heading.partition(" ")[0] for heading in headings]


def anchors(page: Path) -> set[str]:
    """The fragments that a Markdown page's headings have on GitHub."""
    headings = re.findall(r"^#+ (.*)", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_in_the_documentation_leads_to_a_file_and_a_heading(page):
    prose = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"https?://", target):
            continue
        path, _, fragment = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), target
        assert not fragment or fragment in anchors(linked), target


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/how-it-works.md"])
def test_every_path_that_the_documentation_names_exists(name):
    named = re.findall(
        r"`((?:benchmarks|deploy|docs|models|service|tests|training)/[^` ]*)`", read(name)
    )
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []
