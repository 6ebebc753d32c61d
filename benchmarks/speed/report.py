"""Formats the results of :mod:`benchmarks.speed.measure` as Markdown, beside the goals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

from benchmarks.speed.figures import (
    ENCODER,
    OVERLOAD,
    TAIL,
    Results,
    Spread,
    Turn,
    markdown_table,
)

OURS = "ours"


def report(results: Results) -> str:
    """Format all tables."""
    parts = [results["workload"]]
    parts.append(f"## Goals\n\nMedians of the rounds.\n\n{_goals(results)}")
    parts.append(f"## Contenders, with 8 connections that wait for responses\n\n{_peers(results)}")
    for name, turns in _with(results, "loads").items():
        heading = f"## Arrivals that do not wait for responses: {_title(results, name)}"
        parts.append(f"{heading}\n\n{_loads(turns, results['limit'])}")
    if services := _with(results, "lengths"):
        table = _lengths({_title(results, name): turns for name, turns in services.items()})
        parts.append(f"## Microseconds per word, by words of the text\n\n{table}")
    return "\n\n".join(parts)


class Goal(NamedTuple):
    """A figure with its goals, and how it follows from the results: one value per round."""

    description: str
    least: float
    aim: float
    values: Callable[[Results], list[float]]

    def row(self, results: Results) -> list[str]:
        """Format its row."""
        sign = "≥" if self.aim > self.least else "≤"
        bounds = [f"{sign} {self.least:g}", f"{sign} {self.aim:g}"]
        try:
            spread = Spread.of(self.values(results))
        except (KeyError, ValueError, StopIteration, ZeroDivisionError):
            return [self.description, *bounds, "not measured", "", ""]
        return [
            self.description,
            *bounds,
            _number(spread.median),
            f"{_number(spread.low)} to {_number(spread.high)}",
            self._reached(spread.median),
        ]

    def _reached(self, figure: float) -> str:
        direction = 1 if self.aim > self.least else -1
        if direction * figure >= direction * self.aim:
            return "aim"
        return "yes" if direction * figure >= direction * self.least else "NO"


def _ratios(results: Results, other: str, name: str = OURS) -> list[float]:
    pairs = zip(results["turns"][name], results["turns"][other], strict=False)
    return [own["articles"] / peer["articles"] for own, peer in pairs]


def _over(other: str) -> Callable[[Results], list[float]]:
    return lambda results: _ratios(results, other)


def _over_litserve(results: Results) -> list[float]:
    configurations = [name for name in results["turns"] if name.startswith("litserve")]
    fastest = max(configurations, key=lambda name: _median(results["turns"][name], "articles"))
    return _ratios(results, fastest)


def _idle(results: Results) -> list[float]:
    pairs = zip(results["turns"][OURS], results["turns"][ENCODER], strict=False)
    return [own["single"] / encoder["single"] for own, encoder in pairs]


def _tail(results: Results) -> list[float]:
    loads = [_load(turn, TAIL) for turn in results["turns"][OURS]]
    return [load["p99"] / load["p50"] for load in loads]


def _overload(results: Results) -> list[float]:
    at, beyond = OVERLOAD
    turns = results["turns"][OURS]
    return [_load(turn, beyond)["goodput"] / _load(turn, at)["goodput"] for turn in turns]


def _load(turn: Turn, fraction: float) -> Turn:
    found: Turn = next(load for load in turn["loads"] if load["fraction"] == fraction)
    return found


def _growth(results: Results) -> list[float]:
    lengths = [turn["lengths"] for turn in results["turns"][OURS]]
    return [of["100000"]["wall"] / of["1000"]["wall"] for of in lengths]


def _own(member: str) -> Callable[[Results], list[float]]:
    return lambda results: [turn[member] for turn in results["turns"][OURS]]


GOALS = (
    Goal("articles/s ÷ this service before", 1.35, 1.6, _over("before")),
    Goal("articles/s ÷ the encoder alone", 0.8, 0.9, _over(ENCODER)),
    Goal("articles/s ÷ LitServe, its fastest configuration", 1.05, 1.3, _over_litserve),
    Goal("articles/s ÷ an afternoon's, same sizes", 9, 12, _over("afternoon-same")),
    Goal("articles/s ÷ an afternoon's, usual sizes", 35, 50, _over("afternoon-usual")),
    Goal("p50 of 400 words when idle ÷ the encoder's time on one core", 0.85, 0.65, _idle),
    Goal("p99 ÷ p50 at 80 % of capacity", 4, 2.5, _tail),
    Goal("goodput at 3 × capacity ÷ at capacity", 0.95, 1, _overload),
    Goal("time per word, 100,000 words ÷ 1,000 words", 1.1, 1, _growth),
    Goal("ready after start, s", 2.5, 1.5, _own("started")),
    Goal("resident memory of all processes, MB", 600, 400, _own("together")),
)


def _goals(results: Results) -> str:
    header = ["figure", "goal", "aim", "measured", "lowest to highest", "reached"]
    return markdown_table(header, [goal.row(results) for goal in GOALS])


def _peers(results: Results) -> str:
    rows = []
    for name, turns in results["turns"].items():
        ratio = Spread.of(_ratios(results, name)) if OURS in results["turns"] else None
        rows.append(
            [
                _title(results, name),
                f"{_median(turns, 'articles'):.1f}",
                f"{ratio.median:.2f}" if ratio else "",
                f"{ratio.low:.2f} to {ratio.high:.2f}" if ratio else "",
                _cell(turns, "processor", 1000),
                _cell(turns, "single", 1000),
                _cell(turns, "worker"),
                _cell(turns, "together"),
                f"{_median(turns, 'started'):.1f}" if "started" in turns[0] else "",
                _failed(turns) if "statuses" in turns[0] else "",
            ]
        )
    header = ["", "articles/s", "ours ÷ it", "lowest to highest", "CPU ms per article"]
    header += ["p50 of 400 words, idle, ms", "MB, largest process", "MB in total", "start, s"]
    absent = "".join(
        f"\n\n{_title(results, name)}: {reason}." for name, reason in results["absent"].items()
    )
    return markdown_table([*header, "failed"], rows) + absent


def _loads(turns: Sequence[Turn], limit: float) -> str:
    rows = []
    for points in zip(*(turn["loads"] for turn in turns), strict=True):
        statuses: Counter[str] = Counter()
        for point in points:
            statuses.update(point["statuses"])
        rows.append(
            [
                f"{points[0]['fraction']:.0%}",
                f"{_median(points, 'rate'):.1f}",
                *(_cell(points, member, 1000) for member in ("p50", "p95", "p99")),
                f"{_median(points, 'goodput'):.1f}",
                ", ".join(f"{status}: {n:,}" for status, n in statuses.most_common()),
            ]
        )
    header = ["of capacity", "offered/s", "p50, ms", "p95, ms", "p99, ms"]
    return markdown_table([*header, f"within {limit:g} s, per second", "responses"], rows)


def _lengths(services: dict[str, Sequence[Turn]]) -> str:
    rows = []
    for title, turns in services.items():
        for member, label in (("wall", "wall clock"), ("processor", "processor time")):
            values = [
                _cell([turn["lengths"][length] for turn in turns], member)
                for length in turns[0]["lengths"]
            ]
            rows.append([f"{title}, {label}", *values])
    lengths = next(iter(services.values()))[0]["lengths"]
    return markdown_table(["", *(f"{int(length):,}" for length in lengths)], rows)


def _with(results: Results, member: str) -> dict[str, Sequence[Turn]]:
    return {name: turns for name, turns in results["turns"].items() if member in turns[0]}


def _number(figure: float) -> str:
    return f"{figure:.2f}" if figure < 100 else f"{figure:.0f}"


def _title(results: Results, name: str) -> str:
    return str(results["titles"].get(name, name))


def _median(turns: Sequence[Turn], member: str) -> float:
    return float(median(turn[member] for turn in turns))


def _cell(turns: Sequence[Turn], member: str, factor: float = 1) -> str:
    return f"{factor * _median(turns, member):.0f}" if member in turns[0] else ""


def _failed(turns: Sequence[Turn]) -> str:
    statuses = [turn["statuses"] for turn in turns]
    return str(sum(sum(of.values()) - of.get("200", 0) for of in statuses))
