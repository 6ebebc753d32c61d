"""Plots the figures of :mod:`benchmarks.speed.measure`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

from benchmarks.speed.report import Results, latency, median_of, title_of

_PANELS = (
    ("articles", 1, "articles per second, closed loop"),
    ("processor", 1000, "ms of processor time per article"),
    ("together", 1, "MB of memory, all processes"),
    ("started", 1, "seconds until ready"),
)


def plot(results: Results, folder: Path) -> None:
    """Write a PNG for each section of ``results``."""
    mpl.use("Agg")
    for name, draw in _PLOTS.items():
        if name in results:
            figure = draw(results[name])
            figure.savefig(folder / f"{name}.png")
            plt.close(figure)


def _bars(axes: Any, lengths: dict[str, float], label: str) -> None:
    names = sorted(lengths, key=lambda name: lengths[name])
    bars = axes.barh(names, [lengths[name] for name in names])
    axes.bar_label(bars, fmt=lambda v: f"{v:,.0f}" if v >= 100 else f"{v:.3g}", padding=3)
    axes.margins(x=0.15)
    axes.set_xlabel(label)


def _throughput(section: Results) -> Any:
    figure, axes = plt.subplots(2, 2, figsize=(13, 8), dpi=120, layout="constrained")
    for panel, (member, factor, label) in zip(axes.flat, _PANELS, strict=True):
        turns = {n: rounds for n, rounds in section["turns"].items() if member in rounds[0]}
        _bars(
            panel,
            {title_of(n): factor * median_of(rounds, member) for n, rounds in turns.items()},
            label,
        )
    return figure


def _latency(section: Results) -> Any:
    figure, (times, answers) = plt.subplots(1, 2, figsize=(12, 4.5), dpi=120, layout="constrained")
    points = list(zip(*(each["points"] for each in section["rounds"]), strict=True))
    below = [each for each in points if each[0]["fraction"] < 1]
    rates = [median_of(each, "rate") for each in below]
    for percent in (50, 95, 99):
        values = [1000 * latency(each, percent) for each in below]
        times.plot(rates, values, "o-", label=f"p{percent}")
    times.set(yscale="log", ylabel="latency, ms")
    times.legend()
    offered = [median_of(each, "rate") for each in points]
    answers.plot(offered, [median_of(each, "goodput") for each in points], "o-")
    answers.set(ylim=(0, None), ylabel=f"answered within {section['limit']:g} s, per second")
    for axes in (times, answers):
        axes.set_xlabel("offered articles per second (Poisson)")
        axes.grid(visible=True, which="both", alpha=0.3)
    return figure


def _length(section: Results) -> Any:
    figure, axes = plt.subplots(figsize=(7, 4.5), dpi=120, layout="constrained")
    lengths = [int(length) for length in section["lengths"]]
    for member, label in (("wall", "wall clock"), ("processor", "processor time")):
        axes.plot(
            lengths, [median_of(rounds, member) for rounds in section["lengths"].values()], "o-"
        )
        axes.lines[-1].set_label(label)
    axes.set(xscale="log", ylim=(0, None), xlabel="words of the text", ylabel="µs per word")
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    return figure


def _single(section: Results) -> Any:
    figure, axes = plt.subplots(figsize=(7, 4.5), dpi=120, layout="constrained")
    stages = {name: median_of(section["stages"], name) for name in section["stages"][0]}
    _bars(axes, stages, "ms per article, idle server")
    return figure


_PLOTS: dict[str, Callable[[Results], Any]] = {
    "throughput": _throughput,
    "latency": _latency,
    "length": _length,
    "single": _single,
}
