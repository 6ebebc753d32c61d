"""The list of packages that `make sbom` writes."""

import json
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
    folder = tmp_path_factory.mktemp("sbom")
    subprocess.run([sys.executable, ROOT / ".ci/sbom.py", folder], check=True, timeout=300)
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
