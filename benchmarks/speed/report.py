"""Formats the figures of :mod:`benchmarks.speed.measure` as Markdown and checks the goals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any, NamedTuple

from benchmarks.peers import OURS, PEERS
from benchmarks.speed.figures import ENCODER, OVERLOAD, TAIL, markdown_table, percentile

Results = dict[str, Any]


def title_of(name: str) -> str:
    """Return the name of a contender in tables."""
    return {"ours": OURS.title}.get(name) or (PEERS[name].title if name in PEERS else name)


def median_of(turns: Iterable[dict[str, Any]], member: str) -> float:
    """Return the median of a figure over rounds."""
    return float(median(turn[member] for turn in turns))


def latency(points: Iterable[dict[str, Any]], percent: float) -> float:
    """Return a latency percentile in seconds over all rounds: one has too few responses for p99."""
    return percentile([value for point in points for value in point["latencies"]], percent)


def ratio(results: Results, other: str) -> float:
    """Return our articles per second relative to another contender: the median over rounds."""
    turns = results["throughput"]["turns"]
    pairs = zip(turns["ours"], turns[other], strict=False)
    return float(median(ours["articles"] / theirs["articles"] for ours, theirs in pairs))


def _throughput(results: Results) -> str:
    section = results["throughput"]
    rows = []
    for name, turns in section["turns"].items():
        cells = [f"{median_of(turns, 'articles'):.2f}", f"{median_of(turns, 'words'):,.0f}"]
        cells.append(f"{ratio(results, name):.2f}" if "ours" in section["turns"] else "")
        cells.append(f"{1000 * median_of(turns, 'processor'):.1f}")
        if name == ENCODER:
            rows.append([title_of(name), *cells, "", "", "", "", "", ""])
            continue
        failed = sum(sum(t["statuses"].values()) - t["statuses"].get("200", 0) for t in turns)
        cells.append(f"{1000 * median_of(turns, 'single'):.0f}")
        cells += [f"{median_of(turns, member):.0f}" for member in ("worker", "together")]
        cells += [
            f"{median_of(turns, 'started'):.1f}",
            f"{median_of(turns, 'share'):.1%}",
            str(failed),
        ]
        rows.append([title_of(name), *cells])
    header = ["", "articles/s", "words/s", "ours is ×", "CPU ms per article", "p50 idle, ms"]
    header += ["MB per process", "MB together", "start, s", "load generator", "failed"]
    absent = "".join(
        f"\n\n{title_of(name)}: {reason}." for name, reason in section["absent"].items()
    )
    return markdown_table(header, rows) + absent


def _latency(results: Results) -> str:
    section = results["latency"]
    rows = []
    for points in zip(*(each["points"] for each in section["rounds"]), strict=True):
        times = [f"{1000 * latency(points, percent):.0f}" for percent in (50, 95, 99)]
        statuses: Counter[str] = Counter()
        for point in points:
            statuses.update(point["statuses"])
        counts = ", ".join(f"{status}: {number:,}" for status, number in statuses.items())
        row = [f"{points[0]['fraction']:.0%}", f"{median_of(points, 'rate'):.1f}", *times]
        rows.append([*row, f"{median_of(points, 'goodput'):.1f}", counts])
    header = ["of capacity", "offered/s", "p50, ms", "p95, ms", "p99, ms"]
    header += [f"within {section['limit']:g} s, per second", "responses"]
    return markdown_table(header, rows)


def _length(results: Results) -> str:
    rows = [
        [f"{int(length):,} words", *(f"{median_of(of, m):.1f}" for m in ("wall", "processor"))]
        for length, of in results["length"]["lengths"].items()
    ]
    return markdown_table(["length", "µs per word, wall clock", "CPU µs per word"], rows)


def _single(results: Results) -> str:
    section = results["single"]
    rounds, stages = section["rounds"], section["stages"]
    rows = [[name, f"{median_of(stages, name):.2f}"] for name in stages[0]]
    first = (
        f"An article of 400 words on an idle server: p50 {1000 * median_of(rounds, 'p50'):.1f} ms; "
        f"the encoder on one core: {1000 * median_of(rounds, 'encoder'):.1f} ms.\n\n"
    )
    return first + markdown_table(["stage", "ms per article"], rows)


class Goal(NamedTuple):
    """A goal: a figure and the bound that it must be above or below."""

    description: str
    figure: Callable[[Results], float]
    bound: float
    above: bool


def _compare_fastest_peer(results: Results) -> float:
    turns = results["throughput"]["turns"]
    same_file = [name for name, peer in PEERS.items() if peer.kind == "same file" and name in turns]
    return min(ratio(results, name) for name in same_file)


def _tail(results: Results) -> float:
    points = [_point(each, TAIL) for each in results["latency"]["rounds"]]
    return latency(points, 99) / latency(points, 50)


def _overload(results: Results) -> float:
    rounds = results["latency"]["rounds"]
    at, beyond = OVERLOAD
    return float(median(_point(r, beyond)["goodput"] / _point(r, at)["goodput"] for r in rounds))


def _point(latencies: dict[str, Any], fraction: float) -> dict[str, Any]:
    return next(point for point in latencies["points"] if point["fraction"] == fraction)


def _growth(results: Results) -> float:
    lengths = results["length"]["lengths"]
    short, long = (median_of(lengths[length], "wall") for length in ("1000", "100000"))
    return long / short - 1


def _idle(results: Results) -> float:
    return float(median(each["p50"] / each["encoder"] for each in results["single"]["rounds"]))


def _own_figure(member: str) -> Callable[[Results], float]:
    return lambda results: median_of(results["throughput"]["turns"]["ours"], member)


GOALS = (
    Goal("articles/s, of the encoder alone", lambda r: ratio(r, ENCODER), 0.85, True),
    Goal(
        "articles/s, of an afternoon's, same sizes", lambda r: ratio(r, "afternoon-same"), 8, True
    ),
    Goal("articles/s, of that, usual sizes", lambda r: ratio(r, "afternoon-usual"), 30, True),
    Goal("articles/s, of the fastest with the same file", _compare_fastest_peer, 1.3, True),
    Goal("400 words idle: p50 / encoder on one core", _idle, 0.8, False),
    Goal("p99 / p50 at 80 % of capacity", _tail, 4, False),
    Goal("goodput at 3 × capacity / at capacity", _overload, 0.95, True),
    Goal("time per word: growth from 1,000 to 100,000 words", _growth, 0.1, False),
    Goal("ready after start, s", _own_figure("started"), 4, False),
    Goal("resident memory of a worker, MB", _own_figure("worker"), 350, False),
)


def _goals(results: Results) -> str:
    rows = []
    for goal in GOALS:
        try:
            figure = goal.figure(results)
        except (KeyError, ValueError, StopIteration, ZeroDivisionError):
            rows.append([goal.description, "", "not measured", ""])
            continue
        reached = figure >= goal.bound if goal.above else figure <= goal.bound
        target = f"{'≥' if goal.above else '≤'} {goal.bound:g}"
        rows.append([goal.description, target, f"{figure:.2f}", "yes" if reached else "NO"])
    return markdown_table(["goal", "target", "measured", "reached"], rows)


_SECTIONS = {
    "throughput": ("Closed loop: articles and words per second over HTTP", _throughput),
    "latency": ("Open loop: latency against offered load", _latency),
    "length": ("Time by length of the article", _length),
    "single": ("One article at a time", _single),
}


def report(results: Results) -> str:
    """Format the tables of all measured sections and the goals."""
    parts = []
    for name, (heading, tables) in _SECTIONS.items():
        if name in results:
            parts.append(f"## {heading}\n\n{results[name]['workload']}\n\n{tables(results)}")
    return "\n\n".join([*parts, f"## Goals\n\n{_goals(results)}"])
