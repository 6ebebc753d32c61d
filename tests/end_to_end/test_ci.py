"""The scripts in docs/ci.md work as described there."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.bundle import ROOT, SEED

PAGE = (ROOT / "docs/ci.md").read_text("utf-8")
WORKFLOW, PIPELINE = (
    yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.+?)^```", PAGE, re.M | re.S)
)
[CURL] = re.findall(r"^```sh\n(.+?)^```", PAGE, re.M | re.S)
SCRIPTS = {
    "GitHub Actions": "\n".join(
        step["run"]
        for step in WORKFLOW["jobs"]["enrich"]["steps"]
        if "run" in step and step["name"] != "Install"
    ),
    "GitLab CI": "\n".join(PIPELINE["enrich"]["script"]),
}
RULES = '- article: "seeds/*.txt"\n  entities: {Joe Biden: {type: PERSON}, Elvis Presley: absent}\n'


@pytest.fixture
def job(server, tmp_path):
    """Run a script in a folder with the seed articles, as a CI job does; returns its exit code."""
    (tmp_path / "seeds").mkdir()
    shutil.copy(SEED, tmp_path / "seeds")
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin/enrich"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m service.cli "$@"\n')
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "ENRICH_URL": server.url}

    def run(script: str) -> int:
        return subprocess.run(
            ["bash", "-e", "-c", script], cwd=tmp_path, env=environment, timeout=120, check=False
        ).returncode

    return run


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_job_fails_only_if_enrichments_change(job, script, tmp_path):
    expected: Path = tmp_path / "expected.ndjson"
    assert job('enrich seeds/ --url "$ENRICH_URL" -o expected.ndjson') == 0
    assert job(script) == 0
    assert "<testsuite" in (tmp_path / "checks.xml").read_text("utf-8")
    expected.write_text(expected.read_text("utf-8").replace("Joe Biden", "Joe Bidet"))
    assert job(script) == 1


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_alone_detects_articles_that_fail(job, tmp_path):
    articles = tmp_path / "articles.ndjson"
    line = json.dumps({"text": SEED.read_text("utf-8")}) + "\n"
    articles.write_text(line * 3)
    assert job(CURL) == 0
    articles.write_text(line + '{"text": ""}\n' + line)
    assert job(CURL) == 1
