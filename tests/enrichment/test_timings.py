from itertools import count

import pytest

from service.enrichment import timings
from service.enrichment.timings import StageTimer


@pytest.fixture
def clock(monkeypatch):
    """A clock that advances by one second with each look at it."""
    ticks = count()
    monkeypatch.setattr(timings, "perf_counter", lambda: float(next(ticks)))


@pytest.mark.usefixtures("clock")
def test_a_stage_excludes_the_stages_inside_it():
    timer = StageTimer()
    with timer("outer"):  # 0
        with timer("inner"):  # 1–2
            pass
        with timer("inner"):  # 3–4
            pass
    # 5
    assert timer.seconds == {"outer": 3.0, "inner": 2.0}
    assert list(timer.seconds) == ["outer", "inner"]
    assert timer.interval("outer") == (0.0, 5.0)
    assert timer.interval("inner") == (1.0, 4.0)


@pytest.mark.usefixtures("clock")
def test_recorded_seconds_count_for_their_own_stage_instead_of_the_running_one():
    timer = StageTimer()
    with timer("sentiment"), timer("encode"):  # 0, 1
        timer.record("queue", 1.0, 1.75)
    # 2, 3
    assert timer.seconds == {"sentiment": 2.0, "encode": 0.25, "queue": 0.75}
    assert timer.interval("queue") == (1.0, 1.75)
    assert sum(timer.seconds.values()) == 3.0


def test_recorded_seconds_outside_of_stages_count_alone():
    timer = StageTimer()
    timer.record("queue", 1.0, 1.5)
    timer.record("queue", 2.0, 2.25)
    assert timer.seconds == {"queue": 0.75}
    assert timer.interval("queue") == (1.0, 2.25)


@pytest.mark.usefixtures("clock")
def test_an_exception_ends_its_stages():
    timer = StageTimer()
    with pytest.raises(ValueError, match="broken"), timer("outer"), timer("inner"):
        raise ValueError("broken")
    with timer("next"):
        pass
    assert timer.seconds == {"outer": 2.0, "inner": 1.0, "next": 1.0}
