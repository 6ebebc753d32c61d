"""The parts of the documentation that are generated: outputs of examples, and tables.

An example is a ``console`` block with one command after ``$``, followed by its output. An article
in a ``text`` block is followed by its sentiment, main entities and speakers.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import requests

from service.api.problem_types import ProblemType

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "README.md"
ERRORS = ROOT / "docs/errors.md"
CONFIGURATION = ROOT / "docs/configuration.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]

_EXAMPLE = re.compile(
    r"```console\n\$ (?P<command>(?:[^\n]*\\\n)*[^\n]*)\n(?P<output>.*?)```", re.DOTALL
)
_ARTICLE = re.compile(
    r"```text\n(?P<title>[^\n]+)\n\n(?P<text>.*?)\n```\n\n(?P<enriched>Document: .*?)(?=\n- )",
    re.DOTALL,
)
_SHOWN = 6
"""Entities of an article in its table."""
_ERRORS = re.compile(r"(?<=<!-- errors -->\n).*?(?=<!-- /errors -->)", re.DOTALL)
_SETTINGS = re.compile(r"(?<=<!-- settings -->\n).*?(?=<!-- /settings -->)", re.DOTALL)


def examples(text: str) -> list[tuple[str, str]]:
    """``(command, output)`` of each example on a page."""
    return [(m["command"], m["output"]) for m in _EXAMPLE.finditer(text)]


def run(command: str, url: str) -> str:
    """The output of ``command`` with the service at ``url`` instead of localhost:8000."""
    address = url.removeprefix("http://")
    done = subprocess.run(
        ["bash", "-c", command.replace("localhost:8000", address)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout if done.stdout.endswith("\n") or not done.stdout else done.stdout + "\n"


def enriched(title: str, text: str, url: str) -> str:
    """The sentiment, main entities and speakers of an article, by the service at ``url``."""
    article = {"title": title, "text": text, "language": "en"}
    answer = requests.post(f"{url}/v1/enrich", json=article, timeout=60)
    answer.raise_for_status()
    enrichment = answer.json()
    lines = [f"Document: {_sentiment(enrichment)}.", ""]
    lines += ["| entity | type | mentions | salience | sentiment |", "|---|---|---:|---:|---|"]
    lines += [
        f"| {entity['name']} | `{entity['type']}` | {len(entity['mentions'])} "
        f"| {entity['salience']:.2f} | {_sentiment(entity)} |"
        for entity in enrichment["entities"][:_SHOWN]
    ]
    quoted = Counter(s["speaker"] for s in enrichment["sentences"] if s["quoted"] and s["speaker"])
    if quoted:
        counts = [f"{name}, {n} sentence{'s' * (n > 1)}" for name, n in quoted.items()]
        lines += ["", f"Speakers: {'; '.join(counts)}."]
    return "\n".join(lines) + "\n"


def _sentiment(found: dict[str, Any]) -> str:
    return f"`{found['sentiment']['label']}` {found['sentiment']['score']:+.2f}"


def settings_table() -> str:
    """The table of settings."""
    command = [sys.executable, "-m", "service.config.settings", "--markdown"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def errors_table() -> str:
    """The table of problem types."""
    rows = [
        f"| {problem.status} | `{problem.type}` | {problem.remedy} |" for problem in ProblemType
    ]
    return "\n".join(["| status | `type` | what to do |", "|---|---|---|", *rows]) + "\n"


def regenerated(text: str, url: str) -> str:
    """A page with current outputs and tables.

    Args:
        text: the page as it is.
        url: base URL of a running service.
    """

    def current(match: re.Match[str]) -> str:
        return f"```console\n$ {match['command']}\n{run(match['command'], url)}```"

    text = _ARTICLE.sub(
        lambda match: match[0].replace(
            match["enriched"], enriched(match["title"], match["text"], url)
        ),
        text,
    )
    text = _ERRORS.sub(lambda _: errors_table(), _EXAMPLE.sub(current, text))
    return _SETTINGS.sub(lambda _: settings_table(), text)


def agree(one: str, other: str) -> bool:
    """Whether two outputs are equal, except for the last digits of their decimals.

    Processors of different makes round differently, and rounding decides into which of 256 steps an
    activation falls: decimals of the seed article differ by up to 0.03 between a processor with
    VNNI and one without.
    """
    decimal = re.compile(r"\d+\.\d+")
    ours, theirs = (list(map(float, decimal.findall(text))) for text in (one, other))
    return decimal.sub("#", one) == decimal.sub("#", other) and all(
        abs(a - b) <= 0.05 for a, b in zip(ours, theirs, strict=True)
    )
