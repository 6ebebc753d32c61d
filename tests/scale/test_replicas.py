"""Three replicas at 80 % of what they can do, while each kind of failure happens."""

import pytest

from benchmarks.replicas import faults, figures, lab
from benchmarks.replicas.__main__ import MOST_FAILURES, under_load
from benchmarks.replicas.load import OTHER
from tests.bundle import BUNDLE


def test_replicas_that_fail_under_load_cost_no_request():
    if not (BUNDLE / "manifest.json").exists():
        pytest.skip("models/ contains no model bundle")
    if reason := lab.missing():
        pytest.skip(reason)
    answers, events = under_load()
    assert len(events) == len(faults.FAULTS)
    assert figures.lost(answers) == []
    others = [answer for answer in answers if answer.caller == OTHER]
    assert len(figures.failures(answers)) < MOST_FAILURES * len(others)
