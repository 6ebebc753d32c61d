"""A short version of the attacks of ``python -m benchmarks.abuse``."""

from pathlib import Path

import pytest

from benchmarks.abuse.__main__ import run
from tests.bundle import BUNDLE


def test_attacks_neither_end_a_worker_nor_lose_an_article():
    if not (BUNDLE / "manifest.json").exists():
        pytest.skip("models/ contains no model bundle")
    if not Path("/proc/self/task").exists():
        pytest.skip("this system has no /proc")
    assert run(short=True).wrong == []
