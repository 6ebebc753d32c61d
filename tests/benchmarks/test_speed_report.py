from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.peers import OURS, PEERS, before, configured
from benchmarks.speed.report import report
from benchmarks.speed.setup import Setup

_TURN = {
    "words": 4000.0,
    "articles": 10.0,
    "processor": 0.1,
    "worker": 300.0,
    "together": 500.0,
    "started": 3.0,
    "single": 0.05,
    "share": 0.01,
    "statuses": {"200": 80},
}


def _results(own=({},), **articles):
    turns = {name: [{**_TURN, "articles": each} for each in of] for name, of in articles.items()}
    if "ours" in turns:
        turns["ours"] = [{**turn, **more} for turn, more in zip(turns["ours"], own, strict=True)]
    encoder = [
        {"words": 4400.0, "articles": n, "processor": 0.09, "single": 0.1} for n in (11, 11, 22)
    ]
    return {
        "workload": "300 articles",
        "titles": {"ours": "this service", "ray": "Ray Serve", "litserve": "LitServe"},
        "limit": 5,
        "turns": {"encoder alone": encoder, **turns},
        "absent": {"ray": "not installed"},
    }


def _row(text, start):
    return next(line for line in text.splitlines() if line.startswith(f"| {start}"))


def test_a_ratio_is_the_median_of_the_ratios_within_rounds_with_its_range():
    # In the third round the machine was twice as fast for all contenders.
    text = report(_results(own=[{}] * 3, ours=[10, 10, 20], before=[5, 8, 10]))
    assert _row(text, "articles/s ÷ the encoder").endswith("| 0.91 | 0.91 to 0.91 | aim |")
    assert _row(text, "articles/s ÷ this service before").endswith("| 2.00 | 1.25 to 2.00 | aim |")
    assert _row(text, "before").startswith("| before | 8.0 | 2.00 | 1.25 to 2.00 | 100 | 50 |")


def test_litserve_is_compared_in_its_fastest_configuration():
    text = report(_results(ours=[10], litserve=[5], **{"litserve-fast": [8], "litserve-3": [7]}))
    assert "| 1.25 | 1.25 to 1.25 | yes |" in _row(text, "articles/s ÷ LitServe")


def test_goals_that_were_not_measured_are_marked():
    text = report(_results(ours=[10]))
    assert "Ray Serve: not installed." in text
    assert "not measured" in _row(text, "articles/s ÷ an afternoon's")
    assert "not measured" in _row(text, "p99 ÷ p50")
    assert "not measured" in _row(report(_results(litserve=[9])), "ready after")


def test_a_missed_goal_is_marked_in_capitals():
    text = report(_results(ours=[10], before=[9]))
    assert _row(text, "articles/s ÷ this service before").endswith("| NO |")
    assert _row(text, "p50 of 400 words").endswith("| 0.50 | 0.50 to 0.50 | aim |")
    assert _row(text, "ready after").endswith("| 3.00 | 3.00 to 3.00 | NO |")
    assert _row(text, "resident memory").endswith("| 500 | 500 to 500 | yes |")


def _load(fraction, p99, goodput):
    times = {"p50": 0.1, "p95": 0.15, "p99": p99}
    statuses = {"200": 8, "503": 1}
    return {"fraction": fraction, "rate": 10.0, **times, "goodput": goodput, "statuses": statuses}


def test_loads_of_each_round_give_the_tail_and_the_goodput_beyond_capacity():
    own = [
        {"loads": [_load(0.8, p99, 8.0), _load(1.0, 0.5, 10.0), _load(3.0, 0.5, goodput)]}
        for p99, goodput in ((0.2, 9.8), (0.3, 10.0), (0.9, 9.0))
    ]
    text = report(_results(own=own, ours=[10, 10, 10]))
    assert _row(text, "p99 ÷ p50").endswith("| 3.00 | 2.00 to 9.00 | yes |")
    assert _row(text, "goodput at 3").endswith("| 0.98 | 0.90 to 1.00 | yes |")
    assert _row(text, "80%") == "| 80% | 10.0 | 100 | 150 | 300 | 8.0 | 200: 24, 503: 3 |"


def test_the_time_per_word_is_given_for_each_service():
    lengths = {n: {"wall": wall, "processor": 90.0} for n, wall in (("1000", 100), ("100000", 105))}
    text = report(_results(own=[{"lengths": lengths}], ours=[10]))
    assert _row(text, "time per word").endswith("| 1.05 | 1.05 to 1.05 | yes |")
    assert _row(text, "this service, wall clock") == "| this service, wall clock | 100 | 105 |"


@pytest.fixture
def setup():
    return Setup(
        texts=["one two three"],
        words=["a"] * 10,
        contenders={"ours": OURS, "litserve": PEERS["litserve"]},
        parts=(),
        rounds=5,
        seconds=6,
        limit=5,
        fractions=(0.8, 1.0, 3.0),
        lengths=(100,),
    )


def test_the_estimate_grows_with_the_contenders_and_the_parts(setup):
    with_loads = replace(setup, parts=("open",))
    assert with_loads.estimate() - setup.estimate() == 5 * (18 + 15 + 15 + 3 * 2)
    more = replace(setup, contenders={**setup.contenders, "ray": PEERS["ray"]})
    assert more.estimate() == setup.estimate() * 4 / 3


def test_another_checkout_runs_with_its_own_environment_and_code(tmp_path):
    peer = before(tmp_path)
    assert peer.python == tmp_path / ".venv/bin/python"
    assert peer.home == tmp_path
    assert peer.environment["PYTHONPATH"] == str(tmp_path)
    assert peer.environment["CACHE_BYTES"] == "0"


def test_other_settings_are_in_the_title_and_the_environment():
    peer = configured({"WORKERS": "1", "THREADS": "16"})
    assert peer.title == "this service, WORKERS=1 THREADS=16"
    assert peer.environment == {**OURS.environment, "WORKERS": "1", "THREADS": "16"}
    assert peer.home == Path(OURS.home)
