"""Plans that a process of their own carries out, so that whoever measures does not disturb."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchmarks.server import ROOT

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def carried_out(module: str, plan: DataclassInstance) -> Any:
    """What ``python -m module`` writes for ``plan``: JSON in, JSON out.

    Raises:
        subprocess.CalledProcessError: it fails.
    """
    done = subprocess.run(  # noqa: S603  nothing in it is from outside
        [sys.executable, "-m", module],
        input=json.dumps(asdict(plan)).encode(),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        check=True,
    )
    return json.loads(done.stdout)
