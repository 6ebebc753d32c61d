from benchmarks.speed.report import report

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


def _throughput(**paces):
    turns = {name: [{**_TURN, "articles": each} for each in of] for name, of in paces.items()}
    limit = [{"words": 4400.0, "articles": each, "processor": 0.09} for each in (11, 11, 22)]
    return {"turns": {"encoder alone": limit, **turns}, "absent": {"ray": "not installed"}}


def _results(**sections):
    return {name: {"workload": "300 articles", **of} for name, of in sections.items()}


def _row(text, start):
    return next(line for line in text.splitlines() if line.startswith(f"| {start}"))


def test_a_ratio_is_the_median_of_the_ratios_within_rounds():
    # In the third round the machine was twice as fast for all contenders.
    results = _results(throughput=_throughput(ours=[10, 10, 20], litserve=[5, 5, 10]))
    text = report(results)
    assert _row(text, "articles/s, of the encoder").endswith("| ≥ 0.85 | 0.91 | yes |")
    assert _row(text, "articles/s, of the fastest").endswith("| ≥ 1.3 | 2.00 | yes |")


def test_goals_that_were_not_measured_are_marked():
    text = report(_results(throughput=_throughput(ours=[10])))
    assert "Ray Serve: not installed." in text
    assert "not measured" in _row(text, "articles/s, of an afternoon's")
    assert "not measured" in _row(text, "p99 / p50")
    assert "not measured" in _row(report(_results()), "ready after")


def test_a_missed_goal_is_marked_in_capitals():
    text = report(_results(throughput=_throughput(ours=[10], ray=[9])))
    assert _row(text, "articles/s, of the fastest").endswith("| 1.11 | NO |")


def _point(fraction, latencies, goodput):
    answers = {"200": len(latencies)}
    return {
        "fraction": fraction,
        "rate": 10 * fraction,
        "latencies": latencies,
        "goodput": goodput,
        "share": 0.01,
        "statuses": answers,
    }


def test_percentiles_are_over_the_responses_of_all_rounds():
    rounds = [
        {
            "capacity": 10.0,
            "points": [
                _point(0.8, [0.1, last], 8.0),
                _point(1.0, [0.1], 10.0),
                _point(3.0, [0.1], 9.8),
            ],
        }
        for last in (0.1, 0.1, 0.3)
    ]
    text = report(_results(latency={"limit": 5, "rounds": rounds}))
    assert _row(text, "p99 / p50").endswith("| ≤ 4 | 2.90 | yes |")
    assert _row(text, "goodput at").endswith("| ≥ 0.95 | 0.98 | yes |")
