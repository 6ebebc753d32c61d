"""`.ci/install-programs` finds missing programs; it installs them only as root."""

import subprocess
from pathlib import Path

import pytest

from tests.bundle import ROOT

PROGRAMS = ["curl", "redis-server", "prometheus", "chromium", "node", "openssl", "ip", "haproxy"]


@pytest.fixture
def run(tmp_path: Path):
    """Run the script as a user other than root, with no programs but stubs of those given."""

    def run_script(*programs: str) -> str:
        for name, output in {"id": "1000", "python3": "", **dict.fromkeys(programs, "")}.items():
            stub = tmp_path / name
            stub.write_text(f"#!/bin/sh\nprintf %s '{output}'\n")
            stub.chmod(0o755)
        process = subprocess.run(
            ["/bin/bash", ROOT / ".ci/install-programs"],
            env={"PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert process.returncode == 0, process.stderr
        assert process.stdout == ""
        return process.stderr

    return run_script


def test_nothing_is_reported_if_all_programs_are_installed(run):
    assert run(*PROGRAMS) == ""


def test_any_chromium_will_do(run):
    assert run(*PROGRAMS[:3], "chromium-browser", *PROGRAMS[4:]) == ""


def test_missing_programs_are_reported_by_debian_package(run):
    message = run("curl", "chromium")
    assert message.endswith(
        "Debian packages: redis-server prometheus nodejs openssl iproute2 haproxy\n"
    )
