"""List the packages that the service runs with, and their licences: a bill of materials.

Writes ``sbom.json`` (CycloneDX) and ``licences.md`` (a table) into a folder, by default ``build``.
Both describe the packages of this interpreter, without the development tools, and are reproducible.
With ``--image``, ``image.json`` lists the contents of a container image: the packages of its
operating system, its Python and all Python packages.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
UNDECLARED = "not declared in the metadata of the package"

sys.path.insert(0, str(ROOT))
from service import __version__  # noqa: E402 - it need not be installed

INSIDE = """
import json, platform, subprocess, sys, sysconfig
from importlib.metadata import distributions
form = "${Package}\\t${Version}\\t${Architecture}\\n"
base = {"base": sys.base_prefix, "platbase": sys.base_prefix}
folders = {*sys.path, sysconfig.get_path("purelib", "posix_prefix", base)} - {""}
folders.add("/usr/lib/python3/dist-packages")  # Debian's
print(json.dumps({
    "system": platform.freedesktop_os_release(),
    "packages": subprocess.check_output(["dpkg-query", "-W", "-f", form], text=True),
    "python": platform.python_version(),
    "distributions": [[d.metadata["Name"], d.version] for d in distributions(path=list(folders))],
}))
"""
"""Run by the Python of an image: prints what is installed in it."""


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("build"))
    parser.add_argument("--image", help="name of an image that docker can run")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    bom = runtime_only(environment())
    sbom, licences = arguments.folder / "sbom.json", arguments.folder / "licences.md"
    write(sbom, bom)
    licences.write_text(table(bom), encoding="utf-8")
    print(f"{len(bom['components'])} packages: {sbom}, {licences}")
    if arguments.image:
        image = of_image(bom, arguments.image)
        write(arguments.folder / "image.json", image)
        print(f"{len(image['components'])} packages: {arguments.folder / 'image.json'}")


def write(path: Path, bom: dict[str, Any]) -> None:
    """Write a CycloneDX document."""
    path.write_text(json.dumps(bom, indent=2) + "\n", encoding="utf-8")


def of_image(bom: dict[str, Any], image: str) -> dict[str, Any]:
    """The CycloneDX document of an image, with the components of ``bom`` for what it locks.

    Args:
        bom: of the packages in ``requirements.txt``.
        image: name of an image, which the program ``$DOCKER`` (default: docker) runs.

    Raises:
        subprocess.CalledProcessError: the image does not run, or has no dpkg.
    """
    docker = os.environ.get("DOCKER", "docker")
    command = [docker, "run", "--rm", "--network=none", "--entrypoint=python", image, "-c", INSIDE]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603
    found = json.loads(output)
    system = found["system"]
    distribution = f"{system['ID']}-{system['VERSION_ID']}"
    components = [
        component("operating-system", system["ID"], system["VERSION_ID"]),
        component(
            "application", "python", found["python"], f"pkg:generic/python@{found['python']}"
        ),
    ]
    for line in sorted(found["packages"].splitlines()):
        name, version, architecture = line.split("\t")
        where = f"arch={architecture}&distro={distribution}"
        url = f"pkg:deb/{system['ID']}/{quote(name)}@{quote(version, safe='')}?{where}"
        components.append(component("library", name, version, url))
    locked = {(canonicalize_name(c["name"]), c["version"]): c for c in bom["components"]}
    installed = {(canonicalize_name(name), version) for name, version in found["distributions"]}
    if missing := locked.keys() - installed:
        sys.exit(f"the image {image} does not have {sorted(missing)}: build it again")
    for name, version in sorted(installed):
        own = component("library", name, version, f"pkg:pypi/{name}@{quote(version)}")
        components.append(locked.get((name, version), own))
    root = {**bom["metadata"]["component"], "type": "container"}
    return {
        **bom,
        "metadata": {**bom["metadata"], "component": root},
        "components": components,
        "dependencies": bom["dependencies"],
    }


def component(kind: str, name: str, version: str, url: str | None = None) -> dict[str, Any]:
    """A component of a CycloneDX document, identified by its package URL."""
    described = {"type": kind, "bom-ref": url or f"{name}@{version}", "name": name}
    return {**described, "version": version} | ({"purl": url} if url else {})


def environment() -> dict[str, Any]:
    """The CycloneDX document of all packages in this environment."""
    options = ["--output-reproducible", "--gather-license-texts", "--pyproject", "pyproject.toml"]
    command = [sys.executable, "-m", "cyclonedx_py", "environment", *options, sys.executable]
    output = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603
    bom: dict[str, Any] = json.loads(output)
    return bom


def runtime_only(bom: dict[str, Any]) -> dict[str, Any]:
    """``bom`` without packages that are not in ``requirements.txt``."""
    locked, direct = names("requirements.txt"), names("requirements.in")
    components = [c for c in bom["components"] if canonicalize_name(c["name"]) in locked]
    kept = {component["bom-ref"] for component in components}
    root = {**bom["metadata"]["component"], "version": __version__}
    dependencies = [
        {**entry, "dependsOn": [ref for ref in entry.get("dependsOn", []) if ref in kept]}
        for entry in bom["dependencies"]
        if entry["ref"] in kept
    ]
    needed = [c["bom-ref"] for c in components if canonicalize_name(c["name"]) in direct]
    return {
        **bom,
        "metadata": {**bom["metadata"], "component": root},
        "components": components,
        "dependencies": [{"ref": root["bom-ref"], "dependsOn": needed}, *dependencies],
    }


def names(requirements: str) -> set[str]:
    """The packages that a file of requirements names."""
    lines = (ROOT / requirements).read_text(encoding="utf-8")
    return {canonicalize_name(name) for name in re.findall(r"^[\w.-]+", lines, re.MULTILINE)}


def table(bom: dict[str, Any]) -> str:
    """The licences of the packages in Markdown."""
    rows = [
        f"| {component['name']} | {component['version']} | {licence(component)} |"
        for component in sorted(bom["components"], key=lambda c: c["name"].casefold())
    ]
    return "\n".join(["| package | version | licence |", "|---|---|---|", *rows, ""])


def licence(component: dict[str, Any]) -> str:
    """What a package declares: identifiers of SPDX if there are any, or else its own words."""
    declared = component.get("licenses", [])
    spdx = [each.get("expression") or each.get("license", {}).get("id") for each in declared]
    if any(spdx):
        return ", ".join(filter(None, spdx))
    words = []
    for entry in (each["license"] for each in declared):
        text = entry.get("text", {})
        if text and "encoding" not in text and "\n" not in text["content"].strip():
            words.append(text["content"].strip())
        elif entry["name"].startswith("License ::"):
            words.append(entry["name"].rpartition(" :: ")[2])
    return ", ".join(words) or UNDECLARED


if __name__ == "__main__":
    main()
