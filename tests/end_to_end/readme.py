"""The README's examples: ``console`` blocks of one command after ``$``, then what it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from service.api.problem_types import ProblemType

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "README.md"
_BLOCK = re.compile(
    r"```console\n\$ (?P<command>(?:[^\n]*\\\n)*[^\n]*)\n(?P<output>.*?)```", re.DOTALL
)
_ERRORS = re.compile(r"(?<=<!-- errors -->\n).*?(?=<!-- /errors -->)", re.DOTALL)
_SETTINGS = re.compile(r"(?<=<!-- settings -->\n).*?(?=<!-- /settings -->)", re.DOTALL)


def examples(text: str) -> list[tuple[str, str]]:
    """``(command, output)`` of each example."""
    return [(m["command"], m["output"]) for m in _BLOCK.finditer(text)]


def run(command: str, url: str) -> str:
    """What ``command`` prints when the service is at ``url`` instead of localhost:8000."""
    address = url.removeprefix("http://")
    done = subprocess.run(
        ["bash", "-c", command.replace("localhost:8000", address)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout if done.stdout.endswith("\n") or not done.stdout else done.stdout + "\n"


def settings_table() -> str:
    """The table of settings, from the settings themselves."""
    command = [sys.executable, "-m", "service.config.settings", "--markdown"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def errors_table() -> str:
    """The table of the kinds of errors, from the kinds themselves."""
    rows = [f"| {kind.status} | `{kind.type}` | {kind.remedy} |" for kind in ProblemType]
    return "\n".join(["| status | `type` | what to do |", "|---|---|---|", *rows]) + "\n"


def written_anew(text: str, url: str) -> str:
    """The README with every output and both tables as they are now."""

    def fresh(match: re.Match[str]) -> str:
        return f"```console\n$ {match['command']}\n{run(match['command'], url)}```"

    text = _ERRORS.sub(lambda _: errors_table(), _BLOCK.sub(fresh, text))
    return _SETTINGS.sub(lambda _: settings_table(), text)


def agree(one: str, other: str) -> bool:
    """Whether two outputs are the same but for the last digits of their decimals.

    Processors of different makes round differently, and a rounding here or there decides into which
    of 256 steps an activation falls: between one with VNNI and one without, decimals of the seed
    article were up to 0.03 apart.
    """
    decimal = re.compile(r"\d+\.\d+")
    ours, theirs = (list(map(float, decimal.findall(text))) for text in (one, other))
    return decimal.sub("#", one) == decimal.sub("#", other) and all(
        abs(a - b) <= 0.05 for a, b in zip(ours, theirs, strict=True)
    )
