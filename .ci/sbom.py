"""Lists the packages that the service runs with, and their licences.

Writes ``sbom.json`` (CycloneDX) and ``licences.md`` (a table) into a folder, by default ``build``.
Both describe what is installed beside this interpreter, without the development tools, and are the
same for the same packages.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
UNDECLARED = "not declared in the metadata of the package"

sys.path.insert(0, str(ROOT))
from service import __version__  # noqa: E402 - it need not be installed


def main() -> None:
    """Write both files; the argument is the folder."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build")
    folder.mkdir(parents=True, exist_ok=True)
    bom = runtime_only(environment())
    sbom, licences = folder / "sbom.json", folder / "licences.md"
    sbom.write_text(json.dumps(bom, indent=2) + "\n", encoding="utf-8")
    licences.write_text(table(bom), encoding="utf-8")
    print(f"{len(bom['components'])} packages: {sbom}, {licences}")


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
