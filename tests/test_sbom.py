"""The list of packages that `make sbom` writes."""

import json
import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import version

import pytest
from packaging.utils import canonicalize_name

from service import __version__
from tests.bundle import ROOT
from tests.test_repository import locked, required

pytest.importorskip("cyclonedx_py", reason="cyclonedx-bom is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The lists of the packages and, where there is dpkg, of an "image" that is this machine."""
    folder = tmp_path_factory.mktemp("sbom")
    docker = folder / "docker"
    docker.write_text(f'#!/bin/sh\n[ "$5" = news:1 ] && shift 5 && exec {sys.executable} "$@"\n')
    docker.chmod(0o755)
    command = [sys.executable, ROOT / ".ci/sbom.py", folder]
    command += ["--image", "news:1"] if shutil.which("dpkg-query") else []
    subprocess.run(command, check=True, timeout=600, env={**os.environ, "DOCKER": str(docker)})
    return folder


@pytest.fixture(scope="module")
def bom(folder):
    return json.loads((folder / "sbom.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def components(bom):
    return {canonicalize_name(c["name"]): c for c in bom["components"]}


@pytest.fixture(scope="module")
def needed():
    """The names of the packages that the service itself asks for on this Python."""
    asked = (r for r in required("requirements.in") if r.marker is None or r.marker.evaluate())
    return {canonicalize_name(requirement.name) for requirement in asked}


def test_it_lists_every_package_that_the_service_needs_as_installed(components, needed):
    assert needed <= components.keys() <= locked("requirements.txt").keys()
    assert {name: c["version"] for name, c in components.items()} == {
        name: version(name) for name in components
    }


def test_it_describes_the_service_and_what_depends_on_what(bom, components, needed):
    assert bom["bomFormat"] == "CycloneDX"
    service = bom["metadata"]["component"]
    assert (service["name"], service["version"]) == ("article-enrichment", __version__)
    edges = {entry["ref"]: set(entry.get("dependsOn", [])) for entry in bom["dependencies"]}
    assert edges[service["bom-ref"]] == {components[name]["bom-ref"] for name in needed}
    reached, ahead = set(), {service["bom-ref"]}
    while ahead:
        ref = ahead.pop()
        reached.add(ref)
        ahead |= edges[ref] - reached
    assert reached == edges.keys()  # what is not needed is not listed


def test_the_licence_of_every_package_is_listed(folder, components):
    _, _, *rows = (folder / "licences.md").read_text("utf-8").splitlines()
    licences = {}
    for row in rows:
        name, _, licence = row.strip("| ").split(" | ")
        licences[canonicalize_name(name)] = licence
    assert licences.keys() == components.keys()
    assert all(0 < len(licence) < 100 for licence in licences.values())
    assert licences["flask"] == "BSD-3-Clause"  # an identifier of SPDX
    assert "Apache" in licences["transformers"]  # words of its own


@pytest.fixture(scope="module")
def image(folder):
    path = folder / "image.json"
    if not path.exists():
        pytest.skip("this system has no dpkg-query")
    return json.loads(path.read_text("utf-8"))


def test_the_list_of_an_image_has_the_packages_of_the_system_and_of_python(image, bom):
    found = {c.get("purl", c["name"]): c for c in image["components"]}
    system = platform.freedesktop_os_release()
    assert found[system["ID"]]["version"] == system["VERSION_ID"]
    assert found[f"pkg:generic/python@{platform.python_version()}"]
    query = ["dpkg-query", "-W", "-f", "${Version}", "libc6"]
    libc = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    [entry] = [c for c in image["components"] if c["name"] == "libc6"]
    assert entry["version"] == libc
    assert f"pkg:deb/{system['ID']}/libc6@" in entry["purl"]
    assert all(c in image["components"] for c in bom["components"])  # with their licences
    assert "pytest" in {c["name"] for c in image["components"]}  # all that is installed
    assert len({c["bom-ref"] for c in image["components"]}) == len(image["components"])


def test_the_list_of_an_image_is_valid(image):
    schemas = pytest.importorskip("cyclonedx.validation.json")
    version = pytest.importorskip("cyclonedx.schema").SchemaVersion.from_version(
        image["specVersion"]
    )
    assert schemas.JsonStrictValidator(version).validate_str(json.dumps(image)) is None
