"""Runs a part of a benchmark in its own process, so that it does not disturb the measurement."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchmarks.server import ROOT

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def run_module(module: str, plan: DataclassInstance) -> Any:
    """Run ``python -m module`` with ``plan`` as JSON on standard input; return its JSON output.

    Raises:
        subprocess.CalledProcessError: The process fails.
    """
    process = subprocess.run(  # noqa: S603  no untrusted input
        [sys.executable, "-m", module],
        input=json.dumps(asdict(plan)).encode(),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        check=True,
    )
    return json.loads(process.stdout)
