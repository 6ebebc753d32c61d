"""A short version of the failures of ``python -m benchmarks.replicas``, and its figures."""

import pytest

from benchmarks.replicas import faults, figures, lab
from benchmarks.replicas.faults import Event
from benchmarks.replicas.load import OK, OTHER, OURS, Answer
from tests.bundle import BUNDLE

ARTICLES_PER_SECOND = 8.0


def test_replicas_that_fail_cost_no_request():
    if not (BUNDLE / "manifest.json").exists():
        pytest.skip("models/ contains no model bundle")
    if reason := lab.missing():
        pytest.skip(reason)
    with lab.Lab() as replicas:
        answers, events = faults.run(replicas, ARTICLES_PER_SECOND, faults.SHORT, aftermath=1)
        requests = [line for line in replicas.log("haproxy").splitlines() if "POST" in line]
    assert [event.name for event in events] == [fault.name for fault in faults.SHORT]
    assert {answer.caller for answer in answers} == {OURS, OTHER}
    assert figures.lost(answers) == []
    assert figures.failures(answers) == [], [line for line in requests if " ---- " not in line]


def test_figures_show_when_the_p99_is_normal_again():
    slow = range(20, 23)
    answers = [
        Answer(second + k / 10, second + k / 10 + (2.0 if second in slow else 0.1), OTHER, OK)
        for second in range(60)
        for k in range(10)
    ]
    answers += [Answer(21.0, 21.5, OTHER, "503"), Answer(41.0, 41.5, OURS, "Unavailable")]
    frozen, cut_off = figures.impacts(answers, [Event("frozen", 20, 30), Event("cut off", 40, 45)])
    assert (frozen.back, frozen.worst, frozen.failures, frozen.lost) == (3.0, 2.0, 1, 0)
    assert (cut_off.back, cut_off.failures, cut_off.lost) == (1.5, 0, 1)
    assert "1 of 601 (0.17%)" in figures.table(answers, [Event("frozen", 20, 30)])
